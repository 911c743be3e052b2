"""What a posting looks at before it books; each guard refuses with figures (docs/ledger.md, "Guards")."""

from collections.abc import Iterator

from incentivectl.posting.guards.allowing import allowance
from incentivectl.posting.guards.clawbacks import clawbacks
from incentivectl.posting.guards.gone import gone
from incentivectl.posting.guards.judged_run import Delivered, JudgedRun, Refusal
from incentivectl.posting.guards.lines import missing_lines
from incentivectl.posting.guards.rejects import rejects
from incentivectl.posting.guards.rules import changed_rules, edited_rules
from incentivectl.posting.guards.surge import maximum, surge

CHANGED_INPUTS = "changed-inputs"
LOST_BATCHES = "lost-batches"  # judged by all that writes payments, too
# What each guard's subject is; None where it judges the batch as a whole.
SUBJECTS: dict[str, str | None] = {
    "clawbacks": "program",
    "missing-lines": "source",
    "rejects": "source",
    CHANGED_INPUTS: None,
    "gone": "program or table",
    "surge": "program",
    "maximum": "payee",
    "changed-rules": "program",
    LOST_BATCHES: None,
}


def of_delivery(delivered: Delivered) -> Iterator[Refusal]:
    """What can be judged without a run: the exports and the programs against the ledger."""
    yield from missing_lines(delivered)
    yield from rejects(delivered)
    yield from gone(delivered)
    yield from edited_rules(delivered)


def of_run(judged: JudgedRun) -> Iterator[Refusal]:
    """What a run says about posting it: every guard except the one that compares with a run.

    Causes first: a missing export or a changed rule is why money is clawed back.
    """
    yield from missing_lines(judged)
    yield from rejects(judged)
    yield from gone(judged)
    yield from changed_rules(judged)
    yield from clawbacks(judged)
    yield from surge(judged)
    yield from maximum(judged)


def unknown_allowance(given: str) -> str | None:
    """What is wrong with the value of an `--allow`; None where it names a guard."""
    option = allowance(given)
    if option.guard not in SUBJECTS:
        return f"Unknown guard `{option.guard}`; guards are {', '.join(SUBJECTS)}"
    subject = SUBJECTS[option.guard]
    if option.subject is not None and subject is None:
        return f"`{option.guard}` judges the batch as a whole: --allow {option.guard}"
    if option.subject == "":
        return f"`{given}` needs the {subject} after the colon"
    return None
