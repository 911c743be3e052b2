"""What partners do besides selling: deals, marketing development funds, activities."""

from incentivectl.core.tables.columns import (
    PARTNER,
    PRODUCT,
    REP,
    REQUIRED_PARTNER,
    Column,
    amount,
    choice,
    date,
    table,
    text,
)

DEALS = table(
    "deals",
    (
        text("deal_id", required=True),
        REQUIRED_PARTNER,
        REP,
        text("customer_id", required=True, refers_to="customers"),
        PRODUCT,
        text("category"),
        amount("amount"),
        amount("quantity"),
        date("registered_on", required=True),
        choice("status", "submitted approved rejected withdrawn won lost", required=True),
        date("approved_on"),
        date("expires_on"),
        date("closed_on"),
    ),
)

MDF_REQUESTS = table(
    "mdf_requests",
    (
        text("request_id", required=True),
        text("program_id", required=True),
        REQUIRED_PARTNER,
        text("activity", required=True),
        date("requested_on", required=True),
        amount("amount", required=True),
        date("approved_on"),
        amount("approved_amount"),
        date("starts_on"),
        date("ends_on", required=True),
        choice("status", "requested approved rejected cancelled", required=True),
    ),
)

MDF_CLAIMS = table(
    "mdf_claims",
    (
        text("claim_id", required=True),
        text("request_id", required=True),
        date("claimed_on", required=True),
        amount("amount", required=True),
        text("proof"),
        Column("final", "flag", default="false"),
    ),
)

ACTIVITIES = table(
    "activities",
    (
        text("activity_id", required=True),
        text("activity", required=True),
        text("subject"),
        PARTNER,
        REP,
        date("done_on", required=True),
        amount("score"),
        Column("passed", "flag", default="true"),
        text("held_by"),
        text("note"),
    ),
)
