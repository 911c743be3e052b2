"""The CSV of a batch: what is read back is what was paid."""

import csv
import io
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from incentivectl.banking.csv_file import COLUMNS, csv_text
from incentivectl.banking.payments import Account, Payment
from incentivectl.core.safe_text import restored
from tests.banking.payment_files import BRITISH, HASH, cash, payment_file

DIGITS = {"USD": 2, "JPY": 0, "KWD": 3, "CLF": 4}


def test_worked_rows() -> None:
    points = Payment("B-1", "rep", "R-7", "Ann, Lee", "USD", "points", 1050, points=10_500)
    text = csv_text(payment_file(cash("C-1", 5, "KWD", BRITISH), points))
    assert text == (
        "payment_id,batch_id,payee_kind,payee_id,payee_name,currency,method,amount,points,"
        "account_name,iban,bic,execute_on,ledger_hash\r\n"
        f'B-1,2026-09.1,rep,R-7,"Ann, Lee",USD,points,10.50,10500,,,,2026-10-05,{HASH}\r\n'
        "C-1,2026-09.1,partner,P-1,Durand,KWD,cash,0.005,,"
        f"Bright Ltd,GB29NWBK60161331926819,NWBKGB2L,2026-10-05,{HASH}\r\n"
    )


def test_the_iban_is_written_without_spaces() -> None:
    assert ",BE68539007547034,," in csv_text(payment_file(cash("C-1", 100)))


def test_no_spreadsheet_runs_a_name() -> None:
    """Rule 92.1, in every column of texts; a negative number is none of them."""
    paid = Payment("C-1", "rep", "=1+1", "@x", "USD", "cash", 100, account=Account("-A", "DE", "+"))
    assert ",rep,'=1+1,'@x,USD,cash,1.00,,'-A,DE,'+," in csv_text(payment_file(paid))


NAMES = st.text(
    st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), min_size=1, max_size=20
)


@st.composite
def payments(draw: st.DrawFn) -> tuple[Payment, ...]:
    made = [
        Payment(
            f"P-{number}",
            draw(st.sampled_from(["partner", "rep"])),
            draw(NAMES),
            draw(NAMES),
            draw(st.sampled_from(sorted(DIGITS))),
            "cash",
            draw(st.integers(1, 10**15)),
            account=Account(draw(NAMES), "GB29NWBK60161331926819"),
        )
        for number in range(draw(st.integers(0, 5)))
    ]
    return tuple(draw(st.permutations(made)))


@given(made=payments())
def test_round_trip(made: tuple[Payment, ...]) -> None:
    text = csv_text(payment_file(*made))
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [row["payment_id"] for row in rows] == sorted(one.payment_id for one in made)
    by_id = {payment.payment_id: payment for payment in made}
    for row in rows:
        assert tuple(row) == COLUMNS
        payment = by_id[row["payment_id"]]
        assert payment.account is not None
        read = [restored(row[name]) for name in ("payee_id", "payee_name", "account_name")]
        assert read == [payment.payee_id, payment.payee_name, payment.account.name]
        units = Decimal(row["amount"]) * 10 ** DIGITS[payment.currency]
        assert units == payment.amount_minor
        assert len(row["amount"].partition(".")[2]) == DIGITS[payment.currency]


def test_written_again_it_is_the_same_in_any_order() -> None:
    first, second = cash("C-1", 1), cash("C-2", 2)
    assert csv_text(payment_file(first, second)) == csv_text(payment_file(second, first))
