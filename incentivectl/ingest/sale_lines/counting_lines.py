"""The counting sale lines, here or in parts that lie elsewhere: asked for what they tell together."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import polars as pl

from incentivectl.sales.channel import Parts
from incentivectl.sales.line_source import Answer, Given, Part


class LinesInParts(Parts, Protocol):
    """Parts of all counting lines of a workspace."""

    def ask_lines(
        self,
        question: Callable[..., Part],
        merge: Callable[[Sequence[Part]], Answer],
        given: Sequence[Any],
    ) -> Answer:
        """`question(lines, *given)` asked of the lines of every part, and the answers merged."""
        ...

    def scanned(self) -> pl.LazyFrame:
        """The lines of all parts, for who copies them; for all else they are asked."""
        ...


@dataclass(frozen=True)
class CountingLines:
    """`frame` as in `Inputs.sales`; where the lines lie in `parts`, it is only their schema."""

    frame: pl.LazyFrame
    parts: LinesInParts | None = None

    def ask(
        self,
        question: Callable[[pl.LazyFrame, *Given], Part],
        merge: Callable[[Sequence[Part]], Answer],
        *given: *Given,
    ) -> Answer:
        """What `merge` makes of what `question` finds in the lines of each part, or in all of them.

        Both are functions of a module.
        """
        if self.parts is None:
            return merge([question(self.frame, *given)])
        return self.parts.ask_lines(question, merge, given)

    def scanned(self) -> pl.LazyFrame:
        """The lines themselves, for who copies them."""
        return self.frame if self.parts is None else self.parts.scanned()


def lines_elsewhere(schema: pl.Schema) -> pl.LazyFrame:
    """What stands for lines that lie elsewhere; who reads it has not asked for them."""
    return pl.defer(_read, schema=schema)


def _read() -> pl.DataFrame:
    raise AssertionError("these lines lie in parts: ask for what they tell")
