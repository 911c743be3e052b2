"""Files to start a program from, one for each kind (docs/reference.md, "Editing programs").

The head is generated; the rest of a kind's file stands, commented, in its folder. A starter loads,
its example earns what it expects, and `check` has nothing to say about it.
"""

from datetime import date

import tomli_w

from incentivectl.kinds.catalogue import KINDS
from incentivectl.program_files.schema import SCHEMA_FILE

_WHY_SCHEMA = "# An editor knows every key by the file that `incentivectl program schema` writes."


def starter(kind: str, *, program_id: str, year: int) -> str:
    """The text of a program file of `kind` that runs through `year`."""
    intro, _, rest = KINDS[kind].starter().partition("\n\n")
    head = tomli_w.dumps(
        {
            "id": program_id,
            "name": program_id.replace("-", " ").capitalize(),
            "kind": kind,
            "objective": "",
            "starts": date(year, 1, 1),
            "ends": date(year, 12, 31),
        }
    )
    return f"#:schema ./{SCHEMA_FILE}\n{_WHY_SCHEMA}\n\n{intro}\n\n{head}{rest}"


def id_from(name: str) -> str:
    """A file's name as an id: lower-case letters, digits and dashes."""
    kept = "".join(c if c.isascii() and c.isalnum() else " " for c in name.lower())
    return "-".join(kept.split())
