"""The tables of section 2: their columns in order, what each holds, and what identifies a row."""

from dataclasses import dataclass
from typing import Any

# What a cell or a key of a TOML file may hold: text, a number, a date, a flag, or None.
Value = Any


@dataclass(frozen=True)
class Column:
    """One column: its kind is text, date, number, count, flag, rate, currency choice or word.

    A choice takes only `choices`; a word takes any text, and `choices` in any case.
    """

    name: str
    kind: str = "text"
    required: bool = False
    choices: tuple[str, ...] = ()


def _columns(text: str) -> tuple[Column, ...]:
    """`sale_id* sold_on*:date kind:a|b status:a|b|…` as columns.

    `*` is required, `a|b` a closed list, `a|b|…` an open one.
    """
    out = []
    for word in text.split():
        name, _, kind = word.partition(":")
        choices = tuple(kind.split("|")) if "|" in kind else ()
        if choices:
            kind = "word" if choices[-1] == "…" else "choice"
        kind = kind or "text"
        out.append(Column(name.rstrip("*"), kind, name.endswith("*"), choices))
    return tuple(out)


PARTNER_KINDS = "distributor|reseller|retailer|broker|agent"
DEAL_STATUS = "submitted|approved|rejected|withdrawn|won|lost"

TABLES = {
    table: _columns(text)
    for table, text in {
        "sales": """sale_id* line_id sold_on*:date partner_id* distributor_id occurrence:count
            rep_id product_id customer_id quantity:number unit_price:number amount:number
            currency:currency deal_id return_of serial received_on:date""",
        "partners": f"""partner_id* name* kind:{PARTNER_KINDS} tier segment region country
            parent_id joined_on:date status:active|suspended|terminated email locale
            payout_method valid_from:date""",
        "reps": """rep_id* name* partner_id email locale payout_method started_on:date
            ended_on:date status:active|suspended|terminated|… manager_id valid_from:date""",
        "products": """product_id* name category family list_price:number unit_cost:number
            launched_on:date""",
        "prices": "product_id* valid_from*:date list_price*:number",
        "customers": "customer_id* name segment first_sale_on:date",
        "deals": f"""deal_id* partner_id* rep_id customer_id* product_id category amount:number
            quantity:number registered_on*:date status*:{DEAL_STATUS} approved_on:date
            expires_on:date closed_on:date""",
        "mdf_requests": """request_id* program_id* partner_id* activity* requested_on*:date
            amount*:number approved_on:date approved_amount:number starts_on:date ends_on*:date
            status*:requested|approved|rejected|cancelled""",
        "mdf_claims": """claim_id* request_id* claimed_on*:date amount*:number proof
            final:flag""",
        "activities": """activity_id* activity* subject partner_id rep_id done_on*:date
            score:number passed:flag held_by note""",
        "surveys": """response_id* survey_id* kind:pulse|nps answered_on*:date partner_id rep_id
            question_id* score:number comment""",
        "survey_invitations": "survey_id* sent_on*:date partner_id* rep_id",
        "brand": "measured_on*:date channel*:web|social|media metric* region value*:number",
        "market": "month* region category size*:number",
        "targets": "program_id* payee_id* period_start*:date target*:number",
        "credits": "sale_id* line_id partner_id distributor_id rep_id* share*:number",
        "fx": "on*:date currency*:currency rate*:rate",
        "aliases": "table*:partners|reps|products|customers alias* id* source",
        "payees": "payee_id* account_name iban bic valid_from:date",
        "opening": """program_id* period_start*:date payee_id* currency*:currency
            amount*:number""",
        "control_totals": "source* month* lines:number amount:number",
        "levels": "program_id* payee_id* level* valid_from*:date valid_until:date",
        "calendar": "month* first_day*:date last_day*:date",
        "adjustments": """adjustment_id* program_id payee_id* on*:date amount*:number
            reason*""",
    }.items()
}

# Rule 8; every table that is not named is identified by its first column. Sales and credits have
# identities of their own, in `reading`.
IDENTITY = {
    "partners": ("partner_id", "valid_from"),
    "reps": ("rep_id", "valid_from"),
    "prices": ("product_id", "valid_from"),
    "levels": ("program_id", "payee_id", "valid_from"),
    "targets": ("program_id", "payee_id", "period_start"),
    "fx": ("on", "currency"),
    "aliases": ("table", "alias", "source"),
    "brand": ("measured_on", "channel", "metric", "region"),
    "market": ("month", "region", "category"),
    "surveys": ("response_id", "question_id"),
    "survey_invitations": ("survey_id", "partner_id", "rep_id", "sent_on"),
    "payees": ("payee_id", "valid_from"),
    "opening": ("program_id", "period_start", "payee_id", "currency"),
    "control_totals": ("source", "month"),
}

# Which table a column refers to: aliases are looked up in all of these (rule 7) ...
REFERS = {
    "partner_id": "partners",
    "distributor_id": "partners",
    "parent_id": "partners",
    "rep_id": "reps",
    "manager_id": "reps",
    "product_id": "products",
    "customer_id": "customers",
}
# ... but only these reject a row.
CHECKED = ("partner_id", "rep_id", "product_id")

# The `=` defaults of tables that are read as they are; sales fill in theirs themselves.
DEFAULTS: dict[str, dict[str, Value]] = {
    "partners": {"status": "active"},
    "reps": {"status": "active"},
    "mdf_claims": {"final": False},
    "activities": {"passed": True},
    "surveys": {"kind": "pulse"},
}


def identity_columns(table: str) -> tuple[str, ...]:
    """The columns that identify a row of `table` (rule 8)."""
    return IDENTITY.get(table, (TABLES[table][0].name,))
