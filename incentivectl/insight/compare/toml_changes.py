"""Changes the values of a TOML text in place: comments, order, blanks and spelling of the rest stay."""

import tomllib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

BOM = "\ufeff"


def with_changes(text: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """The text that reads as `after` instead of `before`; only the values that differ are rewritten.

    `before` and `after` are the data as `tomllib` reads them with `parse_float=Decimal`. Raises
    ValueError where the text cannot be made to read as `after`.
    """
    import tomlkit  # takes a while, and only a saved scenario needs it

    mark = BOM if text.startswith(BOM) else ""
    document = tomlkit.parse(text.removeprefix(BOM))
    _change(document, before, after)
    changed = tomlkit.dumps(document)
    if tomllib.loads(changed, parse_float=Decimal) != after:
        message = "the text does not read as the changed data"
        raise ValueError(message)
    return mark + changed


def _change(into: Any, before: Any, after: Any) -> None:  # noqa: ANN401
    """Makes a table or a list of the document read as `after`."""
    if isinstance(after, Mapping):
        for key in [key for key in before if key not in after]:
            del into[key]
        keys: Sequence[Any] = list(after)
    else:
        for index in reversed(_removed(before, after)):
            del into[index]
            before = [*before[:index], *before[index + 1 :]]
        keys = range(len(after))
    for key in keys:
        is_new = isinstance(after, Mapping) and key not in before
        if is_new:
            into[key] = _item(after[key], inline=_is_inline(into))
        elif before[key] != after[key] or type(before[key]) is not type(after[key]):
            if _alike(before[key], after[key]):
                _change(into[key], before[key], after[key])
            else:
                into[key] = _item(after[key], inline=_is_inline(into))


def _alike(before: object, after: object) -> bool:
    """Whether one becomes the other by changes within: both tables, or lists that at most shrink."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        return True
    if isinstance(before, list) and isinstance(after, list):
        return len(before) == len(after) + len(_removed(before, after))
    return False


def _removed(before: Sequence[Any], after: Sequence[Any]) -> list[int]:
    """The places of elements that were taken out of a list, as far as the others stayed in order."""
    missing = len(before) - len(after)
    gone: list[int] = []
    for index, one in enumerate(before):
        at = index - len(gone)
        if len(gone) < missing and (at >= len(after) or one != after[at]):
            gone.append(index)
    return gone


def _is_inline(container: Any) -> bool:  # noqa: ANN401
    from tomlkit.items import Array, InlineTable

    return isinstance(container, Array | InlineTable)


def _item(value: object, *, inline: bool) -> Any:  # noqa: ANN401
    """A value as the document holds it; tables within lists and inline tables are inline."""
    import tomlkit

    if isinstance(value, Mapping):
        table: Any = tomlkit.inline_table() if inline else tomlkit.table()
        for key, inner in value.items():
            table[key] = _item(inner, inline=True)
        return table
    if isinstance(value, list):
        array = tomlkit.array()
        for inner in value:
            array.append(_item(inner, inline=True))
        return array
    if isinstance(value, Decimal):
        return tomlkit.value(f"{value:f}" if "." in f"{value:f}" else f"{value:f}.0")
    return tomlkit.item(value)
