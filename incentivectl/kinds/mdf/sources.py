"""What feeds funds: allocations, accruals, requests and claims, by partner (docs/rules.md, "Funds")."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from decimal import Decimal

import polars as pl

from incentivectl.core import money
from incentivectl.kinds.mdf.fund import Claim, Request
from incentivectl.kinds.mdf.model import MdfProgram
from incentivectl.programs.fields import OF_PARTNERS
from incentivectl.rules.case import Case
from incentivectl.rules.lines.conditions import all_hold, holds, holds_if_given
from incentivectl.sales.line_source import LineSource

Credit = tuple[date, Decimal]


def fund_program(case: Case) -> MdfProgram:
    """The case's program, which is one of kind `mdf`."""
    assert isinstance(case.program, MdfProgram)
    return case.program


def credits_of(
    case: Case, revenue: pl.DataFrame, partners: Collection[str]
) -> dict[str, list[Credit]]:
    """The credits of each of `partners` by day: allocations on first days, accruals on last days.

    `revenue` has `period`, `payee_id` and `revenue` (12 decimals).
    """
    credits: dict[str, list[Credit]] = defaultdict(list)
    for partner_id, day, amount in [
        *_allocations(case, partners).iter_rows(),
        *_accruals(case, revenue).iter_rows(),
    ]:
        credits[partner_id].append((day, amount))
    for of_partner in credits.values():
        of_partner.sort(key=lambda credit: credit[0])  # allocations stay before accruals
    return credits


def _accruals(case: Case, revenue: pl.DataFrame) -> pl.DataFrame:
    """`payee_id`, `day`, `amount` (18 decimals): a share of the revenue of periods that are over."""
    rate = fund_program(case).fund.accrue or Decimal(0)
    ends = {index: period.end for index, period in enumerate(case.periods)}
    amount = money.multiply(pl.col("revenue"), money.literal(rate), scales=(12, 6))
    return (
        revenue.with_columns(
            day=pl.col("period").replace_strict(ends, return_dtype=pl.Date), amount=amount
        )
        .filter(pl.col("day") <= case.channel.as_of, pl.col("amount") > 0)
        .select("payee_id", "day", "amount")
    )


def _allocations(case: Case, partners: Collection[str]) -> pl.DataFrame:
    """`payee_id`, `day`, `amount` (6 decimals): what each measurement period's first day brings.

    Judged on the partner's row and level in force on that day, by the conditions of `[eligible]` on them.
    """
    wanted = [c for c in case.program.eligible if c.entity in OF_PARTNERS]
    # Who has no row has none in force. Partners of examples have no rows at all.
    known = partners if case.channel.given else set(case.channel.partner_rows["partner_id"])
    keys = pl.DataFrame(
        [(id_, period.start) for period in case.periods for id_ in partners if id_ in known],
        schema={"payee_id": pl.String, "judged_on": pl.Date},
        orient="row",
    )
    fields = {condition.field for condition in wanted} | {"partner.tier"}
    return (
        case.channel.payee_view(keys, "partner", fields)
        # An example's partner may state nothing at all; then the conditions hold.
        .filter(all_hold(wanted, holds_if_given if case.channel.given else holds).fill_null(True))
        .select("payee_id", day="judged_on", amount=_allocated(case))
        .filter(pl.col("amount") > 0)
    )


def _allocated(case: Case) -> pl.Expr:
    """`allocate`, or that of the partner's tier; a tier that is not listed gets nothing.

    A partner of an example that states no tier has the first that is listed.
    """
    allocate = fund_program(case).fund.allocate or Decimal(0)
    if isinstance(allocate, Decimal):
        return money.literal(allocate)
    tier = pl.col("partner.tier")
    by_tier = (
        pl.when(tier == name).then(money.literal(amount)) for name, amount in allocate.items()
    )
    otherwise = money.literal(0)
    if case.channel.given and allocate:
        is_stated = pl.col("given").list.contains("partner.tier").fill_null(False)
        first = money.literal(next(iter(allocate.values())))
        otherwise = pl.when(is_stated).then(otherwise).otherwise(first)
    return pl.coalesce(*by_tier, otherwise)


def requests_of(case: Case) -> dict[str, list[Request]]:
    """The program's requests by partner; without an `approved_amount` the whole cost is approved."""
    found: dict[str, list[Request]] = defaultdict(list)
    rows = case.channel.tables["mdf_requests"].filter(pl.col("program_id") == case.program.id)
    for row in rows.iter_rows(named=True):
        approved = row["approved_amount"]
        found[row["partner_id"]].append(
            Request(
                request_id=row["request_id"],
                activity=row["activity"],
                approved_on=row["approved_on"] if row["status"] == "approved" else None,
                ends_on=row["ends_on"],
                cost=row["amount"] if approved is None else approved,
            )
        )
    return found


def claims_of(case: Case) -> dict[str, list[Claim]]:
    """The claims up to the last day of PERIOD, by request."""
    found: dict[str, list[Claim]] = defaultdict(list)
    claims = case.channel.tables["mdf_claims"].filter(pl.col("claimed_on") <= case.channel.as_of)
    for row in claims.iter_rows(named=True):
        found[row["request_id"]].append(
            Claim(
                claim_id=row["claim_id"],
                request_id=row["request_id"],
                claimed_on=row["claimed_on"],
                amount=row["amount"],
                has_proof=row["proof"] is not None,
                final=bool(row["final"]),
            )
        )
    return found


def claims_without_request(channel: LineSource) -> pl.DataFrame:
    """`claim_id`, `request_id` (String), `claimed_on` (Date), `amount` (6 decimals), `refused`.

    Claims on requests that nobody made (`no-request`); they belong to no program.
    """
    return (
        channel.tables["mdf_claims"]
        .filter(pl.col("claimed_on") <= channel.as_of)
        .join(channel.tables["mdf_requests"], on="request_id", how="anti")
        .select("claim_id", "request_id", "claimed_on", "amount", refused=pl.lit("no-request"))
        .sort("claim_id")
    )
