"""Only the values that change are rewritten in a TOML text."""

import tomllib
from copy import deepcopy
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from incentivectl.insight.compare.toml_changes import with_changes

TEXT = """\
#:schema ./program.schema.json
# What it is for.
id = "a"      # its id
starts = 2026-07-01

[eligible]
"partner.tier" = [ "gold",   'silver' ]   # two
quantity = { min = 1_000 }

[reward]
tiers = [
  { from = 0, rate = "1%" },        # first
  { from = 100_000, rate = 0.020 }, # second
]

[[example]]
name = "one"
expect = { A = 18_000, B = 0 }
"""


def _read(text: str) -> dict[str, Any]:
    return tomllib.loads(text, parse_float=Decimal)


def _put(data: dict[str, Any], path: tuple[str | int, ...], value: object) -> None:
    at: Any = data
    for part in path[:-1]:
        at = at[part]
    if value is None:
        del at[path[-1]]
    else:
        at[path[-1]] = value


@pytest.mark.parametrize(
    ("path", "value", "old", "new"),
    [
        (("reward", "tiers", 1, "rate"), "4%", "0.020", '"4%"'),
        (("reward", "tiers", 1, "from"), 150000, "100_000", "150000"),
        (("reward", "tiers", 0, "rate"), Decimal("0.0125"), '"1%"', "0.0125"),
        (("reward", "tiers", 0, "rate"), Decimal("1E-7"), '"1%"', "0.0000001"),
        (("starts",), date(2026, 8, 1), "2026-07-01", "2026-08-01"),
        (("eligible", "quantity", "min"), Decimal("1.5"), "1_000", "1.5"),
        (("eligible", "partner.tier"), "gold", "[ \"gold\",   'silver' ]", '"gold"'),
        (("example", 0, "expect", "A"), 20000, "18_000", "20000"),
        (("id",), "b", 'id = "a"', 'id = "b"'),
    ],
)
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_one_value(
    path: tuple[str | int, ...], value: object, old: str, new: str, ends: str, mark: str
) -> None:
    text = mark + TEXT.replace("\n", ends)
    before = _read(TEXT)
    after = deepcopy(before)
    _put(after, path, value)
    assert text.count(old) == 1
    assert with_changes(text, before, after) == text.replace(old, new)


def test_what_is_taken_out_leaves_the_rest_as_it_is() -> None:
    before = _read(TEXT)
    after = deepcopy(before)
    del after["reward"]["tiers"][0], after["eligible"]["quantity"]
    changed = with_changes(TEXT, before, after)
    assert _read(changed) == after
    for kept in ("#:schema", "# two", "{ from = 100_000, rate = 0.020 }", "# second", "18_000"):
        assert kept in changed


def test_what_is_new() -> None:
    before = _read(TEXT)
    after = deepcopy(before) | {"limits": {"budget": Decimal("50000.50")}, "priority": 3}
    after["reward"]["tiers"][0] |= {"bonus": 5}
    after["eligible"]["product.category"] = {"not": ["licence"]}
    changed = with_changes(TEXT, before, after)
    assert _read(changed) == after
    assert set(TEXT.splitlines()) - set(changed.splitlines()) == {
        '  { from = 0, rate = "1%" },        # first'
    }


def test_nothing_changed_is_the_same_text() -> None:
    assert with_changes(TEXT, _read(TEXT), _read(TEXT)) == TEXT
