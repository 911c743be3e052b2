"""Which encodings read the bytes of a line, where the source's own does not."""

from pathlib import Path

from incentivectl.core.input_files import opened

CANDIDATES = ("utf-8", "cp1252", "cp850", "mac-roman")
MOST_BYTES = 1 << 26
BEGINNING = 4096


def that_fit(path: Path, line: int) -> list[tuple[str, str]]:
    """Encodings that read the physical line `line`, each with a word of it, the likeliest first.

    A word is one that only an encoding tells: it has a letter beyond ASCII. Nothing is found in a
    packed file, or far behind its beginning.
    """
    if path.suffix in (".gz", ".zst"):
        return []
    try:
        raw = _line(path, line)
    except OSError:
        return []
    found = []
    for encoding in CANDIDATES:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        words = [
            word for word in text.replace(",", " ").replace(";", " ").split() if not word.isascii()
        ]
        strange = sum(not sign.isalnum() for word in words for sign in word if not sign.isascii())
        if words:
            found.append((strange, encoding, words[0]))
    return [(encoding, word) for _, encoding, word in sorted(found, key=lambda one: one[0])]


def read_as(path: Path, line: int, encoding: str) -> str:
    """What to do about a line that `encoding` cannot read: the encodings that would fit."""
    found = [
        f'encoding = "{name}" reads it as {word}'
        for name, word in that_fit(path, line)
        if name != encoding
    ]
    tried = f'it is read with encoding = "{encoding}"'
    if found:
        return f"{tried}; {', '.join(found)}"
    return f"{tried}: is that the encoding of the export?"


def wide_encoding(path: Path) -> str | None:
    """The UTF-16 without a mark that a file with NUL bytes may be in, as its beginning tells."""
    try:
        with opened(path) as file:
            start = file.read(BEGINNING)
    except OSError:
        return None
    for encoding, nul in (("utf-16-le", start[1::2]), ("utf-16-be", start[0::2])):
        other = start[0::2] if encoding == "utf-16-le" else start[1::2]
        if nul and 2 * nul.count(0) > len(nul) and not other.count(0):
            return encoding
    return None


def _line(path: Path, number: int) -> bytes:
    with opened(path) as file:
        read = 0
        for at, raw in enumerate(file, start=1):
            read += len(raw)
            if at == number or read > MOST_BYTES:
                return raw if at == number else b""
    return b""
