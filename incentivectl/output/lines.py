"""Lines of text that know what they are, so that a terminal can give them a style."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["", "title", "head", "total", "note"]
Tone = Literal["", "warning", "error"]


@dataclass(frozen=True)
class Line:
    """A line as it is read; `kind` and `tone` say nothing that the text does not say."""

    text: str
    kind: Kind = ""
    tone: Tone = ""
