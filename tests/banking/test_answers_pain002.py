"""The bank's answers as pain.002: payments, groups and whole messages; hostile files refused."""

from pathlib import Path

import pytest
from pyiso20022.pain.pain_002_001_14 import pain_002_001_14 as iso
from xsdata.formats.dataclass.serializers import XmlSerializer
from xsdata.models.datatype import XmlDateTime

from incentivectl.banking.answers import Answer, Scope, for_payments, read_answers
from incentivectl.banking.pain001 import message_id, transfer_groups
from incentivectl.core.errors import Problem
from tests.banking.payment_files import DEBTOR, TURKISH, cash, payment_file

SENT = payment_file(cash("P-1", 1), cash("P-2", 2), cash("P-3", 3, "EUR", TURKISH))
SEPA, ABROAD = (group.group_id for group in transfer_groups(SENT, DEBTOR))


def report(body: str, version: str = "10") -> str:
    return (
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.{version}">\n'
        f"<CstmrPmtStsRpt>\n{body}\n</CstmrPmtStsRpt>\n</Document>\n"
    )


def header(status: str = "", reason: str = "") -> str:
    stated = f"<GrpSts>{status}</GrpSts>" if status else ""
    return (
        f"<OrgnlGrpInfAndSts><OrgnlMsgId>{message_id(SENT)}</OrgnlMsgId>"
        f"<OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>{stated}{reason}</OrgnlGrpInfAndSts>\n"
    )


def group(group_id: str, body: str = "", status: str = "", reason: str = "") -> str:
    stated = f"<PmtInfSts>{status}</PmtInfSts>" if status else ""
    return (
        f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>{group_id}</OrgnlPmtInfId>{stated}{reason}"
        f"{body}</OrgnlPmtInfAndSts>\n"
    )


def payment(payment_id: str, status: str, reason: str = "") -> str:
    stated = f"<TxSts>{status}</TxSts>" if status else ""
    return (
        f"\n<TxInfAndSts><OrgnlEndToEndId>{payment_id}</OrgnlEndToEndId>{stated}{reason}"
        "</TxInfAndSts>"
    )


def reason(code: str, said: str = "") -> str:
    text = f"<AddtlInf>{said}</AddtlInf>" if said else ""
    return f"<StsRsnInf><Rsn><Cd>{code}</Cd></Rsn>{text}</StsRsnInf>"


def read(folder: Path, content: str | bytes) -> tuple[list[Answer], list[Problem]]:
    file = folder / "answer.xml"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_answers(file)


def spread(folder: Path, content: str) -> dict[str, bool]:
    """Payment id → paid, after what is said of groups and messages is spread."""
    answers, problems = read(folder, content)
    assert [one for one in problems if one.severity == "error"] == []
    found, problems = for_payments(answers, [SENT], DEBTOR, folder / "answer.xml")
    assert problems == []
    assert len({one.payment_id for one in found}) == len(found)
    return {one.payment_id: one.paid for one in found}


@pytest.mark.parametrize("version", ["03", "10", "14"])
def test_payments_of_any_version(tmp_path: Path, version: str) -> None:
    body = header() + group(
        SEPA,
        payment("P-1", "ACSC")
        + payment("P-2", "RJCT", reason("AC04", "closed in  May"))
        + payment("P-3", "ACCC"),
    )
    assert read(tmp_path, report(body, version)) == (
        [
            Answer("P-1", True, "", 5),
            Answer("P-2", False, "AC04: closed in May", 6),
            Answer("P-3", True, "", 7),
        ],
        [],
    )


def test_reasons(tmp_path: Path) -> None:
    own = "<StsRsnInf><Rsn><Prtry>X9</Prtry></Rsn></StsRsnInf>"
    body = header() + group(
        SEPA,
        payment("P-1", "RJCT", reason("AC01"))
        + payment("P-2", "RJCT", own + reason("ZZ99", "a &amp; b"))
        + payment("P-3", "RJCT"),
    )
    answers, _ = read(tmp_path, report(body))
    assert [one.reason for one in answers] == [
        "AC01: the account number is not correct",
        "X9; ZZ99: a & b",
        "",
    ]


def test_written_by_the_schemas_own_classes(tmp_path: Path) -> None:
    rejected = iso.PaymentTransaction160(
        orgnl_end_to_end_id="P-2",
        tx_sts="RJCT",
        sts_rsn_inf=[
            iso.StatusReasonInformation14(
                rsn=iso.StatusReason6Choice(cd="AM04"), addtl_inf=["no", "money"]
            )
        ],
    )
    stated = iso.CustomerPaymentStatusReportV14(
        grp_hdr=iso.GroupHeader128(
            msg_id="B-1", cre_dt_tm=XmlDateTime.from_string("2026-10-06T08:00:00")
        ),
        orgnl_grp_inf_and_sts=iso.OriginalGroupHeader22(
            orgnl_msg_id=message_id(SENT), orgnl_msg_nm_id="pain.001.001.09", grp_sts="PART"
        ),
        orgnl_pmt_inf_and_sts=[
            iso.OriginalPaymentInstruction51(orgnl_pmt_inf_id=SEPA, tx_inf_and_sts=[rejected])
        ],
    )
    written = XmlSerializer().render(iso.Document(cstmr_pmt_sts_rpt=stated))
    assert read(tmp_path, written) == ([Answer("P-2", False, "AM04: no money", 2)], [])


def test_a_whole_message_refused(tmp_path: Path) -> None:
    answers, problems = read(tmp_path, report(header("RJCT", reason("FF01"))))
    scope = Scope(message_id(SENT))
    assert answers == [Answer("", False, "FF01: the file's format is not valid", 3, scope)]
    assert problems == []
    found, _ = for_payments(answers, [SENT], DEBTOR, tmp_path)
    assert found == [
        Answer(one, False, "FF01: the file's format is not valid", 3)
        for one in ("P-1", "P-2", "P-3")
    ]


def test_only_what_failed_is_listed(tmp_path: Path) -> None:
    body = header("ACSC") + group(SEPA, payment("P-2", "RJCT", reason("AC04")))
    assert spread(tmp_path, report(body)) == {"P-1": True, "P-2": False, "P-3": True}


def test_groups_win_over_the_message(tmp_path: Path) -> None:
    body = header("ACSC") + group(SEPA, payment("P-1", "ACSC"), "RJCT") + group(ABROAD)
    assert spread(tmp_path, report(body)) == {"P-1": True, "P-2": False, "P-3": True}


def test_a_payment_without_a_status_has_its_groups(tmp_path: Path) -> None:
    body = header() + group(SEPA, payment("P-1", ""), "RJCT")
    assert spread(tmp_path, report(body)) == {"P-1": False, "P-2": False}


def test_a_payment_in_hand_is_not_covered_by_its_message(tmp_path: Path) -> None:
    body = header("ACSC") + group(SEPA, payment("P-1", "PDNG")) + group(ABROAD, status="ACCP")
    assert spread(tmp_path, report(body)) == {"P-2": True}


def test_what_is_in_hand_is_a_warning(tmp_path: Path) -> None:
    answers, problems = read(tmp_path, report(header("ACCP") + group(SEPA, payment("P-1", "ACSP"))))
    assert answers == []
    assert [(one.code, one.severity, one.line) for one in problems] == [
        ("still-pending", "warning", 5)
    ]
    assert problems[0].message == (
        f"the bank has not finished with P-1 (ACSP), all of {message_id(SENT)} (ACCP)"
    )


def test_in_part_without_the_parts(tmp_path: Path) -> None:
    answers, (problem,) = read(tmp_path, report(header("PART")))
    assert answers == []
    assert (problem.code, problem.severity) == ("still-pending", "warning")


def test_another_systems_message(tmp_path: Path) -> None:
    answers, _ = read(tmp_path, report(header("RJCT").replace(message_id(SENT), "OTHER")))
    found, (problem,) = for_payments(answers, [SENT], DEBTOR, tmp_path / "answer.xml")
    assert found == []
    assert (problem.code, problem.line) == ("unknown-message", 3)
    assert problem.place(tmp_path) == "answer.xml:3"


@pytest.mark.parametrize(
    ("body", "code", "line"),
    [
        (header() + group("G", payment("P-1", "MAYB")), "unknown-status", 5),
        (header() + group("G", payment("", "ACSC")), "no-payment-id", 5),
        (header(), "no-answer", None),
        (
            header() + group("G", payment("P-1", "ACSC") + payment("P-1", "RJCT")),
            "two-answers",
            6,
        ),
    ],
)
def test_faults(tmp_path: Path, body: str, code: str, line: int | None) -> None:
    answers, problems = read(tmp_path, report(body))
    assert answers == []
    assert [(one.code, one.line) for one in problems] == [(code, line)]


def test_another_report_is_named(tmp_path: Path) -> None:
    _, (problem,) = read(tmp_path, "<Document><BkToCstmrStmt/></Document>")
    assert problem.code == "no-answer-file"
    assert "Document/BkToCstmrStmt" in problem.message


BOMB = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))


@pytest.mark.parametrize(
    "declaration",
    [
        "<!DOCTYPE Document>",
        '<!DOCTYPE Document [<!ENTITY x SYSTEM "file:///etc/hostname">]>',
        '<!DOCTYPE Document SYSTEM "http://127.0.0.1:9/evil.dtd">',
        f'<!DOCTYPE Document [<!ENTITY e0 "x">{BOMB}]>',
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_document_type_is_refused(tmp_path: Path, declaration: str, encoding: str) -> None:
    entity = "&e11;" if "e11" in declaration else "&x;" if "ENTITY" in declaration else ""
    body = header() + group("G", payment("P-1", "RJCT", reason("AC01", entity)))
    content = f'<?xml version="1.0" encoding="{encoding}"?>{declaration}{report(body)}'
    answers, problems = read(tmp_path, content.encode(encoding))
    assert answers == []
    assert [one.code for one in problems] in (["unsafe-xml"], ["bad-xml"])
    assert not [one for one in problems if "x" * 10 in one.message]


def test_entities_in_attributes_end_quickly(tmp_path: Path) -> None:
    content = f'<!DOCTYPE Document [<!ENTITY e0 "x">{BOMB}]><Document a="&e11;"/>'
    answers, (problem,) = read(tmp_path, content)
    assert answers == []
    assert problem.code in ("bad-xml", "unsafe-xml")
