"""A corrected row is read as if it stood in the place of the rejected one, and counts once."""

import csv
from decimal import Decimal
from pathlib import Path

import pytest

from tests.ingest.conftest import Shop, counted, lines
from tests.small_workspace import CONFIG, incentivectl, read_csv, write_workspace

HEADER = "sale_id,sold_on,partner_id,product_id,amount"
JULY = "sample_data/s07.csv"
TEN_PERCENT = """\
id = "ten"
name = "Ten percent"
kind = "rebate"
starts = 2026-07-01
ends = 2026-07-31
period = "month"

[reward]
rate = "10%"
"""


@pytest.fixture
def fixed(shop: Shop) -> Shop:
    """A workspace whose source also reads corrected rejects, before or after the other files."""
    paths = '["sample_data/s*.csv", "x_fixed/*.csv", "a_fixed/*.csv"]'
    shop.config = f"[sources.sales]\npath = {paths}\n"
    for folder in ("a_fixed", "x_fixed"):
        shop.write(f"{folder}/none.csv", HEADER + "\n")
    return shop


def export(shop: Shop, *rows: str, name: str = JULY) -> None:
    shop.write(name, "\n".join([HEADER, *rows]) + "\n")


def corrected(shop: Shop, *corrections: dict[str, str], to: str = "x_fixed/sales.csv") -> None:
    """Writes the rejects with their cells corrected, one dict a row, to where the source finds them."""
    (path,) = [p for p in shop.read().write_rejects(shop.root / "rejects") if p.stem == "sales"]
    with path.open(newline="") as file:
        rows = [row | cells for row, cells in zip(csv.DictReader(file), corrections, strict=True)]
    (shop.root / to).parent.mkdir(exist_ok=True)
    with (shop.root / to).open("w", newline="") as file:
        writer = csv.DictWriter(file, [*rows[0]])
        writer.writeheader()
        writer.writerows(rows)


def amounts(shop: Shop) -> list[int]:
    return sorted(int(str(amount).split(".")[0]) for (amount,) in lines(shop.read(), "amount"))


WHOLE = {
    "sale_id": "S2",
    "sold_on": "2026-07-04",
    "partner_id": "P1",
    "product_id": "X",
    "amount": "1200",
}


def paid(root: Path) -> Decimal:
    result = incentivectl("run", "2026-07", "-w", root)
    assert result.exit_code == 0, result.output
    rows = read_csv(root / "reports/2026-07/earnings.csv")
    return sum((Decimal(row["entitlement"]) for row in rows), Decimal())


@pytest.mark.parametrize("again", ["s07.csv", "s07-again.csv"])
def test_a_repaired_row_that_the_partner_sends_again_is_paid_once(
    tmp_path: Path, again: str
) -> None:
    config = f'{CONFIG}\n[sources.sales]\npath = ["sample_data/s*.csv", "fixed/*.csv"]\n'
    root = write_workspace(tmp_path, config=config, programs={"ten": TEN_PERCENT})
    (root / "sample_data/sales.csv").unlink()
    (root / "fixed").mkdir()
    (root / "fixed/none.csv").write_text(HEADER + "\n")
    july = root / "sample_data/s07.csv"
    july.write_text(f"{HEADER}\nS1,2026-07-03,P1,X,150\nS2,2026-07-04,P1,X,1,200\n")
    assert paid(root) == 15
    (header, row) = (root / "reports/2026-07/rejects/sales.csv").read_text().splitlines()
    repaired = f"{header}\n{row.replace(',,,,', 'S2,2026-07-04,P1,X,1200', 1)}\n"
    (root / "fixed/sales.csv").write_text(repaired)
    assert paid(root) == 135
    sent = july.read_text().replace("1,200", "1200")
    (root / "sample_data" / again).write_text(sent)
    assert paid(root) == 135


def test_a_product_repaired_in_place_does_not_collide_with_its_neighbour(fixed: Shop) -> None:
    fixed.data = 'unknown_product = "reject"'
    fixed.write("sample_data/products.csv", "product_id\nA\nB\n")
    export(fixed, "S1,2026-07-04,P1,A,100", "S1,2026-07-04,P1,AA,200", "S1,2026-07-04,P1,A,300")
    corrected(fixed, {"product_id": "A"})
    inputs = fixed.read()
    assert counted(inputs) == {"accepted": 3, "superseded": 1}
    # n as if AA had been A from the beginning
    assert sorted(lines(inputs, "n", "amount")) == [
        (1, Decimal(100)),
        (2, Decimal(200)),
        (3, Decimal(300)),
    ]
    assert inputs.unknown.is_empty()  # AA is corrected: nobody need look for it any more


def test_rows_behind_a_row_that_got_another_identity_move_up(fixed: Shop) -> None:
    fixed.data = 'unknown_product = "reject"'
    fixed.write("sample_data/products.csv", "product_id\nA\nB\n")
    export(fixed, "S1,2026-07-04,P1,A,x", "S1,2026-07-04,P1,A,200")
    corrected(fixed, {"product_id": "B", "amount": "100"})
    assert sorted(lines(fixed.read(), "product_id", "n")) == [("A", 1), ("B", 1)]
    export(fixed, "S1,2026-07-04,P1,B,100", "S1,2026-07-04,P1,A,200", name="sample_data/s08.csv")
    assert counted(fixed.read()) == {"accepted": 2, "superseded": 1, "duplicate": 2}


@pytest.mark.parametrize("to", ["x_fixed/sales.csv", "a_fixed/sales.csv"])
@pytest.mark.parametrize("sent_to", [JULY, "sample_data/s07b.csv", "sample_data/s01.csv"])
@pytest.mark.parametrize("sent", ["200", "250"])
def test_the_senders_own_correction_is_no_second_line(
    fixed: Shop, way: str, to: str, sent_to: str, sent: str
) -> None:
    export(fixed, "S1,2026-07-04,P1,A,100", "S1,2026-07-04,P1,A,200,50", "S1,2026-07-04,P1,A,300")
    corrected(fixed, {**WHOLE, "sale_id": "S1", "product_id": "A", "amount": "200"}, to=to)
    assert amounts(fixed) == [100, 200, 300]
    export(
        fixed,
        *("S1,2026-07-04,P1,A,100", f"S1,2026-07-04,P1,A,{sent}", "S1,2026-07-04,P1,A,300"),
        name=sent_to,
    )
    # what was corrected is as old as July's own file, and yields to it if that is sent again
    is_older = sent_to == "sample_data/s01.csv"
    assert amounts(fixed) == [100, 200 if is_older else int(sent), 300]


def test_a_file_sent_again_with_other_lines_before(fixed: Shop, way: str) -> None:
    export(fixed, "S1,2026-07-04,P1,A,100", "S1,2026-07-04,P1,A,x")
    corrected(fixed, {"amount": "200"})
    assert amounts(fixed) == [100, 200]
    same = ["S1,2026-07-04,P1,A,100", "S1,2026-07-04,P1,A,200"]
    before = ["S0,2026-07-04,P1,A,7", "S0,2026-07-04,P1,B,8", "S0,2026-07-04,P1,C,9"]
    export(fixed, before[0], *same)
    assert amounts(fixed) == [7, 100, 200]
    export(fixed, *before, *same)
    assert amounts(fixed) == [7, 8, 9, 100, 200]


def test_what_was_unknown_is_known_by_now(fixed: Shop) -> None:
    fixed.data = 'unknown_product = "reject"'
    fixed.write("sample_data/products.csv", "product_id\nA\n")
    export(fixed, "S1,2026-07-04,P1,B,100", "S2,2026-07-04,P9,A,50")
    corrected(fixed, {"product_id": "A"}, {"partner_id": "P1"})
    assert amounts(fixed) == [50, 100]
    fixed.write("sample_data/products.csv", "product_id\nA\nB\n")
    fixed.write("sample_data/partners.csv", "partner_id,name\nP1,A\nP9,B\n")
    inputs = fixed.read()
    assert counted(inputs) == {"accepted": 2, "superseded": 2}
    assert set(lines(inputs, "partner_id", "product_id")) == {("P1", "A")}


def test_of_two_corrections_of_one_row_the_last_counts(fixed: Shop) -> None:
    export(fixed, "S1,2026-07-04,P1,A,x", "S1,2026-07-04,P1,A,1")
    corrected(fixed, {"amount": "100"}, to="x_fixed/1.csv")
    first = (fixed.root / "x_fixed/1.csv").read_text()
    fixed.write("x_fixed/2.csv", first.replace("P1,A,100", "P1,B,200"))
    inputs = fixed.read()
    assert counted(inputs) == {"accepted": 2, "superseded": 2}
    assert set(lines(inputs, "product_id", "n", "amount")) == {
        ("B", 1, Decimal(200)),
        ("A", 1, Decimal(1)),
    }
    fixed.write("x_fixed/2.csv", first)
    assert counted(fixed.read()) == {"accepted": 2, "superseded": 1, "duplicate": 1}


def test_a_correction_of_a_correction_stands_where_the_first_row_stood(fixed: Shop) -> None:
    export(fixed, "S1,2026-07-04,P1,A,1", "S1,2026-07-04,P1,A,x", "S1,2026-07-04,P1,A,3")
    corrected(fixed, {"amount": "y"}, to="x_fixed/1.csv")
    corrected(fixed, {}, {"amount": "2"}, to="x_fixed/2.csv")
    inputs = fixed.read()
    assert counted(inputs) == {"accepted": 3, "superseded": 2, "rejected": 1}
    assert sorted(lines(inputs, "n", "amount")) == [(n, Decimal(n)) for n in (1, 2, 3)]


def test_without_its_file_a_corrected_row_keeps_its_number(fixed: Shop) -> None:
    export(fixed, "S1,2026-07-04,P1,A,1", "S1,2026-07-04,P1,A,x")
    corrected(fixed, {"amount": "2"})
    (fixed.root / JULY).rename(fixed.root / "sample_data/s-moved.csv")
    inputs = fixed.read()
    assert sorted(lines(inputs, "n", "amount")) == [(1, Decimal(1)), (2, Decimal(2))]
    assert counted(inputs) == {"accepted": 2, "rejected": 1}
    (fixed.root / "sample_data/s-moved.csv").unlink()
    fixed.write(JULY, "")
    assert lines(fixed.read(), "n", "amount") == [(2, Decimal(2))]


def test_a_column_that_has_two_names_is_read_under_that_of_the_original_file(
    fixed: Shop, way: str
) -> None:
    fixed.config += 'columns = { amount = ["Netto EUR", "Netto"] }\n'
    head = "sale_id,sold_on,partner_id,"
    for folder in ("a_fixed", "x_fixed"):
        fixed.write(f"{folder}/none.csv", head + "Netto\n")
    fixed.write("sample_data/s1.csv", f"{head}Netto EUR\nS1,2026-07-99,P1,1\n")
    fixed.write("sample_data/s2.csv", f"{head}Netto\nS2,2026-07-99,P1,2\n")
    corrected(fixed, {"sold_on": "2026-07-01"}, {"sold_on": "2026-07-02"})
    assert ",Netto,Netto EUR,reject_file," in (fixed.root / "x_fixed/sales.csv").read_text()
    assert amounts(fixed) == [1, 2]


def test_a_correction_that_names_itself_or_nothing(fixed: Shop) -> None:
    export(fixed, "S1,2026-07-04,P1,A,1")
    header = f"{HEADER},reject_file,reject_line,reject_reason,reject_value,occurrence\n"
    row = "S{0},2026-07-04,P1,A,{0},{1},{2},bad-number,x,\n"
    rows = [("x_fixed/1.csv", 2), ("x_fixed/1.csv", 4), ("x_fixed/1.csv", 3), (JULY, 99), (JULY, 0)]
    text = "".join(row.format(n + 2, file, line) for n, (file, line) in enumerate(rows))
    fixed.write("x_fixed/1.csv", header + text)
    assert amounts(fixed) == [1, 2, 3, 4, 5, 6]


def test_a_corrected_row_of_a_master_is_older_than_the_next_file(shop: Shop) -> None:
    shop.config = '[sources.partners]\npath = ["p1.csv", "p2.csv", "z_fixed.csv"]\n'
    shop.write("p1.csv", "partner_id,name,status\nP1,Old,gone\n")
    shop.write("p2.csv", "partner_id,name,status\nP1,New,active\n")
    shop.write("z_fixed.csv", "partner_id,name,status\n")
    shop.sales("S1,1,2026-07-01,P1,A,1,1,1")
    (path,) = shop.read().write_rejects(shop.root / "rejects")
    shop.write("z_fixed.csv", path.read_text().replace("Old,gone", "Old,active"))
    inputs = shop.read()
    assert inputs.tables["partners"]["name"].to_list() == ["New"]
    assert counted(inputs, "partners") == {"accepted": 1, "superseded": 2}


def test_a_corrected_line_in_another_file_is_no_split_invoice(fixed: Shop) -> None:
    export(fixed, "S1,2026-07-04,P1,A,1", "S1,2026-07-04,P1,B,x")
    corrected(fixed, {"amount": "2"})
    assert "sale-in-several-files" not in {problem.code for problem in fixed.read().problems}


def test_an_occurrence_of_the_export_itself_stays(fixed: Shop) -> None:
    columns = HEADER + ",occurrence"
    for folder in ("a_fixed", "x_fixed"):
        fixed.write(f"{folder}/none.csv", columns + "\n")
    fixed.write(JULY, f"{columns}\nS1,2026-07-04,P1,A,1,5\nS1,2026-07-04,P1,A,x,7\n")
    (path,) = fixed.read().write_rejects(fixed.root / "rejects")
    fixed.write("x_fixed/1.csv", path.read_text().replace(",A,x,7,", ",A,2,7,"))
    assert sorted(lines(fixed.read(), "n", "amount")) == [(5, Decimal(1)), (7, Decimal(2))]


def test_corrections_are_written_as_their_source_writes(fixed: Shop) -> None:
    fixed.config += 'date_format = "excel"\ngrouping = "indian"\nminus = ["CR"]\n'
    export(fixed, "S1,46204,P1,X,500", 'S2,60,P1,X,"1,00,000 CR"', "S3,46206,P1,X,100 DR")
    corrected(fixed, {"sold_on": "46207.5"}, {"amount": "1,00,200"})
    assert counted(fixed.read()) == {"accepted": 3, "superseded": 2}
    days = [(sale, str(day)) for sale, day in lines(fixed.read(), "sale_id", "sold_on")]
    # 46204 is 1 July 2026: 31 days before 46235, 1 August
    assert sorted(days) == [("S1", "2026-07-01"), ("S2", "2026-07-04"), ("S3", "2026-07-03")]
    assert amounts(fixed) == [-100000, 500, 100200]
