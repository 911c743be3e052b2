"""What the vendor decides of single payees: targets, levels, adjustments, disputes, opening balances."""

from incentivectl.core.tables.columns import REQUIRED_CURRENCY, amount, choice, date, table, text

TARGETS = table(
    "targets",
    (
        text("program_id", required=True),
        text("payee_id", required=True),
        date("period_start", required=True),
        amount("target", required=True),
    ),
    "program_id payee_id period_start",
)

LEVELS = table(
    "levels",
    (
        text("program_id", required=True),
        text("payee_id", required=True),
        text("level", required=True),
        date("valid_from", required=True),
        date("valid_until"),
    ),
    "program_id payee_id valid_from",
)

ADJUSTMENTS = table(
    "adjustments",
    (
        text("adjustment_id", required=True),
        text("program_id"),
        text("payee_id", required=True),
        date("on", required=True),
        amount("amount", required=True),
        text("reason", required=True),
    ),
)

DISPUTES = table(
    "disputes",
    (
        text("dispute_id", required=True),
        text("payee_id", required=True),
        text("program_id"),
        date("period_start"),
        text("sale_id"),
        date("opened_on", required=True),
        amount("amount"),
        text("reason", required=True),
        choice("status", "open accepted rejected", required=True),
        date("closed_on"),
        text("answer"),
    ),
)

OPENING = table(
    "opening",
    (
        text("program_id", required=True),
        date("period_start", required=True),
        text("payee_id", required=True),
        REQUIRED_CURRENCY,
        amount("amount", required=True),
    ),
    "program_id period_start payee_id currency",
)
