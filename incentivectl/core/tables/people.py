"""Partners, their reps and the accounts that payees are paid to."""

from incentivectl.core.tables.columns import (
    PARTNER,
    REP_STATUS,
    STATUS,
    Column,
    choice,
    date,
    table,
    text,
)

PARTNERS = table(
    "partners",
    (
        text("partner_id", required=True),
        text("name", required=True),
        choice("kind", "distributor reseller retailer broker agent"),
        text("tier"),
        text("segment"),
        text("region"),
        text("country"),
        text("parent_id", refers_to="partners"),
        date("joined_on"),
        STATUS,
        text("email"),
        text("locale"),
        text("payout_method"),
        date("valid_from"),
    ),
    "partner_id valid_from",
)

REPS = table(
    "reps",
    (
        text("rep_id", required=True),
        text("name", required=True),
        PARTNER,
        text("email"),
        text("locale"),
        text("payout_method"),
        date("started_on"),
        date("ended_on"),
        REP_STATUS,
        text("manager_id", refers_to="reps"),
        date("valid_from"),
    ),
    "rep_id valid_from",
)

PAYEES = table(
    "payees",
    (
        text("payee_id", required=True),
        text("account_name"),
        text("iban"),
        text("bic"),
        date("valid_from"),
        text("tax_id"),
        text("tax_form"),
        Column("withholding", "amount", is_rate=True),
    ),
    "payee_id valid_from",
)
