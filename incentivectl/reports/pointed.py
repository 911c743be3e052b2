"""What needs attention, in words of a page: programs by name, and where on the page the figures stand."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

# What a sentence speaks of, and the part of the page that shows it.
_PARTS = (
    ("BROKEN: ", "#checks"),
    ("is no longer what the run wrote", "#checks"),
    ("reject", "#data"),
    ("unknown", "#data"),
    ("duplicate", "#data"),
)


@dataclass(frozen=True)
class Pointed:
    """A sentence, and where to look; `link` is empty where the page shows nothing of it."""

    text: str
    link: str


def pointed(sentences: Iterable[str], programs: Iterable[Mapping[str, Any]]) -> list[Pointed]:
    """The sentences of `attention` in their order; `programs` are those of the manifest."""
    names = {str(program["id"]): str(program["name"]) for program in programs}
    return [_pointed(sentence, names) for sentence in sentences]


def _pointed(sentence: str, names: Mapping[str, str]) -> Pointed:
    program, colon, rest = sentence.partition(": ")
    if colon and program in names:
        return Pointed(f"{names[program]}: {rest}", f"#program-{program}")
    link = next((link for said, link in _PARTS if said in sentence), "")
    return Pointed(sentence, link)
