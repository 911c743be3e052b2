"""A leaderboard as a page to hang up: one self-contained HTML file."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import polars as pl

from incentivectl.core.money import plain
from incentivectl.core.nouns import counted
from incentivectl.insight.leaderboard.cells import EARNINGS, RATIOS, value_text
from incentivectl.insight.leaderboard.report import MARKS, against, board_title, called, moved
from incentivectl.insight.leaderboard.report_standing import days_left, title_of
from incentivectl.insight.leaderboard.standing import Standing
from incentivectl.output.language import language_of
from incentivectl.output.report import shown
from incentivectl.output.templates import template
from incentivectl.program_files.plain_words import plain_words
from incentivectl.programs.words.reasons import nothing_because
from incentivectl.run.run import Run


@dataclass(frozen=True)
class Place:
    """One payee; `percent` is how long its bar is, `note` what stands below its name."""

    rank: int | None
    payee_id: str
    name: str
    value: str
    exact: str | None
    percent: int
    note: str
    moved: str = ""
    marks: str = ""


@dataclass(frozen=True)
class Board:
    """Payees who are ranked together, and those who have no rank."""

    title: str
    places: tuple[Place, ...]
    unranked: tuple[Place, ...]
    note: str


@dataclass(frozen=True)
class Poster:
    """All that the page shows; `legend` explains its marks, `rules` are those of a program."""

    workspace: str
    title: str
    subtitle: str
    boards: tuple[Board, ...]
    legend: tuple[tuple[str, str], ...] = ()
    rules: tuple[str, ...] = ()


def poster_html(poster: Poster) -> str:
    """The page as text."""
    return template("leaderboard.html").render(poster=poster)


def poster_of_board(
    board: pl.DataFrame, run: Run, *, by: str, payee: str, category: str | None, top: int | None
) -> Poster:
    """The page of `insight.leaderboard.leaderboard`; `top` leaves lower ranks out."""
    language = language_of(None)
    currency = run.channel.currency
    shown = board if top is None else board.filter(pl.col("rank") <= top)
    awarded = set(shown["badges"].explode().drop_nulls())

    def place(row: dict[str, Any], best: Decimal) -> Place:
        change = against(row, by)
        than = "before" if by in RATIOS else "on the period before"
        told_before = "" if change is None else f"{change.text} {than}"
        return Place(
            rank=row["rank"],
            payee_id=row["payee_id"],
            name=row["payee_name"],
            value=value_text(row["value"], by, currency),
            exact=None if row["value"] is None else plain(row["value"]),
            percent=_share(row["value"], best),
            note=" · ".join(filter(None, (told_before, *(row["levels"] or ())))),
            moved=moved(row),
            marks="".join(MARKS[name][0] for name in MARKS if name in row["badges"]),
        )

    boards = []
    for (group,), part in shown.group_by("group", maintain_order=True):
        whole = board.filter(pl.col("group").eq_missing(pl.lit(group, pl.String)))
        best = _best(whole["value"])
        boards.append(
            Board(
                "" if board["group"].null_count() == board.height else called(group),
                *_apart(place(row, best) for row in part.iter_rows(named=True)),
                _more(whole.height - part.height),
            )
        )
    return Poster(
        workspace=run.loaded.workspace.name,
        title=_capital(board_title(by, payee, category)),
        subtitle=language.days(run.period.first, run.period.last),
        boards=tuple(boards),
        legend=tuple(words for name, words in MARKS.items() if name in awarded),
    )


def poster_of_standing(found: Standing, run: Run, top: int | None) -> Poster:
    """The page of `insight.leaderboard.standing`."""

    def place(row: dict[str, Any], best: Decimal) -> Place:
        def told(name: str) -> str:
            return value_text(row[name], row["metric"], found.currency)

        notes = []
        if row["rank"] is None:
            notes.append(nothing_because(row["why_nothing"]))
        if row["entitlement"]:
            notes.append(
                f"earns {value_text(row['entitlement'], EARNINGS, found.currency)} as it stands"
            )
        if row["behind"] and row["behind"] != row["to_prize"]:
            notes.append(f"{told('behind')} behind the next")
        if row["to_prize"]:
            notes.append(f"{told('to_prize')} behind the last prize")
        is_ranked = row["rank"] is not None
        return Place(
            rank=row["rank"],
            payee_id=row["payee_id"],
            name=row["payee_name"],
            value=told("value"),
            exact=None if row["value"] is None else plain(row["value"]),
            percent=_share(row["value"], best) if is_ranked else 0,
            note=" · ".join(filter(None, notes)),
        )

    boards = []
    for (reward,), part in found.rows.group_by("reward", maintain_order=True):
        best = _best(part.filter(pl.col("rank").is_not_null())["value"])
        shown = part if top is None else part.filter(pl.col("rank") <= top)
        title = title_of(found, int(str(reward)))
        boards.append(
            Board(
                "" if title == "Standing" else title,
                *_apart(place(row, best) for row in shown.iter_rows(named=True)),
                _more(part.height - shown.height),
            )
        )
    return Poster(
        workspace=run.loaded.workspace.name,
        title=found.program.name,
        subtitle=_running(found, run),
        boards=tuple(boards),
        rules=tuple(_rules(found, run)),
    )


def _rules(found: Standing, run: Run) -> Iterator[str]:
    """What a program asks for before anybody earns; of a contest also how it ranks, and its prizes."""
    program = found.program
    workspace = run.loaded.workspace
    for part in plain_words(program, workspace.currency, workspace.calendar):
        if part.key == "who":
            yield from part.sentences[1:]  # the first one says who is paid
        elif program.ranks_payees and part.key.startswith("pays"):
            yield from part.sentences
        elif part.key.startswith("prizes"):
            prizes = ", ".join(f"{place}. {shown(prize)}" for place, prize in part.rows)
            yield f"Prizes in {found.currency}: {prizes}."


def _running(found: Standing, run: Run) -> str:
    """The measurement period, the day, and how long it still runs."""
    language = language_of(None)
    if found.period is None:
        return f"begins on {language.day(found.program.starts)}"
    left = days_left(found, run)
    still = f"{counted(left, 'day')} left" if left else "ended"
    window = language.days(found.period.start, found.period.end)
    ranked_by = " or ".join(found.rows["metric"].unique(maintain_order=True))
    by = f" · by {ranked_by}" if ranked_by else ""
    return f"{window}{by} · as of {language.day(run.period.last)} · {still}"


def _apart(places: Iterable[Place]) -> tuple[tuple[Place, ...], tuple[Place, ...]]:
    """Those with a rank, and those without one."""
    found = list(places)
    return (
        tuple(one for one in found if one.rank is not None),
        tuple(one for one in found if one.rank is None),
    )


def _best(values: pl.Series) -> Decimal:
    best = values.max()
    return best if isinstance(best, Decimal) else Decimal(0)


def _share(value: Decimal | None, best: Decimal) -> int:
    """How long a bar is, in whole percents of the best one; at least 1 where there is anything."""
    if value is None or value <= 0 or best <= 0:
        return 0
    return max(int(100 * value / best), 1)


def _more(number: int) -> str:
    return f"{number:,} more are not shown." if number else ""


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
