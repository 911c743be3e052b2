"""What `batch explain` prints, and the same in short for `run` (docs/ledger.md, rule 103)."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

import polars as pl

from incentivectl.core.money import money_text
from incentivectl.core.nouns import agreeing
from incentivectl.insight.causes.behind import lines_behind, rows_behind, rules_behind
from incentivectl.insight.causes.names import (
    BUDGET,
    CONFIG,
    FELL_DUE,
    LINES,
    ORDER,
    PROGRAM_GONE,
    PROGRAM_NEW,
    REOPENED,
    RULE,
    SOFTWARE,
    TERMS,
    VOID,
    WORDS,
)
from incentivectl.output.amounts import cents
from incentivectl.output.report import Cell, Report, Section
from incentivectl.posting.explaining import Explained
from incentivectl.run.run import Run

_ORDER = (VOID, *ORDER, BUDGET, SOFTWARE)
_PROGRAMS = (PROGRAM_GONE, TERMS, RULE, PROGRAM_NEW)
LINES_OF_RUN = 5
NO_PROGRAM = "(no program)"


def explained_report(told: Explained) -> Report:
    """A batch by cause, by program and cause, and the rules that changed."""
    batch = told.batch
    assert batch is not None
    return Report(
        title=f"batch {batch.id}: {_since(told)}",
        sections=(*_causes(told), _all_behind(told), _programs(told), _rules(told)),
        main="programs",
        facts={
            "batch": batch.id,
            "since": None if told.before is None else told.before.id,
            "reverses": batch.reverses,
            "adds_up": "yes" if told.unexplained.is_empty() else "no",
        },
        closing=tuple(_closing(told)),
    )


def _since(told: Explained) -> str:
    if told.batch is not None and told.batch.reverses is not None:
        return f"reverses {told.batch.reverses}"
    if told.before is None:
        return "what it booked, as the first one"
    return f"what changed since {told.before.id}"


def _closing(told: Explained) -> Iterator[str]:
    batch = told.batch
    if batch is not None and batch.reverses is not None:
        yield f"Reason: {batch.details.get('reason', '')}"
    if told.before is not None:
        yield f"Batch {told.before.id} booked {_in_words(told.booked_before)}."
    if told.unexplained.height and batch is not None:
        yield (
            "This version of incentivectl computes something else than was booked:"
            f" `run --batch {batch.id}` names the files that differ."
        )


def _causes(told: Explained) -> Iterator[Section]:
    """Each cause in the order of the steps: for people with a column for each currency."""
    booked, currencies = _booked(told), _currencies(told)
    rows: list[tuple[Cell, ...]] = [
        (WORDS[cause], *_amounts(told, [cause], currencies), programs, payees)
        for cause, programs, payees in _by_cause(told, ["cause"])
        .select("cause", "programs", "payees")
        .iter_rows()
    ]
    sums = [cents(booked.get(one, Decimal(0)), one) for one in currencies]
    name = "this batch" if told.batch is None else told.batch.id
    note = "" if rows else "Nothing was booked, and nothing changed that could have been."
    total: list[tuple[Cell, ...]] = [(f"= {name}", *sums, None, None)] if rows else []
    columns = ("cause", *currencies, "programs", "payees")
    yield Section("causes", "By cause", columns, rows, note, audience="people", totals=total)
    listed: list[tuple[Cell, ...]] = [
        (
            WORDS[row["cause"]],
            cents(row["amount"], row["currency"]),
            *(row[name] for name in ("currency", "programs", "payees", "cause")),
        )
        for row in _by_cause(told, ["cause", "currency"]).iter_rows(named=True)
    ]
    names = ("cause", "amount", "currency", "programs", "payees", "code")
    yield Section("causes", "By cause", names, listed, audience="machines")


def _all_behind(told: Explained) -> Section:
    """What is behind each cause, in all programs."""
    rows: list[tuple[Cell, ...]] = [
        (WORDS[cause], what, cause)
        for cause in _by_cause(told, ["cause"])["cause"]
        for what in _behind(told, cause)
    ]
    return Section("behind", "What is behind it", ("cause", "what", "code"), rows, for_machines=1)


def _programs(told: Explained) -> Section:
    """Each program and cause; the causes of a program stand in the order of the steps."""
    by = ["program_id", "currency", "cause"]
    rows: list[tuple[Cell, ...]] = [
        (
            row["program_id"] or NO_PROGRAM,
            WORDS[row["cause"]],
            cents(row["amount"], row["currency"]),
            row["currency"],
            row["payees"],
            row["cause"],
        )
        for row in _by_cause(told, by)
        .sort("program_id", "currency", "place", nulls_last=True)
        .iter_rows(named=True)
    ]
    columns = ("program", "cause", "amount", "currency", "payees", "code")
    return Section("programs", "By program", columns, rows, for_machines=1)


def _rules(told: Explained) -> Section:
    """The keys of the programs that changed and moved money."""
    states = told.states
    moved = set(told.caused.filter(pl.col("cause").is_in(_PROGRAMS))["program_id"])
    changed = [] if states is None else sorted(states.changed_programs)
    rows: list[tuple[Cell, ...]] = [
        (key, sentence)
        for key, _ in changed
        if states is not None and key in moved
        for sentence in rules_behind(states, key, None)
    ]
    return Section("rules", "Rules that changed", ("program", "what"), rows)


def _by_cause(told: Explained, by: list[str]) -> pl.DataFrame:
    """The causes added up `by` columns, with `payees`, `programs` and `place`; in the order of the steps."""
    places = {cause: place for place, cause in enumerate(_ORDER)}
    return (
        told.caused.group_by(by)
        .agg(
            pl.col("amount").sum(),
            payees=pl.struct("payee_kind", "payee_id").n_unique(),
            programs=pl.col("program_id").n_unique(),
        )
        .with_columns(place=pl.col("cause").replace_strict(places, return_dtype=pl.Int32))
        .sort("place", *by)
    )


def _currencies(told: Explained) -> list[str]:
    return sorted({*told.caused["currency"], *told.entries["currency"]})


def _booked(told: Explained) -> dict[str, Decimal]:
    sums = told.entries.group_by("currency").agg(pl.col("amount").sum()).sort("currency")
    return dict(sums.iter_rows())


def _behind(told: Explained, cause: str) -> Iterator[str]:
    """What is behind a cause, in all programs."""
    states = told.states
    if cause == VOID:
        voided = told.voided if states is not None else (str(told.batch and told.batch.reverses),)
        yield f"{', '.join(voided)} {agreeing(len(voided), 'was', 'were')} reversed"
    if states is None:
        return
    if cause in LINES:
        yield from lines_behind(states, cause)
    elif cause == FELL_DUE:
        days = [side.period.last for side in (states.then, states.now)]
        yield f"earlier data, as of {days[1]} instead of {days[0]}"
    elif cause in _PROGRAMS:
        yield ", ".join(sorted(key for key, how in states.changed_programs if how == cause))
    elif cause == CONFIG:
        yield "incentivectl.toml"
    elif cause == REOPENED:
        named = sorted(f"{key}:{day}" for key, day in states.reopened[1] - states.reopened[0])
        yield ", ".join(named)
    elif cause == BUDGET:
        yield "what budgets cut of the above"
    elif cause != SOFTWARE:
        yield from rows_behind(states, cause)


def changes_of_run(told: Explained, run: Run) -> tuple[Section, ...]:
    """What changed since the last batch in at most five lines for people, and all of it for programs."""
    before = told.before
    assert before is not None
    currencies = _currencies(told)
    order = _dearest(told, run)
    named = order if len(order) <= LINES_OF_RUN else order[: LINES_OF_RUN - 1]
    rows: list[tuple[Cell, ...]] = [
        (WORDS[cause], *_amounts(told, [cause], currencies), _most(told, cause)) for cause in named
    ]
    rest = order[len(named) :]
    if rest:
        words = f"{len(rest)} other causes"
        rows.append(
            (words, *_amounts(told, rest, currencies), ", ".join(WORDS[one] for one in rest))
        )
    booked = _in_words(_booked(told))
    more = "" if told.batch is None else f" All of it: `batch explain {told.batch.id}`."
    what = "this batch" if told.batch is None else f"batch {told.batch.id}"
    note = f"Together {what}: {booked}; batch {before.id}: {_in_words(told.booked_before)}.{more}"
    title = f"What changed since batch {before.id}"
    short = Section(
        "changes", title, ("cause", *currencies, "most of it"), rows, note, audience="people"
    )
    full = _programs(told)
    return short, Section("changes", title, full.columns, full.rows, audience="machines")


def _amounts(told: Explained, causes: Sequence[str], currencies: Sequence[str]) -> list[Cell]:
    """What some causes come to together, in each of the currencies; empty where they change nothing."""
    sums = dict(
        told.caused.filter(pl.col("cause").is_in(list(causes)))
        .group_by("currency")
        .agg(pl.col("amount").sum())
        .iter_rows()
    )
    return [cents(sums[one], one) if one in sums else None for one in currencies]


def _dearest(told: Explained, run: Run) -> list[str]:
    """The causes by size in the workspace's currency, the largest first."""
    channel = run.channel
    home = channel.rates.in_workspace(
        pl.col("amount"), pl.col("currency"), pl.lit(channel.as_of), home=channel.currency
    )
    sized = (
        _by_cause(told, ["cause", "currency"])
        .with_columns(size=home.abs())
        .group_by("cause")
        .agg(pl.col("size").sum(), pl.col("place").first())
        .sort("size", "place", descending=[True, False])
    )
    return [str(cause) for cause in sized["cause"]]


def _most(told: Explained, cause: str) -> str:
    """The program that a cause changes most, where it changes several."""
    own = _by_cause(told, ["program_id", "currency", "cause"]).filter(pl.col("cause") == cause)
    row = own.sort(pl.col("amount").abs(), "program_id", descending=[True, False]).row(
        0, named=True
    )
    name = row["program_id"] or NO_PROGRAM
    return name if own.height == 1 else f"{name} {money_text(row['amount'], row['currency'])}"


def _in_words(amounts: Mapping[str, Decimal]) -> str:
    told = ", ".join(money_text(amount, currency) for currency, amount in amounts.items())
    return told or "nothing"
