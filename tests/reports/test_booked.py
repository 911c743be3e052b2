"""Once a period is posted, `run` and `report` show what was booked and paid, and what is left."""

from pathlib import Path

import openpyxl

from tests.posting.booked import BOOKS, add, payments, post, rows_of
from tests.posting.test_payouts import HEADER, in_currency, program
from tests.small_workspace import as_json, incentivectl, write_workspace

PARTNERS = "partner_id,name\nP1,Alpha\nP2,Beta\n"


def workspace(tmp_path: Path) -> Path:
    """July: 2 % of 1,000 and 500 USD, and of 1,000 JPY."""
    return write_workspace(
        tmp_path / "w",
        config=BOOKS,
        programs={"usd": in_currency("USD"), "jpy": in_currency("JPY")},
        tables={
            "partners": PARTNERS,
            "fx": "on,currency,rate\n2026-06-01,JPY,0.007\n",
            "sales": HEADER
            + "S1,1,2026-07-05,P1,A,1000,,\nS2,1,2026-07-06,P2,A,500,,\nS3,1,2026-07-07,P1,A,1000,JPY,\n",
        },
    )


def booked(root: Path, command: str, period: str = "2026-07") -> list[list[str | int]]:
    """The rows of what is booked, as JSON has them."""
    return [list(row.values()) for row in as_json(command, period, "-w", root).get("booked", [])]


RESERVED = [
    ["2026-07.1", "entries", "JPY", 1, "20"],
    ["2026-07.1", "entries", "USD", 2, "30"],
    ["2026-07.1", "payments reserved", "JPY", 1, "20"],
    ["2026-07.1", "payments reserved", "USD", 2, "30"],
]


def test_a_posted_period_shows_its_batch(tmp_path: Path) -> None:
    root = workspace(tmp_path)
    assert booked(root, "run") == []
    step = "Next: `incentivectl batch post 2026-07`."
    assert step in incentivectl("run", "2026-07", "-w", root).stdout
    post(root, "2026-07")
    assert booked(root, "report") == RESERVED
    assert step not in incentivectl("run", "2026-07", "-w", root).stdout
    assert booked(root, "run") == RESERVED
    assert booked(root, "report") == RESERVED
    printed = incentivectl("run", "2026-07", "-w", root).stdout
    assert "Booked in 2026-07" in printed
    assert "Nothing is left to book or pay." in printed
    assert "Nobody is paid" not in printed
    line = next(line for line in printed.splitlines() if "payments reserved  JPY" in line)
    assert line.split()[-1] == "20"


def test_payments_by_state(tmp_path: Path) -> None:
    """Of three exported payments one is paid and one failed: its 10.00 are left to pay."""
    root = workspace(tmp_path)
    post(root, "2026-07")
    assert incentivectl("batch", "export", "2026-07.1", "-w", root).exit_code == 0
    assert [row[1] for row in booked(root, "run")] == ["entries"] * 2 + ["payments exported"] * 2
    with rows_of(root) as connection:
        ids = dict(
            connection.execute("SELECT payee_id || currency, payment_id FROM payments").fetchall()
        )
    answer = root / "answer.csv"
    answer.write_text(
        f"payment_id,status,reason\n{ids['P1USD']},paid,\n{ids['P2USD']},failed,closed\n"
    )
    assert incentivectl("batch", "confirm", answer, "-w", root).exit_code == 0
    assert "P2 10 USD failed" in payments(root, "2026-07.1")
    assert booked(root, "run") == [
        ["2026-07.1", "entries", "JPY", 1, "20"],
        ["2026-07.1", "entries", "USD", 2, "30"],
        ["2026-07.1", "payments exported", "JPY", 1, "20"],
        ["2026-07.1", "payments paid", "USD", 1, "20"],
        ["2026-07.1", "payments failed", "USD", 1, "10"],
    ]


def test_what_is_left_and_a_second_batch(tmp_path: Path) -> None:
    root = workspace(tmp_path)
    post(root, "2026-07")
    add(root, "sales", "S4,1,2026-07-20,P2,A,100,,")
    printed = incentivectl("run", "2026-07", "-w", root).stdout
    assert "Left to book: 2.00 USD; left to pay: 2.00 USD (`batch post 2026-07`)." in printed
    incentivectl("report", "2026-07", "-w", root)
    page = (root / "reports/2026-07/report.html").read_text(encoding="utf-8")
    assert "Left to book: 2.00 USD; left to pay: 2.00 USD" in page
    post(root, "2026-07")
    assert {str(row[0]) for row in booked(root, "run")} == {"2026-07.1", "2026-07.2"}
    assert {str(row[0]) for row in booked(root, "run", "2026-Q3")} == {"2026-07.1", "2026-07.2"}
    assert booked(root, "run", "2026-08") == []
    assert (
        incentivectl("batch", "void", "2026-07.2", "-w", root, "--yes", "--reason", "x").exit_code
        == 0
    )
    assert {str(row[0]) for row in booked(root, "run")} == {"2026-07.1"}


def test_the_page_and_the_workbook_show_it(tmp_path: Path) -> None:
    root = workspace(tmp_path)
    assert incentivectl("run", "2026-07", "-w", root).exit_code == 0
    incentivectl("report", "2026-07", "-w", root)
    page = root / "reports/2026-07/report.html"
    assert "Payable now" in page.read_text(encoding="utf-8")
    assert " · draft: not posted yet</p>" in page.read_text(encoding="utf-8")
    post(root, "2026-07")
    incentivectl("report", "2026-07", "-w", root)
    text = page.read_text(encoding="utf-8")
    assert "Payable now" not in text
    assert " · 2026-07.1</p>" in text
    assert "batch 2026-07.1: 3 payments reserved" in text
    assert "The run is older than batch 2026-07.1: `run 2026-07` says what is left." in text
    incentivectl("run", "2026-07", "-w", root)
    incentivectl("report", "2026-07", "-w", root)
    text = page.read_text(encoding="utf-8")
    assert "Nothing is left to book or pay." in text
    assert "Payments booked" in text
    sheet = openpyxl.load_workbook(root / "reports/2026-07/report.xlsx")["summary"]
    rows = [[cell.value for cell in row[:6]] for row in sheet.iter_rows()]
    assert ["2026-07.1", "payments reserved", None, "USD", 2, 30] in [
        [None if value == "" else value for value in row] for row in rows
    ]


def test_a_changed_account_is_held_back(tmp_path: Path) -> None:
    """P1 was paid to one account; the next payment waits where the export finds another."""
    root = write_workspace(
        tmp_path / "w",
        config=BOOKS,
        programs={"loyal": program()},
        tables={
            "partners": PARTNERS,
            "payees": "payee_id,account_name,iban,bic\nP1,Alpha,DE89370400440532013000,\n",
            "sales": HEADER + "S1,1,2026-07-05,P1,A,1000,,\n",
        },
    )
    post(root, "2026-07")
    assert incentivectl("batch", "export", "2026-07.1", "-w", root).exit_code == 0
    with rows_of(root) as connection:
        (name,) = connection.execute("SELECT payment_id FROM payments").fetchone()
    (root / "answer.csv").write_text(f"payment_id,status\n{name},paid\n")
    assert incentivectl("batch", "confirm", root / "answer.csv", "-w", root).exit_code == 0
    add(root, "sales", "S2,1,2026-08-05,P1,A,500,,", "S3,1,2026-08-06,P2,A,500,,")
    post(root, "2026-08")
    accounts = "payee_id,account_name,iban,bic\nP1,Alpha,GB82WEST12345698765432,\n"
    (root / "sample_data/payees.csv").write_text(accounts)
    assert incentivectl("batch", "export", "2026-08.1", "-w", root).exit_code == 0
    assert booked(root, "run", "2026-08")[1:] == [
        ["2026-08.1", "payments held back", "USD", 1, "10"],
        ["2026-08.1", "payments exported", "USD", 1, "10"],
    ]
