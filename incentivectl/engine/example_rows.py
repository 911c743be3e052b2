"""The deals, activities, requests and claims of an `[[example]]` as rows of their tables.

What an example leaves out takes the plainest value that lets it count (docs/rules.md, "Examples").
"""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal

from incentivectl.programs.conditions import Value
from incentivectl.programs.example import Example
from incentivectl.programs.model import Program
from incentivectl.programs.payee import payee_kind

Row = dict[str, object]
_ACTIVITY_DAYS = timedelta(days=14)


def partner_of(program: Program, row: Mapping[str, Value]) -> str:
    """The partner of a row: its own, or the payee where partners are paid, or `A`."""
    is_own = program.payee in ("partner", "parent")
    payee = row.get("payee", "A") if is_own else "A"
    return str(row.get("partner_id", payee))


def customer_of(program: Program, example: Example, partner_id: str) -> str:
    """The customer of a partner's rows that name none: one that its other rows name, or its own."""
    for row in (*example.deals, *example.sales):
        if "customer_id" in row and partner_of(program, row) == partner_id:
            return str(row["customer_id"])
    return f"customer of {partner_id}"


def partner_rows(program: Program, lines: Iterable[Row], activities: Iterable[Row]) -> list[Row]:
    """`partners`: each partner of a line under its parent, where parents are paid or count together."""
    counts_together = any(reward.together for reward in program.reward)
    if program.payee != "parent" and not counts_together:
        return []
    above = {
        line["partner_id"]: line["payee"] if program.payee == "parent" else line.get("top")
        for line in lines
    }
    named = {*above, *above.values(), *(row.get("partner_id") for row in activities)} - {None}
    return [
        {"partner_id": partner, "name": partner, "parent_id": above.get(partner)}
        for partner in sorted(named, key=str)
    ]


def rep_rows(program: Program, lines: Iterable[Row]) -> list[Row]:
    """`reps`: each rep of a line, and its manager, where managers are paid."""
    if program.payee != "manager":
        return []
    above = {line["rep_id"]: line["payee"] for line in lines}
    named = {*above, *above.values()}
    return [
        {"rep_id": rep, "name": rep, "manager_id": above.get(rep)} for rep in sorted(named, key=str)
    ]


def deal_rows(program: Program, example: Example, lines: Iterable[Row]) -> list[Row]:
    """`deals`; without any, each line is covered by a deal of its own partner and customer."""
    start = {"status": "approved", "registered_on": program.starts, "approved_on": program.starts}
    if not example.deals:
        sold = {(line["partner_id"], line["customer_id"], line.get("deal_id")) for line in lines}
        return [
            {
                **start,
                "deal_id": deal_id or f"D{index}",
                "partner_id": partner_id,
                "customer_id": customer_id,
                "expires_on": program.ends,
            }
            for index, (partner_id, customer_id, deal_id) in enumerate(sorted(sold, key=str))
        ]
    rows: list[Row] = []
    for index, deal in enumerate(example.deals):
        partner_id = partner_of(program, deal)
        rows.append(
            {
                **start,
                "deal_id": f"D{index}",
                "partner_id": partner_id,
                "customer_id": customer_of(program, example, partner_id),
                **deal,
            }
        )
    return rows


def activity_rows(program: Program, example: Example) -> list[Row]:
    """`activities`, each done on the program's first day and passed with the score asked for."""
    payee = f"{payee_kind(program.payee)}_id"
    rows: list[Row] = []
    for index, activity in enumerate(example.activities):
        rows.append(
            {
                "activity_id": f"T{index:04}",
                payee: payee_of_activity(program, activity),
                "done_on": program.starts,
                "passed": True,
                **program.usual_values("activities", activity),
                **activity,
            }
        )
    return rows


def payee_of_activity(program: Program, activity: Mapping[str, Value]) -> str:
    """Who did an activity: the payee, or the rep or partner that it names, or `A`."""
    own = activity.get(f"{payee_kind(program.payee)}_id", "A")
    return str(activity.get("payee", own))


def request_rows(program: Program, example: Example) -> list[Row]:
    """`requests`; without any, each claim is made on a request for what it spent."""
    rows: list[Row] = []
    for index, request in enumerate(example.requests or _requested(example)):
        approved_on = request.get("approved_on", program.starts)
        assert isinstance(approved_on, date)
        rows.append(
            {
                "request_id": f"R{index}",
                "program_id": program.id,
                "partner_id": partner_of(program, request),
                "requested_on": approved_on,
                "amount": request.get("approved_amount", Decimal(0)),
                "approved_on": approved_on,
                "ends_on": approved_on + _ACTIVITY_DAYS,
                "status": "approved",
                **program.usual_values("mdf_requests", request),
                **request,
            }
        )
    return rows


def _requested(example: Example) -> list[Mapping[str, Value]]:
    keys = ("request_id", "payee", "amount")
    return [{key: claim[key] for key in keys if key in claim} for claim in example.claims]


def claim_rows(program: Program, example: Example, requests: list[Row]) -> list[Row]:
    """`claims`, each on the request of the same place among those of its payee, or on the last."""
    rows: list[Row] = []
    met: dict[object, int] = {}
    for index, claim in enumerate(example.claims):
        payee = claim.get("payee")
        own = [one for one in requests if payee is None or one["partner_id"] == payee]
        place = met.get(payee, 0)
        met[payee] = place + 1
        request = own[min(place, len(own) - 1)] if own else {}
        if "request_id" in claim:
            named = [one for one in requests if one["request_id"] == claim["request_id"]]
            request = named[0] if named else {}
        rows.append(
            {
                "claim_id": f"K{index}",
                "request_id": request.get("request_id", "none"),
                "claimed_on": request.get("ends_on", program.starts),
                "amount": Decimal(0),
                "final": False,
                **claim,
                "proof": claim.get("proof", "given") or None,
            }
        )
    return rows
