"""`report`: every figure of the page and the workbook is that of the run's files."""

import shutil
import tomllib
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path

import openpyxl
import pytest

from incentivectl.core.safe_text import restored
from tests.prepared import prepared
from tests.reports.hostile import NAMES, hostile_workspace
from tests.reports.sample import settled_sample
from tests.small_workspace import REBATE, incentivectl, read_csv, settle, write_workspace


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of September of the sample workspace with its report."""
    root = prepared(tmp_path_factory.mktemp("report"), settled_sample)
    result = incentivectl("report", "2026-09", "-w", root)
    assert result.exit_code == 0, result.output
    assert "report.html" in result.stdout
    return root / "reports/2026-09"


class Figures(HTMLParser):
    """Every `<data data-figure>` of the page with the attributes of the row or figure around it."""

    def __init__(self) -> None:
        super().__init__()
        self.around: list[dict[str, str]] = []
        self.found: list[tuple[dict[str, str], str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {key.removeprefix("data-"): value or "" for key, value in attrs}
        if tag in ("tr", "figure"):
            self.around.append(given)
        elif tag == "data" and "figure" in given:
            merged = {key: value for one in self.around for key, value in one.items()}
            self.found.append((merged, given["figure"], given["value"]))

    def handle_endtag(self, tag: str) -> None:
        if tag in ("tr", "figure"):
            self.around.pop()


def figures(run: Path) -> list[tuple[dict[str, str], str, str]]:
    parser = Figures()
    parser.feed((run / "report.html").read_text(encoding="utf-8"))
    return parser.found


def total(rows: list[dict[str, str]], column: str, **where: str) -> Decimal:
    return sum(
        (Decimal(r[column]) for r in rows if all(r[k] == v for k, v in where.items())), Decimal(0)
    )


def test_cost_by_program_in_the_page(run: Path) -> None:
    """Nothing is booked before: what is due is this batch, but for adjustments of 350.00."""
    earnings = read_csv(run / "earnings.csv")
    manifest = tomllib.loads((run / "manifest.toml").read_text(encoding="utf-8"))
    budgets = {one["id"]: one.get("budget") for one in manifest["programs"]}
    adjusted = {"earned": 350, "cost": 350, "this_batch": 350}
    checked = 0
    for around, name, value in figures(run):
        if "program" not in around or name == "tier":
            continue
        if around["program"] == "adjustments":
            assert Decimal(value) == adjusted.get(name, 0)
            continue
        where = {"program_id": around["program"]} if around["program"] else {}
        of = where or {"currency": around["currency"]}
        more = adjusted.get(name, 0) if of == {"currency": "USD"} else 0
        elsewhere = total(earnings, "entitlement", status="settled-elsewhere", **of)
        expected = {
            "cost": total(earnings, "entitlement", **of),
            "earned": total(earnings, "entitlement", **of) - elsewhere,
            "this_batch": total(earnings, "this_batch", **of),
            "booked_before": Decimal(0),
            "held": total(earnings, "entitlement", status="held", **of),
            "accruing": total(earnings, "entitlement", status="accruing", **of),
            "settled_elsewhere": elsewhere,
        }
        if name == "budget":
            assert value == budgets[around["program"]]
        else:
            assert Decimal(value) == expected[name] + more, (around, name)
        checked += 1
    assert checked > 100


def test_payable_tiers_and_rejects_in_the_page(run: Path) -> None:
    found = figures(run)
    payouts = read_csv(run / "payouts.csv")
    payable = [Decimal(value) for _, name, value in found if name == "Payable now"]
    assert payable == [total(payouts, "payable", currency=code) for code in ("USD", "EUR")]
    earnings = read_csv(run / "earnings.csv")
    reached = [
        int(value) for at, name, value in found
        if name == "tier" and at["program"] == "licence-marginal-rebate"
    ]  # fmt: skip
    tiers = [r["tier"] for r in earnings if r["program_id"] == "licence-marginal-rebate"]
    assert reached == [tiers.count(tier) for tier in ("", "0", "1", "2")]
    manifest = tomllib.loads((run / "manifest.toml").read_text(encoding="utf-8"))
    rejected = sum(int(value) for _, name, value in found if name == "rejected")
    assert rejected == sum(row["rejected"] for row in manifest["rows"])
    assert rejected == sum(len(rows(run, name)) for name in ("direct",)) + len(rows(run, "alpha"))


def rows(run: Path, source: str) -> list[str]:
    encoding = "cp1252" if source == "alpha" else "utf-8"
    return (run / f"rejects/{source}.csv").read_text(encoding=encoding).splitlines()[1:]


def test_the_leaderboard_by_earnings(run: Path, tmp_path: Path) -> None:
    """Without leaderboard.csv: due and held entitlements of each payee."""
    root = tmp_path / "w"
    shutil.copytree(run, root / "reports/2026-09")
    shutil.copy(run.parent.parent / "incentivectl.toml", root / "incentivectl.toml")
    (root / "reports/2026-09/leaderboard.csv").unlink(missing_ok=True)
    assert incentivectl("report", "2026-09", "-w", root).exit_code == 0
    run = root / "reports/2026-09"
    earnings = [r for r in read_csv(run / "earnings.csv") if r["status"] in ("due", "held")]
    shown = [
        (at["payee"], Decimal(value)) for at, name, value in figures(run)
        if name == "value" and at["board"] == "rep"
    ]  # fmt: skip
    payees = {r["payee_id"] for r in earnings if r["payee_kind"] == "rep"}
    totals = {p: total(earnings, "entitlement", payee_id=p, payee_kind="rep") for p in payees}
    best = sorted(totals.items(), key=lambda one: (-one[1], one[0]))[:10]
    assert shown == best


def test_sales_by_month_are_the_sum_of_the_lines(tmp_path: Path) -> None:
    """July 10,400, August 900.50, September 100; against August that is -88.9 %."""
    root = write_workspace(tmp_path / "w")
    settle(root)
    assert incentivectl("report", "2026-09", "-w", root).exit_code == 0
    found = figures(root / "reports/2026-09")
    assert [value for _, name, value in found if name == "month"] == ["10400", "900.5", "100"]
    assert [value for _, name, value in found if name == "sales"] == ["100", "900.5"]
    page = (root / "reports/2026-09/report.html").read_text(encoding="utf-8")
    assert "-88.9 %" in page
    assert "No row was rejected." in page


def workbook(run: Path, *, values: bool) -> openpyxl.Workbook:
    return openpyxl.load_workbook(run / "report.xlsx", data_only=values)


def test_every_cell_of_the_workbook_is_the_files(run: Path) -> None:
    """Only tiers are counted from 1, where earnings.csv counts from 0."""
    book = workbook(run, values=True)
    assert book.sheetnames == [
        "summary", "earnings", "payouts", "leaderboard", "rejects", "ineligible",
    ]  # fmt: skip
    for name in ("earnings", "payouts", "ineligible"):
        expected = read_csv(run / f"{name}.csv")
        sheet = book[name]
        columns = [cell.value.replace(" ", "_") for cell in sheet[1]]
        assert columns == list(expected[0])
        for at, row in enumerate(expected, 2):
            for column, cell in zip(columns, sheet[at], strict=True):
                if column == "tier" and row[column]:
                    row[column] = str(int(row[column]) + 1)
                assert same(cell.value, row[column]), (name, at, column)


def same(value: object, text: str) -> bool:
    if value is None:
        return text == ""
    if hasattr(value, "strftime"):
        return value.strftime("%Y-%m-%d") == text  # type: ignore[no-any-return]
    if isinstance(value, int | float):
        return Decimal(repr(value)) == Decimal(text)
    return value == restored(text)


def test_totals_are_formulas_that_agree_with_the_values(run: Path) -> None:
    formulas, values = workbook(run, values=False), workbook(run, values=True)
    payouts = read_csv(run / "payouts.csv")
    earnings = read_csv(run / "earnings.csv")
    checked = 0
    for name, expected in (("payouts", payouts), ("earnings", earnings)):
        sheet = formulas[name]
        columns = [cell.value.replace(" ", "_") for cell in sheet[1]]
        for row in sheet.iter_rows(min_row=len(expected) + 3):
            currency = str(row[0].value).removeprefix("Total ")
            for column, cell in zip(columns, row, strict=True):
                if isinstance(cell.value, str) and cell.value.startswith("="):
                    letter = cell.column_letter
                    assert f"${letter}$2:${letter}${len(expected) + 1}" in cell.value
                    shown = values[name][cell.coordinate].value
                    exact = total(expected, column, currency=currency)
                    assert round(Decimal(repr(shown)), 6) == exact
                    checked += 1
    assert checked == 2 * 5 + 2 * 6


def test_the_summary_adds_up_the_earnings(run: Path) -> None:
    earnings = read_csv(run / "earnings.csv")
    formulas, values = workbook(run, values=False)["summary"], workbook(run, values=True)["summary"]
    seen = 0
    for row in values.iter_rows(min_row=8):
        program = row[0].value
        if program in {r["program_id"] for r in earnings}:
            assert formulas[row[4].coordinate].value.startswith("=SUMIFS(earnings!")
            cost = total(earnings, "entitlement", program_id=program)
            elsewhere = total(
                earnings, "entitlement", program_id=program, status="settled-elsewhere"
            )
            shown = [round(Decimal(repr(cell.value)), 6) for cell in row[4:11]]
            assert shown[0] == cost - elsewhere == sum(shown[1:5])
            assert shown[2] == total(earnings, "this_batch", program_id=program)
            assert shown[5:] == [elsewhere, cost]
            seen += 1
    assert seen == 30


def test_the_workbook_is_typed_filtered_and_frozen(run: Path) -> None:
    book = workbook(run, values=False)
    for name in ("earnings", "payouts", "leaderboard", "rejects", "ineligible"):
        sheet = book[name]
        assert sheet.freeze_panes == "A2"
        assert sheet.auto_filter.ref
    cell = book["payouts"].cell(row=2, column=8)
    assert isinstance(cell.value, int | float)
    assert "USD" in cell.number_format
    assert book["earnings"].cell(row=2, column=3).is_date
    assert len(list(book["rejects"].rows)) == 1 + 44


def test_the_same_run_gives_the_same_bytes(run: Path) -> None:
    before = {name: (run / name).read_bytes() for name in ("report.html", "report.xlsx")}
    root = run.parent.parent
    assert incentivectl("report", "2026-09", "-w", root).exit_code == 0
    assert {name: (run / name).read_bytes() for name in before} == before


def test_hostile_names(tmp_path: Path) -> None:
    root = hostile_workspace(tmp_path / "w")
    settle(root)
    result = incentivectl("report", "2026-09", "-w", root)
    assert result.exit_code == 0, result.output
    folder = root / "reports/2026-09"
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "<img" not in page
    book = workbook(folder, values=False)
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    formulas = [cell.value for cell in cells if cell.data_type == "f"]
    assert all(text.startswith(("=SUM(", "=SUMIFS(", "=I")) for text in formulas)
    names = {row[2].value for row in book["payouts"].iter_rows(min_row=2)}
    for name in (NAMES[0], NAMES[1], NAMES[2], NAMES[4], NAMES[5], NAMES[6], NAMES[10]):
        assert name in names
    assert "two lines" in names


def test_what_the_run_told_is_read_from_its_files(run: Path, tmp_path: Path) -> None:
    """Without exports, programs and ledger it is the same, and the page says what it does not answer."""
    root = tmp_path / "w"
    shutil.copytree(run, root / "reports/2026-09")
    shutil.copy(run.parent.parent / "incentivectl.toml", root / "incentivectl.toml")
    (root / "reports/2026-09/report.html").unlink()
    assert incentivectl("report", "2026-09", "-w", root).exit_code == 0
    folder = root / "reports/2026-09"
    assert figures(folder) == figures(run)
    assert (folder / "report.xlsx").read_bytes() == (run / "report.xlsx").read_bytes()
    assert "They cannot be computed now: " in (folder / "report.html").read_text(encoding="utf-8")


def test_without_a_run_it_says_what_to_do(tmp_path: Path) -> None:
    root = write_workspace(tmp_path / "w")
    none = incentivectl("report", "2026-09", "-w", root)
    assert none.exit_code == 4
    assert "2026-09 has not been run yet" in none.stderr
    assert "incentivectl run 2026-09" in none.stderr
    settle(root)
    folder = root / "reports/2026-09"
    (folder / "payouts.csv").rename(folder / "gone")
    missing = incentivectl("report", "2026-09", "-w", root)
    assert missing.exit_code == 4
    assert "payouts.csv" in missing.stderr
    assert not (folder / "report.html").exists()
    (folder / "gone").rename(folder / "payouts.csv")
    (folder / "manifest.toml").write_text('period = "2026-09"\n', encoding="utf-8")
    old = incentivectl("report", "2026-09", "-w", root)
    assert old.exit_code == 4
    assert "another version" in old.stderr


def test_a_file_that_was_changed_since_is_told(tmp_path: Path) -> None:
    root = write_workspace(tmp_path / "w")
    settle(root)
    earnings = root / "reports/2026-09/earnings.csv"
    earnings.write_text(earnings.read_text().replace("832", "833"), encoding="utf-8")
    result = incentivectl("report", "2026-09", "-w", root)
    assert "Changed since the run" in result.stdout
    page = (root / "reports/2026-09/report.html").read_text(encoding="utf-8")
    assert "earnings.csv is no longer what the run wrote" in page


def test_a_period_in_which_nothing_was_sold(tmp_path: Path) -> None:
    root = write_workspace(tmp_path / "w")
    settle(root, "2026-05")
    result = incentivectl("report", "2026-05", "-w", root)
    assert result.exit_code == 0, result.output
    assert "no data" in (root / "reports/2026-05/report.html").read_text(encoding="utf-8")


LEADERBOARD = """\
payee_kind,payee_id,payee_name,metric,rank,value,value_before,rank_before,movement,badges
partner,P2,Beta GmbH,revenue,1,900.5,100,3,2,top-tenth first-sale
partner,P1,'=Alpha,revenue,2,500,900,1,-1,
partner,P9,Nobody,revenue,,,,,,
rep,R1,Ann,revenue,1,77,,,,
"""


def test_the_leaderboard_of_a_run(tmp_path: Path) -> None:
    root = write_workspace(tmp_path / "w")
    settle(root)
    folder = root / "reports/2026-09"
    (folder / "leaderboard.csv").write_text(LEADERBOARD, encoding="utf-8")
    assert incentivectl("report", "2026-09", "-w", root).exit_code == 0
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "Partners by revenue in USD" in page
    assert "▲ 2" in page
    assert "▼ 1" in page
    assert "<td>new</td>" in page
    assert "=Alpha" in page
    assert "&#39;=Alpha" not in page
    values = [value for at, name, value in figures(folder) if name == "value" and "board" in at]
    assert values == ["900.5", "500", "77"]
    sheet = workbook(folder, values=True)["leaderboard"]
    assert [cell.value for cell in sheet[2]][:6] == [
        "partner",
        "P2",
        "Beta GmbH",
        "revenue",
        1,
        900.5,
    ]
    assert sheet.cell(row=3, column=3).value == "=Alpha"


def test_a_tile_says_why_it_compares_with_nothing(tmp_path: Path) -> None:
    """The exports begin in July 2026: September has an August before it, and no year before."""
    root = write_workspace(tmp_path / "w")
    settle(root, "2026-09")
    assert incentivectl("report", "2026-09", "-w", root).exit_code == 0
    page = (root / "reports/2026-09/report.html").read_text(encoding="utf-8")
    assert "<h1>Incentives, September 2026</h1>" in page
    assert (
        "-88.9 % on the period before, the exports do not reach a year ago" in page
    )  # 100 of 900.50


def test_the_cost_of_periods_that_ended_stands_beside_that_of_the_month_before(
    tmp_path: Path,
) -> None:
    """1 % of 900.50 is 9.01 in August, and of 100 is 1.00 in September."""
    monthly = REBATE.replace('"quarter"', '"month"').replace('"5%"', '"1%"')
    root = write_workspace(tmp_path / "w", programs={"monthly": monthly})
    settle(root, "2026-09")
    assert incentivectl("report", "2026-09", "-w", root).exit_code == 0
    page = (root / "reports/2026-09/report.html").read_text(encoding="utf-8")
    tile = page.partition("Cost of ended periods</p>")[2].partition("</section>")[0]
    assert ">1.00 USD<" in tile
    assert (
        "in 1 program with a measurement period that ended; the period before 9.01 USD in 1" in tile
    )
