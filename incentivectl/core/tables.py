"""The tables that a workspace reads, their columns in the contract's order, and their identities.

The order of the columns is the order in which a row's faults are found (docs/rules.md, "Reading"),
so it is part of the rules. Programs and ingest both build on this catalogue and know nothing else
of each other.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

OTHER_IDS = ("return_of", "serial", "alias", "id")
SALE = ("distributor_id", "partner_id", "sale_id")  # what identifies a sale (docs/rules.md 3.18)
Kind = Literal["text", "date", "amount", "fx_rate", "whole", "flag", "currency"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table, under our own name.

    `amount` has at most 6 decimals, `fx_rate` 12, `whole` none; a `flag` is true or false. An amount that
    `is_rate` is from 0 to below 1, and may be a percentage.
    `default` is the text that a missing value stands for. `choices` are all words that it takes,
    `words` those of an open list that count in any case. `refers_to` names the master table of an id,
    for aliases and references.
    """

    name: str
    kind: Kind = "text"
    required: bool = False
    default: str | None = None
    choices: tuple[str, ...] = ()
    refers_to: str | None = None
    words: tuple[str, ...] = ()
    is_rate: bool = False

    @property
    def is_id(self) -> bool:
        """Whether it holds what somebody or something is identified by."""
        return self.name.endswith("_id") or self.name in OTHER_IDS


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its columns in order, and those that say which rows are versions of one another."""

    name: str
    columns: tuple[Column, ...]
    identity: tuple[str, ...]

    @property
    def column_names(self) -> tuple[str, ...]:
        """The columns' names, in order."""
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column | None:
        """The column of that name, or none."""
        return next((column for column in self.columns if column.name == name), None)


def _text(name: str, *, required: bool = False, refers_to: str | None = None) -> Column:
    return Column(name, "text", required, refers_to=refers_to)


def _date(name: str, *, required: bool = False) -> Column:
    return Column(name, "date", required)


def _amount(name: str, *, required: bool = False, default: str | None = None) -> Column:
    return Column(name, "amount", required, default)


def _choice(
    name: str, choices: str, *, required: bool = False, default: str | None = None
) -> Column:
    return Column(name, "text", required, default, tuple(choices.split()))


_STATUS = _choice("status", "active suspended terminated", default="active")
_REP_STATUS = Column("status", default="active", words=_STATUS.choices)
_PARTNER = _text("partner_id", refers_to="partners")
_REQUIRED_PARTNER = _text("partner_id", required=True, refers_to="partners")
_DISTRIBUTOR = _text("distributor_id", refers_to="partners")
_REP = _text("rep_id", refers_to="reps")
_PRODUCT = _text("product_id", refers_to="products")
_CURRENCY = Column("currency", "currency")
_REQUIRED_CURRENCY = Column("currency", "currency", required=True)


def _table(name: str, columns: Iterable[Column], identity: str = "") -> Table:
    listed = tuple(columns)
    return Table(name, listed, tuple(identity.split()) or (listed[0].name,))


_ALL = (
    _table(
        "sales",
        (
            _text("sale_id", required=True),
            _text("line_id"),
            _date("sold_on", required=True),
            _REQUIRED_PARTNER,
            _DISTRIBUTOR,
            Column("occurrence", "whole"),
            _REP,
            _PRODUCT,
            _text("customer_id", refers_to="customers"),
            _amount("quantity", default="1"),
            _amount("unit_price"),
            _amount("amount"),
            _CURRENCY,
            _text("deal_id"),
            _text("return_of"),
            _text("serial"),
            _date("received_on"),
        ),
        "distributor_id partner_id sale_id line_id",
    ),
    _table(
        "partners",
        (
            _text("partner_id", required=True),
            _text("name", required=True),
            _choice("kind", "distributor reseller retailer broker agent"),
            _text("tier"),
            _text("segment"),
            _text("region"),
            _text("country"),
            _text("parent_id", refers_to="partners"),
            _date("joined_on"),
            _STATUS,
            _text("email"),
            _text("locale"),
            _text("payout_method"),
            _date("valid_from"),
        ),
        "partner_id valid_from",
    ),
    _table(
        "reps",
        (
            _text("rep_id", required=True),
            _text("name", required=True),
            _PARTNER,
            _text("email"),
            _text("locale"),
            _text("payout_method"),
            _date("started_on"),
            _date("ended_on"),
            _REP_STATUS,
            _text("manager_id", refers_to="reps"),
            _date("valid_from"),
        ),
        "rep_id valid_from",
    ),
    _table(
        "products",
        (
            _text("product_id", required=True),
            _text("name"),
            _text("category"),
            _text("family"),
            _amount("list_price"),
            _amount("unit_cost"),
            _date("launched_on"),
        ),
    ),
    _table(
        "customers",
        (
            _text("customer_id", required=True),
            _text("name"),
            _text("segment"),
            _date("first_sale_on"),
        ),
    ),
    _table(
        "deals",
        (
            _text("deal_id", required=True),
            _REQUIRED_PARTNER,
            _REP,
            _text("customer_id", required=True, refers_to="customers"),
            _PRODUCT,
            _text("category"),
            _amount("amount"),
            _amount("quantity"),
            _date("registered_on", required=True),
            _choice("status", "submitted approved rejected withdrawn won lost", required=True),
            _date("approved_on"),
            _date("expires_on"),
            _date("closed_on"),
        ),
    ),
    _table(
        "mdf_requests",
        (
            _text("request_id", required=True),
            _text("program_id", required=True),
            _REQUIRED_PARTNER,
            _text("activity", required=True),
            _date("requested_on", required=True),
            _amount("amount", required=True),
            _date("approved_on"),
            _amount("approved_amount"),
            _date("starts_on"),
            _date("ends_on", required=True),
            _choice("status", "requested approved rejected cancelled", required=True),
        ),
    ),
    _table(
        "mdf_claims",
        (
            _text("claim_id", required=True),
            _text("request_id", required=True),
            _date("claimed_on", required=True),
            _amount("amount", required=True),
            _text("proof"),
            Column("final", "flag", default="false"),
        ),
    ),
    _table(
        "activities",
        (
            _text("activity_id", required=True),
            _text("activity", required=True),
            _text("subject"),
            _PARTNER,
            _REP,
            _date("done_on", required=True),
            _amount("score"),
            Column("passed", "flag", default="true"),
            _text("held_by"),
            _text("note"),
        ),
    ),
    _table(
        "surveys",
        (
            _text("response_id", required=True),
            _text("survey_id", required=True),
            _choice("kind", "pulse nps", default="pulse"),
            _date("answered_on", required=True),
            _PARTNER,
            _REP,
            _text("question_id", required=True),
            _amount("score"),
            _text("comment"),
        ),
        "response_id question_id",
    ),
    _table(
        "survey_invitations",
        (
            _text("survey_id", required=True),
            _date("sent_on", required=True),
            _REQUIRED_PARTNER,
            _REP,
        ),
        "survey_id partner_id rep_id sent_on",
    ),
    _table(
        "brand",
        (
            _date("measured_on", required=True),
            _choice("channel", "web social media", required=True),
            _text("metric", required=True),
            _text("region"),
            _amount("value", required=True),
        ),
        "measured_on channel metric region",
    ),
    _table(
        "market",
        (
            _text("month", required=True),
            _text("region"),
            _text("category"),
            _amount("size", required=True),
        ),
        "month region category",
    ),
    _table(
        "targets",
        (
            _text("program_id", required=True),
            _text("payee_id", required=True),
            _date("period_start", required=True),
            _amount("target", required=True),
        ),
        "program_id payee_id period_start",
    ),
    _table(
        "credits",
        (
            _text("sale_id", required=True),
            _text("line_id"),
            _PARTNER,
            _DISTRIBUTOR,
            _text("rep_id", required=True, refers_to="reps"),
            _amount("share", required=True),
        ),
        "sale_id line_id partner_id distributor_id rep_id",
    ),
    _table(
        "fx",
        (
            _date("on", required=True),
            _REQUIRED_CURRENCY,
            Column("rate", "fx_rate", required=True),
        ),
        "on currency",
    ),
    _table(
        "aliases",
        (
            _choice("table", "partners reps products customers", required=True),
            _text("alias", required=True),
            _text("id", required=True),
            _text("source"),
        ),
        "table alias source",
    ),
    _table(
        "prices",
        (
            _text("product_id", required=True, refers_to="products"),
            _date("valid_from", required=True),
            _amount("list_price", required=True),
        ),
        "product_id valid_from",
    ),
    _table(
        "calendar",
        (
            _text("month", required=True),
            _date("first_day", required=True),
            _date("last_day", required=True),
        ),
    ),
    _table(
        "levels",
        (
            _text("program_id", required=True),
            _text("payee_id", required=True),
            _text("level", required=True),
            _date("valid_from", required=True),
            _date("valid_until"),
        ),
        "program_id payee_id valid_from",
    ),
    _table(
        "payees",
        (
            _text("payee_id", required=True),
            _text("account_name"),
            _text("iban"),
            _text("bic"),
            _date("valid_from"),
            _text("tax_id"),
            _text("tax_form"),
            Column("withholding", "amount", is_rate=True),
        ),
        "payee_id valid_from",
    ),
    _table(
        "opening",
        (
            _text("program_id", required=True),
            _date("period_start", required=True),
            _text("payee_id", required=True),
            _REQUIRED_CURRENCY,
            _amount("amount", required=True),
        ),
        "program_id period_start payee_id currency",
    ),
    _table(
        "control_totals",
        (
            _text("source", required=True),
            _text("month", required=True),
            Column("lines", "whole"),
            _amount("amount"),
        ),
        "source month",
    ),
    _table(
        "adjustments",
        (
            _text("adjustment_id", required=True),
            _text("program_id"),
            _text("payee_id", required=True),
            _date("on", required=True),
            _amount("amount", required=True),
            _text("reason", required=True),
        ),
    ),
    _table(
        "disputes",
        (
            _text("dispute_id", required=True),
            _text("payee_id", required=True),
            _text("program_id"),
            _date("period_start"),
            _text("sale_id"),
            _date("opened_on", required=True),
            _amount("amount"),
            _text("reason", required=True),
            _choice("status", "open accepted rejected", required=True),
            _date("closed_on"),
            _text("answer"),
        ),
    ),
)

TABLES: dict[str, Table] = {table.name: table for table in _ALL}
