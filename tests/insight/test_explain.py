"""`explain` adds up: for everybody in the sample, and worked by hand on a small workspace."""

import json
from collections import defaultdict
from datetime import date
from decimal import Decimal, localcontext
from pathlib import Path
from typing import Any

import pytest

from incentivectl.core.tables import TABLES
from incentivectl.insight.explain.explain import explained
from incentivectl.insight.explain.report import explain_report
from incentivectl.insight.payee import Payee, payees
from incentivectl.output.formats import rendered
from incentivectl.run.known import known_on
from incentivectl.run.run import Run
from tests.small_workspace import CONFIG, PARTNERS, REBATE, as_json, incentivectl, write_workspace

SUMS = ("= reward", "= earned", "= this batch")


def _sum(values: Any) -> Decimal:  # noqa: ANN401
    with localcontext(prec=60):
        return sum((Decimal(value) for value in values), Decimal(0))


def _rows(told: dict[str, Any], key: str) -> dict[tuple[str, str], list[dict[str, Any]]]:
    found: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in told.get(key, []):
        found[row["program"], row["period_start"]].append(row)
    return found


def test_everybody_in_the_sample_adds_up(sample_run: Run) -> None:
    """Contributions → lines' steps → entitlement → this batch → payout, exactly, in the JSON."""
    earnings = {
        (row["payee_kind"], row["payee_id"], row["program_id"], str(row["period_start"])): row
        for row in sample_run.earnings.iter_rows(named=True)
    }
    seen, entries = 0, 0
    everybody = [Payee(*row) for row in payees(sample_run).iter_rows()]
    for told_payee in explained(sample_run, everybody):
        told = json.loads(rendered(explain_report(told_payee), "json"))
        seen += 1
        steps, lines = _rows(told, "steps"), _rows(told, "lines")
        for key, rows in steps.items():
            row = earnings[told["payee_kind"], told["payee"], *key]
            so_far = {one["step"]: Decimal(one["so_far"]) for one in rows}
            assert _sum(r["amount"] for r in rows if r["amount"]) == row["this_batch"]
            assert so_far["= reward"] == row["reward"]
            assert so_far["= earned"] == row["entitlement"]
            assert so_far["= this batch"] == row["this_batch"]
            assert _sum(one["adds"] for one in lines[key]) == row["reward"]
            entries += 1
        batch: dict[str, Decimal] = defaultdict(Decimal)
        for row in told["programs"]:
            batch[row["currency"]] += Decimal(row["this_batch"])
        for row in told["payouts"]:
            batch[row["currency"]] -= Decimal(row["this_batch"])
            before = Decimal(row["brought_forward"]) + Decimal(row["this_batch"])
            after = (Decimal(row[name]) for name in ("payable", "carried", "held"))
            assert before == sum(after)
        assert not any(batch.values())
        for rows in _rows(told, "conditions").values():
            first, *middle, last = rows
            out = _sum(row["amount"] for row in middle)
            assert Decimal(first["amount"]) + out == Decimal(last["amount"])
    assert seen >= 190
    told_of = {key[:2] for key in earnings}
    assert len(told_of) > 150
    assert entries > 600


def test_steps_of_a_partner_by_hand(tmp_path: Path) -> None:
    """8 % of 10,400 is 832, boosted by a tenth 915.20, capped at 900; 45.025 is rounded to 45.03."""
    program = """
id = "volume"
name = "Volume rebate"
kind = "rebate"
starts = 2026-07-01
ends = 2026-09-30
period = "quarter"

[eligible]
"sale.amount" = { min = 500 }

[reward]
tiers = [{ from = 0, rate = "5%" }, { from = 10_000, rate = "8%" }, { from = 20_000, rate = "10%" }]

[[boost]]
when = { "partner.tier" = "gold" }
factor = 1.1

[limits]
per_payee = 900
"""
    root = write_workspace(tmp_path / "w", programs={"volume": program})
    told = _explain(root, "P1")
    assert [(row["step"], row["amount"], row["so_far"]) for row in told["steps"]] == [
        ("2 lines", "832", "832"),
        ("= reward", None, "832"),
        ("boost", "83.2", "915.2"),
        ("cap", "-15.2", "900"),
        ("= earned", None, "900"),
        ("= this batch", None, "900"),
    ]
    assert (told["next_tier"][0]["tier"], told["next_tier"][0]["missing"]) == ("2", "9600")
    assert told["next_tier"][0]["would_earn"] == "900"  # the cap holds there, too
    assert told["conditions"][1]["holds_on"] == 2
    other = _explain(root, "P2")
    assert [row["amount"] for row in other["steps"] if row["step"] == "rounding"] == ["0.005"]
    nothing = _explain(root, "P3")
    assert nothing["nothing"] == [
        {
            "program": "volume",
            "lines": 1,
            "kept_out": 1,
            "because": "Not met: line amount ≥ 500 USD",
            "period_start": "2026-07-01",
        }
    ]
    assert not (root / "reports").exists()
    # People count tiers from 1, JSON from 0 as earnings.csv does.
    text = incentivectl("explain", "2026-09", "P1", "-w", root).stdout
    assert "8 % of revenue 10,400 USD; tier 2, from 10,000 USD" in text
    next_tier = text.split("the next tier")[1].splitlines()[2].split()
    assert next_tier[:3] == ["3", "20000", "9,600.00"]


def test_incremental_tiers_name_the_top_rate(tmp_path: Path) -> None:
    """5 % of the first 10,000 and 8 % of 400 more are 532."""
    marginal = REBATE.replace("[reward]", '[reward]\ntier_mode = "marginal"')
    root = write_workspace(tmp_path / "w", programs={"volume": marginal})
    (line,) = [row for row in _explain(root, "P1")["steps"] if row["step"] == "2 lines"]
    assert line["amount"] == "532"
    assert line["how"] == "10,400 USD, incremental tiers; top rate reached 8 %"


def _explain(root: Path, *arguments: str) -> dict[str, Any]:
    told: dict[str, Any] = as_json("explain", "2026-09", *arguments, "-w", root)
    return told


def test_one_sale_condition_by_condition(tmp_path: Path) -> None:
    program = """
id = "gold"
name = "Gold"
kind = "rebate"
starts = 2026-07-01
ends = 2026-09-30

[eligible]
"partner.tier" = "gold"
"sale.amount" = { min = 5_000 }

[reward]
rate = "1%"
"""
    root = write_workspace(tmp_path / "w", programs={"gold": program})
    told = _explain(root, "--line", "S1")
    assert [(row["line"], row["adds"], row["why_not"]) for row in told["programs"]] == [
        ("1", "60", ""),
        ("2", None, "Not met: line amount ≥ 5,000 USD (it is 4400)"),
    ]
    holds = [
        (row["line"], row["field"], row["its_value"], row["holds"]) for row in told["verdicts"]
    ]
    assert holds == [
        ("1", "partner.tier", "gold", "yes"),
        ("1", "sale.amount", "6000", "yes"),
        ("2", "partner.tier", "gold", "yes"),
        ("2", "sale.amount", "4400", "no"),
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["P11"], "did you mean `P1` (Alpha Ltd)?"),
        (["P1", "--program", "volum"], "did you mean `volume`?"),
        ([], "PAYEE is missing"),
        (["P1", "--line", "S1"], "PAYEE and --line exclude each other"),
        (["--line", "S99"], "no accepted line has the sale_id `S99`"),
    ],
)
def test_what_is_not_there_is_a_usage_error(
    tmp_path: Path, arguments: list[str], message: str
) -> None:
    root = write_workspace(tmp_path / "w")
    result = incentivectl("explain", "2026-09", *arguments, "-w", root)
    assert result.exit_code == 2
    assert message in result.stderr


def test_other_tables_are_causes_of_their_own(tmp_path: Path) -> None:
    """1,000 of a switch at 10 %; the product becomes a router, a target is missed, a credit is given."""
    program = """
id = "reps"
name = "Reps"
kind = "rebate"
payee = "rep"
starts = 2026-07-01
ends = 2026-09-30
period = "quarter"

[eligible]
"product.category" = "switch"
"customer.segment" = "public"
"rep.status" = "active"

[reward]
tiers_by = "attainment"
tiers = [{ from = 0.5, rate = "5%" }, { from = 1, rate = "10%" }]
"""
    tables = {
        "sales": "sale_id,sold_on,partner_id,rep_id,product_id,customer_id,amount\n"
        "S1,2026-07-03,P1,R1,SW,C1,1000\n",
        "products": "product_id,category\nSW,switch\n",
        "customers": "customer_id,segment\nC1,public\n",
        "reps": "rep_id,name,status\nR1,Ann,active\nR2,Bob,active\n",
        "targets": "program_id,payee_id,period_start,target\nreps,R1,2026-07-01,1000\n",
    }
    new = {
        "product-attribute": {"products": "product_id,category\nSW,router\n"},
        "customer-attribute": {"customers": "customer_id,segment\nC1,smb\n"},
        "rep-attribute": {"reps": tables["reps"].replace("Ann,active", "Ann,left")},
        "target": {"targets": tables["targets"].replace("-01,1000", "-01,2000")},
        "credits": {"credits": "sale_id,rep_id,share\nS1,R1,0.5\nS1,R2,0.5\n"},
    }
    amounts = {"target": "-50", "credits": "-75"}  # 5 % of 1,000; 5 % of 500
    then = write_workspace(tmp_path / "then", programs={"reps": program}, tables=tables)
    for cause, changed in new.items():
        now = write_workspace(tmp_path / cause, programs={"reps": program}, tables=tables | changed)
        told = _explain(now, "R1", "--since", str(then))
        found = {row["code"]: row["amount"] for row in told["changes"] if row["amount"]}
        assert found == {cause: amounts.get(cause, "-100")}


def test_an_id_of_a_partner_and_a_rep_says_which(tmp_path: Path) -> None:
    root = write_workspace(tmp_path / "w", tables={"reps": "rep_id,name\nP1,Ann\n"})
    told = incentivectl("explain", "2026-09", "P1", "-w", root)
    assert told.exit_code == 2
    assert "name one of partner:P1 (Alpha Ltd), rep:P1 (Ann)" in told.stderr
    assert _explain(root, "partner:P1")["name"] == "Alpha Ltd"
    assert _explain(root, "rep:P1")["name"] == "Ann"


BASE = "sale_id,line_id,sold_on,partner_id,product_id,quantity,amount,currency,return_of\n"
OLD = BASE + "S1,1,2026-07-03,P1,A,1,1000,USD,\nS2,1,2026-08-03,P1,A,1,500,EUR,\n"
FX = "on,currency,rate\n2026-01-01,EUR,1.1\n"
FLAT = """
id = "volume"
name = "Volume rebate"
kind = "rebate"
starts = 2026-07-01
ends = 2026-09-30
period = "quarter"

[eligible]
"partner.tier" = ["gold", "silver"]

[[reward]]
when = { "partner.tier" = "gold" }
rate = "10%"

[[reward]]
rate = "5%"
"""
NEW = {
    "late-line": {"sales": OLD + "S3,1,2026-08-09,P1,A,1,300,USD,\n"},
    "return": {"sales": OLD + "R1,1,2026-09-02,P1,A,-1,-400,USD,S1\n"},
    "restated-line": {"sales": OLD.replace("1,1000", "1,1100")},
    "removed-line": {"sales": BASE + "S1,1,2026-07-03,P1,A,1,1000,USD,\n"},
    "fx-rate": {"fx": FX.replace("1.1", "1.2")},
    "partner-attribute": {"partners": PARTNERS.replace("Alpha Ltd,gold", "Alpha Ltd,silver")},
}
# 10 % of what comes or goes: 300; -400; 100; -550; 500 x 0.1; and half of 155.
AMOUNTS = {
    "late-line": "30",
    "return": "-40",
    "restated-line": "10",
    "removed-line": "-55",
    "fx-rate": "5",
    "partner-attribute": "-77.5",
    "rule": "31",
}


@pytest.mark.parametrize("cause", AMOUNTS)
def test_each_cause_is_named_with_what_it_changed(tmp_path: Path, cause: str) -> None:
    tables = {"sales": OLD, "fx": FX}
    then = write_workspace(tmp_path / "then", programs={"volume": FLAT}, tables=tables)
    rules = FLAT.replace('"10%"', '"12%"') if cause == "rule" else FLAT
    new = tables | NEW.get(cause, {})
    now = write_workspace(tmp_path / "now", programs={"volume": rules}, tables=new)
    told = _explain(now, "P1", "--since", str(then))
    amounts = {row["code"]: row["amount"] for row in told["changes"]}
    assert amounts == {"then": None, cause: AMOUNTS[cause], "now": None}
    lines = [row["sale"] for row in told.get("changed_lines", [])]
    behind = {"late-line": ["S3"], "return": ["R1"], "restated-line": ["S1"], "fx-rate": ["S2"]}
    assert lines == behind.get(cause, ["S2"] if cause == "removed-line" else [])
    if cause == "rule":
        assert "reward.0.rate: 0.1 → 0.12" in told["changes"][1]["behind_it"]
    if cause == "partner-attribute":
        assert "partners P1: tier gold → silver" in told["changes"][1]["behind_it"]


def test_causes_come_one_after_the_other_and_add_up(tmp_path: Path) -> None:
    """1,550 and 300 more at 10 % make 30; then all 1,850 at 12 % instead of 10 % make 37."""
    tables = {"sales": OLD, "fx": FX}
    then = write_workspace(tmp_path / "then", programs={"volume": FLAT}, tables=tables)
    now = write_workspace(
        tmp_path / "now",
        programs={"volume": FLAT.replace('"10%"', '"12%"')},
        tables=tables | NEW["late-line"],
    )
    told = _explain(now, "P1", "--since", str(then))
    amounts = {row["code"]: row["amount"] for row in told["changes"] if row["amount"]}
    assert amounts == {"late-line": "30", "rule": "37"}
    assert [row["so_far"] for row in told["changes"]] == ["155", "185", "222", "222"]


def test_a_month_later_new_sales_are_no_late_lines(tmp_path: Path) -> None:
    monthly = FLAT.replace('period = "quarter"', 'period = "quarter"\nsettle = "monthly"')
    tables = {"sales": OLD, "fx": FX}
    then = write_workspace(tmp_path / "then", programs={"volume": monthly}, tables=tables)
    more = {"sales": OLD + "S3,1,2026-08-09,P1,A,1,300,USD,\nS4,1,2026-09-09,P1,A,1,200,USD,\n"}
    now = write_workspace(tmp_path / "now", programs={"volume": monthly}, tables=tables | more)
    told = _explain(now, "P1", "--since", str(then), "--since-period", "2026-08")
    amounts = {row["code"]: row["amount"] for row in told["changes"] if row["amount"]}
    assert amounts == {"newer": "20", "late-line": "30"}


def test_accepted_lines_as_parquet_are_the_same_state(tmp_path: Path) -> None:
    """What an archive of a batch holds: typed lines with their n, small tables, programs, config."""
    bare = "sale_id,sold_on,partner_id,product_id,amount,currency,return_of,channel\n"
    sales = bare + (
        "S1,2026-07-03,P1,A,1000,USD,,web\nS1,2026-07-03,P1,A,1000,USD,,web\n"
        "S2,2026-08-03,P2,A,500.5,EUR,,inside\nR1,2026-09-03,P2,A,-100,EUR,S2,\n"
    )
    config = CONFIG + '[sources.sales]\npath = "sample_data/sales.csv"\nattributes = ["channel"]\n'
    tables = {"sales": sales, "fx": FX}
    now = write_workspace(tmp_path / "now", config=config, programs={"volume": FLAT}, tables=tables)
    archive = tmp_path / "archive"
    write_workspace(
        archive,
        config=CONFIG + '[sources.sales]\npath = "lines.parquet"\n',
        programs={"volume": FLAT},
        tables={"fx": FX},
    )
    (archive / "sample_data/sales.csv").unlink()
    known = known_on(now, "2026-09", date(2026, 11, 24), tmp_path / "scratch", lambda _: None)
    lines = known.inputs.sales.with_columns(occurrence="n").select(*TABLES["sales"].column_names)
    lines.sink_parquet(archive / "lines.parquet")
    for payee in ("P1", "P2"):
        told = _explain(now, payee, "--since", str(archive))
        assert told["changes"] == []
    more = sales + "S9,2026-09-09,P2,A,10,USD,,web\n"
    (now / "sample_data/sales.csv").write_text(more)
    told = _explain(now, "P2", "--since", str(archive))
    assert [row["code"] for row in told["changes"]] == ["then", "late-line", "now"]
