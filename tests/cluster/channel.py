"""A workspace in which every merge of buckets matters: payees, customers and serials span them."""

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
    "partners": "partner_id,name,parent_id\n"
    + "".join(f"P{i},Partner {i},{'P0' if i < 3 else ''}\n" for i in range(5)),
    "products": "product_id,name,category\n" + "".join(f"SKU{i},Box,switch\n" for i in range(3)),
    "deals": "deal_id,partner_id,customer_id,registered_on,approved_on,status,amount\n"
    + "".join(f"D{i},P{i},C{i},2026-06-01,2026-06-02,won,900\n" for i in range(5)),
}


def write_channel(root: Path) -> Path:
    """The workspace, its sales in two files; some rows are rejected, twice there, or restated."""
    lines = sale_lines()
    quantities = [f"{line[: line.index(',,')]},{at % 3 + 1},{line[line.index(',,') + 2 :]}"
                  for at, line in enumerate(lines)]  # fmt: skip
    odd = [
        "S1,x,not a date,P1,R1,SKU1,C1,1,10,USD,,",
        "S2,y,2026-07-01,NOBODY,R1,SKU1,C1,1,10,USD,,",
    ]
    again = [quantities[3], quantities[4].replace("SKU", "SKU", 1).replace(",USD,", ",EUR,")]
    config = CONFIG + '[sources.sales]\npath = "sample_data/sales-*.csv"\n'
    write_workspace(root, config=config, programs=PROGRAMS, tables=TABLES)
    (root / "sample_data" / "sales.csv").unlink()
    for name, rows in (("1", quantities[:80]), ("2", [*quantities[80:], *odd, *again])):
        text = "\n".join([HEADER, *rows, ""])
        (root / "sample_data" / f"sales-{name}.csv").write_text(text, encoding="utf-8")
    (root / "lists").mkdir()
    terms = "product.category,per_unit,max_quantity\nswitch,2,150\n"
    (root / "lists" / "ship.csv").write_text(terms, encoding="utf-8")
    return root
