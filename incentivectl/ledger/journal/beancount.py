"""The journal as Beancount text, which `bean-check` accepts as it stands and beside other months.

A plugin opens accounts where they are first used, so that the journals of all months go into one file. What
is in another currency names what it is worth in the workspace's (`@@`); by that each entry balances.
"""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import groupby

from incentivectl.core import money
from incentivectl.ledger.exports import components, quoted
from incentivectl.ledger.journal.accounts import (
    ACCRUED,
    CLEARING,
    EXPENSE,
    FX,
    PAYABLE,
    WITHHELD,
)
from incentivectl.ledger.journal.journal import Journal
from incentivectl.ledger.journal.lines import Line

_ROOTS = {
    EXPENSE: "Expenses", ACCRUED: "Liabilities", PAYABLE: "Liabilities", WITHHELD: "Liabilities",
    CLEARING: "Assets", FX: "Income",
}  # fmt: skip
_WHOLE = re.compile(
    r"(Assets|Liabilities|Equity|Income|Expenses)(:[A-Z0-9][A-Za-z0-9-]*)+"  # a name of Beancount's own
)


def beancount_text(journal: Journal) -> str:
    """A journal as text; `[journal]` may name accounts as Beancount does, others are put under a root."""
    return "\n".join(_text(journal)) + "\n"


def _text(journal: Journal) -> Iterator[str]:
    names = _names(journal)
    yield f"; journal {journal.label}"
    yield 'plugin "beancount.plugins.auto_accounts"'
    in_order = sorted(journal.lines, key=lambda line: (line.day, line.record))
    for _, lines in groupby(in_order, key=lambda line: (line.entry, line.currency)):
        own = list(lines)
        yield ""
        yield f'{own[0].day} * "{quoted(own[0].what)}"'
        yield f'  entry: "{own[0].entry}"'
        yield f'  batch: "{quoted(own[0].batch_id)}"'
        for line in own:
            yield f"  {names[line.role, journal.account(line)]}  {_amounts(line, journal.home)}"
            for key, value in (("program", line.program_id), ("debtor", line.debtor)):
                if value is not None:
                    yield f'    {key}: "{quoted(value)}"'
        if _is_priced(own, journal.home):
            yield f"  {names[FX, journal.accounts.rules.fx]}  {_plain(Decimal(0), journal.home)}"


def _is_priced(lines: Sequence[Line], home: str) -> bool:
    """Whether an entry balances by prices alone: then it needs an amount that tells its precision.

    Beancount divides what `@@` states, and takes the last digits of the quotient for a difference.
    """
    return all(line.currency != home and line.role != FX for line in lines) and any(
        line.home_amount is not None for line in lines
    )


def _amounts(line: Line, home: str) -> str:
    if line.role == FX:
        assert line.home_amount is not None
        return _plain(line.home_amount, home)
    own = _plain(line.amount, line.currency)
    if line.currency == home or line.home_amount is None:
        return own
    return f"{own} @@ {_plain(abs(line.home_amount), home)}"


def _plain(amount: Decimal, currency: str) -> str:
    return f"{money.round_decimal(amount, money.minor_digits(currency)):f} {currency}"


def _names(journal: Journal) -> dict[tuple[str, str], str]:
    """Role and account → its name in Beancount."""
    used = {(line.role, journal.account(line)) for line in journal.lines}
    used.add((FX, journal.accounts.rules.fx))
    parts = components(sorted({account for _, account in used}))
    return {
        (role, account): account
        if _WHOLE.fullmatch(account)
        else f"{_ROOTS[role]}:{parts[account]}"
        for role, account in used
    }
