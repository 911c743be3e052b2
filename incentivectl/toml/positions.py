"""Where each key and each value begins in a TOML text that is known to be valid."""

import re
import tomllib
from bisect import bisect_right
from dataclasses import dataclass

from incentivectl.core import limits

KeyPath = tuple[str | int, ...]

TOO_DEEP = "lists and tables are nested too deeply"
# Long before the parser would have built all the tables that such a key stands for.
_PART = r"""(?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')[ \t]*"""
LONG_KEY = re.compile(
    rf"(?:^|[\[{{,])[ \t]*(?:{_PART}\.[ \t]*){{{limits.KEY_PARTS}}}", re.MULTILINE
)
_BLANK = re.compile(r"(?:[ \t\n]|#[^\n]*)*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_SCALAR = re.compile(r"[^,\]}#\n]*")
_BASIC = re.compile(r'"(?:[^"\\]|\\.)*"')
_BASIC_LONG = re.compile(r'"""(?:[^\\]|\\.)*?"""(?!")', re.DOTALL)
_LITERAL = re.compile(r"'[^']*'")
_LITERAL_LONG = re.compile(r"'''.*?'''(?!')", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Place:
    """A 1-based line and column."""

    line: int
    column: int


class TooManyKeysError(Exception):
    """The text has more keys, or deeper ones, than the limits allow."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


class Positions:
    """Walks over valid TOML and notes where each key and each value begins."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._position = 0
        self._line_starts = [0, *(found.end() for found in re.finditer("\n", text))]
        self.keys: dict[KeyPath, Place] = {}
        self.values: dict[KeyPath, Place] = {}
        self._last_index: dict[KeyPath, int] = {}
        self._scan()

    def _scan(self) -> None:
        table: KeyPath = ()
        self._skip(_BLANK)
        while self._position < len(self._text):
            if self._sees("["):
                table = self._header()
            else:
                self._assignment(table)
            self._skip(_BLANK)

    def _sees(self, sign: str) -> bool:
        return self._text.startswith(sign, self._position)

    def _skip(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self._text, self._position)
        if found is None:
            return ""
        self._position = found.end()
        return found[0]

    def _place(self) -> Place:
        line = bisect_right(self._line_starts, self._position)
        return Place(line, self._position - self._line_starts[line - 1] + 1)

    def _note(self, path: KeyPath, key: Place, value: Place) -> None:
        if len(path) > limits.KEY_PARTS:
            raise TooManyKeysError(TOO_DEEP, key.line)
        if len(self.keys) >= limits.TOML_KEYS:
            raise TooManyKeysError(f"more than {limits.TOML_KEYS:,} keys and values", key.line)
        self.keys.setdefault(path, key)
        self.values.setdefault(path, value)

    def _header(self) -> KeyPath:
        start = self._place()
        repeated = self._sees("[[")
        self._position += 2 if repeated else 1
        path: KeyPath = ()
        for part, _ in self._dotted_key():
            if path in self._last_index:
                path = (*path, self._last_index[path])
            path = (*path, part)
            self._note(path, start, start)
        self._position += 2 if repeated else 1
        if repeated:
            index = self._last_index.get(path, -1) + 1
            self._last_index[path] = index
            path = (*path, index)
            self._note(path, start, start)
        return path

    def _dotted_key(self) -> list[tuple[str, Place]]:
        parts: list[tuple[str, Place]] = []
        while True:
            self._skip(_BLANK)
            start = self._place()
            parts.append((self._key_part(), start))
            self._skip(_BLANK)
            if not self._sees("."):
                return parts
            self._position += 1

    def _key_part(self) -> str:
        if self._sees("'"):
            return self._skip(_LITERAL)[1:-1]
        if self._sees('"'):
            quoted = self._skip(_BASIC)
            return str(tomllib.loads(f"key={quoted}")["key"])
        return self._skip(_BARE_KEY)

    def _assignment(self, table: KeyPath) -> None:
        path = table
        parts = self._dotted_key()
        self._position += 1  # the equals sign
        self._skip(_BLANK)
        value = self._place()
        for part, start in parts:
            path = (*path, part)
            self._note(path, start, value)
        self._value(path)

    def _value(self, path: KeyPath) -> None:
        if self._sees("["):
            self._array(path)
        elif self._sees("{"):
            self._inline_table(path)
        elif self._sees('"'):
            self._skip(_BASIC_LONG if self._sees('"""') else _BASIC)
        elif self._sees("'"):
            self._skip(_LITERAL_LONG if self._sees("'''") else _LITERAL)
        else:
            self._skip(_SCALAR)

    def _array(self, path: KeyPath) -> None:
        self._position += 1
        index = 0
        self._skip(_BLANK)
        while not self._sees("]"):
            start = self._place()
            self._note((*path, index), start, start)
            self._value((*path, index))
            self._skip_comma()
            index += 1
        self._position += 1

    def _inline_table(self, path: KeyPath) -> None:
        self._position += 1
        self._skip(_BLANK)
        while not self._sees("}"):
            self._assignment(path)
            self._skip_comma()
        self._position += 1

    def _skip_comma(self) -> None:
        self._skip(_BLANK)
        if self._sees(","):
            self._position += 1
        self._skip(_BLANK)
