"""What is asked and measured: surveys, the brand, the market."""

from incentivectl.core.tables.columns import (
    PARTNER,
    REP,
    REQUIRED_PARTNER,
    amount,
    choice,
    date,
    table,
    text,
)

SURVEYS = table(
    "surveys",
    (
        text("response_id", required=True),
        text("survey_id", required=True),
        choice("kind", "pulse nps", default="pulse"),
        date("answered_on", required=True),
        PARTNER,
        REP,
        text("question_id", required=True),
        amount("score"),
        text("comment"),
    ),
    "response_id question_id",
)

SURVEY_INVITATIONS = table(
    "survey_invitations",
    (
        text("survey_id", required=True),
        date("sent_on", required=True),
        REQUIRED_PARTNER,
        REP,
    ),
    "survey_id partner_id rep_id sent_on",
)

BRAND = table(
    "brand",
    (
        date("measured_on", required=True),
        choice("channel", "web social media", required=True),
        text("metric", required=True),
        text("region"),
        amount("value", required=True),
    ),
    "measured_on channel metric region",
)

MARKET = table(
    "market",
    (
        text("month", required=True),
        text("region"),
        text("category"),
        amount("size", required=True),
    ),
    "month region category",
)
