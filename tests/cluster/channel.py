"""A workspace in which every merge of buckets matters: payees, customers and serials span them."""

from collections.abc import Collection, Sequence
from pathlib import Path

from tests.properties.test_order import HEADER, sale_lines
from tests.properties.test_order import PROGRAMS as IN_ORDER
from tests.properties.test_order import TABLES as IN_TABLES
from tests.small_workspace import CONFIG, write_workspace

_HEAD = 'name = "n"\nstarts = 2026-07-01\nends = 2026-09-30\nperiod = "quarter"\n'
PROGRAMS = {
    **IN_ORDER,
    "reps": f'id = "reps"\nkind = "spif"\n{_HEAD}payee = "rep"\n[reward]\ntiers_by = "customers"\n'
    'tiers = [{ from = 1, rate = "1%" }, { from = 9, rate = "2%" }, { from = 17, rate = "3%" }]\n'
    '[limits]\nbudget = 50\nover_budget = "first_come"\n',
    "climb": f'id = "climb"\nkind = "rebate"\n{_HEAD}payee = "rep"\n[reward]\ntier_mode = "marginal"\n'
    'tiers = [{ from = 0, rate = "1%" }, { from = 200, rate = "3%" }]\n',
    "known": f'id = "known"\nkind = "rebate"\n{_HEAD}[eligible]\n'
    '"customer.revenue_12m" = { min = 200 }\n[reward]\nrate = "1%"\n',
    "named": f'id = "named"\nkind = "rebate"\n{_HEAD}[eligible]\n'
    '"sale.sale_id" = ["F0", "F1", "F2", "F3", "F4"]\n[reward]\nrate = "1%"\n',
    "ship": f'id = "ship"\nkind = "discount"\n{_HEAD}[reward]\nterms = "lists/ship.csv"\n',
    "status": f'id = "status"\nkind = "level"\n{_HEAD.replace("2026-07-01", "2026-04-01")}'
    'payee = "parent"\n[level]\nmetric = "revenue"\n'
    'levels = [{ name = "silver", at_least = 1_000 }, { name = "gold", at_least = 2_400 }]\n',
    "gold": f'id = "gold"\nkind = "rebate"\n{_HEAD}[eligible]\n"level.status" = "silver"\n'
    '[reward]\nrate = "2%"\n',
    "deals": f'id = "deals"\nkind = "deal_registration"\n{_HEAD}[registration]\nprotection_days = 90\n'
    '[reward]\nrate = "5%"\nbonus = 30\n',
}
TABLES = {
    **IN_TABLES,
    "credits": "sale_id,line_id,rep_id,share\n"
    + "".join(f"k{i}1,,R1,1\n" for i in range(3))  # almost the id of a sale
    + IN_TABLES["credits"].split("\n", 1)[1],
    "control_totals": "source,month,lines,amount\nsales,2026-07,1,1\n",
    "partners": "partner_id,name,parent_id\n"
    + "".join(f"P{i},Partner {i},{'P0' if i < 3 else ''}\n" for i in range(5)),
    "products": "product_id,name,category\n" + "".join(f"SKU{i},Box,switch\n" for i in range(3)),
    "deals": "deal_id,partner_id,customer_id,registered_on,approved_on,status,amount\n"
    + "".join(f"D{i},P{i},C{i},2026-06-01,2026-06-02,won,900\n" for i in range(5)),
}


def write_channel(root: Path, programs: Collection[str] = PROGRAMS) -> Path:
    """The workspace with these programs, its sales in three files.

    Some rows are rejected, twice there, or restated.
    """
    lines = sale_lines()
    quantities = [f"{line[: line.index(',,')]},{at % 3 + 1},{line[line.index(',,') + 2 :]}"
                  for at, line in enumerate(lines)]  # fmt: skip
    first, second, third = _odd_lines(quantities)
    files = {"1": [*quantities[:80], *first], "2": [*quantities[80:], *second], "3": third}
    config = CONFIG + '[sources.sales]\npath = "sample_data/sales-*.csv"\n'
    named = {name: PROGRAMS[name] for name in programs}
    write_workspace(root, config=config, programs=named, tables=TABLES)
    (root / "sample_data" / "sales.csv").unlink()
    for name, rows in files.items():
        text = "\n".join([HEADER, *rows, ""])
        (root / "sample_data" / f"sales-{name}.csv").write_text(text, encoding="utf-8")
    (root / "lists").mkdir()
    terms = "product.category,per_unit,max_quantity\nswitch,2,150\n"
    (root / "lists" / "ship.csv").write_text(terms, encoding="utf-8")
    return root


def _odd_lines(lines: Sequence[str]) -> tuple[list[str], list[str], list[str]]:
    """What is odd about lines, in three files, and for each partner: they lie in several buckets."""
    first = [
        "S1,x,not a date,P1,R1,SKU1,C1,1,10,USD,,",
        "S2,y,2026-07-01,NOBODY,R1,SKU1,C1,1,10,USD,,",
        *(f"B{i},x,not a date,P{i},R1,SKU1,C1,1,10,USD,," for i in range(5)),
        *(f"N{i},,2026-07-06,P{i},R{i},SKU1,C1,1,10,USD,," for i in range(5)),
    ]
    second = [
        *lines[:5],  # they stand in the first file too
        *(_with_amount(line, "1") for line in lines[5:10]),
        *(f"U{i},x,2026-07-05,P{i},R{i},NEW,C1,1,10,USD,," for i in range(5)),
        *(f"N{i},,2026-07-06,P{i},R{i},SKU2,C1,1,20,USD,," for i in range(5)),
    ]
    third = [
        *(f"F{i},1,2026-07-0{i % 9 + 1},P{i % 5},R1,SKU1,C1,1,1,USD,," for i in range(45)),
        *(f"O{i},1,2024-07-05,P{i},R1,SKU1,C1,1,1,USD,," for i in range(5)),  # far from the others
        *(f"K{j}1,{i},2026-07-05,P{i},R1,SKU1,C1,1,1,USD,," for i in range(5) for j in range(3)),
        *(f"K{i}01,1,2026-07-05,P{i},R1,SKU1,C1,1,1,USD,," for i in range(3)),
    ]
    return first, second, third


def _with_amount(line: str, amount: str) -> str:
    cells = line.split(",")
    cells[8] = amount
    return ",".join(cells)
