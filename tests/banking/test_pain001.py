"""pain.001: valid against the official schema, its sums right, its bytes always the same."""

import re
from collections import defaultdict
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import pytest
import sepaxml
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from incentivectl.banking.pain001 import message_id, pain001
from incentivectl.banking.payments import Account, Payment, PaymentFile
from tests.banking.payment_files import (
    BELGIAN,
    BRITISH,
    DEBTOR,
    TURKISH,
    cash,
    payment_file,
)

ISO = {"": "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"}
DIGITS = {"EUR": 2, "USD": 2, "JPY": 0, "KWD": 3}


@cache
def schema() -> etree.XMLSchema:
    """The official schema, as the sepaxml package carries it."""
    folder = Path(sepaxml.__file__).parent / "schemas"
    return etree.XMLSchema(etree.parse(str(folder / "pain.001.001.09.xsd")))


def message(*payments: Payment, debtor: Account = DEBTOR) -> ElementTree.Element:
    written = pain001(payment_file(*payments), debtor, "Acme channel")
    schema().assertValid(etree.fromstring(written))
    found = ElementTree.fromstring(written).find("CstmrCdtTrfInitn", ISO)
    assert found is not None
    return found


def text(element: ElementTree.Element, path: str) -> str:
    return element.findtext(path, "", ISO)


def texts(element: ElementTree.Element, path: str) -> list[str]:
    return [found.text or "" for found in element.findall(path, ISO)]


def test_the_whole_of_one_payment() -> None:
    sent = message(cash("P-1", 1050, account=BRITISH))
    assert text(sent, "GrpHdr/MsgId").startswith("2026-09.1-0123456789ab-")
    assert text(sent, "GrpHdr/CreDtTm") == "2026-10-03T07:30:15Z"
    assert text(sent, "GrpHdr/InitgPty/Nm") == "Acme channel"
    assert (text(sent, "GrpHdr/NbOfTxs"), text(sent, "GrpHdr/CtrlSum")) == ("1", "10.50")
    assert text(sent, "PmtInf/PmtInfId").startswith("2026-09.1-")
    assert text(sent, "PmtInf/PmtMtd") == "TRF"
    assert (text(sent, "PmtInf/NbOfTxs"), text(sent, "PmtInf/CtrlSum")) == ("1", "10.50")
    assert text(sent, "PmtInf/ReqdExctnDt/Dt") == "2026-10-05"
    assert text(sent, "PmtInf/Dbtr/Nm") == "Acme Europe GmbH"
    assert text(sent, "PmtInf/DbtrAcct/Id/IBAN") == "DE89370400440532013000"
    assert text(sent, "PmtInf/DbtrAgt/FinInstnId/BICFI") == "COBADEFFXXX"
    transaction = sent.find("PmtInf/CdtTrfTxInf", ISO)
    assert transaction is not None
    assert text(transaction, "PmtId/EndToEndId") == "P-1"
    amount = transaction.find("Amt/InstdAmt", ISO)
    assert amount is not None
    assert (amount.text, amount.get("Ccy")) == ("10.50", "EUR")
    assert text(transaction, "CdtrAgt/FinInstnId/BICFI") == "NWBKGB2L"
    assert text(transaction, "Cdtr/Nm") == "Bright Ltd"
    assert text(transaction, "CdtrAcct/Id/IBAN") == "GB29NWBK60161331926819"
    remittance = "Incentive payout 2026-09.1 ledger 0123456789abcdef"
    assert text(transaction, "RmtInf/Ustrd") == remittance


def test_one_group_a_currency_and_euro_outside_sepa_apart() -> None:
    sent = message(
        cash("P-1", 100, "EUR"),
        cash("P-2", 100, "USD"),
        cash("P-3", 100, "EUR", TURKISH),
        cash("P-4", 100, "JPY"),
        cash("P-5", 1234, "KWD"),
        cash("P-6", 100, "EUR", BRITISH),
    )
    groups = [
        (
            text(group, "PmtInfId").split("-", 3)[3],
            text(group, "PmtTpInf/SvcLvl/Cd"),
            text(group, "ChrgBr"),
            text(group, "CtrlSum"),
            texts(group, "CdtTrfTxInf/PmtId/EndToEndId"),
        )
        for group in sent.findall("PmtInf", ISO)
    ]
    assert groups == [
        ("EUR-SEPA", "SEPA", "SLEV", "2.00", ["P-1", "P-6"]),
        ("EUR", "", "SHAR", "1.00", ["P-3"]),
        ("JPY", "", "SHAR", "100", ["P-4"]),
        ("KWD", "", "SHAR", "1.234", ["P-5"]),
        ("USD", "", "SHAR", "1.00", ["P-2"]),
    ]
    assert text(sent, "GrpHdr/CtrlSum") == "105.234"  # 2 + 1 + 100 + 1.234 + 1


def test_a_debtor_outside_sepa_has_no_sepa_transfers() -> None:
    sent = message(cash("P-1", 100), debtor=TURKISH)
    assert texts(sent, "PmtInf/ChrgBr") == ["SHAR"]


def test_accounts_without_bic() -> None:
    sent = message(cash("P-1", 100), debtor=BELGIAN)
    assert text(sent, "PmtInf/DbtrAgt/FinInstnId/Othr/Id") == "NOTPROVIDED"
    assert sent.find("PmtInf/CdtTrfTxInf/CdtrAgt", ISO) is None


def test_only_cash_is_transferred() -> None:
    sent = message(cash("P-1", 100), replace(cash("P-2", 900), method="gift_card", account=None))
    assert texts(sent, "PmtInf/CdtTrfTxInf/PmtId/EndToEndId") == ["P-1"]
    assert text(sent, "GrpHdr/CtrlSum") == "1.00"


def test_long_foreign_names() -> None:
    account = replace(BELGIAN, name="Société Générale d'Électricité & Cie " * 3)
    sent = message(cash("P-1", 100, account=account))
    name = "Societe Generale d'Electricite + Cie Societe Generale d'Electricite +"
    assert len(name + " ") == 70
    assert text(sent, "PmtInf/CdtTrfTxInf/Cdtr/Nm") == name


def test_an_initiator_that_cannot_be_written_is_the_debtor() -> None:
    written = pain001(payment_file(cash("P-1", 1)), DEBTOR, "***")
    assert b"<InitgPty>\n        <Nm>Acme Europe GmbH</Nm>" in written


@st.composite
def files(draw: st.DrawFn) -> PaymentFile:
    accounts = st.sampled_from([DEBTOR, BELGIAN, BRITISH, TURKISH])
    count = draw(st.integers(1, 12))
    made = [
        replace(
            cash(
                f"P-{number}",
                draw(st.integers(1, 10**14)),
                draw(st.sampled_from(sorted(DIGITS))),
                draw(accounts),
            ),
            method="cash" if number == 0 else draw(st.sampled_from(["cash", "points"])),
        )
        for number in range(count)
    ]
    return payment_file(*draw(st.permutations(made)))


@settings(max_examples=60)
@given(file=files())
def test_counts_and_control_sums(file: PaymentFile) -> None:
    written = pain001(file, DEBTOR, "Acme")
    schema().assertValid(etree.fromstring(written))
    sent = ElementTree.fromstring(written)
    cash_only = [payment for payment in file.payments if payment.method == "cash"]
    amounts: dict[str, list[Decimal]] = defaultdict(list)
    for payment in cash_only:
        units = Decimal(payment.amount_minor)
        amounts[payment.currency].append(units / 10 ** DIGITS[payment.currency])
    total = sum(sum(listed) for listed in amounts.values())
    assert int(text(sent, ".//GrpHdr/NbOfTxs")) == len(cash_only)
    assert Decimal(text(sent, ".//GrpHdr/CtrlSum")) == total
    groups = sent.findall(".//PmtInf", ISO)
    assert sum(Decimal(text(group, "CtrlSum")) for group in groups) == total
    for group in groups:
        inside = group.findall("CdtTrfTxInf/Amt/InstdAmt", ISO)
        assert len({amount.get("Ccy") for amount in inside}) == 1
        assert int(text(group, "NbOfTxs")) == len(inside)
        assert Decimal(text(group, "CtrlSum")) == sum(Decimal(one.text or "") for one in inside)
    ids = texts(sent, ".//PmtInfId")
    assert len(set(ids)) == len(ids)
    assert all(len(one) <= 35 for one in [*ids, text(sent, ".//MsgId")])


def test_written_again_it_is_the_same_to_the_byte() -> None:
    first, second = cash("P-1", 1), cash("P-2", 2, "USD")
    file = payment_file(first, second)
    berlin = timezone(timedelta(hours=2))
    again = replace(
        payment_file(second, first), created=datetime(2026, 10, 3, 9, 30, 15, tzinfo=berlin)
    )
    assert pain001(file, DEBTOR, "Acme") == pain001(again, DEBTOR, "Acme")


def test_message_ids_follow_from_batch_hash_and_payments() -> None:
    """A bank refuses an id that it has had: what is sent later of the same batch needs another."""
    file = payment_file(cash("P-1", 1))
    assert message_id(file) == message_id(payment_file(cash("P-1", 1)))
    others = [
        payment_file(cash("P-2", 1)),
        payment_file(cash("P-1", 1), cash("P-2", 1)),
        payment_file(cash("P-1", 1), batch_hash="f" * 64),
        replace(file, batch_id="2026-09.2"),
    ]
    assert len({message_id(one) for one in (file, *others)}) == 5
    long = replace(file, batch_id="2026/Q3 the very long name")
    assert re.fullmatch(r"[A-Za-z0-9.-]{35}", message_id(long))


def test_what_the_caller_must_have_checked() -> None:
    with pytest.raises(ValueError, match="has no cash payment"):
        pain001(payment_file(replace(cash("P-1", 1), method="points")), DEBTOR, "Acme")
    with pytest.raises(
        ValueError, match=r"P-1 cannot be transferred to its account: it is missing"
    ):
        pain001(payment_file(replace(cash("P-1", 1), account=None)), DEBTOR, "Acme")
    with pytest.raises(
        ValueError, match=r"P-1 cannot be transferred to its account: the IBAN is missing"
    ):
        pain001(payment_file(cash("P-1", 1, account=Account("A", ""))), DEBTOR, "Acme")
    with pytest.raises(ValueError, match="invalid debtor account: the name is missing"):
        pain001(payment_file(cash("P-1", 1)), replace(DEBTOR, name=""), "Acme")
    with pytest.raises(ValueError, match="invalid payment id"):
        cash("P_1", 1)
    with pytest.raises(ValueError, match="pays 0"):
        cash("P-1", 0)
    with pytest.raises(ValueError, match="is listed twice"):
        payment_file(cash("P-1", 1), cash("P-1", 2))
