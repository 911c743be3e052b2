"""All payees of a period at a glance, for who sends the statements."""

from collections.abc import Sequence

from incentivectl.core.money import minor_digits
from incentivectl.insight.statement.statement import Statement
from incentivectl.output.report import Amount, Cell, Report, Section
from incentivectl.programs.words.statements import EarningRow
from incentivectl.run.run import Run

NEAR_PERCENT = 80


def overview(statements: Sequence[Statement], run: Run) -> Report:
    """A row for each payee and balance, and who is near its next tier."""
    rows: list[tuple[Cell, ...]] = []
    for one in statements:
        rows += [
            (
                one.payee.payee_id,
                one.payee.name,
                one.payee.locale,
                paid.currency,
                paid.method,
                *(
                    Amount(value, minor_digits(paid.currency))
                    for value in (paid.this_batch, paid.payable, paid.carried_forward, paid.held)
                ),
            )
            for paid in one.payouts
        ]
    columns = (
        "payee", "name", "locale", "currency", "method", "this batch", "payable",
        "carried forward", "held",
    )  # fmt: skip
    period = run.period.label
    return Report(
        title=f"{run.loaded.workspace.name}: {len(statements):,} statements for {period}",
        sections=(
            Section("payees", "Payees", columns, rows, "" if rows else "Nobody has a balance."),
            _near(statements),
        ),
        main="payees",
        facts={
            "workspace": run.loaded.workspace.name,
            "period": period,
            "as_of": run.period.last,
            "statements": len(statements),
            "posted": _posted(statements),
        },
        closing=(
            *_draft(statements),
            f"One of them: incentivectl statement {period} PAYEE."
            f" All as pages: incentivectl statement {period} --html DIR.",
        ),
    )


def _posted(statements: Sequence[Statement]) -> str:
    """`yes` if all of them are posted, `no` if none is, else `changed`."""
    found = {one.posted for one in statements}
    return found.pop() if len(found) == 1 else "changed" if found else "no"


def _draft(statements: Sequence[Statement]) -> list[str]:
    drafts = sum(1 for one in statements if one.posted != "yes")
    told = "not posted yet, or changed since it was posted"
    return [f"{drafts:,} of {len(statements):,} are drafts: {told}."] if drafts else []


def _near(statements: Sequence[Statement]) -> Section:
    """Who has come at least four fifths of the way to a next tier, gate or minimum."""
    rows: list[tuple[Cell, ...]] = [
        (one.payee.payee_id, one.payee.name, earned.program.id, *_distance(earned))
        for one in statements
        for earned in one.earned
        if _is_near(earned)
    ]
    columns = ("payee", "name", "program", "metric", "missing", "by", "about more")
    note = "" if rows else "Nobody, or no period is still open."
    return Section("near", f"{NEAR_PERCENT} % of the way to the next tier", columns, rows, note)


def _is_near(earned: EarningRow) -> bool:
    step = earned.next_step
    return step is not None and 100 * step.have >= NEAR_PERCENT * step.goal


def _distance(earned: EarningRow) -> tuple[Cell, ...]:
    step = earned.next_step
    assert step is not None
    digits = minor_digits(earned.currency)
    is_money = step.metric in ("revenue", "growth", "attainment")
    more = None if step.more is None else Amount(step.more, digits)
    return step.metric, Amount(step.missing, digits if is_money else 0), step.until, more
