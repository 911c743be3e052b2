"""The whole ledger as a file: CSV, Parquet, JSON, or Beancount text for an accountant's tool.

In Beancount every entry moves money from `Expenses:Incentives:<program>` to what the payee is owed,
`Liabilities:Payees:<payee>:<method>`, and every payment from there to `Assets:Payments`. Balance
assertions at the end state what is owed (docs/ledger.md, "Exports of the ledger").
"""

import io
import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from hashlib import sha256

import polars as pl

from incentivectl.core import money
from incentivectl.core.csv_output import csv_of_frame

FORMS = ("csv", "parquet", "json", "beancount")
ENDINGS = {".csv": "csv", ".parquet": "parquet", ".json": "json", ".beancount": "beancount"}


def content_of(form: str, movements: pl.DataFrame, title: str) -> bytes:
    """The movements (columns `ledger.books.MOVEMENTS`) in one of `FORMS`."""
    if form == "parquet":
        buffer = io.BytesIO()
        movements.write_parquet(buffer)
        return buffer.getvalue()
    if form == "csv":
        return csv_of_frame(movements)
    if form == "json":
        plain = movements.with_columns(amount=money.plain_text(pl.col("amount")))
        rows = plain.with_columns(pl.col("dated", "period_start").cast(pl.String)).to_dicts()
        return (json.dumps(rows, indent=1, ensure_ascii=False) + "\n").encode()
    return "\n".join(_beancount(movements, title)).encode() + b"\n"


def _beancount(movements: pl.DataFrame, title: str) -> Iterator[str]:
    accounts = _Accounts(movements)
    yield f'option "title" "{quoted(title)}"'
    yield from _openings(movements, accounts)
    for row in movements.iter_rows(named=True):
        about = row["program_id"] or row["reference"] or ""
        said = quoted(f"{row['what']} {about}".strip())
        amount = _decimal(row["amount"], row["currency"])
        yield ""
        yield f'{row["dated"]} * "{quoted(row["payee_id"])}" "{said}"'
        yield f'  batch: "{quoted(row["batch_id"])}"'
        yield f"  {accounts.owed(row)}  {-amount:f} {row['currency']}"
        yield f"  {accounts.other_side(row)}  {amount:f} {row['currency']}"
    yield from _assertions(movements, accounts)


def _openings(movements: pl.DataFrame, accounts: "_Accounts") -> Iterator[str]:
    opened: dict[str, date] = {}
    for row in movements.iter_rows(named=True):
        for account in (accounts.owed(row), accounts.other_side(row)):
            opened[account] = min(opened.get(account, row["dated"]), row["dated"])
    for account, day in sorted(opened.items()):
        yield f"{day} open {account}"


def _assertions(movements: pl.DataFrame, accounts: "_Accounts") -> Iterator[str]:
    """What is owed to each payee in the end: a balance of the day after the last movement."""
    if movements.is_empty():
        return
    last: date = movements["dated"].max()  # type: ignore[assignment]
    day = last + timedelta(days=1)
    keys = ["payee_kind", "payee_id", "method", "currency"]
    yield ""
    for row in (
        movements.group_by(keys).agg(pl.col("amount").sum()).sort(keys).iter_rows(named=True)
    ):
        amount = -_decimal(row["amount"], row["currency"])
        yield f"{day} balance {accounts.owed(row)}  {amount:f} {row['currency']}"


def _decimal(amount: Decimal, currency: str) -> Decimal:
    return money.round_decimal(amount, money.minor_digits(currency))


class _Accounts:
    """The names of accounts: what Beancount cannot hold is replaced, and equal names are kept apart."""

    def __init__(self, movements: pl.DataFrame) -> None:
        self._parts = {
            column: components(movements[column].drop_nulls().unique().sort().to_list())
            for column in ("payee_id", "method", "program_id")
        }

    def owed(self, row: dict[str, str]) -> str:
        kind = "Reps" if row["payee_kind"] == "rep" else "Partners"
        payee = self._parts["payee_id"][row["payee_id"]]
        return f"Liabilities:{kind}:{payee}:{self._parts['method'][row['method']]}"

    def other_side(self, row: dict[str, str]) -> str:
        if row["what"] == "opening":
            return "Equity:Opening"
        if row["what"].startswith("payment"):
            return "Assets:Payments"
        program = row["program_id"]
        return f"Expenses:Incentives:{self._parts['program_id'][program] if program else 'Adjustments'}"


def components(names: list[str]) -> dict[str, str]:
    """Each name as a part of an account's name; those that would be equal end in a hash."""
    parts = {}
    for name in names:
        text = re.sub(r"[^A-Za-z0-9-]", "-", name)
        parts[name] = text[0].upper() + text[1:] if text[:1].isalnum() else f"X{text}"
    seen = Counter(parts.values())
    return {
        name: part if seen[part] == 1 else f"{part}-{sha256(name.encode()).hexdigest()[:6]}"
        for name, part in parts.items()
    }


def quoted(text: str) -> str:
    """A text as it stands between quotes."""
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
