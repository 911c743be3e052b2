"""Lines of text for a terminal, with styles that nothing depends on.

NO_COLOR and terminals without colours are respected; texts are never taken for markup.
"""

import shutil
from collections.abc import Iterable
from typing import TextIO

from incentivectl.output.lines import Line

_STYLES = {"": "", "title": "bold", "head": "bold", "total": "bold", "note": "dim"}
_TONES = {"": "", "warning": "yellow", "error": "red"}


def styled(lines: Iterable[Line], stream: TextIO) -> str:
    """The lines as `stream` shows them: with escapes on a terminal, without any elsewhere."""
    from rich.console import Console
    from rich.text import Text

    console = Console(file=stream, highlight=False, markup=False, emoji=False)
    with console.capture() as captured:
        for line in lines:
            style = f"{_STYLES[line.kind]} {_TONES[line.tone]}"
            console.print(Text(line.text, style), soft_wrap=True)
    return captured.get()


def terminal_width() -> int:
    """The columns of the terminal, or what COLUMNS says."""
    return shutil.get_terminal_size().columns
