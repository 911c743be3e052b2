"""What `todo` prints: everything that waits, the dearest first."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from incentivectl.core import money
from incentivectl.core.nouns import counted
from incentivectl.insight.todo.item import Item, Waiting, ordered
from incentivectl.output.report import Amount, Cell, Report, Section
from incentivectl.run.known import Known


def todo_report(items: Sequence[Item], known: Known, day: date) -> Report:
    """The items as they stand on `day`, with their worth in the workspace's currency."""
    workspace, period = known.loaded.workspace, known.period
    rates = known.channel.rates.on(period.last, home=workspace.currency)
    waiting = ordered(items, day, rates)
    digits = money.minor_digits(workspace.currency)
    rows: list[tuple[Cell, ...]] = [_row(one, digits) for one in waiting]
    columns = (
        "what waits", "of", "days", f"at stake ({workspace.currency})", "settled by",
        "kind", "id", "since", "amounts",
    )  # fmt: skip
    keys = ("what", "payee", "days", "at_stake", "settled_by", "kind", "id", "since", "amounts")
    worth = sum((one.worth for one in waiting if one.worth is not None), Decimal(0))
    closing = []
    if waiting:
        closing.append(_in_all(waiting, worth, workspace.currency))
    return Report(
        title=f"{workspace.name}: what waits on {day.isoformat()}",
        sections=(
            Section(
                "todo",
                "",
                columns,
                rows,
                "" if rows else "Nothing waits.",
                keys=keys,
                for_machines=4,
            ),
        ),
        main="todo",
        facts={
            "workspace": workspace.name,
            "period": period.label,
            "as_of": day,
            "currency": workspace.currency,
            "waiting": len(waiting),
        },
        closing=tuple(closing),
    )


def _row(one: Waiting, digits: int) -> tuple[Cell, ...]:
    item = one.item
    amounts = ", ".join(
        f"{money.figure_text(amount, code)} {code}" for code, amount in item.amounts.items()
    )
    what = f"{item.id}: {item.what}"
    if one.unrated:
        what += f"; {amounts}, and no rate for {', '.join(one.unrated)}"
    return (
        what,
        item.payee_id,
        one.days,
        None if one.worth is None else Amount(one.worth, digits),
        item.settle,
        item.kind,
        item.id,
        item.since,
        amounts or None,
    )


def _in_all(waiting: Sequence[Waiting], worth: Decimal, currency: str) -> str:
    """How much waits; rows that name one unknown id are rejected for it, so that they count twice."""
    told = (
        f"{counted(len(waiting), 'thing')} to settle, {money.money_text(worth, currency)} at stake."
    )
    if any(one.item.kind == "unknown-id" for one in waiting):
        told += " The lines of unknown ids may be among the rejected rows."
    return told
