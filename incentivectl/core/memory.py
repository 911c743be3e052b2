"""How much memory a command may use, and how much of something is held at once because of it.

What grows with the number of sale lines is worked on in parts; how large a part may be is asked here.
`--memory` and the variable set the limit for a whole process (docs/operation.md, "Memory").
"""

import gc
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager

VARIABLE = "INCENTIVECTL_MEMORY"
DEFAULT = 3 << 30
LEAST = 512 << 20  # what the program, its libraries and small tables need by themselves
DEFAULT_SIZE, LEAST_SIZE = f"{DEFAULT >> 30}GB", f"{LEAST >> 20}MB"
UNITS = {"MB": 20, "GB": 30}
# What the allocator of Polars is told before Polars is loaded: memory that was let go goes back to the system
# after three seconds, and may be used again meanwhile. It saves 6 to 9 % of the processor time (RESULTS.md).
ALLOCATOR = ("_RJEM_MALLOC_CONF", "dirty_decay_ms:3000,muzzy_decay_ms:3000")


def bytes_in(text: str) -> int | None:
    """`2GB`, `1.5 GB` or `900MB` in bytes (1,024 to a kB); None if it is not a size, or too small."""
    found = re.fullmatch(r"\s*(\d{1,6})(?:\.(\d))?\s*([MG]B)\s*", text, re.IGNORECASE)
    if found is None:
        return None
    tenths = int(found[1]) * 10 + int(found[2] or 0)
    size = (tenths << UNITS[found[3].upper()]) // 10
    return size if size >= LEAST else None


def limit_to(text: str) -> int | None:
    """Limits this process to `text` and returns the bytes; None, and no change, if it is not a size."""
    size = bytes_in(text)
    if size is not None:
        os.environ[VARIABLE] = text
    return size


def limit() -> int:
    """The bytes that this process may use: those of the variable, else `DEFAULT`."""
    return bytes_in(os.environ.get(VARIABLE, "")) or DEFAULT


def rows_within(bytes_each: int, share: int) -> int:
    """How many rows of so many bytes fit into the `share`-th part of the limit; at least 10,000."""
    return max(limit() // share // bytes_each, 10_000)


@contextmanager
def no_search_for_cycles() -> Iterator[None]:
    """Pauses garbage collection while many objects are made that refer to each other in no cycle."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
