"""Which encoding a text file is in: UTF-8 where its bytes are, else what a detector takes them for."""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from incentivectl.core.errors import Problem
from incentivectl.core.input_files import opened_text
from incentivectl.ingest.files.encodings import wide_encoding
from incentivectl.ingest.files.text import Text, plain_text

# The likelier first: where two read the bytes alike, the first is named.
ENCODINGS = (
    "cp1252",
    "cp1250",
    "cp850",
    "mac_roman",
    "cp1251",
    "cp932",
    "gb18030",
    "big5",
    "euc_kr",
)
OLD = ("cp850", "mac_roman")  # in the others, a text of theirs has strange signs
LATIN = 0x250  # where other scripts begin
MOST_BYTES = 1 << 18  # of the lines that are looked at
_SIGN_IN_A_WORD = re.compile(r"(?<=\w)[^\w\s,;|'’\"./&()\-+:°€£¥%–]")


@dataclass(frozen=True, slots=True)
class Encoding:
    """An encoding, a word that shows it, and other encodings that read the word otherwise."""

    name: str
    word: str = ""
    others: tuple[tuple[str, str], ...] = ()


def encoding_of(path: Path, scratch: Path) -> tuple[Encoding, Text] | Problem:
    """The encoding of a file, and its text; or the problem that keeps it from being read."""
    text = plain_text(path, "utf-8", scratch)
    if isinstance(text, Problem):
        wide = wide_encoding(path) if text.code == "binary-file" else None
        return _read(path, Encoding(wide), scratch) if wide else text
    if text.traits.valid:
        return Encoding("utf-8"), text
    raw = plain_text(path, "latin-1", scratch)  # every byte as a character
    if isinstance(raw, Problem):
        return raw
    return _read(path, _detected(b"".join(_telling_lines(raw.path))), scratch)


def _read(path: Path, encoding: Encoding, scratch: Path) -> tuple[Encoding, Text] | Problem:
    text = plain_text(path, encoding.name, scratch)
    return text if isinstance(text, Problem) else (encoding, text)


def _telling_lines(path: Path) -> Iterator[bytes]:
    """The bytes of the first lines that are more than ASCII."""
    read = 0
    with opened_text(path, "utf-8") as lines:
        for line in lines:
            if not line.isascii():
                raw = line.encode("latin-1", "replace")
                read += len(raw)
                yield raw
            if read > MOST_BYTES:
                return


def _detected(raw: bytes) -> Encoding:
    """The encoding that reads `raw` with the least that is strange; the detector decides between equals."""
    from charset_normalizer import from_bytes

    matches = from_bytes(raw, cp_isolation=[*ENCODINGS])
    mess = {match.encoding: match.chaos for match in matches}
    sense = {str(match): match.coherence for match in matches}
    readings: dict[str, str] = {}  # text → the likeliest encoding that reads it so
    ranks: dict[str, tuple[int, float]] = {}
    for name in ENCODINGS:
        with suppress(UnicodeDecodeError):
            text = raw.decode(name)
            readings.setdefault(text, name)
            rank = (_strange(text), mess.get(name, 1.0))
            ranks[text] = min(rank, ranks.get(text, rank))
    if not readings:
        return Encoding(ENCODINGS[0])
    best = min(readings, key=lambda text: ranks[text])  # of equals the first, which is the likelier
    equals = [text for text in readings if text != best and ranks[text] == ranks[best]]
    rivals = [
        text
        for text in equals
        if readings[text] not in OLD and sense.get(text, 0) >= sense.get(best, 0)
    ]
    if not rivals:
        return Encoding(readings[best], _words(best)[0])
    pairs = zip(_words(best), _words(rivals[0]), strict=False)
    word, other = next((pair for pair in pairs if pair[0] != pair[1]), (best[:20], rivals[0][:20]))
    return Encoding(readings[best], word, ((readings[rivals[0]], other),))


def _strange(text: str) -> int:
    """How often a sign is out of place: a capital or a sign within a word, two scripts in one word."""
    pairs = pairwise(text)
    flips = sum(_is_flip(one, other) for one, other in pairs if not (one + other).isascii())
    return flips + len(_SIGN_IN_A_WORD.findall(text))


def _is_flip(one: str, other: str) -> bool:
    if not (one.isalpha() and other.isalpha()):
        return False
    return (one.islower() and other.isupper()) or (ord(one) < LATIN) != (ord(other) < LATIN)


def _words(text: str) -> list[str]:
    """The words with more than ASCII; a sign where there is no such word."""
    return re.findall(r"\w*[^\W\d_a-zA-Z]+\w*", text) or re.findall(r"[^\x00-\x7f]", text) or [""]
