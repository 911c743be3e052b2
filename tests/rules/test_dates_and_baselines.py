"""What lines count as, on which date, and what they are compared with: small workspaces by hand."""

from pathlib import Path

from tests.small_workspace import CONFIG, settle, write_workspace

PARTNERS = "partner_id,name\nA,Alpha\nB,Beta\nC,Gamma\nD1,First house\nD2,Second house\n"
PRODUCTS = "product_id,name,category,list_price\nX,X,cable,10\nY,Y,switch,\n"


def program(kind: str, rules: str, *, period: str = "month", payee: str = "partner") -> str:
    return (
        f'id = "p"\nname = "P"\nkind = "{kind}"\nstarts = 2026-07-01\nends = 2026-09-30\n'
        f'period = "{period}"\npayee = "{payee}"\n{rules}'
    )


def earned(root: Path, rules: str, sales: str, **tables: str) -> dict[tuple[str, str], str]:
    """`entitlement` by month and payee."""
    write_workspace(
        root,
        config=CONFIG,
        programs={"p": rules},
        tables={"partners": PARTNERS, "products": PRODUCTS, "sales": sales, **tables},
    )
    return {(row["period_start"][:7], row["payee_id"]): row["entitlement"] for row in settle(root)}


def test_one_sale_id_at_two_distributors_is_two_sales(tmp_path: Path) -> None:
    sales = (
        "sale_id,line_id,sold_on,partner_id,distributor_id,amount\n"
        "S1,1,2026-07-01,A,D1,10\n"
        "S1,2,2026-07-01,A,D1,10\n"
        "S1,1,2026-07-02,A,D2,10\n"
        "S1,1,2026-07-03,B,D2,10\n"
    )
    rules = (
        '[reward]\ntiers_by = "sales"\ntiers = [{ from = 1, bonus = 1 }, { from = 2, bonus = 5 }]'
    )
    assert earned(tmp_path, program("rebate", rules), sales) == {
        ("2026-07", "A"): "5",
        ("2026-07", "B"): "1",
    }


def test_a_return_counts_on_the_date_of_the_line_that_it_takes_back(tmp_path: Path) -> None:
    """The sale began in July; the line that comes back was invoiced in August."""
    sales = (
        "sale_id,line_id,sold_on,partner_id,product_id,quantity,amount,return_of\n"
        "S1,1,2026-07-30,A,X,1,100,\n"
        "S1,2,2026-08-02,A,Y,1,500,\n"
        "R1,1,2026-09-20,A,Y,-1,-200,S1\n"
    )
    assert earned(tmp_path, program("rebate", '[reward]\nrate = "10%"'), sales) == {
        ("2026-07", "A"): "10",
        ("2026-08", "A"): "30",
    }


def test_a_return_waits_for_the_line_that_it_takes_back(tmp_path: Path) -> None:
    """As of July, August's line has not been sold, and nothing of it has come back."""
    sales = (
        "sale_id,line_id,sold_on,partner_id,product_id,quantity,amount,return_of\n"
        "S1,1,2026-07-30,A,X,1,100,\n"
        "S1,2,2026-08-02,A,Y,1,500,\n"
        "R1,1,2026-07-31,A,Y,-1,-200,S1\n"
    )
    root = write_workspace(
        tmp_path,
        programs={"p": program("rebate", '[reward]\nrate = "10%"')},
        tables={"partners": PARTNERS, "products": PRODUCTS, "sales": sales},
    )
    assert [row["entitlement"] for row in settle(root, "2026-07")] == ["10"]
    assert [row["entitlement"] for row in settle(root, "2026-08")] == ["10", "30"]


GROWTH_GATE = """
[reward]
rate = "10%"

[gate]
metric = "growth"
at_least = 1

[baseline]
from = "previous_year"
"""


def test_a_growth_gate_of_deals_compares_with_all_eligible_lines(tmp_path: Path) -> None:
    """100 sold a year ago, when no deal covered it; 1,000 now is growth of 9: 10 % of it is paid."""
    sales = (
        "sale_id,line_id,sold_on,partner_id,customer_id,amount\n"
        "S0,1,2025-08-01,A,C1,100\n"
        "S1,1,2026-08-01,A,C1,1000\n"
    )
    deals = (
        "deal_id,partner_id,customer_id,registered_on,status,approved_on,expires_on\n"
        "D1,A,C1,2026-07-01,approved,2026-07-01,2026-09-30\n"
    )
    rules = GROWTH_GATE
    assert earned(
        tmp_path, program("deal_registration", rules, period="quarter"), sales, deals=deals
    ) == {("2026-07", "A"): "100"}


def test_a_growth_gate_of_deals_stays_shut_where_sales_fell(tmp_path: Path) -> None:
    """Of 1,000 a year ago the gate knows, though no deal covered it: 1,000 now is no growth of 1."""
    sales = (
        "sale_id,line_id,sold_on,partner_id,customer_id,amount\n"
        "S0,1,2025-08-01,A,C9,1000\n"
        "S1,1,2026-08-01,A,C1,1000\n"
    )
    deals = (
        "deal_id,partner_id,customer_id,registered_on,status,approved_on,expires_on\n"
        "D1,A,C1,2026-07-01,approved,2026-07-01,2026-09-30\n"
    )
    rules = GROWTH_GATE + 'if_missing = "full"\n'
    assert earned(
        tmp_path, program("deal_registration", rules, period="quarter"), sales, deals=deals
    ) == {("2026-07", "A"): "0"}


FIRST_COME = '[reward]\nrate = 1\n[limits]\nbudget = {budget}\nover_budget = "first_come"\n'
RETURNED = "sale_id,line_id,sold_on,partner_id,quantity,amount,return_of\n"


def first_come(root: Path, *sales: str, budget: int = 100, limits: str = "") -> dict[str, str]:
    """`entitlement` by payee, each earning its amounts, of a budget that is served first come."""
    rules = program("rebate", FIRST_COME.format(budget=budget) + limits)
    text = RETURNED + "\n".join(sales) + "\n"
    return {payee: amount for (_, payee), amount in earned(root, rules, text).items()}


def test_a_return_of_what_was_never_granted_frees_nothing(tmp_path: Path) -> None:
    """A takes all 100. B's 50 is granted 0, so that B has nothing to give back to C."""
    assert first_come(
        tmp_path,
        "S1,1,2026-07-01,A,1,100,",
        "S2,1,2026-07-02,B,1,50,",
        "T2,1,2026-07-20,B,-1,-30,S2",
        "S3,1,2026-07-03,C,1,40,",
    ) == {"A": "100", "B": "0", "C": "0"}


def test_a_return_of_what_was_granted_in_part_frees_that_part(tmp_path: Path) -> None:
    """B is granted 40 of its 50 and gives 30 back at once; of C's 40 these 30 are paid."""
    assert first_come(
        tmp_path,
        "S1,1,2026-07-01,A,1,60,",
        "S2,1,2026-07-02,B,1,50,",
        "T2,1,2026-07-20,B,-1,-30,S2",
        "S3,1,2026-07-03,C,1,40,",
    ) == {"A": "60", "B": "10", "C": "30"}


def test_returns_of_one_line_together_take_back_what_it_was_granted(tmp_path: Path) -> None:
    """40 of B's 50 were granted: 30 and then the last 10 come back, and C has its 40."""
    assert first_come(
        tmp_path,
        "S1,1,2026-07-01,A,1,60,",
        "S2,1,2026-07-02,B,1,50,",
        "T2,1,2026-07-20,B,-1,-30,S2",
        "T3,1,2026-07-21,B,-1,-30,S2",
        "S3,1,2026-07-03,C,1,55,",
    ) == {"A": "60", "B": "0", "C": "40"}


def test_any_other_negative_line_counts_and_frees_room(tmp_path: Path) -> None:
    """B's 30 names no sale: B owes it, and C has the room."""
    assert first_come(
        tmp_path,
        "S1,1,2026-07-01,A,1,100,",
        "S2,1,2026-07-02,B,1,50,",
        "T2,1,2026-07-02,B,-1,-30,",
        "S3,1,2026-07-03,C,1,40,",
    ) == {"A": "100", "B": "-30", "C": "30"}


def test_a_cap_is_applied_to_the_running_total_before_the_budget(tmp_path: Path) -> None:
    """A may have 50: its 80 counts as 50. The return leaves a total of 60, which is still above."""
    assert first_come(
        tmp_path,
        "S1,1,2026-07-01,A,1,80,",
        "R1,1,2026-07-20,A,-1,-20,S1",
        "S2,1,2026-07-02,B,1,60,",
        limits="per_payee = 50\n",
    ) == {"A": "50", "B": "50"}


def test_a_return_of_a_line_without_list_price_does_not_count_either(tmp_path: Path) -> None:
    """Y has no list price and does not count; the return that reverses it names X, which has one."""
    sales = (
        "sale_id,line_id,sold_on,partner_id,product_id,quantity,amount,return_of\n"
        "S1,1,2026-07-01,A,Y,1,10,\n"
        "S2,1,2026-07-01,A,X,3,10,\n"
        "R1,1,2026-07-20,A,X,-1,-10,S1\n"
    )
    rules = '[reward]\nrate = "10%"\npays_on = "list"\n'
    assert earned(tmp_path, program("discount", rules), sales) == {("2026-07", "A"): "3"}
