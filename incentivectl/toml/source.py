"""Reads a TOML file together with the line and column of every key and value in it.

`tomllib` gives the data and judges the syntax but knows no positions; a small scanner over the
text, which is then known to be valid, finds them. Whatever is wrong becomes a `Problem`.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cached_property
from pathlib import Path
from typing import Any

from incentivectl.core import limits
from incentivectl.core.errors import Problem, Severity
from incentivectl.core.input_files import FileTooLargeError, NotAFileError, content
from incentivectl.toml.positions import (
    LONG_KEY,
    TOO_DEEP,
    KeyPath,
    Place,
    Positions,
    TooManyKeysError,
)

_SMALL_AND_FLAT = "is this the right file? Configs and programs are small and flat"
_AT_LINE = re.compile(r"\s*\(at line (\d+), column (\d+)\)$")
_AT_END = re.compile(r"\s*\(at end of document\)$")


@dataclass(frozen=True)
class TomlSource:
    """The data of one TOML file, and its text, in which keys and values have their places."""

    file: Path
    data: dict[str, Any]
    text: str = ""

    @cached_property
    def lines(self) -> Sequence[str]:
        """The lines of the text."""
        return self.text.split("\n")

    @property
    def keys(self) -> Mapping[KeyPath, Place]:
        """Where each key stands."""
        return self._positions.keys

    @property
    def values(self) -> Mapping[KeyPath, Place]:
        """Where each value begins."""
        return self._positions.values

    @cached_property
    def _positions(self) -> Positions:
        """Found when first asked for: most files have nothing to point at."""
        return Positions(self.text)

    def known_path(self, path: KeyPath) -> KeyPath:
        """The longest part of `path` that stands in the file.

        A single table in place of a list of tables has no index, so indexes may be left out, and a
        key `a.b` may be written with or without quotes.
        """
        known: KeyPath = ()
        for part in path:
            dotted = tuple(part.split(".")) if isinstance(part, str) else ()
            if (*known, part) in self.keys:
                known = (*known, part)
            elif (*known, *dotted) in self.keys:
                known = (*known, *dotted)
            elif not isinstance(part, int):
                break
        return known

    def problem(
        self,
        path: KeyPath,
        code: str,
        message: str,
        *,
        hint: str = "",
        severity: Severity = "error",
        at_key: bool = False,
    ) -> Problem:
        """A problem at the value (or the key) of `path`, or at the nearest table around it."""
        known = self.known_path(path)
        place = (self.keys if at_key else self.values).get(known)
        return Problem(
            code=code,
            message=message,
            hint=hint,
            file=self.file,
            line=place.line if place else 1,
            column=place.column if place else None,
            excerpt=self.lines[place.line - 1] if place else "",
            severity=severity,
        )


def read_toml(file: Path) -> tuple[TomlSource | None, list[Problem]]:
    """The data and positions of `file`, or none and the reason; a warning for a byte order mark."""
    raw, problem = _read(file)
    if problem:
        return None, [problem]
    text, problems = _decode(file, raw)
    if text is None:
        return None, problems
    source, syntax_problems = parse_toml(text, file)
    return source, problems + syntax_problems


def parse_toml(text: str, file: Path) -> tuple[TomlSource | None, list[Problem]]:
    """The data and positions of a TOML text; `file` is only named."""
    text = text.replace("\r\n", "\n")
    lines = text.split("\n")
    if too_deep := LONG_KEY.search(text):
        line = text.count("\n", 0, too_deep.start()) + 1
        return None, [_beyond(file, f"the key has more than {limits.KEY_PARTS} parts", line)]
    try:
        source = TomlSource(file, tomllib.loads(text, parse_float=_parse_float), text)
        if len(text) >= limits.TOML_KEYS or _is_deep(source.data):
            _ = source.keys  # where a limit is passed
    except RecursionError:
        return None, [Problem("toml-syntax", TOO_DEEP, _SMALL_AND_FLAT, file)]
    except TooManyKeysError as error:
        return None, [_beyond(file, str(error), error.line)]
    except ValueError as error:  # also what int() says of more than 4300 digits
        return None, [_syntax_problem(str(error), file, lines)]
    return source, []


def _is_deep(value: object, level: int = 0) -> bool:
    """Whether tables and lists are nested more deeply than `limits.KEY_PARTS`."""
    if not isinstance(value, dict | list):
        return level > limits.KEY_PARTS
    inner = value.values() if isinstance(value, dict) else value
    return level > limits.KEY_PARTS or any(_is_deep(one, level + 1) for one in inner)


def _beyond(file: Path, message: str, line: int | None = None) -> Problem:
    return Problem("beyond-limit", message, _SMALL_AND_FLAT, file, line)


def _read(file: Path) -> tuple[bytes, Problem | None]:
    try:
        return content(file, limits.TOML_BYTES), None
    except FileTooLargeError as error:
        hint = "is this a data file? Configs and programs are small"
        return b"", Problem("file-too-large", error.strerror, hint, file=file)
    except NotAFileError as error:
        return b"", Problem("not-a-file", error.strerror, "put a file there", file=file)
    except FileNotFoundError:
        return b"", Problem("no-such-file", "file not found", file=file)
    except PermissionError:
        hint = "check its permissions"
        return b"", Problem("unreadable-file", "no permission to read the file", hint, file=file)
    except OSError as error:
        why = error.strerror or str(error)
        return b"", Problem("unreadable-file", f"the file cannot be read: {why}", file=file)


def _decode(file: Path, raw: bytes) -> tuple[str | None, list[Problem]]:
    problems: list[Problem] = []
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        hint = "save it as UTF-8"
        return None, [Problem("not-utf8", "the file is UTF-16, not UTF-8", hint, file, line=1)]
    if raw.startswith(b"\xef\xbb\xbf"):
        raw = raw[3:]
        message = "the file begins with a byte order mark, which is ignored"
        hint = "save it as UTF-8 without BOM"
        problems.append(Problem("byte-order-mark", message, hint, file, 1, severity="warning"))
    if b"\0" in raw:
        return None, [Problem("binary-file", "the file is binary, not text", file=file)]
    try:
        return raw.decode("utf-8"), problems
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        message = f"the byte 0x{raw[error.start]:02X} is not UTF-8"
        return None, [Problem("not-utf8", message, "save it as UTF-8", file, line)]


def _syntax_problem(text: str, file: Path, lines: Sequence[str]) -> Problem:
    line, column = None, None
    if found := _AT_LINE.search(text):
        line, column = int(found[1]), int(found[2])
    elif _AT_END.search(text):
        line = len(lines) if lines[-1] else max(1, len(lines) - 1)
        column = len(lines[line - 1]) + 1
    message = _AT_END.sub("", _AT_LINE.sub("", text))
    excerpt = lines[line - 1] if line and line <= len(lines) else ""
    if "integer string conversion" in message:
        message = "a number has more than 4,300 digits"
    message = f"not valid TOML: {message[:1].lower()}{message[1:]}"
    return Problem("toml-syntax", message, "", file, line, column, excerpt)


def _parse_float(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:  # an exponent beyond what decimals hold
        return Decimal("Infinity")
