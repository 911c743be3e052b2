"""Tables of sales growth, markets and customers."""

from collections.abc import Iterator
from decimal import Decimal

from incentivectl.core import money
from incentivectl.insight.metrics.alignment import EARNING
from incentivectl.insight.metrics.customers import BOUGHT, bought, discounted
from incentivectl.insight.metrics.figure_cells import change, shown_value
from incentivectl.insight.metrics.figures import Figure, Scope
from incentivectl.insight.metrics.growth import NEW_CUSTOMERS, NEW_REVENUE, QUANTITY, REVENUE
from incentivectl.insight.metrics.markets import OUR_SALES, SHARE, SIZE, first_sales
from incentivectl.insight.metrics.tables.figures_by import Columns, Row, Told
from incentivectl.output.report import Amount, Cell, Section, percent


def growth_tables(told: Told) -> Iterator[Section]:
    """Movers, regions and countries with their trend, programs, categories, partners."""
    yield _movers(told, "partner")
    yield _movers(told, "product")
    for scope in ("region", "country"):
        if told.names(scope, REVENUE):
            yield _places(told, scope)
    yield _programs(told)
    yield _categories(told)
    yield _partners(told)


def _movers(told: Told, scope: Scope) -> Section:
    """Those whose revenue moved most against the period before, up or down."""
    moved: list[tuple[Decimal, Figure]] = []
    can_compare = told.views.now.no_sales_on(told.views.before.period.first) is None
    for one in told.of(REVENUE, scope):
        now, then = (
            value if isinstance(value, Decimal) else Decimal(0) for value in (one.value, one.before)
        )
        if can_compare and now != then:
            moved.append((now - then, one))
    moved.sort(key=lambda item: (-abs(item[0]), item[1].of))
    rows: list[Row] = [
        (
            one.of,
            one.name,
            shown_value(one, difference),
            shown_value(one, one.value),
            shown_value(one, one.before),
            change(one, one.before),
        )
        for difference, one in moved
    ]
    return told.table(
        f"moved_{scope}s",
        f"The {scope}s whose revenue moved most",
        (scope, "name", "moved", "revenue", told.before, "change"),
        rows,
        nothing="There is nothing to compare with.",
    )


def _largest(told: Told, scope: Scope) -> list[tuple[str, str]]:
    """The ids that have revenue and their names, those with most of it first."""
    named = told.names(scope, REVENUE)
    return sorted(named.items(), key=lambda one: (-told.exact(REVENUE, scope, one[0]), one[0]))


def _places(told: Told, scope: Scope) -> Section:
    rows: list[Row] = [
        (
            of,
            *told.with_changes(REVENUE, scope, of),
            told.trend(REVENUE, scope, of),
            *told.values(scope, of, NEW_REVENUE, NEW_CUSTOMERS),
        )
        for of, _ in _largest(told, scope)
    ]
    columns: Columns = (
        scope, "revenue", told.before, told.year_ago, "last 12 months", "new customers' revenue",
        "new customers",
    )  # fmt: skip
    title = "Regions" if scope == "region" else "Countries"
    return told.table(f"by_{scope}", title, columns, rows)


def _programs(told: Told) -> Section:
    rows: list[Row] = [
        (
            of,
            *told.with_changes(REVENUE, "program", of),
            *told.values("program", of, QUANTITY, EARNING),
        )
        for of, _ in _largest(told, "program")
    ]
    columns: Columns = (
        "program", "revenue", told.before, told.year_ago, "quantity", "earns, of all revenue",
    )  # fmt: skip
    title = "Programs: sales that count in them"
    return told.table("program_sales", title, columns, rows, nothing="No program was running.")


def _categories(told: Told) -> Section:
    rows: list[Row] = [
        (
            of,
            *told.with_changes(REVENUE, "category", of),
            *told.with_changes(QUANTITY, "category", of)[:2],
            told.value(EARNING, "category", of),
        )
        for of, _ in _largest(told, "category")
    ]
    columns: Columns = (
        "category", "revenue", told.before, told.year_ago, "quantity", told.before, "earns",
    )  # fmt: skip
    return told.table("categories", "Categories", columns, rows)


def _partners(told: Told) -> Section:
    rows: list[Row] = [
        (
            of,
            name,
            *told.with_changes(REVENUE, "partner", of),
            *told.values("partner", of, QUANTITY, NEW_REVENUE),
        )
        for of, name in _largest(told, "partner")
    ]
    columns: Columns = (
        "partner", "name", "revenue", told.before, told.year_ago, "quantity", "new customers",
    )  # fmt: skip
    return told.table("partners", "Partners: sales", columns, rows)


def market_tables(told: Told) -> Iterator[Section]:
    """When each region and country first bought, and our share of markets."""
    view = told.views.now
    for place in ("region", "country"):
        known = first_sales(view, place).sort("first_sale_on", "place", descending=[True, False])
        begin = view.sales_begin
        rows: list[Row] = [
            (
                name,
                first,
                "new" if first >= view.period.first and begin and begin < view.period.first else "",
                told.value(REVENUE, place, name),
            )
            for name, first in known.rows()
        ]
        title = f"First sales by {place}, the newest first"
        note = "" if begin is None else f"The exports begin in {view.month_of(begin).label}."
        columns: Columns = (place, "first sale", "in this period", "revenue")
        yield from told.listed(f"first_sales_{place}", title, columns, rows, note=note)
    rows = [
        (of, *told.values("market", of, OUR_SALES, SIZE, SHARE), _share_before(told, of))
        for of in told.names("market", SIZE)
    ]
    columns = (
        "region, category",
        "our revenue",
        "market",
        "share",
        f"share {told.year_ago}",
    )
    nothing = f"{told.why(SIZE)}." if told.why(SIZE) else "No market is stated."
    yield told.table("market_shares", "Share of market", columns, rows, nothing=nothing)


def _share_before(told: Told, of: str) -> Cell:
    figure = told.at(SHARE, "market", of)
    return shown_value(figure, figure.year_ago) if figure else None


def customer_tables(told: Told) -> Iterator[Section]:
    """Customers by what they bought in twelve months, and how large that would have to be."""
    view = told.views.now
    columns: Columns = (
        "customer",
        "name",
        "bought in 12 months",
        "share",
        "of all together",
        "partners",
    )
    title = "Customers by what they bought in the last 12 months"
    why = told.why(BOUGHT)
    rows: list[Row] = []
    if not why:
        found = bought(view)
        whole = told.exact(BOUGHT, "whole", "")
        digits = money.minor_digits(view.run.loaded.workspace.currency)
        names = dict(view.run.channel.tables["customers"].select("customer_id", "name").iter_rows())
        so_far = Decimal(0)
        for customer, amount, partners, _ in found.rows():
            so_far += amount
            part = money.quotient(amount, whole) if whole > 0 else None
            together = money.quotient(so_far, whole) if whole > 0 else None
            rows.append(
                (
                    customer,
                    names.get(customer) or customer,
                    Amount(amount, digits),
                    None if part is None else percent(part),
                    None if together is None else percent(together),
                    partners,
                )
            )
    since = view.run.channel.calendar.months_back(view.period.last, 12)
    note = f"From {since} through {view.period.last}, from all partners, returns taken off."
    yield from told.listed(
        "customers", title, columns, rows, nothing=f"{why}." if why else "Nobody.", note=note
    )
    yield from _discounts(told)


def _discounts(told: Told) -> Iterator[Section]:
    """Which customers a discount was given for, at which price, and what it cost."""
    view = told.views.now
    names = dict(view.run.channel.tables["customers"].select("customer_id", "name").iter_rows())
    rows: list[Row] = []
    for program, currency, customer, sold, discount in discounted(view).rows():
        digits = money.minor_digits(currency)
        share = money.quotient(discount, sold) if sold > 0 else None
        rows.append(
            (
                program,
                customer,
                names.get(customer) or customer,
                Amount(sold, digits),
                Amount(discount, digits),
                currency,
                None if share is None else percent(share),
            )
        )
    columns: Columns = ("program", "customer", "name", "sold", "discount", "currency", "rate")
    title = f"Discounts by customer in {view.period.label}"
    note = "Lines with a discount, and what they contribute to it before caps and budgets."
    nothing = "No discount was given for a known customer."
    yield from told.listed("discounts", title, columns, rows, nothing=nothing, note=note)
