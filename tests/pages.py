"""Runs the command blocks of a page of the docs and looks for what the page says that they print.

A block ```sh``` holds commands as a reader would type them; the block ```text``` behind it holds lines of
what they print (`…` stands for what is left out). A command ends with 0 unless `# ends with N` stands
behind it. Few commands beside ours are known: what a page needs, it makes with `cat > FILE <<'END'`.
"""

import re
import shlex
import shutil
from collections.abc import Iterator
from contextlib import chdir
from dataclasses import dataclass, field
from pathlib import Path

from tests.small_workspace import incentivectl

_BLOCK = re.compile(r"^```(sh|text)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_HEREDOC = re.compile(r"cat (>>?) (\S+) <<'END'")
_ENDS_WITH = re.compile(r"\s+# ends with (\d+)$")


@dataclass
class Reader:
    """Somebody who follows a page in a folder."""

    folder: Path
    printed: str = ""
    shown: int = 0  # lines of the page that were found in what was printed
    complaints: list[str] = field(default_factory=list)

    def follow(self, page: Path) -> None:
        """Types all commands of a page and compares."""
        for language, body in _BLOCK.findall(page.read_text(encoding="utf-8")):
            if language == "sh":
                self.printed = ""
                self._type(body)
            else:
                self._compare(body)

    def _type(self, body: str) -> None:
        lines = iter(body.splitlines())
        for line in lines:
            if heredoc := _HEREDOC.fullmatch(line):
                self._write(heredoc[2], "".join(_until_end(lines)), append=heredoc[1] == ">>")
            elif line.strip():
                self._run(line)

    def _run(self, line: str) -> None:
        expected = int(found[1]) if (found := _ENDS_WITH.search(line)) else 0
        words = shlex.split(_ENDS_WITH.sub("", line))
        target, append = "", False
        if len(words) > 2 and words[-2] in (">", ">>"):
            target, append = words[-1], words[-2] == ">>"
            words = words[:-2]
        match words:
            case ["cd", folder]:
                self.folder = self.folder / folder
                assert self.folder.is_dir()
                return
            case ["cp", source, copy]:
                shutil.copy(self.folder / source, self.folder / copy)
                return
            case ["rm", file]:
                (self.folder / file).unlink()
                return
            case ["mkdir", folder]:
                (self.folder / folder).mkdir()
                return
            case ["echo", text]:
                output, code = f"{text}\n", 0
            case ["cat", file]:
                output, code = (self.folder / file).read_text(encoding="utf-8"), 0
            case ["incentivectl", *arguments]:
                with chdir(self.folder):
                    result = incentivectl(*arguments)
                output, code = result.stdout, result.exit_code
                self.printed += result.stderr
            case _:
                raise AssertionError(f"nobody knows how to type {line!r}")
        if code != expected:
            self.complaints.append(f"{line}: ends with {code}\n{self.printed}{output}")
        if target:
            self._write(target, output, append=append)
        else:
            self.printed += output

    def _write(self, name: str, text: str, *, append: bool) -> None:
        path = self.folder / name
        before = path.read_text(encoding="utf-8") if append else ""
        path.write_text(before + text, encoding="utf-8")

    def _compare(self, body: str) -> None:
        printed = {_plain(line) for line in self.printed.splitlines()}
        for line in filter(None, map(_plain, body.splitlines())):
            if line != "…" and not _is_there(line, printed):
                self.complaints.append(f"not printed: {line}\n{self.printed}")
            self.shown += 1


def _until_end(lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        if line == "END":
            return
        yield f"{line}\n"


def _is_there(line: str, printed: set[str]) -> bool:
    start = line.removesuffix("…")
    return line in printed or (start != line and any(one.startswith(start) for one in printed))


def _plain(line: str) -> str:
    return " ".join(line.split())
