"""The bank's answers as CSV: what it says of each payment, and every fault with its line."""

from pathlib import Path

import pytest

from incentivectl.banking.answers import MOST_BYTES, Answer, read_answers
from incentivectl.banking.csv_file import csv_text
from incentivectl.core.errors import Problem
from tests.banking.payment_files import cash, payment_file


def read(folder: Path, content: str | bytes) -> tuple[list[Answer], list[Problem]]:
    file = folder / "answer.csv"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_answers(file)


def sound(folder: Path, content: str | bytes) -> list[Answer]:
    answers, problems = read(folder, content)
    assert problems == []
    return answers


def faults(folder: Path, content: str | bytes) -> list[tuple[str, int | None]]:
    answers, problems = read(folder, content)
    assert answers == []
    assert all(problem.file == folder / "answer.csv" for problem in problems)
    return [(problem.code, problem.line) for problem in problems]


WORKED = [Answer("P-1", True, "", 2), Answer("P-2", False, "AC04, Müller's is closed", 3)]


@pytest.mark.parametrize(
    "content",
    [
        'payment_id,status,reason\nP-1,paid,\nP-2,failed,"AC04, Müller\'s is closed"\n',
        "\ufeffpayment_id;status;reason\r\nP-1;paid;\r\nP-2;failed;AC04, Müller's is closed",
        'Reason, STATUS ,Payment_ID,other\n,Settled,P-1,x\n"AC04, Müller\'s is closed",RJCT,P-2,\n\n',
    ],
)
def test_worked_files(tmp_path: Path, content: str) -> None:
    assert sound(tmp_path, content) == WORKED


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16"])
def test_what_spreadsheets_write(tmp_path: Path, encoding: str) -> None:
    content = "payment_id;status;reason\nP-1;paid;\nP-2;failed;AC04, Müller's is closed\n"
    assert sound(tmp_path, content.encode(encoding)) == WORKED


@pytest.mark.parametrize(
    ("words", "paid"),
    [
        ("paid Accepted SETTLED ok Success completed executed ACSC accc", True),
        ("failed rejected Returned ERROR refused cancelled RJCT", False),
    ],
)
def test_the_usual_words(tmp_path: Path, words: str, paid: bool) -> None:
    for word in words.split():
        assert sound(tmp_path, f"payment_id,status\nP-1,{word}\n") == [Answer("P-1", paid, "", 2)]


def test_what_is_in_hand_is_a_warning(tmp_path: Path) -> None:
    answers, problems = read(
        tmp_path, "payment_id,status\nP-1,in process\nP-2,paid\nP-3,ACSP\nP-4,\n"
    )
    assert answers == [Answer("P-2", True, "", 3)]
    assert [(one.code, one.severity, one.line) for one in problems] == [
        ("no-status", "warning", 5),
        ("still-pending", "warning", 2),
    ]
    assert "P-1 (in process), P-3 (ACSP)" in problems[1].message


def test_faults_are_told_all_at_once(tmp_path: Path) -> None:
    answers, problems = read(
        tmp_path,
        "\npayment_id,status,reason\n"
        "P-1,perhaps,\n"
        ",paid,\n"
        "P-2,failed,no, such account\n"
        'P-3,paid,"two\nlines"\n'
        "P-4,paid,\n"
        "P-4,rejected,\n"
        "P-3,ok,again\n",
    )
    assert answers == [Answer("P-3", True, "two\nlines", 6)]
    assert [(one.code, one.line) for one in problems] == [
        ("no-payment-id", 4),
        ("field-count", 5),
        ("unknown-status", 3),
        ("two-answers", 9),
    ]
    by_code = {one.code: one for one in problems}
    assert "paid, accepted, settled" in by_code["unknown-status"].hint
    assert by_code["two-answers"].message == "P-4 is failed here and paid in line 8"


def test_missing_columns(tmp_path: Path) -> None:
    _, (problem,) = read(tmp_path, "payment_id,state\nP-1,paid\n")
    assert (problem.code, problem.line) == ("missing-column", 1)
    assert problem.message == "there is no column status"
    assert problem.hint.endswith("the file has payment_id, state")


@pytest.mark.parametrize(
    ("content", "code", "line"),
    [
        (b"", "empty-file", None),
        (b"\xef\xbb\xbf \r\n", "empty-file", None),
        (b"payment_id,status\n", "no-answer", None),
        (b"%PDF-1.7\n\x00\x01", "no-answer-file", None),
        (b'{"payment_id": 1}', "no-answer-file", None),
        (b"a;b;c\n1;2;3\n", "missing-column", 1),
        (b"payment_id,status\nP-1," + b"x" * 200_000, "bad-csv", None),
        (b"<html><body>not found</body></html>", "no-answer-file", None),
        (b"<Document>", "bad-xml", 1),
    ],
)
def test_files_that_are_no_answer(
    tmp_path: Path, content: bytes, code: str, line: int | None
) -> None:
    assert faults(tmp_path, content) == [(code, line)]


def test_a_file_that_is_not_there_or_too_large(tmp_path: Path) -> None:
    assert [one.code for one in read_answers(tmp_path / "no.csv")[1]] == ["cannot-read"]
    assert [one.code for one in read_answers(tmp_path)[1]] == ["cannot-read"]
    with (tmp_path / "answer.csv").open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    assert [one.code for one in read_answers(tmp_path / "answer.csv")[1]] == ["too-large"]


def test_our_own_file_with_a_status_is_an_answer(tmp_path: Path) -> None:
    header, row, _ = csv_text(payment_file(cash("P-1", 1))).split("\r\n")
    assert sound(tmp_path, f"{header},status\n{row},paid\n") == [Answer("P-1", True, "", 2)]
