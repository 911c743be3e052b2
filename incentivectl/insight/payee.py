"""Finds a payee by id or by name, for every command that takes one (docs/questions.md, "Explanations")."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

import polars as pl

from incentivectl.core.errors import ExitCode, Problem, Refused
from incentivectl.core.frames import Schema
from incentivectl.run.run import Run
from incentivectl.sales.channel import Channel
from incentivectl.sales.people import people

KINDS = ("partner", "rep")
PAYEES: Schema = {"payee_kind": pl.String, "payee_id": pl.String, "payee_name": pl.String}
MOST_COMPARED = 10_000
_MOST_NAMED = 3


@dataclass(frozen=True)
class Payee:
    """A payee as files name it: `kind` is partner or rep, `name` that of the last day of PERIOD."""

    kind: str
    id: str
    name: str

    @property
    def who(self) -> pl.Expr:
        """Whether a row (`payee_kind`, `payee_id`) is this payee's."""
        return (pl.col("payee_kind") == self.kind) & (pl.col("payee_id") == self.id)


def payee_named(run: Run, asked: str) -> Payee:
    """One payee of a run; refuses as `find_payees` does."""
    (found,) = payees_named(run, [asked])
    return found


def payees_named(run: Run, asked: Sequence[str]) -> list[Payee]:
    """Payees of a run; refuses as `find_payees` does."""
    return find_payees(payees(run), asked)


def partner_named(channel: Channel, asked: str) -> Payee:
    """A partner of the master table; refuses as `find_payees` does."""
    return person_named(channel, "partner", asked)


def person_named(channel: Channel, kind: str, asked: str) -> Payee:
    """A partner or a rep of its master table; refuses as `find_payees` does."""
    (found,) = find_payees(_masters(channel, [kind]), [asked], noun=kind)
    return found


def find_payees(known: pl.DataFrame, asked: Sequence[str], *, noun: str = "payee") -> list[Payee]:
    """Who is meant by each of `asked`, out of `known` (columns `PAYEES`).

    By id, or else by name, whatever its case and spaces; `partner:ID` and `rep:ID` say which, where
    both have it. Refuses all that is unknown (with the nearest) or ambiguous (with the candidates).
    """
    found, problems = [], []
    for text in asked:
        matches = _matches(known, text)
        if len(matches) == 1:
            found.append(matches[0])
        elif matches:
            problems.append(_ambiguous(text, matches))
        else:
            problems.append(_unknown(text, known, noun))
    if problems:
        raise Refused(problems, ExitCode.USAGE)
    return found


def payees(run: Run) -> pl.DataFrame:
    """Columns `PAYEES`, by kind and id: all partners and reps of the master tables, and whoever earns."""
    earning = [frame.select(*_ID) for frame in (run.payouts, run.earnings)]
    return _named(run.channel, [_masters(run.channel, KINDS).select(*_ID), *earning])


_ID = ("payee_kind", "payee_id")


def _masters(channel: Channel, kinds: Sequence[str]) -> pl.DataFrame:
    ids = [
        channel.tables[f"{kind}s"].select(payee_kind=pl.lit(kind), payee_id=f"{kind}_id")
        for kind in kinds
    ]
    return _named(channel, ids)


def _named(channel: Channel, ids: Sequence[pl.DataFrame]) -> pl.DataFrame:
    return people(channel, pl.concat(ids)).select(*PAYEES).sort(*_ID)


def _matches(known: pl.DataFrame, text: str) -> list[Payee]:
    kind, colon, bare = text.partition(":")
    if colon and kind in KINDS:
        known, text = known.filter(pl.col("payee_kind") == kind), bare
    found = known.filter(pl.col("payee_id") == text)
    if found.is_empty():
        found = known.filter(_compared("payee_name") == _compared(pl.lit(text)))
    return [Payee(*row) for row in found.select(*PAYEES).iter_rows()]


def _compared(text: str | pl.Expr) -> pl.Expr:
    """A text without regard to case and spaces."""
    column = pl.col(text) if isinstance(text, str) else text
    return column.str.strip_chars().str.replace_all(r"\s+", " ").str.to_lowercase()


def _ambiguous(text: str, matches: Sequence[Payee]) -> Problem:
    candidates = ", ".join(f"{one.kind}:{one.id} ({one.name})" for one in matches)
    message = f"`{text}` is ambiguous: it fits {len(matches):,} payees"
    return Problem("ambiguous-payee", message, f"name one of {candidates}")


def _unknown(text: str, known: pl.DataFrame, noun: str) -> Problem:
    near = [
        f"`{one}`" if one == name else f"`{one}` ({name})" for one, name in _nearest(text, known)
    ]
    hint = f"did you mean {' or '.join(near)}?" if near else f"use the id or the name of a {noun}"
    return Problem(f"unknown-{noun}", f"Unknown {noun} `{text}`", hint)


def _nearest(text: str, known: pl.DataFrame) -> list[tuple[str, str]]:
    """Ids and names that are most like `text`, then those whose name contains it."""
    compared = known.select(
        "payee_id", "payee_name", id=_compared("payee_id"), name=_compared("payee_name")
    )
    wanted = text.strip().casefold()
    contains = compared.filter(pl.col("name").str.contains(wanted, literal=True))
    if compared.height > MOST_COMPARED:  # comparing each of very many would take minutes
        begins = pl.any_horizontal(pl.col("id", "name").str.starts_with(wanted[:3]))
        compared = compared.filter(begins).head(MOST_COMPARED)
    by_text: dict[str, tuple[str, str]] = {}
    for payee_id, payee_name, *texts in compared.iter_rows():
        for one in texts:
            by_text.setdefault(one, (payee_id, payee_name))
    similar = [by_text[one] for one in get_close_matches(wanted, by_text, _MOST_NAMED, 0.6)]
    named = contains.head(_MOST_NAMED).select("payee_id", "payee_name").iter_rows()
    return list(dict.fromkeys([*similar, *named]))[:_MOST_NAMED] if wanted else []
