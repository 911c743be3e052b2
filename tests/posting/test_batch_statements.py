"""`statement --batch`: what a batch booked and paid, the same for ever; figures worked by hand."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.posting.booked import BOOKS, NO_SALES, REVERSE, add, post, write
from tests.prepared import prepared
from tests.reports.test_statement_posted import ADJUSTMENTS, MONTHLY, QUARTER, SALES
from tests.small_workspace import as_json, incentivectl, write_workspace

PARTNERS = "partner_id,name,locale\nP1,Alpha,en_US\nP2,Beta,de_DE\n"


def posted(folder: Path) -> Path:
    """July and August, each posted: 110 and 215 of P1 (rates 10 % and 1 %, less 5), 55 of P2 in July."""
    programs = {"monthly": MONTHLY, "quarter": QUARTER}
    tables = {"partners": PARTNERS, "sales": SALES, "adjustments": ADJUSTMENTS}
    root = write_workspace(folder / "w", config=BOOKS, programs=programs, tables=tables)
    post(root, "2026-07")
    post(root, "2026-08")
    return root


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return prepared(tmp_path, posted)


def told(root: Path, *asked: str) -> dict[str, Any]:
    (found,) = as_json("statement", *asked, "-w", root)
    assert isinstance(found, dict)
    return found


def lead(root: Path, *asked: str) -> list[str]:
    return [row["text"].replace("\N{NO-BREAK SPACE}", " ") for row in told(root, *asked)["lead"]]


def read(root: Path, *asked: str) -> str:
    """As a payee reads it, on one line."""
    result = incentivectl("statement", *asked, "-w", root)
    assert result.exit_code == 0, result.output
    return " ".join(result.stdout.split())


def money(root: Path, *asked: str) -> list[str]:
    """The one balance: brought forward, this batch, payable, carried forward."""
    (paid,) = told(root, *asked)["payouts"]
    names = ("brought_forward", "this_batch", "payable", "carried_forward")
    return [paid[name] for name in names]


def bytes_of(root: Path, scratch: Path) -> dict[str, bytes]:
    """All statements of all batches posted so far, as JSON, as text and as pages."""
    found = {}
    for batch in ("2026-07.1", "2026-08.1"):
        for form in ("json", "table", "csv"):
            asked = ("--batch", batch, "P1", "P2", "-w", root, "--format", form)
            result = incentivectl("statement", *asked)
            assert result.exit_code == 0, result.output
            found[f"{batch} {form}"] = result.stdout.encode()
        pages = scratch / batch
        result = incentivectl("statement", "--batch", batch, "-w", root, "--html", pages)
        assert result.exit_code == 0, result.output
        for page in pages.iterdir():
            found[f"{batch} {page.name}"] = page.read_bytes()
        shutil.rmtree(pages)
    return found


def test_what_a_batch_booked_has_a_number_and_the_year_beside_it(root: Path) -> None:
    """August: 200 by month, 10 + 20 to date less 10 booked in July, less 5; 110 + 215 in the year."""
    august = told(root, "--batch", "2026-08.1", "P1")
    assert august["number"] == "2026-08.1/P1"
    assert august["posted"] == "yes"
    assert money(root, "--batch", "2026-08.1", "P1") == ["0", "215", "215", "0"]
    assert august["lead"][0]["text"] == "You are paid $215.00."
    booked = [(r["program"], r["period_start"], r["this_batch"]) for r in august["earned"]]
    assert booked == [("monthly", "2026-08-01", "200"), ("quarter", "2026-07-01", "20")]
    assert [row["amount"] for row in august["adjustments"]] == ["-5"]
    year = {"method": "cash", "currency": "USD", "booked": "325", "paid": "325", "unit": "USD"}
    assert august["year_to_date"] == [year]
    listed = incentivectl("statement", "--batch", "2026-08.1", "-w", root)
    assert "statements of batch 2026-08.1" in listed.stdout
    assert "drafts" not in listed.stdout


def test_a_statement_stays_as_it_is(root: Path, tmp_path: Path) -> None:
    """Late lines, a restated sale, other masters and rules, three more months, a void, another folder."""
    before = bytes_of(root, tmp_path / "pages")
    post(root, "2026-09")
    write(
        root,
        "partners",
        "partner_id,name,locale,status\nP1,Renamed,fr_FR,suspended\nP2,B,,active\n",
    )
    write(root, "sales", SALES.replace("2000.00", "2500.00"))
    add(root, "sales", "L1,1,2026-07-20,P2,1,300.00", "O1,1,2026-11-03,P1,1,900.00")
    program = root / "programs/monthly.toml"
    program.write_text(program.read_text().replace("2026-09-30", "2026-12-31"))
    for month in ("2026-10", "2026-11"):
        post(root, month, *NO_SALES, "--allow", "changed-rules:monthly")
    result = incentivectl("batch", "void", "2026-08.1", "-w", root, *REVERSE)
    assert result.exit_code == 0, result.output
    program.write_text(program.read_text().replace("10%", "12%"))
    config = root / "incentivectl.toml"
    config.write_text(config.read_text().replace('"Small"', '"Other"'))
    assert bytes_of(root, tmp_path / "pages") == before
    elsewhere = shutil.copytree(root, tmp_path / "elsewhere/deep")
    shutil.rmtree(root)
    assert bytes_of(elsewhere, tmp_path / "pages") == before


def test_a_batch_that_reverses_another_says_so(root: Path) -> None:
    """August had booked 200, 20 and -5: all of it is taken back, and the payment of 215 is called off."""
    result = incentivectl("batch", "void", "2026-08.1", "-w", root, *REVERSE)
    assert result.exit_code == 0, result.output
    asked = ("--batch", "2026-08.2", "P1")
    assert lead(root, *asked) == [
        "This statement reverses statement 2026-08.1/P1. The payment of $215.00 is cancelled.",
        "$220.00 is taken back in this statement; the reasons are below.",
    ]
    assert money(root, *asked) == ["0", "-215", "-215", "0"]
    void = told(root, *asked)
    assert (void["number"], void["reverses"]) == ("2026-08.2/P1", "2026-08.1/P1")
    rows = [
        (r["program"], r["entitlement"], r["booked_before"], r["this_batch"])
        for r in void["earned"]
    ]
    assert rows == [("monthly", "0", "200", "-200"), ("quarter", "10", "30", "-20")]
    assert {row["why"] for row in void["earned"]} == {
        "Reversed: statement 2026-08.1/P1 had booked it."
    }
    assert [row["amount"] for row in void["adjustments"]] == ["5"]
    assert void["year_to_date"] == [
        {"method": "cash", "currency": "USD", "booked": "110", "paid": "110", "unit": "USD"}
    ]
    # Posted once more, the month adds up all three.
    post(root, "2026-08")
    assert "This adds up the statements 2026-08.1/P1, 2026-08.2/P1 and 2026-08.3/P1." in read(
        root, "2026-08", "P1"
    )


def test_a_period_adds_up_its_batches(root: Path) -> None:
    """765 in the quarter, of which July and August are posted: 110 + 215."""
    assert "Posted so far: 2026-07.1/P1 and 2026-08.1/P1." in read(root, "2026-Q3", "P1")
    assert told(root, "2026-Q3", "P1")["year_to_date"][0]["booked"] == "765"
    assert "Posted as statement 2026-07.1/P1." in read(root, "2026-07", "P1")
    assert told(root, "2026-07", "P1")["year_to_date"][0]["booked"] == "110"
    post(root, "2026-09")
    quarter = told(root, "2026-Q3", "P1")
    assert [row["number"] for row in quarter["adds_up"]] == [
        "2026-07.1/P1", "2026-08.1/P1", "2026-09.1/P1",
    ]  # fmt: skip
    assert quarter["year_to_date"][0]["paid"] == "765"


def test_what_cannot_be_told_is_refused(root: Path) -> None:
    unknown = incentivectl("statement", "--batch", "2026-09.1", "-w", root)
    assert unknown.exit_code == 2
    assert "the latest batches: 2026-07.1, 2026-08.1" in unknown.stderr
    assert incentivectl("statement", "-w", root).exit_code == 2
    shutil.rmtree(root / "archive/2026-07.1")
    lost = incentivectl("statement", "--batch", "2026-07.1", "-w", root)
    assert lost.exit_code == 1
    assert "restore the archive from a backup" in lost.stderr


@pytest.mark.parametrize(
    ("locale", "draft", "reverses", "why"),
    [
        ("en_US", "Draft: not posted yet.", "This statement reverses statement {}.",
         "Reversed: statement {} had booked it."),
        ("de_AT", "Entwurf: noch nicht gebucht.", "Diese Abrechnung storniert die Abrechnung {}.",
         "Storniert: gebucht mit der Abrechnung {}."),
        ("fr_CA", "Projet : pas encore comptabilisé.", "Ce relevé annule le relevé {}.",
         "Annulé : le relevé {} l’avait comptabilisé."),
        ("es", "Borrador: aún sin contabilizar.", "Este extracto anula el extracto {}.",
         "Anulado: lo había contabilizado el extracto {}."),
    ],
)  # fmt: skip
def test_the_language_is_that_of_the_batch(
    tmp_path: Path, locale: str, draft: str, reverses: str, why: str
) -> None:
    tables = {"partners": f"partner_id,name,locale\nP1,Alpha,{locale}\n", "sales": SALES}
    programs = {"monthly": MONTHLY}
    root = write_workspace(tmp_path / "w", config=BOOKS, programs=programs, tables=tables)
    assert draft in lead(root, "2026-07", "P1")
    post(root, "2026-07")
    assert incentivectl("batch", "void", "2026-07.1", "-w", root, *REVERSE).exit_code == 0
    write(root, "partners", "partner_id,name,locale\nP1,Alpha,it\n")
    void = told(root, "--batch", "2026-07.2", "P1")
    assert reverses.format("2026-07.1/P1") in void["lead"][0]["text"]
    assert void["earned"][0]["why"] == why.format("2026-07.1/P1")


def test_points_are_told_as_points(tmp_path: Path) -> None:
    """10 points a dollar. July: 10 % of 1,000.25 are 100.03, 1,000.3 points: 1,000 on paper.

    August takes back 10 % of 100 of it, 100 points, and adds an adjustment of 2 dollars: 20 points.
    """
    points = MONTHLY + '\n[payout]\nmethods = ["points"]\npoints_per_unit = 10\n'
    partners = "partner_id,name,locale,payout_method\nP1,Alpha,en_US,points\n"
    sales = SALES.splitlines()[0] + "\nS1,1,2026-07-03,P1,1,1000.25\n"
    adjustments = (
        "adjustment_id,payee_id,program_id,on,amount,reason\nA1,P1,monthly,2026-08-10,2,demo\n"
    )
    root = write_workspace(
        tmp_path / "w",
        config=BOOKS,
        programs={"monthly": points},
        tables={"partners": partners, "sales": sales, "adjustments": adjustments},
    )
    assert lead(root, "2026-07", "P1")[0] == "You would be paid 1,000 points."
    post(root, "2026-07")
    july = told(root, "--batch", "2026-07.1", "P1")
    assert july["lead"][0]["text"] == "You are paid 1,000 points."
    assert money(root, "--batch", "2026-07.1", "P1") == ["0", "1000.3", "1000.3", "0"]
    assert july["earned"][0]["this_batch"] == "1000.3"
    assert july["earned"][0]["unit"] == "points"
    assert "Points 1,000 points 1,000 points" in read(root, "--batch", "2026-07.1", "P1")
    listed = incentivectl("statement", "--batch", "2026-07.1", "-w", root)
    assert "points" in listed.stdout
    add(root, "sales", "S1,2,2026-07-03,P1,1,-100.00")
    post(root, "2026-08", *NO_SALES)
    august = told(root, "--batch", "2026-08.1", "P1")
    assert money(root, "--batch", "2026-08.1", "P1") == ["0", "-80", "0", "-80"]
    assert [(row["amount"], row["unit"]) for row in august["adjustments"]] == [("20", "points")]
    assert "100 points is taken back" in read(root, "--batch", "2026-08.1", "P1")
    year = {"method": "points", "currency": "USD", "booked": "920.3", "paid": "1000.3"}
    assert august["year_to_date"] == [year | {"unit": "points"}]
    assert incentivectl("batch", "void", "2026-07.1", "-w", root, *REVERSE).exit_code == 0
    assert money(root, "--batch", "2026-07.2", "P1") == ["0", "-1000.3", "-1000.3", "0"]


def test_a_batch_of_accruals_alone_has_statements(tmp_path: Path) -> None:
    """The quarter is due at its end: July's batch books nothing, and tells that 10 are earned so far."""
    quarter = QUARTER.replace('settle = "monthly"\n', "")
    root = write_workspace(
        tmp_path / "w",
        config=BOOKS,
        programs={"quarter": quarter},
        tables={"partners": PARTNERS, "sales": SALES},
    )
    assert post(root, "2026-07") == "2026-07.1"
    july = told(root, "--batch", "2026-07.1", "P1")
    assert (july["posted"], july["number"]) == ("yes", "2026-07.1/P1")
    assert july["lead"][0]["text"] == "Nothing is paid this time."
    assert [row["entitlement"] for row in july["accruing"]] == ["10"]
    assert july["year_to_date"] == []
    assert incentivectl("batch", "void", "2026-07.1", "-w", root, *REVERSE).exit_code == 0
    empty = incentivectl("statement", "--batch", "2026-07.2", "-w", root)
    assert empty.exit_code == 0, empty.output
    assert "0 statements of batch 2026-07.2" in empty.stdout
    assert "Batch 2026-07.2 reverses batch 2026-07.1." in empty.stdout
    assert lead(root, "--batch", "2026-07.2", "P1") == [
        "This statement reverses statement 2026-07.1/P1."
    ]


def test_payments_that_went_out_stay_and_leave_a_debt(root: Path) -> None:
    """215 went out: its reversal cancels nothing, and carries 215 forward as owed."""
    assert incentivectl("batch", "export", "2026-08.1", "-w", root).exit_code == 0
    void = ("batch", "void", "2026-08.1", "--keep-payments", *REVERSE)
    assert incentivectl(*void, "-w", root).exit_code == 0
    asked = ("--batch", "2026-08.2", "P1")
    assert lead(root, *asked)[0] == "This statement reverses statement 2026-08.1/P1."
    assert money(root, *asked) == ["0", "-215", "0", "-215"]
    (year,) = told(root, *asked)["year_to_date"]
    assert (year["booked"], year["paid"]) == ("110", "325")
