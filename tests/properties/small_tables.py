"""The small tables around sales: credits, targets, activities, deals, requests and claims."""

from collections.abc import Sequence
from datetime import date, timedelta

from hypothesis import strategies as st

from tests.properties.exports import Export, Row
from tests.properties.universe import CUSTOMERS, PARTNERS, PRODUCTS, REPS, one_of, rarely

SHARES = (
    (("R1a", "0.5"), ("R1b", "0.5")),
    (("R1a", "0.333333"), ("R2a", "0.666667")),
    (("R3a", "1.0000000"),),
    (("R1a", "0.3"), ("R2b", "0.3"), ("R10", "0.4")),
    (("R1a", "0.5"), ("R1b", "0.123")),
    (("R1a", "0"), ("R1b", "1")),
    (("R1a", "0.5"), ("R99", "0.5")),
)
DAYS = tuple(date(2026, 6, 1) + timedelta(days=n) for n in (44, 30, 0, 29, 61, 91, 92, 121, 122))


@st.composite
def credits(draw: st.DrawFn, sales: Sequence[Row]) -> list[Row]:
    """Shares of whole sales and of lines, good and bad, of one sale or of all that bear its id."""
    places = {
        (str(r["sale_id"]), r.get("line_id")): (r.get("partner_id"), r.get("distributor_id"))
        for r in sales
        if r.get("sale_id")
    }
    ids = sorted(places, key=str)
    if not ids:
        return []
    rows: list[Row] = []
    chosen = st.tuples(st.sampled_from(ids), st.booleans(), st.sampled_from(SHARES))
    for (sale, line), whole, shares in draw(
        st.lists(chosen, max_size=4, unique_by=lambda c: (c[0][0], None if c[1] else c[0][1]))
    ):
        partner, distributor = places[sale, line]
        narrowed = draw(one_of("no", "no", "partner", "distributor", "both"))
        for rep, share in shares:
            rows.append(
                {
                    "sale_id": sale,
                    "line_id": None if whole else line,
                    "partner_id": partner if narrowed in ("partner", "both") else None,
                    "distributor_id": distributor if narrowed in ("distributor", "both") else None,
                    "rep_id": rep,
                    "share": share,
                }
            )
    return rows


@st.composite
def targets(draw: st.DrawFn, programs: Sequence[dict[str, object]]) -> list[Row]:
    """Targets of the programs' first days, some missing, zero, negative or restated."""
    starts = [date(2026, 7, 1), date(2026, 8, 1), date(2026, 9, 1)]
    return draw(
        st.lists(
            st.sampled_from(programs).flatmap(
                lambda program: st.builds(
                    lambda payee, day, target: {
                        "program_id": program["id"],
                        "payee_id": payee,
                        "period_start": day,
                        "target": target,
                    },
                    one_of(*PARTNERS, *REPS),
                    one_of(program["starts"], *starts),
                    one_of("100", "200", "50", "0", "-5", "33.333333"),
                )
            ),
            max_size=8,
        )
    )


LEVELS = ("silver", "gold")


def levels() -> st.SearchStrategy[list[Row]]:
    """Levels granted by hand, for a day, from a day on, and one that does not exist."""
    row = st.builds(
        lambda program, payee, level, first, days: {
            "program_id": program,
            "payee_id": payee,
            "level": level,
            "valid_from": first,
            "valid_until": None if days is None else first + timedelta(days=days),
        },
        one_of("status", "status", "gone"),
        one_of(*PARTNERS),
        rarely("platinum", one_of(*LEVELS)),
        one_of(*DAYS),
        one_of(None, 0, 15, 31),
    )
    return st.lists(row, max_size=4)


@st.composite
def activities(draw: st.DrawFn, least: int) -> list[Row]:
    """Activities of reps and partners; some failed, some twice, some of nobody."""
    row = st.builds(
        lambda activity, subject, who, day, score, passed: {
            "activity": activity,
            "subject": subject,
            "partner_id": who[0],
            "rep_id": who[1],
            "done_on": day,
            "score": score,
            "passed": passed,
        },
        one_of("training", "training", "lead", "webinar"),
        one_of("net", "sec", None),
        st.one_of(
            st.sampled_from(sorted(REPS)).map(lambda rep: (REPS[rep], rep)),
            st.sampled_from(sorted(REPS)).map(lambda rep: (None, rep)),
            st.sampled_from(PARTNERS).map(lambda partner: (partner, None)),
            rarely(("P1", "R99"), st.just(("P1", None))),
        ),
        one_of(*DAYS),
        one_of(None, "80", "79.5", "100"),
        rarely("maybe", one_of(None, None, "true", "no", "yes")),
    )
    rows = draw(st.lists(row, min_size=least, max_size=least + 8))
    numbered = [{"activity_id": f"A{index}", **one} for index, one in enumerate(rows)]
    again = draw(st.lists(st.integers(0, 20), max_size=1)) if numbered else []
    return numbered + [dict(numbered[index % len(numbered)]) for index in again]


@st.composite
def deals(draw: st.DrawFn, sales: Sequence[Row]) -> list[Row]:
    """Deals made for sales that were drawn, and others that conflict with them."""
    whole = [row for row in sales if isinstance(row.get("sold_on"), date)]
    rows = []
    for index in range(draw(st.integers(3, 9)) if whole else 0):
        sale = draw(st.sampled_from(whole))
        sold_on = sale["sold_on"]
        assert isinstance(sold_on, date)
        sold = date(sold_on.year, sold_on.month, sold_on.day)
        approved = sold - timedelta(days=draw(one_of(5, 30, 45, 10, 0, -1)))
        rows.append(
            {
                "deal_id": f"D{index}",
                "partner_id": draw(one_of(*[sale["partner_id"]] * 5, *PARTNERS)),
                "customer_id": draw(one_of(*[sale["customer_id"] or "C1"] * 5, *CUSTOMERS)),
                "product_id": draw(one_of(*[None] * 12, sale["product_id"], *PRODUCTS)),
                "category": draw(one_of(*[None] * 12, "switch", "router")),
                "amount": draw(one_of(None, "100", "150.5", "1000", "0")),
                "registered_on": approved - timedelta(days=draw(one_of(3, 0, 30))),
                "status": draw(rarely("perhaps", one_of("approved", "won", "approved", "lost"))),
                "approved_on": draw(rarely(None, st.just(approved))),
                "expires_on": draw(one_of(None, None, None, sold, date(2026, 12, 31))),
            }
        )
    return rows


@st.composite
def requests_and_claims(draw: st.DrawFn, funds: Sequence[str]) -> tuple[list[Row], list[Row]]:
    """Requests of the funds, and claims on them: late, unproven, too large, of no request."""
    request = st.builds(
        lambda program, partner, activity, day, amounts, gone, status: {
            "program_id": program,
            "partner_id": partner,
            "activity": activity,
            "requested_on": day[0],
            "amount": amounts[0],
            "approved_on": None if status[1] else day[0],
            "approved_amount": amounts[1],
            "ends_on": day[0] + timedelta(days=gone),
            "status": status[0],
        },
        one_of(*funds),
        one_of(*PARTNERS),
        rarely("party", one_of("event", "digital")),
        st.tuples(one_of(*DAYS)),
        one_of(("100", None), ("200", "150.5"), ("33.33", "33.33"), ("5000", None)),
        one_of(10, 0, 30, -3),
        rarely(("rejected", False), rarely(("approved", True), st.just(("approved", False)))),
    )
    rows = draw(st.lists(request, max_size=5))
    requests = [{"request_id": f"Q{index}", **one} for index, one in enumerate(rows)]
    claim = st.builds(
        lambda index, later, amount, proof, final: (index, later, amount, proof, final),
        st.integers(0, 5),
        one_of(5, 0, 20, 45, 80, -1),
        one_of("50", "100", "33.33", "9000", "0.005"),
        one_of("inv", None),
        one_of(None, "true", "no"),
    )
    claims: list[Row] = []
    for number, (index, later, amount, proof, final) in enumerate(
        draw(st.lists(claim, max_size=8))
    ):
        known = requests[index] if index < len(requests) else None
        first = known["requested_on"] if known else DAYS[0]
        assert isinstance(first, date)
        claims.append(
            {
                "claim_id": f"K{number}",
                "request_id": known["request_id"] if known else "Q-NONE",
                "claimed_on": first + timedelta(days=later),
                "amount": amount,
                "proof": proof,
                "final": final,
            }
        )
    return requests, claims


ALIASES: tuple[Row, ...] = (
    {"table": "partners", "alias": "P77", "id": "P1"},
    {"table": "products", "alias": "SW1", "id": "RT1"},
    {"table": "reps", "alias": "R77", "id": "R1a"},
    {"table": "products", "alias": "P77", "id": "SW2", "source": "sales"},
    {"table": "partners", "alias": "P2", "id": "P3", "source": "sales"},
    {"table": "partners", "alias": "P2", "id": "P3", "source": "elsewhere"},
    {"table": "planets", "alias": "x", "id": "y"},
)


def aliases() -> st.SearchStrategy[list[Row]]:
    """Few aliases, no two of one id."""
    return st.lists(
        st.sampled_from(ALIASES),
        max_size=2,
        unique_by=lambda row: (str(row["table"]), str(row["alias"])),
    )


def table(name: str, rows: Sequence[Row]) -> list[Export]:
    """The table's file, if it has rows."""
    return [Export(f"sample_data/{name}.csv", list(rows))] if rows else []
