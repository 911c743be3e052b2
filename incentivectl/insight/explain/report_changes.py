"""Why entitlements changed: what each cause amounts to, and the lines behind it."""

from collections.abc import Iterator, Sequence

from incentivectl.core import money
from incentivectl.core.nouns import counted
from incentivectl.insight.causes.names import WORDS
from incentivectl.insight.explain.causes import Change
from incentivectl.output.report import Amount, Cell, Section

LINES_SHOWN = 10


def changes_sections(changes: Sequence[Change], *, every_line: bool = False) -> Iterator[Section]:
    """A table of causes for each entitlement that changed, and one of the lines behind them.

    Without `every_line` people see the first lines, and how many more there are; JSON has all.
    """
    if not changes:
        yield Section("changes", "What changed", (), [], "No earnings have changed.")
    for change in changes:
        digits = money.minor_digits(change.currency)
        about: dict[str, Cell] = {
            "program": change.program_id,
            "period_start": change.period_start,
        }
        title = f"{change.program_id}, {change.period_start}: what changed, in {change.currency}"
        rows: list[tuple[Cell, ...]] = [
            ("earned then", None, Amount(change.then, digits), "", "then")
        ]
        so_far = change.then
        for cause in change.causes:
            so_far += cause.amount
            behind = [f"{counted(cause.lines.height, 'line')}, below"] if cause.lines.height else []
            told = "; ".join([*behind, *cause.told])
            words = WORDS.get(cause.name, cause.name)
            amounts = (Amount(cause.amount, digits), Amount(so_far, digits))
            rows.append((words, *amounts, told, cause.name))
        rows.append(("= earned now", None, Amount(change.now, digits), "", "now"))
        columns = ("cause", "amount", "so far", "behind it", "code")
        yield Section("changes", title, columns, rows, about=about, for_machines=1)
        lines: list[tuple[Cell, ...]] = [
            (
                WORDS.get(cause.name, cause.name),
                *(line[name] for name in ("sale_id", "line_id", "counted_on", "received_on")),
                *(
                    None if line[name] is None else Amount(line[name], digits)
                    for name in ("amount_then", "amount_now")
                ),
                cause.name,
            )
            for cause in change.causes
            for line in cause.lines.iter_rows(named=True)
        ]
        if lines:
            heading = f"{change.program_id}, {change.period_start}: the lines behind it"
            names = ("cause", "sale", "line", "counts on", "received", "then", "now", "code")
            shown = lines if every_line else lines[:LINES_SHOWN]
            more = len(lines) - len(shown)
            note = f"and {counted(more, 'more line')}: --lines shows all" if more else ""
            if more:
                yield Section(
                    "changed_lines", heading, names, lines, about=about, audience="machines"
                )
            yield Section(
                "changed_lines", heading, names, shown, note, about=about, for_machines=1,
                audience="people" if more else "all",
            )  # fmt: skip
