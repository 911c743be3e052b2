"""What needs attention, in a manager's words: names for ids, and where on the page the figures stand."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

# What a sentence speaks of, and the part of the page that shows it.
_PARTS = (
    ("FAILED integrity check", "#checks"),
    ("BROKEN: ", "#checks"),
    ("is no longer what the run wrote", "#checks"),
    ("reject", "#data"),
    ("unknown", "#data"),
    ("duplicate", "#data"),
    ("repeated", "#data"),
)
# Sentences that are about money or the books, and not about exports, config or rules as they are written.
_OF_MONEY = re.compile(
    r"FAILED|BROKEN|posting is blocked|[\d,]+ (inactive|negative|closed)|adjustments are booked"
)
# How programs are written, and what that means.
_WORDS = (
    (re.compile(r" \(over_budget = warn\)$"), ": nothing is cut"),
    (re.compile(r"; prorate cut (.+)$"), r"; everybody got less, by \1 in all"),
    (re.compile(r"; first_come cut (.+)$"), r"; whoever came last got less, by \1 in all"),
)


@dataclass(frozen=True)
class Linked:
    """A sentence, and where to look; `link` is empty where the page does not show it.

    `about_data`: it is for those who keep the exports, the config and the programs.
    """

    text: str
    link: str
    about_data: bool = False


def linked(
    sentences: Iterable[str],
    programs: Iterable[Mapping[str, Any]],
    payees: Mapping[str, str] | None = None,
) -> list[Linked]:
    """The sentences of `attention` in their order.

    `programs` are those of the manifest; `payees` are names by id.
    """
    names = {str(program["id"]): str(program["name"]) for program in programs}
    return [_linked(sentence, names, payees or {}) for sentence in sentences]


def _linked(sentence: str, names: Mapping[str, str], payees: Mapping[str, str]) -> Linked:
    program, colon, rest = sentence.partition(": ")
    if colon and program in names:
        for written, said in _WORDS:
            rest = written.sub(said, rest)
        return Linked(f"{names[program]}: {rest}", f"#program-{program}")
    link = next((link for said, link in _PARTS if said in sentence), "")
    if not _OF_MONEY.match(sentence):
        return Linked(sentence, link, about_data="is no longer what the run wrote" not in sentence)
    if "inactive" in sentence and colon:
        listed = ", ".join(payees.get(one, one) for one in rest.split(", "))
        return Linked(f"{program}: {listed}", "#cost")
    return Linked(sentence, link)
