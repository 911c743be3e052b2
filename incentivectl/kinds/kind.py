"""What a kind of program is: its model, its rules, and its words (CONTRIBUTING.md, "A new kind")."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Protocol

import polars as pl

from incentivectl.output.language import Language
from incentivectl.programs.model import Program
from incentivectl.programs.words.kind_words import Words
from incentivectl.programs.words.statements import EarningRow, with_pay
from incentivectl.rules.case import Asked, Case, Earned, Judged, Measured, Sums
from incentivectl.rules.levels import Levels


class Rules(Protocol):
    """The three steps of a kind, and what each line adds, in two; a module `rules` has these functions.

    `rules.case` describes the frames.
    """

    def judge(self, case: Case, /) -> pl.LazyFrame | None:
        """Every line with the reason that keeps it out, if any; None if no lines are needed."""

    def asked(self, one: Judged, /) -> Asked:
        """What is added up of the lines that count."""

    def earned(self, programs: Sequence[Judged], sums: Sums, /) -> Earned:
        """What the payees of all programs of the kind earn by those sums."""

    def counted(self, one: Judged, of_program: Earned, /) -> Asked:
        """The lines that count (see `Measured.counted`); computed only where single lines matter."""

    def contributions(self, case: Case, counted: Asked, of_program: Earned, /) -> pl.LazyFrame:
        """What each of them adds to what was earned, and what is earned besides lines."""


@dataclass(frozen=True)
class Recomputed:
    """How many lines were worked out again, and those that are paid something else.

    `differing`: `LINE_ORDER` and `row`, in that order, and `told` (String): the line in words.
    """

    lines: int
    differing: pl.DataFrame


@dataclass(frozen=True)
class Kind:
    """One kind of program; the defaults suit any kind.

    `package` is its folder, as `__name__` of its `__init__`. `sentence` says in a statement what a
    payee did and what that pays. `recomputed` finds lines that are paid something else than their own
    rules say, of so many that count, in one of so many programs of the kind. `promised` is what a program
    still holds for partners who have not earned it: `payee_id`, `amount` (6 decimals, whole minor units). A
    kind that pays nothing has no `rules`, but `levels`: what it finds about partners before other programs
    ask.
    """

    package: str
    model: type[Program]
    rules: Rules | None
    words: Words
    sentence: Callable[[EarningRow, Language], str] = with_pay
    recomputed: Callable[[Measured, int, int], Recomputed] | None = None
    promised: Callable[[Case, Measured], pl.DataFrame] | None = None
    levels: Callable[[Case], Levels] | None = None

    @property
    def name(self) -> str:
        """What program files call it."""
        return str(self.model.model_fields["kind"].default)

    def starter(self) -> str:
        """The text that a new program file of this kind starts from, without its head."""
        return files(self.package).joinpath("starter.toml").read_text(encoding="utf-8")
