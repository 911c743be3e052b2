"""What is said to do about cells that are no date or no number: the setting that would read them."""

from pathlib import Path

import pytest

from incentivectl.ingest.account.remedies import remedy
from incentivectl.workspace.source import Source


@pytest.mark.parametrize(
    ("reason", "values", "says"),
    [
        ("bad-date", ["46235"], '"excel" would read this one'),
        ("bad-number", ["1.234,50"], 'is it ","?'),
        ("bad-number", ["12,34,567.89"], 'is it grouping = "indian"?'),
        ("bad-number", ["x", "1,234.50 CR"], 'set minus = ["CR"]'),
        ("bad-number", ["x", "5 pieces or so"], "without words beside them"),
    ],
)
def test_the_setting_that_would_read_it(reason: str, values: list[str], says: str) -> None:
    source = Source("sales", "sales", ("sales.csv",), declared=True)
    first = {"reason": reason, "column": "amount", "value": values[0], "values": values}
    assert says in remedy(
        source, {**first, "line": 2, "file": "sales.csv"}, Path("sales.csv"), "USD"
    )
