"""Ids put together of several columns of an export: `"{Business Date}-{Check No}"`.

In the name of an id's column a name in braces stands for what that column holds, and a doubled brace for
the brace itself (docs/rules.md, "Workspace and sources").
"""

import re
from dataclasses import dataclass

_TOKEN = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]|[^{}]+")


@dataclass(frozen=True, slots=True)
class Compound:
    """Columns of an export, and the texts before, between and after them (one more than columns)."""

    columns: tuple[str, ...]
    texts: tuple[str, ...]

    @property
    def is_plain(self) -> bool:
        """Whether it is one column as it stands."""
        return self.texts == ("", "")


def plain(column: str) -> Compound:
    """One column as it stands."""
    return Compound((column,), ("", ""))


def compound(pattern: str) -> Compound:
    """What an id's column is put together of; ValueError where a brace is not closed or names nothing."""
    columns: list[str] = []
    texts = [""]
    for token in _TOKEN.finditer(pattern):
        if token[0] in ("{{", "}}"):
            texts[-1] += token[0][0]
        elif token[1] is not None and token[1].strip():
            columns.append(token[1].strip())
            texts.append("")
        elif token[0] in "{}" or token[1] is not None:
            raise ValueError(f"`{token[0]}` at character {token.start() + 1}")
        else:
            texts[-1] += token[0]
    return Compound(tuple(columns), tuple(texts)) if columns else plain(texts[0])
