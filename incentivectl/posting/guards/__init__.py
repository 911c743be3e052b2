"""What a posting looks at before it books; each guard refuses with figures (docs/rules.md, "Guards")."""

from collections.abc import Sequence

from incentivectl.posting.guards.clawbacks import clawbacks
from incentivectl.posting.guards.gone import gone
from incentivectl.posting.guards.inputs import changed_inputs
from incentivectl.posting.guards.lines import missing_lines
from incentivectl.posting.guards.rejects import rejects
from incentivectl.posting.guards.rules import changed_rules
from incentivectl.posting.guards.situation import Refusal, Situation
from incentivectl.posting.guards.surge import maximum, surge

GUARDS = {
    "clawbacks": clawbacks,
    "missing-lines": missing_lines,
    "rejects": rejects,
    "changed-inputs": changed_inputs,
    "gone": gone,
    "surge": surge,
    "maximum": maximum,
    "changed-rules": changed_rules,
}
LOST_BATCHES = "lost-batches"  # judged by all that writes payments, too
NAMES = (*GUARDS, LOST_BATCHES)


def refusals(situation: Situation, allowed: Sequence[str]) -> tuple[list[Refusal], list[str]]:
    """What stands in the way of posting, and which of the guards that are `allowed` would have refused."""
    found = [refusal for guard in GUARDS.values() for refusal in guard(situation)]
    overridden = {refusal.guard for refusal in found if refusal.guard in allowed}
    return [one for one in found if one.guard not in allowed], sorted(overridden)
