"""`batch explain`: what changed since the batch before, by program and cause, worked by hand.

July is posted; then exports, rules and masters change, and August is posted. Each program of the first
test looks at one product alone, so that every cause can be told from the others.
"""

from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from incentivectl.core.money import plain
from incentivectl.core.tables import TABLES
from incentivectl.insight.causes.names import BESIDE
from incentivectl.insight.causes.names import TABLES as CAUSES
from incentivectl.posting.report_explained import NO_PROGRAM
from tests.posting.booked import BOOKS, REVERSE, add, assert_explained, post, write
from tests.prepared import prepared
from tests.small_workspace import as_json, incentivectl, write_workspace

ALLOWED = tuple(
    word
    for guard in (
        "clawbacks",
        "missing-lines",
        "surge",
        "changed-rules:rule",
        "changed-rules:contract",
        "gone",
    )
    for word in ("--allow", guard)
)
HEADER = (
    "sale_id,line_id,sold_on,partner_id,rep_id,product_id,customer_id,amount,currency,return_of"
)
PARTNERS = "partner_id,name,tier,valid_from\nP1,Alpha,gold,\nP2,Beta,silver,\n"
Causes = dict[tuple[str, str], str]


def program(
    name: str, reward: str = 'rate = "10%"', more: str = "", *, settle: str = "monthly", **keys: str
) -> str:
    """Pays 10 % of the product of its own name, month by month, unless told otherwise."""
    own = {"kind": '"rebate"', "ends": "2026-12-31", "period": '"half"', **keys}
    lines = "".join(f"{key} = {value}\n" for key, value in own.items())
    return (
        f'id = "{name}"\nname = "{name}"\nstarts = 2026-07-01\nsettle = "{settle}"\n{lines}'
        f'[eligible]\n"product.product_id" = "{name}"\n{more}[reward]\n{reward}\n'
    )


def sale(name: str, day: str, product: str, amount: str, **cells: str) -> str:
    """A line of P1 and its rep R1, in dollars."""
    own = {"partner": "P1", "rep": "R1", "customer": "C1", "currency": "USD", "of": "", **cells}
    cells = {**own, "day": day, "product": product, "amount": amount, "name": name, "line": "1"}
    order = "name line day partner rep product customer amount currency of"
    return ",".join(cells[one] for one in order.split())


def explained(root: Path, batch: str) -> Causes:
    """Program and cause → amount, which add up to the batch to the cent."""
    found: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in assert_explained(root, batch).caused.iter_rows(named=True):
        found[row["program_id"] or NO_PROGRAM, row["cause"]] += row["amount"]
    return {key: plain(amount) for key, amount in found.items()}


def told(root: Path, batch: str) -> dict[str, Any]:
    """What `batch explain` says as JSON."""
    found: dict[str, Any] = as_json("batch", "explain", batch, "-w", root)
    return found


def test_every_table_is_a_cause_or_changes_nothing() -> None:
    assert {*CAUSES} - {"bad_credits"} | BESIDE == {*TABLES}


TIERED = """\
[[reward]]
when = { "partner.tier" = "gold" }
rate = "10%"
[[reward]]
rate = "5%"
"""
OF_ATTAINMENT = (
    'tiers_by = "attainment"\ntiers = [{ from = 0.5, rate = "5%" }, { from = 1, rate = "10%" }]'
)
BEFORE = {
    "late": program("late"),
    "back": program("back"),
    "restated": program("restated"),
    "gone": program("gone"),
    "rates": program("rates"),
    "tier": program("tier").replace('[reward]\nrate = "10%"\n', TIERED),
    "category": program("category", more='"product.category" = "switch"\n'),
    "segment": program("segment", more='"customer.segment" = "public"\n'),
    "price": program("price", more='"product.list_price" = { min = 100 }\n'),
    "rep": program("rep", more='"rep.status" = "active"\n', payee='"rep"'),
    "shared": program("shared", payee='"rep"'),
    "target": program("target", OF_ATTAINMENT, period='"quarter"'),
    "rule": program("rule"),
    "contract": program("contract", 'terms = "lists/contracts.csv"'),
    "level": program("level", more='"level.status" = "top"\n'),
    "deal": program(
        "deal", more="[registration]\nprotection_days = 90\n", kind='"deal_registration"'
    ),
    "course": program(
        "course", 'activity = "course"\namount = 50', kind='"activity"', payee='"partner"'
    ).replace('[eligible]\n"product.product_id" = "course"\n', ""),
    "fund": program("fund", kind='"mdf"').replace(
        '[eligible]\n"product.product_id" = "fund"\n[reward]\nrate = "10%"\n',
        "[fund]\nallocate = 1_000\nexpires_after_months = 6\n"
        '[claims]\nreimburse = "50%"\nactivities = ["event"]\nwithin_days = 60\n',
    ),
    "status": 'id = "status"\nname = "S"\nkind = "level"\nstarts = 2026-07-01\nends = 2026-12-31\n'
    'period = "half"\n[level]\nmetric = "revenue"\nlevels = [{ name = "top", at_least = 9_000 }]\n',
    "ended": program("ended", settle="end", ends="2026-08-31", period='"program"'),
    "removed": program("removed"),
}
PRODUCTS = [name for name in BEFORE if name not in ("course", "fund", "status")]
REP = {"shared": "R2"}
JULY = [
    *(
        sale(f"A-{name}", "2026-07-05", name, "1000", rep=REP.get(name, "R1"))
        for name in PRODUCTS
        if name != "rates"
    ),
    sale("A-rates", "2026-07-05", "rates", "1000", currency="EUR"),
    sale("A-added", "2026-07-05", "added", "1000"),
]
# They were in the exports when July was posted.
AUGUST = [
    sale(f"B-{name}", "2026-08-05", name, "500", rep=REP.get(name, "R1"))
    for name in [*PRODUCTS, "added"]
]
ACTIVITIES = "activity_id,activity,partner_id,rep_id,done_on\nN1,course,P1,,2026-07-09\n"
TABLES_BEFORE = {
    "sales": "\n".join([HEADER, *JULY, *AUGUST, sale("C-gone", "2026-07-06", "gone", "200")])
    + "\n",
    "partners": PARTNERS,
    "reps": "rep_id,name,status\nR1,Ann,active\nR2,Bob,active\nR3,Cy,active\n",
    "products": "product_id,category,list_price\ncategory,switch,\nprice,,100\n",
    "customers": "customer_id,segment\nC1,public\n",
    "fx": "on,currency,rate\n2026-07-01,EUR,1.1\n",
    "targets": "program_id,payee_id,period_start,target\ntarget,P1,2026-07-01,1000\n",
    "levels": "program_id,payee_id,level,valid_from\nstatus,P1,top,2026-07-01\n",
    "deals": "deal_id,partner_id,customer_id,registered_on,status,approved_on\n"
    "D1,P1,C1,2026-07-01,submitted,\n",
    "activities": ACTIVITIES,
    "mdf_requests": "request_id,program_id,partner_id,activity,requested_on,amount,approved_on,"
    "starts_on,ends_on,status\nQ1,fund,P1,event,2026-07-02,600,2026-07-03,2026-07-10,2026-07-10,"
    "approved\n",
    "mdf_claims": "claim_id,request_id,claimed_on,amount,proof,final\n",
    "adjustments": "adjustment_id,program_id,payee_id,on,amount,reason\nX1,,P1,2026-07-09,7,a\n",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = write_workspace(tmp_path / "w", config=BOOKS, programs=BEFORE, tables=TABLES_BEFORE)
    contracts(made, "3%")
    return made


def contracts(root: Path, rate: str) -> None:
    (root / "lists").mkdir(exist_ok=True)
    (root / "lists/contracts.csv").write_text(
        f"contract,partner.partner_id,rate\nK-1,P1,{rate}\n,,1%\n"
    )


def change_everything(root: Path) -> None:
    """Between the batches of July and August."""
    sales = (root / "sample_data/sales.csv").read_text()
    sales = sales.replace("restated,C1,1000", "restated,C1,1100")
    kept = [line for line in sales.splitlines() if not line.startswith("C-gone")]
    more = [
        sale("C-late", "2026-07-20", "late", "300"),
        sale("C-back", "2026-08-20", "back", "-400", of="A-back"),
    ]
    write(root, "sales", "\n".join([*kept, *more]) + "\n")
    write(root, "partners", PARTNERS + "P1,Alpha,silver,2026-08-01\n")
    write(root, "reps", TABLES_BEFORE["reps"].replace("Ann,active", "Ann,ended"))
    write(root, "products", "product_id,category,list_price\ncategory,router,\nprice,,100\n")
    write(root, "prices", "product_id,valid_from,list_price\nprice,2026-07-01,99\n")
    write(root, "customers", "customer_id,segment\nC1,smb\n")
    write(root, "fx", "on,currency,rate\n2026-07-01,EUR,1.1\n2026-07-04,EUR,1.2\n")
    write(root, "credits", "sale_id,rep_id,share\nA-shared,R2,0.5\nA-shared,R3,0.5\n")
    write(root, "targets", TABLES_BEFORE["targets"].replace(",1000", ",3000"))
    write(root, "levels", "program_id,payee_id,level,valid_from\n")
    deals = TABLES_BEFORE["deals"].replace("submitted,", "approved,2026-07-02")
    write(root, "deals", deals)
    write(root, "activities", ACTIVITIES + "N2,course,P1,,2026-08-09\n")
    add(root, "mdf_claims", "M1,Q1,2026-08-12,400,I,true")
    add(root, "adjustments", "X2,,P1,2026-08-09,-5,b")
    contracts(root, "4%")
    (root / "programs/rule.toml").write_text(program("rule", 'rate = "12%"'))
    (root / "programs/added.toml").write_text(program("added"))
    (root / "programs/removed.toml").unlink()


def test_each_cause_is_made_once_and_named(root: Path) -> None:
    """July's 1,000 and August's 500 of each product at 10 %, unless a cause says otherwise."""
    assert post(root, "2026-07", *ALLOWED) == "2026-07.1"
    change_everything(root)
    assert post(root, "2026-08", *ALLOWED) == "2026-08.1"
    new = {(name, "newer"): "50" for name in PRODUCTS}
    del new["removed", "newer"]
    del new["deal", "newer"]  # without a deal nothing of it counts
    causes = explained(root, "2026-08.1")
    assert causes == {
        **new,
        ("target", "newer"): "50",  # 1,500 of 1,000
        ("contract", "newer"): "15",  # at 3 %
        ("late", "late-line"): "30",
        ("back", "return"): "-40",
        ("restated", "restated-line"): "10",
        ("gone", "removed-line"): "-20",
        ("rates", "fx-rate"): "10",  # 1,000 EUR at 1.2 instead of 1.1, of which 10 %
        ("tier", "partner-attribute"): "-75",  # 1,500 at 5 % less
        ("category", "product-attribute"): "-150",
        ("segment", "customer-attribute"): "-150",
        ("price", "list-price"): "-150",
        ("rep", "rep-attribute"): "-150",
        ("shared", "credits"): "0",  # half of July's 100 goes from R2 to R3
        ("target", "target"): "-75",  # 1,500 of 3,000 are half: 5 %
        ("rule", "rule"): "30",
        ("contract", "terms"): "15",
        ("level", "level"): "-150",
        ("deal", "deal"): "150",
        ("course", "activity"): "50",
        ("fund", "mdf-claim"): "200",
        ("ended", "fell-due"): "100",
        ("removed", "program-removed"): "-100",
        ("added", "program-added"): "150",
        ("(no program)", "adjustment"): "-5",
    }
    printed = told(root, "2026-08.1")
    assert {(row["program"], row["code"]): row["amount"] for row in printed["programs"]} == causes
    assert (printed["since"], printed["adds_up"]) == ("2026-07.1", "yes")
    behind = {(row["code"], row["what"]) for row in printed["behind"]}
    assert behind >= {
        ("late-line", "1 line, 300.00 USD"),
        ("restated-line", "1 line, 100.00 USD"),
        ("removed-line", "1 line, -200.00 USD"),
        ("fx-rate", "fx 2026-07-04 EUR: new, dated 2026-07-04"),
        ("partner-attribute", "partners P1 2026-08-01: tier gold → silver"),
        ("rep-attribute", "reps R1: status active → ended"),
        ("target", "targets target P1 2026-07-01: target 1000 → 3000"),
        ("activity", "activities N2: new, dated 2026-08-09"),
        ("rule", "rule"),
        ("terms", "contract"),
        ("program-added", "added"),
        ("fell-due", "earlier data, as of 2026-08-31 instead of 2026-07-31"),
    }
    rules = [(row["program"], row["what"]) for row in printed["rules"]]
    assert ("rule", "reward.rate: 0.1 → 0.12") in rules
    assert ("contract", "reward.terms[K-1, partner.partner_id = P1].rate: 0.03 → 0.04") in rules


# One program, "volume", pays 10 % of everything.

VOLUME = program("volume").replace('[eligible]\n"product.product_id" = "volume"\n', "")


def workspace(
    tmp_path: Path, *lines: str, more: str = "", config: str = BOOKS, **tables: str
) -> Path:
    sales = "\n".join([HEADER, *lines]) + "\n"
    return write_workspace(
        tmp_path / "w",
        config=config,
        programs={"volume": VOLUME + more},
        tables={"partners": PARTNERS, "sales": sales, **tables},
    )


S1, S2, S3 = (
    sale(f"S{at}", f"2026-0{6 + at}-05", "A", amount)
    for at, amount in ((1, "1000"), (2, "500"), (3, "200"))
)


def july_posted(folder: Path) -> Path:
    """Sales of July, August and September, of which July is booked."""
    root = workspace(folder, S1, S2, S3)
    assert post(root, "2026-07") == "2026-07.1"
    return root


def test_the_first_batch_is_told_from_nothing(tmp_path: Path) -> None:
    """1,000 less a return of 100; 30 of it were booked and paid before the ledger began."""
    root = workspace(
        tmp_path,
        S1,
        sale("R1", "2026-07-09", "A", "-100", of="S1"),
        opening="program_id,period_start,payee_id,currency,amount\nvolume,2026-07-01,P1,USD,30\n",
        adjustments="adjustment_id,program_id,payee_id,on,amount,reason\nX1,volume,P1,2026-07-09,7,a\n",
    )
    assert post(root, "2026-07") == "2026-07.1"
    assert explained(root, "2026-07.1") == {
        ("volume", "newer"): "100",
        ("volume", "return"): "-10",
        ("volume", "adjustment"): "7",
    }


def test_opening_amounts_of_nobodys_sales(tmp_path: Path) -> None:
    """What was settled elsewhere is booked as it stands: it takes nothing off what is earned."""
    opening = "program_id,period_start,payee_id,currency,amount\nold,2026-01-01,P1,USD,30\n"
    root = workspace(tmp_path, S1, opening=opening.replace("old,2026-01-01", "volume,2026-07-01"))
    (root / "programs/early.toml").write_text(
        program("early", ends="2026-07-31")
        .replace("2026-07-01", "2026-01-01")
        .replace("2026-07-31", "2026-03-31")
    )
    write(root, "opening", opening.replace("old", "early"))
    assert post(root, "2026-07") == "2026-07.1"
    assert explained(root, "2026-07.1") == {
        ("volume", "newer"): "100",
        ("early", "opening"): "30",
    }


def test_exports_that_held_later_months_already(tmp_path: Path) -> None:
    """Nothing changes between the batches but the day. A return counts with its sale: in July already."""
    root = workspace(
        tmp_path,
        S1,
        S2,
        sale("R1", "2026-08-09", "A", "-100", of="S1"),
        more='[[boost]]\nwhen = { "partner.tier" = "silver" }\nfactor = 2\n',
        partners=PARTNERS + "P1,Alpha,silver,2026-08-01\n",
        activities=ACTIVITIES + "N2,course,P1,,2026-08-09\n",
        adjustments="adjustment_id,program_id,payee_id,on,amount,reason\nX1,,P1,2026-08-09,7,a\n",
    )
    (root / "programs/course.toml").write_text(BEFORE["course"])
    assert post(root, "2026-07") == "2026-07.1"
    assert post(root, "2026-08") == "2026-08.1"
    assert explained(root, "2026-08.1") == {
        ("volume", "newer"): "50",
        ("volume", "partner-attribute"): "140",
        ("course", "activity"): "50",
        ("(no program)", "adjustment"): "7",
    }


def test_skipped_months_and_several_batches_in_one(tmp_path: Path) -> None:
    """July, then September, which books August too; then September again for a late line of August."""
    root = prepared(tmp_path, july_posted)
    assert post(root, "2026-09") == "2026-09.1"
    assert explained(root, "2026-09.1") == {("volume", "newer"): "70"}
    add(root, "sales", sale("L1", "2026-08-20", "A", "300"))
    assert post(root, "2026-09") == "2026-09.2"
    assert explained(root, "2026-09.2") == {("volume", "late-line"): "30"}


def test_voids(tmp_path: Path) -> None:
    """July is reversed after August was booked: September books its 100 again."""
    root = prepared(tmp_path, july_posted)
    assert post(root, "2026-08") == "2026-08.1"
    void = incentivectl("batch", "void", "2026-07.1", "-w", root, *REVERSE)
    assert void.exit_code == 0, void.output
    assert explained(root, "2026-07.2") == {("volume", "void"): "-100"}
    printed = incentivectl("batch", "explain", "2026-07.2", "-w", root).stdout
    assert "batch 2026-07.2: reverses 2026-07.1" in printed
    assert "2026-07.1 was reversed" in printed
    assert "Reason: a test" in printed
    assert post(root, "2026-09") == "2026-09.1"
    assert explained(root, "2026-09.1") == {("volume", "newer"): "20", ("volume", "void"): "100"}
    # The newest one is reversed: what is posted then is compared with the one before it.
    assert incentivectl("batch", "void", "2026-09.1", "-w", root, *REVERSE).exit_code == 0
    assert post(root, "2026-09") == "2026-09.3"
    assert explained(root, "2026-09.3") == {("volume", "newer"): "20", ("volume", "void"): "100"}
    assert explained(root, "2026-08.1") == {("volume", "newer"): "50"}  # as it was told before


def test_a_budget_that_payees_share(tmp_path: Path) -> None:
    """Of 600 and 600 a budget of 900 lets 450 and 450 through. 600 more come late: it cuts them all.

    Then the budget is raised by 100.
    """
    limit = '[limits]\nbudget = 900\nover_budget = "prorate"\n'
    root = workspace(
        tmp_path,
        sale("S1", "2026-07-05", "A", "6000"),
        sale("S2", "2026-07-06", "A", "6000", partner="P2"),
        more=limit,
    )
    assert post(root, "2026-07") == "2026-07.1"
    assert explained(root, "2026-07.1") == {
        ("volume", "newer"): "1200",
        ("volume", "budget"): "-300",
    }
    add(root, "sales", sale("S3", "2026-07-07", "A", "6000", partner="P3"))
    write(root, "partners", PARTNERS + "P3,Gamma,silver,\n")
    write(root, "adjustments", "adjustment_id,payee_id,on,amount,reason\nX1,P1,2026-08-09,7,a\n")
    assert post(root, "2026-08", "--allow", "missing-lines:sales") == "2026-08.1"
    assert explained(root, "2026-08.1") == {
        ("volume", "late-line"): "600",
        ("volume", "budget"): "-600",
        ("(no program)", "adjustment"): "7",
    }
    (root / "programs/volume.toml").write_text(VOLUME + limit.replace("900", "1_000"))
    allowed = ("--allow", "missing-lines:sales", "--allow", "changed-rules:volume")
    assert post(root, "2026-09", *allowed) == "2026-09.1"
    assert explained(root, "2026-09.1") == {("volume", "budget"): "100"}


def test_what_is_closed_by_the_config_and_what_is_reopened(tmp_path: Path) -> None:
    """Late lines of July are booked in September once the config lets it, or the month is reopened.

    The third batch is compared with a second one in which July was open: its line of 400 would count,
    the config closes July, and reopening it books the 40 after all.
    """
    closes = BOOKS.replace("[payout]", "correct_for_months = 1\n[payout]", 1)
    root = workspace(tmp_path, S1, S3, config=closes)
    (root / "programs/volume.toml").write_text(VOLUME.replace('"half"', '"month"'))
    assert post(root, "2026-07") == "2026-07.1"
    assert post(root, "2026-09") == "2026-09.1"
    add(root, "sales", sale("L1", "2026-07-20", "A", "300"))
    assert post(root, "2026-09") is None
    (root / "incentivectl.toml").write_text(closes.replace("months = 1", "months = 9"))
    assert post(root, "2026-09") == "2026-09.2"
    assert explained(root, "2026-09.2") == {("volume", "config"): "30"}
    add(root, "sales", sale("L2", "2026-07-21", "A", "400"))
    (root / "incentivectl.toml").write_text(closes)
    assert post(root, "2026-09", "--reopen=volume:2026-07-01") == "2026-09.3"
    assert explained(root, "2026-09.3") == {
        ("volume", "late-line"): "40",
        ("volume", "config"): "-40",
        ("volume", "reopened"): "40",
    }


def test_each_currency_adds_up_by_itself(tmp_path: Path) -> None:
    """A program pays euro: 1,000 USD at 1.1 are 909.09 EUR, of which 10 %; a late rate of 1.25 makes 80."""
    root = workspace(tmp_path, S1, fx="on,currency,rate\n2026-07-01,EUR,1.1\n")
    (root / "programs/euro.toml").write_text(
        VOLUME.replace('"volume"', '"euro"').replace(
            'kind = "rebate"', 'kind = "rebate"\ncurrency = "EUR"'
        )
    )
    assert post(root, "2026-07") == "2026-07.1"
    add(root, "sales", S2)
    add(root, "fx", "2026-07-03,EUR,1.25")
    assert post(root, "2026-08") == "2026-08.1"
    assert explained(root, "2026-08.1") == {
        ("volume", "newer"): "50",
        ("euro", "newer"): "45.45",  # 1,500 / 1.1 × 10 % = 136.36, less 90.91 that are booked
        ("euro", "fx-rate"): "-16.36",  # 1,500 / 1.25 × 10 % = 120
    }


def test_what_comes_with_new_sales_is_no_cause_of_its_own(tmp_path: Path) -> None:
    """A partner, a product, a rate, a target and a share that nothing earlier knows: new sales, all of it.

    P9 is new and sells 100 EUR at 1.2; the target of the next quarter is reached at once.
    """
    tables = {
        "fx": "on,currency,rate\n2026-07-01,EUR,1.1\n",
        "products": "product_id,category\nA,switch\n",
        "targets": "program_id,payee_id,period_start,target\ngoal,P1,2026-07-01,1000\n",
        "reps": "rep_id,name\nR1,Ann\nR2,Bob\n",
        "credits": "sale_id,rep_id,share\nS1,R1,1\n",
    }
    root = workspace(tmp_path, S1, more="", **tables)
    everywhere = '[eligible]\n"partner.tier" = ["gold", "silver"]\n"product.category" = "switch"\n'
    (root / "programs/volume.toml").write_text(VOLUME.replace("[reward]", everywhere + "[reward]"))
    goal = program("goal", OF_ATTAINMENT, period='"month"')
    (root / "programs/goal.toml").write_text(goal.replace('= "goal"\n[', '= ["A", "B"]\n['))
    reps = program("reps", payee='"rep"').replace('= "reps"\n[', '= ["A", "B"]\n[')
    (root / "programs/reps.toml").write_text(reps)
    assert post(root, "2026-07") == "2026-07.1"
    add(root, "sales", sale("S2", "2026-08-05", "B", "100", partner="P9", currency="EUR"))
    add(root, "partners", "P9,Iota,silver,")
    add(root, "products", "B,switch")
    add(root, "fx", "2026-08-01,EUR,1.2")
    add(root, "targets", "goal,P9,2026-08-01,100")
    add(root, "credits", "S2,R1,0.5", "S2,R2,0.5")
    assert post(root, "2026-08") == "2026-08.1"
    assert explained(root, "2026-08.1") == {
        ("volume", "newer"): "12",
        ("goal", "newer"): "12",
        ("reps", "newer"): "12",
    }


def test_a_program_that_takes_lines_from_others(tmp_path: Path) -> None:
    """A program of higher precedence in the group, at 20 %, takes A; its rival is reversed."""
    group = 'exclusive_group = "g"\npriority = {}\n'
    root = workspace(tmp_path, S1, S2)
    old = VOLUME.replace("[reward]", group.format(2) + "[reward]")
    (root / "programs/volume.toml").write_text(old)
    assert post(root, "2026-07") == "2026-07.1"
    new = VOLUME.replace('"volume"', '"first"').replace("10%", "20%")
    (root / "programs/first.toml").write_text(new.replace("[reward]", group.format(1) + "[reward]"))
    assert post(root, "2026-08", "--allow", "clawbacks") == "2026-08.1"
    assert explained(root, "2026-08.1") == {
        ("volume", "newer"): "50",
        ("volume", "program-added"): "-150",
        ("first", "program-added"): "300",
    }


def test_levels_and_attributes_that_come_and_go(tmp_path: Path) -> None:
    """In August a level program, and a column of partners that a rule asks for; in September neither."""
    root = prepared(tmp_path, july_posted)
    boost = '[[boost]]\nwhen = { "level.status" = "top", "partner.club" = "yes" }\nfactor = 2\n'
    (root / "programs/volume.toml").write_text(VOLUME + boost)
    (root / "programs/status.toml").write_text(BEFORE["status"])
    config = (
        BOOKS + '[sources.partners]\npath = "sample_data/partners.csv"\nattributes = ["club"]\n'
    )
    (root / "incentivectl.toml").write_text(config)
    write(root, "partners", "partner_id,name,club\nP1,Alpha,yes\n")
    write(root, "levels", TABLES_BEFORE["levels"])
    allowed = ("--allow", "changed-rules:volume", "--allow", "clawbacks")
    assert post(root, "2026-08", *allowed) == "2026-08.1"
    assert explained(root, "2026-08.1") == {("volume", "newer"): "50", ("volume", "rule"): "150"}
    (root / "programs/volume.toml").write_text(VOLUME)
    (root / "programs/status.toml").unlink()
    (root / "incentivectl.toml").write_text(BOOKS)
    write(root, "partners", PARTNERS)
    write(root, "levels", "program_id,payee_id,level,valid_from\n")
    assert post(root, "2026-09", *allowed) == "2026-09.1"
    assert explained(root, "2026-09.1") == {
        ("volume", "newer"): "40",
        ("volume", "partner-attribute"): "-170",
    }


def test_batches_that_only_record_what_accrues(tmp_path: Path) -> None:
    """July and August book nothing; what accrued by then falls due in September."""
    root = workspace(tmp_path, S1, S2, S3)
    ends = VOLUME.replace('"half"', '"quarter"').replace('"monthly"', '"end"')
    (root / "programs/volume.toml").write_text(ends)
    assert post(root, "2026-07") == "2026-07.1"
    assert post(root, "2026-08") == "2026-08.1"
    assert explained(root, "2026-08.1") == {}
    printed = incentivectl("batch", "explain", "2026-08.1", "-w", root).stdout
    assert "Nothing was booked, and nothing changed that could have been." in printed
    printed = ran(root)
    assert "posted as 2026-08.1" in printed
    assert "Together batch 2026-08.1: nothing; batch 2026-07.1: nothing." in printed
    assert post(root, "2026-09") == "2026-09.1"
    assert explained(root, "2026-09.1") == {
        ("volume", "fell-due"): "150",
        ("volume", "newer"): "20",
    }


def changes(printed: str) -> list[str]:
    """The section of `run` that says what changed, line by line, without its heading."""
    after = printed.partition("What changed since batch ")[2].partition("\n\n")[0]
    return [" ".join(line.split()) for line in after.splitlines()[2:]]


def ran(root: Path, *options: str) -> str:
    result = incentivectl("run", "2026-08", "-w", root, *options)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_a_run_tells_it_in_five_lines_and_then_shows_the_batch(tmp_path: Path) -> None:
    gone = sale("S0", "2026-07-04", "A", "90")
    adjusted = "adjustment_id,program_id,payee_id,on,amount,reason\nX1,,P1,2026-08-09,-7,a\n"
    root = workspace(tmp_path, S1, gone, adjustments=adjusted)
    assert "What changed" not in ran(root)  # there is no batch before
    assert post(root, "2026-07") == "2026-07.1"
    more = [
        S1.replace(",1000,", ",1400,"),
        S2,
        sale("L1", "2026-07-20", "A", "300", partner="P2"),
        sale("R1", "2026-08-09", "A", "-80", of="S2"),
    ]
    write(root, "sales", "\n".join([HEADER, *more]) + "\n")
    printed = ran(root)
    lines = [
        "new sales 50.00 volume",
        "restated lines 40.00 volume",
        "late lines 30.00 volume",
        "lines that are gone -9.00 volume",
        "2 other causes -15.00 returns, adjustments",
    ]
    together = "Together {}: 96.00 USD; batch 2026-07.1: 109.00 USD."
    assert changes(printed) == [*lines, together.format("this batch")]
    assert "What changed" not in ran(root, "--no-changes")
    before = printed.partition("Balances")[2].partition("Needs attention")[0]
    assert post(root, "2026-08") == "2026-08.1"
    files = (root / "reports/2026-08/earnings.csv").read_bytes()
    printed = ran(root)
    assert "as of 2026-08-31, posted as 2026-08.1" in printed
    all_of_it = " All of it: `batch explain 2026-08.1`."
    assert changes(printed) == [*lines, together.format("batch 2026-08.1") + all_of_it]
    after = printed.partition("Balances")[2].partition("Needs attention")[0]
    assert after == before.replace("Payable to", "Payments of 2026-08.1 to")
    assert "Nothing is left to book or pay." in printed
    assert (
        root / "reports/2026-08/earnings.csv"
    ).read_bytes() != files  # the next would book nothing
    add(root, "sales", sale("L2", "2026-08-20", "A", "100"))
    printed = ran(root)
    assert "posted as" not in printed
    assert changes(printed) == [
        "late lines 10.00 volume",
        "Together this batch: 10.00 USD; batch 2026-08.1: 96.00 USD.",
    ]


def test_a_damaged_archive_stops_the_explanation_and_no_run(tmp_path: Path) -> None:
    root = prepared(tmp_path, july_posted)
    assert post(root, "2026-08") == "2026-08.1"
    (root / "archive/2026-07.1/incentivectl.toml").unlink()
    refused = incentivectl("batch", "explain", "2026-08.1", "-w", root)
    assert refused.exit_code == 1
    assert "archive/2026-07.1/incentivectl.toml is missing" in refused.stderr
    assert "What changed" not in ran(root)
    assert "unknown batch `x`" in incentivectl("batch", "explain", "x", "-w", root).stderr
