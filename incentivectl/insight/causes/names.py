"""The causes of a change, in the order in which inputs become what they are now (docs/questions.md 72.2)."""

FELL_DUE, NEWER, LATE, RETURN, RESTATED, REMOVED = (
    "fell-due", "newer", "late-line", "return", "restated-line", "removed-line",
)  # fmt: skip
PARTNER, FX, CONFIG, TERMS, RULE = "partner-attribute", "fx-rate", "config", "terms", "rule"
PROGRAM_GONE, PROGRAM_NEW = "program-removed", "program-added"
REOPENED, ADJUSTMENT, OPENING = "reopened", "adjustment", "opening"
BUDGET, VOID, SOFTWARE = "budget", "void", "software"

LINES = (NEWER, LATE, RETURN, RESTATED, REMOVED)
# Tables of which each is a cause: table → cause.
TABLES = {
    "partners": PARTNER,
    "reps": "rep-attribute",
    "products": "product-attribute",
    "prices": "list-price",
    "customers": "customer-attribute",
    "levels": "level",
    "credits": "credits",
    "bad_credits": "credits",
    "targets": "target",
    "deals": "deal",
    "activities": "activity",
    "mdf_requests": "mdf-request",
    "mdf_claims": "mdf-claim",
    "fx": FX,
    "adjustments": ADJUSTMENT,
    "opening": OPENING,
}
# Tables that no entitlement and no entry depends on; the calendar is part of the config.
BESIDE = frozenset(
    {"sales", "surveys", "survey_invitations", "brand", "market", "aliases", "payees", "disputes",
     "control_totals", "calendar"}
)  # fmt: skip
# Nothing is computed anew for these: they are booked as they stand.
BOOKED_AS_THEY_STAND = frozenset({REOPENED, ADJUSTMENT, OPENING})
ORDER = (
    PROGRAM_GONE,
    FELL_DUE,
    *LINES,
    *(one for one in dict.fromkeys(TABLES.values()) if one not in BOOKED_AS_THEY_STAND),
    CONFIG,
    TERMS,
    RULE,
    PROGRAM_NEW,
    REOPENED,
    ADJUSTMENT,
    OPENING,
)
WORDS = {
    VOID: "batches voided since",
    PROGRAM_GONE: "programs removed",
    FELL_DUE: "fell due",
    NEWER: "new sales",
    LATE: "late lines",
    RETURN: "returns",
    RESTATED: "restated lines",
    REMOVED: "lines that are gone",
    PARTNER: "partners' attributes",
    "rep-attribute": "reps' attributes",
    "product-attribute": "products' attributes",
    "list-price": "list prices",
    "customer-attribute": "customers' attributes",
    "level": "levels granted",
    "credits": "shared credits",
    "target": "targets",
    "deal": "deals",
    "activity": "activities",
    "mdf-request": "requests on funds",
    "mdf-claim": "claims on funds",
    FX: "exchange rates",
    CONFIG: "the config",
    TERMS: "contracts",
    RULE: "rules",
    PROGRAM_NEW: "programs added",
    REOPENED: "periods reopened",
    ADJUSTMENT: "adjustments",
    OPENING: "opening amounts",
    BUDGET: "budgets",
    SOFTWARE: "another version",
}
