"""Proposed sources as a config to paste, and as a report for programs."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from incentivectl.core.nouns import counted
from incentivectl.core.safe_text import legible
from incentivectl.insight.guess.guessed import Guess
from incentivectl.insight.guess.together import Proposal
from incentivectl.insight.guess.trial import Trial
from incentivectl.insight.guess.writing import comment
from incentivectl.output.report import Cell, Report, Section

WIDEST = 28  # of a cell of the first rows


def config_text(proposals: Sequence[Proposal]) -> str:
    """TOML that loads as it is: each source, and below it the first rows as comments."""
    return "\n".join(
        "\n".join((comment(heading(one)), one.toml + "#", *map(comment, first_rows(one.trial)), ""))
        for one in proposals
    )


def heading(proposal: Proposal) -> str:
    """The file, and how many rows it has."""
    guess = proposal.guess
    sheet = f", sheet {guess.sheet}" if guess.sheet else ""
    edits = sum(one.must_edit for one in guess.doubts)
    said = f"; {counted(edits, 'edit')} needed" if edits else ""
    more = f" and {counted(len(guess.more), 'more file')}" if guess.more else ""
    return (
        f"{guess.file.name}{sheet}{more}: {counted(guess.rows, 'row')}, read as {guess.table}{said}"
    )


def first_rows(trial: Trial) -> Iterator[str]:
    """What becomes of the rows, and the first of them as aligned columns."""
    fates = [f"{trial.accepted:,} accepted"]
    fates += [f"{trial.skipped:,} skipped"] if trial.skipped else []
    fates += [f"{trial.rejected:,} rejected"] if trial.rejected else []
    fates += [f"{trial.waiting:,} in need of ids or rates of other tables"] if trial.waiting else []
    yield f"{', '.join(fates)}{'; the first as they are read:' if trial.rows else ''}"
    lines = [trial.columns, *([_cell(value) for value in row] for row in trial.rows)]
    widths = [max(len(line[at]) for line in lines) for at in range(len(trial.columns))]
    for line in lines if trial.rows else ():
        yield "  " + "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True))


def _cell(value: object) -> str:
    """A value as it was read: plain numbers, ISO dates."""
    text = (
        f"{value.normalize():f}"
        if isinstance(value, Decimal)
        else str("" if value is None else value)
    )
    plain = legible(text)
    return plain if len(plain) <= WIDEST else f"{plain[: WIDEST - 1]}…"


def sources_report(proposals: Sequence[Proposal]) -> Report:
    """The same for programs: sources with their TOML, columns, keys, doubts and first rows."""
    sections = (
        Section(
            "sources",
            "Sources",
            ("file", "sheet", "table", "name", "rows", "accepted", "rejected", "skipped", "toml"),
            [_source(one) for one in proposals],
            for_machines=1,
        ),
        Section(
            "columns",
            "Columns",
            ("source", "column", "in the export", "others"),
            [row for one in proposals for row in _columns(one.guess)],
            keys=("source", "column", "theirs", "others"),
        ),
        Section(
            "unsure",
            "To be looked at",
            ("source", "key", "must edit", "what"),
            [
                (one.guess.name, doubt.key, "yes" if doubt.must_edit else "no", doubt.text)
                for one in proposals
                for doubt in one.guess.doubts
            ],
        ),
        Section(
            "first_rows",
            "First rows as they are read",
            ("source", "row", "column", "value"),
            [row for one in proposals for row in _values(one)],
            audience="machines",
        ),
    )
    return Report("Sources", sections, main="columns")


def _source(one: Proposal) -> tuple[Cell, ...]:
    guess, trial = one.guess, one.trial
    name = ", ".join(file.name for file in guess.files)
    counts = (guess.rows, trial.accepted, trial.rejected, trial.skipped)
    return (name, guess.sheet, guess.table, guess.name, *counts, one.toml)


def _columns(guess: Guess) -> Iterator[tuple[Cell, ...]]:
    for ours, theirs in guess.columns.items():
        yield (guess.name, ours, theirs, ", ".join(guess.taken[ours].others))


def _values(one: Proposal) -> Iterator[tuple[Cell, ...]]:
    for number, row in enumerate(one.trial.rows, 1):
        for column, value in zip(one.trial.columns, row, strict=True):
            exact = (
                f"{value.normalize():f}"
                if isinstance(value, Decimal)
                else str("" if value is None else value)
            )
            yield (one.guess.name, number, column, exact)
