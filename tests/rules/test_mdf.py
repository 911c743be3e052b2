"""Market development funds: credits, lots, commitments, claims and statements, worked by hand."""

import tomllib
from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from incentivectl.core.calendar import ORDINARY
from incentivectl.core.rates import day_rates
from incentivectl.core.tables import TABLES
from incentivectl.engine.examples import check_examples
from incentivectl.kinds.catalogue import KINDS
from incentivectl.kinds.mdf.fund import Claim, Fund, Request, run_fund, usable_through
from incentivectl.kinds.mdf.model import Claims
from incentivectl.kinds.mdf.rules import funds
from incentivectl.kinds.mdf.sources import claims_without_request
from incentivectl.programs.model import Program
from incentivectl.rules.case import Case
from incentivectl.rules.lookups import lookups_of
from incentivectl.sales.channel import Channel
from incentivectl.sales.in_force import rows_in_force

HEAD = """
id = "mdf"
name = "MDF"
kind = "mdf"
starts = 2026-01-01
ends = 2026-06-30
period = "quarter"
"""
FUND = "[fund]\nallocate = 10_000\n"
HALF = '[claims]\nreimburse = "50%"\nactivities = ["event", "digital"]\nwithin_days = 60\n'


def program_of(body: str) -> Program:
    return KINDS["mdf"].model.model_validate(tomllib.loads(HEAD + body, parse_float=Decimal))


def problems(body: str, example: str) -> list[str]:
    program = program_of(f'{body}\n[[example]]\nname = "e"\n{example}\n')
    return [f"{one.message} | {one.hint}" for one in check_examples([program], "USD", ORDINARY)]


def pays(expect: str, *, requests: str = "{ amount = 6_000 }", claims: str, body: str = "") -> None:
    example = f"requests = [{requests}]\nclaims = [{claims}]\nexpect = {expect}"
    assert problems(body or FUND + HALF, example) == []


def test_half_of_5_200_spent_pays_2_600() -> None:
    pays("2_600", claims="{ amount = 5_200, final = true }")


def test_a_claim_pays_no_more_than_is_committed() -> None:
    """Half of 6,000 is committed; of half of 9,000 only these 3,000 are paid, and then nothing."""
    pays("3_000", claims="{ amount = 9_000 }")
    pays("3_000", claims="{ amount = 4_000 }, { amount = 4_000 }, { amount = 4_000 }")


def test_after_a_final_claim_nothing_is_left() -> None:
    pays("500", claims="{ amount = 1_000, final = true }, { amount = 1_000 }")
    pays("1_000", claims="{ amount = 1_000 }, { amount = 1_000 }")


def test_what_is_approved_counts_and_not_what_is_asked_for() -> None:
    pays(
        "2_000",
        requests="{ amount = 6_000, approved_amount = 4_000 }",
        claims="{ amount = 6_000 }",
    )


def test_commitments_reach_as_far_as_the_balance() -> None:
    """7,000 and 5,000 are wanted of 10,000: the second by id gets what is left, 3,000."""
    requests = "{ request_id = 'R-2', amount = 10_000 }, { request_id = 'R-1', amount = 14_000 }"
    claims = "{ request_id = 'R-1', amount = 14_000 }, { request_id = 'R-2', amount = 10_000 }"
    pays("10_000", requests=requests, claims=claims)
    pays("3_000", requests=requests, claims="{ request_id = 'R-2', amount = 10_000 }")


@pytest.mark.parametrize(
    ("request_", "claim", "paid"),
    [
        ("status = 'requested'", "", 0),
        ("status = 'rejected'", "", 0),
        ("status = 'cancelled'", "", 0),
        ("approved_on = 2026-02-01", "claimed_on = 2026-01-31", 0),
        ("approved_on = 2026-02-01", "claimed_on = 2026-02-01", 500),
        ("ends_on = 2026-01-31", "claimed_on = 2026-04-01", 500),  # the 60th day
        ("ends_on = 2026-01-31", "claimed_on = 2026-04-02", 0),
        ("", "proof = ''", 0),
        ("activity = 'digital'", "", 500),
        ("activity = 'print'", "", 0),
        ("approved_on = 2026-02-01, ends_on = 2026-02-01", "", 500),
        ("approved_on = 2026-02-01, ends_on = 2026-01-31", "claimed_on = 2026-02-01", 0),
        ("", "request_id = 'another'", 0),
    ],
)
def test_which_claims_are_paid(request_: str, claim: str, paid: int) -> None:
    def with_amount(more: str) -> str:
        return f"{{ amount = 1_000{', ' + more if more else ''} }}"

    pays(
        str(paid),
        requests=with_amount(request_),
        claims=with_amount(claim),
        body=f"{FUND}{HALF}proof_required = true\n",
    )


def test_hours_are_never_paid() -> None:
    pays("0", claims="{ amount = 10 }", body='[fund]\nallocate = 30\nunit = "hours"\n')


def test_accruals_are_credited_on_the_last_day_of_a_period() -> None:
    """1.5 % of 100,000 is there from 31 March on, and not on 30 March."""
    body = '[fund]\naccrue = "1.5%"\n'
    sales = "sales = [{ amount = 100_000, sold_on = 2026-03-31 }]\n"
    for day, expect in (("2026-03-31", "1_500"), ("2026-03-30", "0")):
        example = (
            f"{sales}requests = [{{ amount = 2_000, approved_on = {day} }}]\n"
            f"claims = [{{ amount = 2_000, claimed_on = 2026-04-20 }}]\nexpect = {expect}"
        )
        assert problems(body, example) == []


def test_a_negative_accrual_credits_nothing() -> None:
    sales = (
        "sales = [{ amount = 1_000, sold_on = 2026-02-01 },"
        " { amount = -9_000, sold_on = 2026-04-01 }]\n"
    )
    example = "claims = [{ amount = 900, claimed_on = 2026-06-30 }]\nexpect = 100"
    request = "requests = [{ amount = 900, approved_on = 2026-06-30 }]\n"
    assert problems('[fund]\naccrue = "10%"\n', sales + request + example) == []


@pytest.mark.parametrize(
    ("tier", "expect"), [("gold", "4_000"), ("silver", "2_000"), ("bronze", "0")]
)
def test_allocation_by_tier(tier: str, expect: str) -> None:
    pays(
        expect,
        requests=f"{{ amount = 9_000, 'partner.tier' = '{tier}' }}",
        claims="{ amount = 9_000 }",
        body="[fund]\nallocate = { gold = 4_000, silver = 2_000 }\n",
    )


def test_allocation_asks_for_the_conditions_on_partners() -> None:
    body = f'[eligible]\n"partner.region" = "EMEA"\n"product.category" = "switch"\n{FUND}'
    for region, expect in (("EMEA", "1_000"), ("APAC", "0")):
        requests = f"{{ amount = 1_000, 'partner.region' = '{region}' }}"
        pays(expect, requests=requests, claims="{ amount = 1_000 }", body=body)


def test_boost_and_cap_apply_to_what_claims_pay() -> None:
    body = FUND + HALF + "[[boost]]\nwhen = { 'partner.tier' = 'gold' }\nfactor = 1.5\n"
    requests = "{ amount = 6_000, 'partner.tier' = 'gold' }"
    pays("3_900", requests=requests, claims="{ amount = 5_200 }", body=body)
    capped = body + "[limits]\nper_payee = 3_500\n"
    pays("3_500", requests=requests, claims="{ amount = 5_200 }", body=capped)


# The fund itself, day by day.

RULES = Claims()
JAN, FEB, MAR, APR = (date(2026, month, 1) for month in (1, 2, 3, 4))


def request(id_: str, cost: int, day: date = JAN, ends_on: date = FEB) -> Request:
    return Request(id_, "event", day, ends_on, Decimal(cost))


def claim(id_: str, on: str, amount: int, day: date, *, final: bool = False) -> Claim:
    return Claim(id_, on, day, Decimal(amount), has_proof=True, final=final)


def run(
    *claims: Claim,
    requests: tuple[Request, ...],
    credits: tuple[tuple[date, int], ...] = ((JAN, 100),),
    rules: Claims = RULES,
    months: int | None = 1,
    as_of: date = date(2026, 12, 31),
) -> Fund:
    fund = Fund(rules, months, {one.request_id: one for one in requests})
    return run_fund(fund, [(day, Decimal(amount)) for day, amount in credits], claims, as_of)


def moved(fund: Fund) -> list[tuple[str, str, int]]:
    return [(f"{one.day:%m-%d}", one.kind, int(one.amount)) for one in fund.movements]


@pytest.mark.parametrize(
    ("credited", "months", "last"),
    [
        (date(2026, 1, 1), 6, date(2026, 7, 1)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2026, 2, 28), 1, date(2026, 3, 28)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
    ],
)
def test_a_lot_is_usable_through_the_same_day_of_the_month(
    credited: date, months: int, last: date
) -> None:
    assert usable_through(credited, months) == last


def test_what_is_free_expires_at_the_end_of_its_last_day() -> None:
    """40 of 100 are committed on the very last day; 60 expire, and the 40 can be claimed later."""
    fund = run(claim("K", "R", 40, MAR), requests=(request("R", 40, FEB, MAR),))
    assert moved(fund) == [
        ("01-01", "credited", 100),
        ("02-01", "committed", 40),
        ("02-01", "expired", 60),
        ("03-01", "paid", 40),
    ]


def test_the_oldest_lot_is_used_first() -> None:
    """100 and 50: a commitment of 120 takes the first lot and 20 of the second, 30 expire in March."""
    fund = run(requests=(request("R", 120, FEB, MAR),), credits=((JAN, 100), (FEB, 50)), months=2)
    assert [lot.free for lot in fund.lots] == [0, 0]
    assert moved(fund)[-1] == ("04-01", "expired", 30)


def test_what_is_released_expires_with_its_lots() -> None:
    """The first lot is past its day when 30 are released: they expire that day; without expiry not."""
    final = claim("K", "R", 70, MAR, final=True)
    fund = run(final, requests=(request("R", 100, JAN, MAR),))
    assert moved(fund)[2:] == [
        ("03-01", "paid", 70),
        ("03-01", "released", 30),
        ("03-01", "expired", 30),
    ]
    fund = run(final, requests=(request("R", 100, JAN, MAR),), months=None)
    assert [lot.free for lot in fund.lots] == [30]


def test_a_claim_of_the_last_day_comes_before_the_release() -> None:
    rules = Claims(within_days=28)
    fund = run(claim("K", "R", 70, MAR), requests=(request("R", 100),), rules=rules, months=None)
    assert moved(fund)[2:] == [("03-01", "paid", 70), ("03-01", "released", 30)]


def test_refusals_are_tested_in_their_order() -> None:
    rules = Claims(within_days=28, activities=("digital",), proof_required=True)
    unproven = Claim("K", "R", MAR, Decimal(1), has_proof=False, final=False)
    late = Claim("L", "R", APR, Decimal(1), has_proof=False, final=False)
    early = Claim("E", "R", date(2025, 12, 31), Decimal(1), has_proof=False, final=False)
    listed = claim("M", "R", 1, MAR)
    fund = run(unproven, late, early, listed, requests=(request("R", 10),), rules=rules)
    assert fund.refused == {"K": "no-proof", "L": "late", "E": "not-approved", "M": "activity"}


def test_without_a_balance() -> None:
    fund = run(claim("K", "R", 1, FEB), requests=(request("R", 10),), credits=())
    assert fund.refused == {"K": "no-balance"}


# Frames for people to look at.

REQUESTS = """
Q-1|mdf|P1|event|2026-01-10|6000|2026-02-01||2026-03-01|approved
Q-2|mdf|P1|event|2026-04-01|8000|2026-04-05||2026-05-31|approved
Q-3|other|P1|event|2026-04-01|8000|2026-04-05||2026-05-31|approved
"""
CLAIMS = """
K-1|Q-1|2026-03-20|5200|invoice|true
K-2|Q-1|2026-03-25|100||false
K-3|nobody|2026-03-25|100||false
K-4|Q-2|2026-07-30|500||false
"""


def table(name: str, columns: str, text: str) -> pl.DataFrame:
    types = {"date": pl.Date, "amount": pl.Decimal(38, 6), "flag": pl.Boolean}
    schema = {c.name: types.get(c.kind, pl.String) for c in TABLES[name].columns}
    parse = {
        "date": date.fromisoformat,
        "amount": Decimal,
        "flag": lambda cell: cell == "true",
    }
    kinds = {c.name: c.kind for c in TABLES[name].columns}
    rows = [
        {
            column: parse.get(kinds[column], str)(cell) if cell else None
            for column, cell in zip(columns.split(), line.split("|"), strict=True)
        }
        for line in text.split()
    ]
    return pl.DataFrame(rows, schema=schema)


def case_of(body: str, as_of: date) -> Case:
    partners = table("partners", "partner_id name tier status", "P1|One|gold|active")
    tables = {name: table(name, "", "") for name in TABLES if name != "partners"}
    tables |= {
        "partners": partners,
        "mdf_requests": table(
            "mdf_requests",
            "request_id program_id partner_id activity requested_on amount approved_on"
            " approved_amount ends_on status",
            REQUESTS,
        ),
        "mdf_claims": table(
            "mdf_claims", "claim_id request_id claimed_on amount proof final", CLAIMS
        ),
    }
    sales = tables["sales"].with_columns(
        row=pl.lit(0, pl.UInt32),
        original=pl.lit(None, pl.UInt32),
        counted_on=pl.col("sold_on"),
        line_key=pl.col("line_id"),
        partner_known=pl.lit(True),
        amount_ws=pl.col("amount"),
    )
    channel = Channel(
        currency="USD",
        calendar=ORDINARY,
        as_of=as_of,
        lines=sales.lazy(),
        tables=tables,
        rates=day_rates(tables["fx"], workspace_currency="USD", max_age_days=None),
        partner_rows=rows_in_force(partners),
        rep_rows=rows_in_force(tables["reps"], "rep_id"),
    )
    return Case(program_of(body), "USD", channel, lookups_of(channel))


def test_the_statement_adds_up_from_period_to_period() -> None:
    """3,000 committed of 5,000, 2,600 paid, 400 released; the 2,400 left expire on 1 April.

    Then 5,000 more, of which 4,000 are committed and 1,000 expire on 1 July. On the deadline, 30
    July, 250 are paid and 3,750 released, which expire at once. What happens after the program's end
    stands in its last period.
    """
    body = "[fund]\nallocate = 5_000\nexpires_after_months = 3\n" + HALF
    found = funds(case_of(body, date(2026, 7, 31)))
    numbers = ["opening", "credited", "paid", "expired", "closing", "committed", "available"]
    assert found.statement.select(pl.col(numbers).cast(pl.Int64)).rows() == [
        (0, 5000, 2600, 0, 2400, 0, 2400),
        (2400, 5000, 250, 7150, 0, 0, 0),
    ]
    assert found.commitments.select("request_id", "deadline", "left").rows() == [
        ("Q-1", date(2026, 4, 30), 0),
        ("Q-2", date(2026, 7, 30), 0),
    ]


def test_the_statement_before_a_deadline() -> None:
    body = "[fund]\nallocate = 5_000\nexpires_after_months = 3\n" + HALF
    found = funds(case_of(body, date(2026, 6, 15)))
    numbers = ["opening", "credited", "paid", "expired", "closing", "committed", "available"]
    assert found.statement.select(pl.col(numbers).cast(pl.Int64)).rows() == [
        (0, 5000, 2600, 0, 2400, 0, 2400),
        (2400, 5000, 0, 2400, 5000, 4000, 1000),
    ]
    assert found.expiries.select("credited_on", "usable_through", "available").rows() == [
        (date(2026, 4, 1), date(2026, 7, 1), 1000)
    ]
    left = ["request_id", "committed", "paid", "released", "left"]
    assert found.commitments.select(left).rows() == [
        ("Q-1", 3000, 2600, 400, 0),
        ("Q-2", 4000, 0, 0, 4000),
    ]


def test_claims_say_what_was_paid_or_why_not() -> None:
    case = case_of(FUND + HALF, date(2026, 7, 31))
    claims = funds(case).claims.select("claim_id", "period_start", "paid", "refused")
    assert claims.rows() == [
        ("K-1", date(2026, 1, 1), 2600, None),
        ("K-2", date(2026, 1, 1), 0, "no-balance"),
        ("K-4", date(2026, 4, 1), 250, None),
    ]
    orphans = claims_without_request(case.channel).select("claim_id", "refused").rows()
    assert orphans == [("K-3", "no-request")]
