"""Every row of the table of programs adds up, in whatever state its money is.

earned + kept = booked before + this batch + held + accruing + no budget left.
"""

import json
from decimal import Decimal
from pathlib import Path

from tests.posting.booked import BOOKS, add, post, write
from tests.posting.test_budgets import TENTH
from tests.posting.test_payouts import HEADER, in_currency, program
from tests.small_workspace import CONFIG, as_json, incentivectl, read_csv, write_workspace

PARTNERS = "partner_id,name,status,payout_method\nP1,Alpha,active,\nP3,Gamma,active,\n"
SUSPENDED = PARTNERS.replace("P3,Gamma,active", "P3,Gamma,suspended")
LEFT = ("earned", "kept")
RIGHT = ("booked_before", "this_batch", "held", "accruing", "no_budget_left")
SALES = ("S1,1,2026-07-05,P1,A,1000,,", "S2,1,2026-07-06,P3,A,400,,")


def workspace(
    tmp_path: Path, *sales: str, config: str = BOOKS, programs: dict[str, str] | None = None
) -> Path:
    return write_workspace(
        tmp_path / "w",
        config=config,
        programs=programs or {"loyal": program()},
        tables={
            "partners": PARTNERS,
            "fx": "on,currency,rate\n2026-06-01,EUR,1.25\n",
            "sales": HEADER + "".join(f"{sale}\n" for sale in sales or SALES),
        },
    )


def shown(root: Path, period: str) -> dict[str, dict[str, str]]:
    """The amounts of each program that are not 0, after every row was added up."""
    report = as_json("run", period, "-w", root)
    earnings = [
        row
        for row in read_csv(root / "reports" / period / "earnings.csv")
        if row["status"] != "settled-elsewhere"
    ]
    for row in report["programs"]:
        left, right = (
            sum((Decimal(row.get(name) or 0) for name in side), Decimal(0))
            for side in (LEFT, RIGHT)
        )
        assert left == right, row
        mine = [one for one in earnings if one["program_id"] == row["program"]]
        if row["program"] != "adjustments":
            # Once PERIOD is posted, `this_batch` is that batch, and in the files what the next would book.
            for names, columns in (
                (("earned",), ("entitlement",)),
                (("booked_before", "this_batch"), ("booked_before", "this_batch")),
            ):
                total = sum((Decimal(one[name]) for one in mine for name in columns), Decimal(0))
                assert sum(Decimal(row[name] or 0) for name in names) == total, (names, row)
    for balance in report["balances"]:
        of_currency = [r for r in report["programs"] if r["currency"] == balance["currency"]]
        total = sum((Decimal(row["this_batch"] or 0) for row in of_currency), Decimal(0))
        assert total == Decimal(balance["this_batch"])
    amounts = (*LEFT, *RIGHT)
    return {
        row["program"]: {name: row[name] for name in amounts if row.get(name)}
        for row in report["programs"]
    }


def test_before_and_after_posting(tmp_path: Path) -> None:
    """2 % of 1,000 and of 400 in July, of 500 in August."""
    root = workspace(tmp_path, *SALES, "S3,1,2026-08-05,P1,A,500,,")
    assert shown(root, "2026-07")["loyal"] == {"earned": "28", "this_batch": "28"}
    post(root, "2026-07")
    assert shown(root, "2026-07")["loyal"] == {"earned": "28", "this_batch": "28"}
    assert shown(root, "2026-08")["loyal"] == {
        "earned": "38",
        "booked_before": "28",
        "this_batch": "10",
    }


def test_a_payee_who_is_suspended_after_money_was_booked(tmp_path: Path) -> None:
    """P3 has 8 booked and earns 2 more, which are held: 40 = 28 + 10 + 2, and held is not 10."""
    root = workspace(tmp_path)
    post(root, "2026-07")
    write(root, "partners", SUSPENDED)
    add(root, "sales", "S3,1,2026-08-05,P1,A,500,,", "S4,1,2026-08-06,P3,A,100,,")
    assert shown(root, "2026-08")["loyal"] == {
        "earned": "40",
        "booked_before": "28",
        "this_batch": "10",
        "held": "2",
    }


def test_clawbacks_of_active_and_suspended_payees(tmp_path: Path) -> None:
    """Returns of 200 and 300 take 4 and 6 back; a return without anything booked earns -1."""
    root = workspace(tmp_path)
    post(root, "2026-07")
    write(root, "partners", SUSPENDED)
    add(
        root,
        "sales",
        "R1,1,2026-08-05,P1,A,-200,,S1",
        "R2,1,2026-08-06,P3,A,-300,,S2",
        "R3,1,2026-08-07,P1,A,-50,,",
    )
    assert shown(root, "2026-08")["loyal"] == {
        "earned": "17",
        "booked_before": "28",
        "this_batch": "-11",
    }


def test_hold_days_and_a_quarter_that_goes_on(tmp_path: Path) -> None:
    held = program("held") + "[payout]\nhold_days = 30\n"
    quarter = program("quarter").replace('"month"', '"quarter"')
    root = workspace(tmp_path, programs={"held": held, "quarter": quarter})
    assert shown(root, "2026-07") == {
        "held": {"earned": "28", "held": "28"},
        "quarter": {"earned": "28", "accruing": "28"},
    }


def test_returns_within_hold_days_and_in_a_quarter_that_goes_on(tmp_path: Path) -> None:
    """What is negative and not due is held or accruing below 0; nothing is kept."""
    held = program("held") + "[payout]\nhold_days = 30\n"
    quarter = program("quarter").replace('"month"', '"quarter"')
    root = workspace(
        tmp_path, "R1,1,2026-07-05,P1,A,-100,,", programs={"held": held, "quarter": quarter}
    )
    assert shown(root, "2026-07") == {
        "held": {"earned": "-2", "held": "-2"},
        "quarter": {"earned": "-2", "accruing": "-2"},
    }


def test_money_that_is_kept_and_money_without_budget(tmp_path: Path) -> None:
    """600 and 600 share 1,000; 600 more of P3 make the shares 333.33 and 666.67.

    So 166.67 are kept beyond what P1 earns, and P3 lacks as much.
    """
    root = workspace(
        tmp_path,
        "S1,1,2026-07-05,P1,A,6000,,",
        "S2,1,2026-07-06,P3,A,6000,,",
        programs={"tenth": TENTH.format(budget="1_000", over="prorate")},
    )
    post(root, "2026-07")
    add(root, "sales", "S3,1,2026-07-07,P3,A,6000,,")
    assert shown(root, "2026-08")["tenth"] == {
        "earned": "1000",
        "kept": "166.67",
        "booked_before": "1000",
        "no_budget_left": "166.67",
    }
    printed = incentivectl("run", "2026-08", "-w", root).stdout
    equation = "earned + kept = booked before + this batch + held + accruing + no budget left"
    assert equation in printed


def test_closed_and_settled_elsewhere(tmp_path: Path) -> None:
    """July is closed in September: its 28 are booked, the 2 of a late line are not.

    June was settled outside this ledger.
    """
    config = BOOKS.replace("[payout]", "correct_for_months = 1\n\n[payout]")
    begun = program().replace("starts = 2026-07-01", "starts = 2026-06-01")
    root = workspace(
        tmp_path, *SALES, "S0,1,2026-06-05,P1,A,700,,", config=config, programs={"loyal": begun}
    )
    post(root, "2026-07")
    add(root, "sales", "S9,1,2026-07-29,P1,A,100,,")
    assert shown(root, "2026-09")["loyal"] == {"earned": "28", "booked_before": "28"}
    printed = incentivectl("run", "2026-09", "-w", root).stdout
    assert "1 earnings row predates 2026-07 (settled outside this ledger)." in printed
    assert "2 earnings rows are older than 1 month (closed)." in printed


def test_a_program_whose_file_is_gone_and_adjustments(tmp_path: Path) -> None:
    """The other program's 14 would be reversed: a row of its own, or the total would be wrong."""
    root = workspace(tmp_path, programs={"loyal": program(), "other": program("other", "1%")})
    write(root, "adjustments", "adjustment_id,payee_id,on,amount,reason\nA1,P1,2026-07-31,5,x\n")
    post(root, "2026-07")
    (root / "programs/other.toml").unlink()
    add(root, "adjustments", "A2,P1,2026-08-31,-3,y")
    assert shown(root, "2026-08") == {
        "loyal": {"earned": "28", "booked_before": "28"},
        "other": {"booked_before": "14", "this_batch": "-14"},
        "adjustments": {"earned": "2", "booked_before": "5", "this_batch": "-3"},
    }


def test_totals_stand_below_the_programs_by_currency(tmp_path: Path) -> None:
    """EUR 2 % of 100; USD 2 % of 1,000, and 2 % of all in workspace currency (1,125)."""
    root = workspace(
        tmp_path,
        "S1,1,2026-07-05,P1,A,1000,USD,",
        "S2,1,2026-07-05,P1,A,100,EUR,",
        programs={"loyal": program(), "usd": in_currency("USD"), "eur": in_currency("EUR")},
    )
    lines = [
        line.split() for line in incentivectl("run", "2026-07", "-w", root).stdout.splitlines()
    ]
    assert ["total", "EUR", "2.00", "2.00"] in lines
    assert ["total", "USD", "42.50", "42.50"] in lines
    shown(root, "2026-07")


def test_a_budget_is_used_up_only_where_it_is(tmp_path: Path) -> None:
    """10 % of 9,960 are 99.6 % of 1,000; of 9,996 they are 99.96 %, which is not 100.0."""
    for amount, said in (
        ("9960", "99.6 %"),
        ("9996", "99.9 %"),
        ("10000", "100.0 %"),
        ("10003", "100.1 %"),
        ("2000.5", "20.0 %"),
        ("2005", "20.1 %"),
    ):
        over = TENTH.format(budget="1_000", over="warn")
        root = workspace(
            tmp_path / amount, f"S1,1,2026-07-05,P1,A,{amount},,", programs={"tenth": over}
        )
        printed = incentivectl("run", "2026-07", "-w", root).stdout
        assert said in next(line for line in printed.splitlines() if line.startswith("  tenth"))
        if amount == "9960":
            assert "tenth: 99.6 % of the budget of 1,000.00 USD is used" in printed
        assert incentivectl("report", "2026-07", "-w", root).exit_code == 0
        page = (root / "reports/2026-07/report.html").read_text(encoding="utf-8")
        assert f"· {said}" in page


def test_money_stands_before_rows_and_the_month_beside_all_history(tmp_path: Path) -> None:
    """Two lines of July, one of August; and a rejected one."""
    root = workspace(
        tmp_path,
        *SALES,
        "S3,1,2026-08-05,P1,A,500,,",
        "S4,1,2026-08-05,P1,A,x,,",
        config=CONFIG,
    )
    printed = incentivectl("run", "2026-08", "-w", root).stdout
    titles = ["Programs", "Balances", "Top payees", "Needs attention", "Rows", "Integrity checks"]
    assert [line for line in printed.splitlines() if line in titles] == titles
    told = json.loads(incentivectl("run", "2026-08", "-w", root, "--format", "json").stdout)
    assert told["rows"][0] | {"skipped": 0} == {
        "source": "sales",
        "sold": 1,
        "sold_before": 2,
        "read": 4,
        "accepted": 3,
        "rejected": 1,
        "duplicate": 0,
        "superseded": 0,
        "skipped": 0,
    }
    assert "sold in 2026-08" in printed
    assert "sold in 2026-07" in printed
