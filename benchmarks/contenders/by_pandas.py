"""The six programs in pandas. Amounts are whole millionths of a dollar, so that floats lose nothing."""

import sys
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
from rewards import PER_UNIT, Earned, rewards, write

IDS = ("partner_id", "distributor_id", "rep_id", "customer_id", "product_id", "currency", "line_id")
SALE = ["distributor_id", "partner_id", "sale_id"]
START, END = pd.Timestamp("2026-07-01"), pd.Timestamp("2026-09-30")
EARLIER = (pd.Timestamp("2025-07-01"), pd.Timestamp("2025-09-30"))


def accepted(workspace: Path) -> pd.DataFrame:
    """The lines that can be read, each once."""
    columns = [*IDS, "sale_id", "sold_on", "return_of", "quantity", "amount", "received_on"]
    kinds = dict.fromkeys(columns, "str") | dict.fromkeys(IDS, "category")
    line = ["line_id"]
    parts = []
    for path in sorted((workspace / "sales").glob("*.csv")):
        given = pd.read_csv(
            path, usecols=columns.__contains__, dtype=kinds, keep_default_na=False, na_values=[""]
        )
        if "line_id" not in given:  # then product and place in the file tell lines apart
            line = ["product_id", "line_id"]
            of_product = given.groupby([*SALE, "product_id"], observed=True, dropna=False)
            given["line_id"] = of_product.cumcount() + 1
        parts.append(given)
    lines = pd.concat(parts, ignore_index=True)
    for name in IDS:
        lines[name] = lines[name].astype("category")
    received = pd.to_datetime(lines["received_on"], format="%Y-%m-%d", errors="coerce")
    is_good = lines["received_on"].isna() | received.notna()
    lines["sold_on"] = pd.to_datetime(lines["sold_on"], format="%Y-%m-%d", errors="coerce")
    for name in ("quantity", "amount"):
        lines[name] = pd.to_numeric(lines[name], errors="coerce")
        is_good &= lines[name].notna()
    lines = lines[is_good & lines["sold_on"].notna()].drop(columns="received_on")
    return lines.drop_duplicates([*SALE, *line])


def with_originals(lines: pd.DataFrame) -> pd.DataFrame:
    """Adds `counted_on`, and `of_amount`: that of the line that a return takes back."""
    is_return = lines["amount"] < 0
    named = lines[lines["sale_id"].isin(lines.loc[is_return, "return_of"].dropna().unique())]
    dates = named.groupby(SALE, observed=True, dropna=False)["sold_on"].min().rename("counted_on")
    first = named[named["amount"] >= 0].assign(at=lambda some: some["line_id"].astype(int))
    first = first.sort_values("at").drop_duplicates([*SALE, "product_id"])
    first = first[[*SALE, "product_id", "amount"]].rename(
        columns={"sale_id": "return_of", "amount": "of_amount"}
    )
    returns = lines[is_return].merge(
        dates.reset_index().rename(columns={"sale_id": "return_of"}),
        on=["distributor_id", "partner_id", "return_of"],
        how="left",
    )
    returns = returns.merge(
        first, on=["distributor_id", "partner_id", "return_of", "product_id"], how="left"
    )
    sold = lines[~is_return].assign(counted_on=lambda some: some["sold_on"], of_amount=np.nan)
    both = pd.concat([sold, returns], ignore_index=True)
    both["counted_on"] = both["counted_on"].fillna(both["sold_on"])
    return both


def in_millionths(amount: pd.Series, rate: pd.Series) -> pd.Series:
    """Amounts (two decimals) times rates (whole ten-millionths), rounded half up to millionths."""
    exact = (amount * 100).round().fillna(0).astype("int64") * rate
    return np.sign(exact) * ((exact.abs() + 500) // 1_000)


def valued(lines: pd.DataFrame, workspace: Path) -> pd.DataFrame:
    """The lines of the two quarters with `usd`, `of_usd` and their products and partners."""
    day = lines["counted_on"]
    lines = lines[day.between(START, END) | day.between(*EARLIER)].sort_values("counted_on")
    data = workspace / "sample_data"
    fx = pd.read_csv(data / "fx.csv", parse_dates=["on"]).sort_values("on")
    fx["rate"] = (fx["rate"] * 10**7).round().astype("int64")
    lines["currency"] = lines["currency"].astype("str")
    lines = pd.merge_asof(lines, fx, left_on="counted_on", right_on="on", by="currency")
    rate = lines["rate"].fillna(10**7).where(lines["currency"] != "USD", 10**7).astype("int64")
    lines["usd"] = in_millionths(lines["amount"], rate)
    lines["of_usd"] = in_millionths(lines["of_amount"], rate).where(lines["of_amount"].notna())
    products = pd.read_csv(data / "products.csv", usecols=["product_id", "category"], dtype="str")
    partners = pd.read_csv(data / "partners.csv", usecols=["partner_id", "tier", "valid_from"])
    partners["since"] = pd.to_datetime(partners["valid_from"]).fillna(pd.Timestamp("1900-01-01"))
    first = partners.groupby("partner_id")["since"].transform("min") == partners["since"]
    partners.loc[first, "since"] = pd.Timestamp("1900-01-01")
    lines["partner_id"] = lines["partner_id"].astype("str")
    lines["product_id"] = lines["product_id"].astype("str")
    lines = pd.merge_asof(
        lines,
        partners.sort_values("since")[["partner_id", "tier", "since"]],
        left_on="counted_on",
        right_on="since",
        by="partner_id",
    )
    return lines.merge(products, on="product_id", how="left")


def totals(lines: pd.DataFrame, by: str, values: pd.Series, unit: int) -> dict[str, Decimal]:
    """Exact sums by payee of whole numbers of 1 / `unit`."""
    sums = values.groupby(lines[by].astype("str")).sum()
    return {payee: Decimal(int(value)) / unit for payee, value in sums.items()}


def discounts(lines: pd.DataFrame) -> dict[str, Decimal]:
    """What firewall lines earn; a return has the rate of the line that it takes back."""
    size = lines["of_usd"].fillna(lines["usd"]).abs() / 1_000_000
    rate = np.select([size >= 20_000, size >= 5_000], [25, 10], 0)
    return totals(lines, "partner_id", lines["usd"] * rate, 10**9)


def of_deals(lines: pd.DataFrame, workspace: Path) -> dict[str, Decimal]:
    """5 % of covered lines, and 150 for each deal with covered revenue."""
    deals = pd.read_csv(
        workspace / "sample_data" / "deals.csv",
        usecols=["deal_id", "partner_id", "customer_id", "approved_on"],
        parse_dates=["approved_on"],
    )
    lines = lines.assign(customer_id=lines["customer_id"].astype("str"))
    covered = lines.merge(deals, on=["partner_id", "customer_id"])
    until = covered["approved_on"] + pd.Timedelta(days=60)
    covered = covered[covered["counted_on"].between(covered["approved_on"], until)]
    by_deal = covered.groupby(["partner_id", "deal_id"])["usd"].agg(["sum", "max"]).reset_index()
    has_bonus = (by_deal["max"] >= 0) & (by_deal["sum"] > 0)
    return totals(by_deal, "partner_id", by_deal["sum"] * 5 + has_bonus * 15_000 * 10**6, 10**8)


def main(workspace: Path, out: Path) -> None:
    """Reads the workspace's files and writes who earns what."""
    lines = valued(with_originals(accepted(workspace)), workspace)
    is_now = lines["counted_on"] >= START
    now = lines[is_now]
    licence = now["category"] == "licence"
    hardware = now["category"].isin(["switch", "router"]) & now["tier"].isin(["gold", "silver"])
    others = lines["category"] != "licence"

    def revenue(some: pd.DataFrame) -> dict[str, Decimal]:
        return totals(some, "partner_id", some["usd"], 10**6)

    points = now[now["product_id"].isin(PER_UNIT.keys())]
    per_unit = points["product_id"].map({name: int(pay * 10) for name, pay in PER_UNIT.items()})
    spif = totals(points, "rep_id", points["quantity"].astype("int64") * per_unit, 10)
    earned: list[Earned] = [
        *rewards(
            revenue(now[licence]),
            revenue(now[hardware]),
            revenue(lines[is_now & others]),
            revenue(lines[~is_now & others]),
            spif,
        ),
        *(("discount", *one) for one in discounts(now[now["category"] == "firewall"]).items()),
        *(("deals", *one) for one in of_deals(now, workspace).items()),
    ]
    write(out, earned)


main(Path(sys.argv[1]), Path(sys.argv[2]))
