"""What is sold, at which price, and who is credited with it."""

from incentivectl.core.tables.columns import (
    CURRENCY,
    DISTRIBUTOR,
    PARTNER,
    PRODUCT,
    REP,
    REQUIRED_CURRENCY,
    REQUIRED_PARTNER,
    Column,
    amount,
    date,
    table,
    text,
)

SALES = table(
    "sales",
    (
        text("sale_id", required=True),
        text("line_id"),
        date("sold_on", required=True),
        REQUIRED_PARTNER,
        DISTRIBUTOR,
        Column("occurrence", "whole"),
        REP,
        PRODUCT,
        text("customer_id", refers_to="customers"),
        amount("quantity", default="1"),
        amount("unit_price"),
        amount("amount"),
        CURRENCY,
        text("deal_id"),
        text("return_of"),
        text("serial"),
        date("received_on"),
    ),
    "distributor_id partner_id sale_id line_id",
)

PRODUCTS = table(
    "products",
    (
        text("product_id", required=True),
        text("name"),
        text("category"),
        text("family"),
        amount("list_price"),
        amount("unit_cost"),
        date("launched_on"),
    ),
)

CUSTOMERS = table(
    "customers",
    (
        text("customer_id", required=True),
        text("name"),
        text("segment"),
        date("first_sale_on"),
    ),
)

CREDITS = table(
    "credits",
    (
        text("sale_id", required=True),
        text("line_id"),
        PARTNER,
        DISTRIBUTOR,
        text("rep_id", required=True, refers_to="reps"),
        amount("share", required=True),
    ),
    "sale_id line_id partner_id distributor_id rep_id",
)

PRICES = table(
    "prices",
    (
        text("product_id", required=True, refers_to="products"),
        date("valid_from", required=True),
        amount("list_price", required=True),
    ),
    "product_id valid_from",
)

FX = table(
    "fx",
    (
        date("on", required=True),
        REQUIRED_CURRENCY,
        Column("rate", "fx_rate", required=True),
    ),
    "on currency",
)
