"""The journal of a batch or of a PERIOD: its lines, its roll-forward, and what must hold of both."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from incentivectl.core.errors import ExitCode, Problem, Refused
from incentivectl.core.periods import Period
from incentivectl.ledger import records
from incentivectl.ledger.journal.accounts import Accounts
from incentivectl.ledger.journal.lines import Line, lines_of
from incentivectl.ledger.journal.rollforward import Cut, RollForward, roll_forward
from incentivectl.ledger.journal.sums import sums_of
from incentivectl.workspace.journal_rules import DEFAULT_ACCOUNT
from incentivectl.workspace.workspace import Workspace


@dataclass(frozen=True)
class Journal:
    """The lines of a batch or PERIOD (`label`), in the order in which they were recorded.

    `home` is the workspace's currency. The journal balances and its roll-forward closes.
    """

    label: str
    home: str
    lines: tuple[Line, ...]
    accounts: Accounts
    rolled: RollForward

    def account(self, line: Line) -> str:
        """The account that a line is on."""
        named = self.accounts.of(line.role, line.program_id, line.method)
        assert named is not None  # `journal_of` refuses what has none
        return named


def journal_of(
    connection: sqlite3.Connection, workspace: Workspace, asked: records.Batch | Period
) -> Journal:
    """The journal of a batch, or of the batches and answers of a PERIOD.

    Refuses accounts that `[journal]` lacks, and, as a defect, a journal that does not close.
    """
    sums = sums_of(connection)
    every = lines_of(connection, sums, workspace.currency)
    if isinstance(asked, Period):
        label, end = asked.label, Cut(day=asked.last)
        chosen = {line.record for line in every if asked.first <= line.day <= asked.last}
    else:
        label, end = asked.id, Cut(record=asked.record)
        chosen = {asked.record}
    known = [line for line in every if end.holds(line.day, line.record)]
    mine = [line for line in known if line.record in chosen]
    rolled = roll_forward(connection, sums, known, chosen, end)
    accounts = Accounts(workspace.journal, sums.kinds)
    journal = Journal(label, workspace.currency, tuple(mine), accounts, rolled)
    faults = [*_unbalanced(mine), *rolled.faults()]
    if faults:
        hint = "nothing was written; `ledger verify` tells whether the ledger is intact"
        raise Refused(
            [Problem("open-journal", f"the journal does not close: {one}", hint) for one in faults],
            ExitCode.BROKEN,
        )
    missing = _missing(journal, workspace)
    if missing:
        raise Refused(missing, ExitCode.CONFIG)
    return journal


def _unbalanced(lines: Sequence[Line]) -> list[str]:
    """Journal entries whose debits and credits differ, in their currency or in the workspace's."""
    sides: dict[tuple[str, str], list[Decimal]] = {}
    for line in lines:
        of = sides.setdefault((line.entry, line.currency), [Decimal(0), Decimal(0)])
        of[0] += line.amount
        of[1] += line.home_amount or Decimal(0)
    return [
        f"debits and credits of entry {entry} differ in {currency}"
        for (entry, currency), (own, home) in sides.items()
        if own or home
    ]


def _missing(journal: Journal, workspace: Workspace) -> list[Problem]:
    """The accounts that lines need and `[journal]` does not name, each once."""
    lacking = (
        journal.accounts.lacking(line.role, line.program_id, line.method) for line in journal.lines
    )
    hint = f"add one, or `{DEFAULT_ACCOUNT}` for everything that is not listed"
    return [
        Problem("no-account", message, hint, file=workspace.config_file)
        for message in dict.fromkeys(lacking)
        if message is not None
    ]
