"""How the lines of a channel are gone through: held in memory where that pays, or read each time."""

from dataclasses import replace

from incentivectl.core import memory
from incentivectl.core.frames import Engine
from incentivectl.sales.channel import Channel
from incentivectl.sales.line_source import found_of

# What one line takes while it is held in memory, with all that programs judge it by.
BYTES_OF_HELD_LINE = 400
# Up to so many lines, reading them takes no time worth saving.
FEW_LINES = 100_000
# From so many programs on, reading all columns once is less than what each asks for by itself.
MANY_PROGRAMS = 12


def engine_for(lines: int) -> Engine:
    """What to go through so many lines with: for few, starting the streaming engine takes longest."""
    return "in-memory" if lines <= FEW_LINES else "streaming"


def read_once(channel: Channel, lines: int, programs: int) -> Channel:
    """`channel` with its lines in memory, where they fit and so many programs will ask for them.

    `lines` is how many there are at most.
    """
    fits = lines <= memory.rows_within(BYTES_OF_HELD_LINE, share=5)
    if not fits or (lines > FEW_LINES and programs < MANY_PROGRAMS):
        return channel
    engine = engine_for(lines)
    held = channel.lines.collect(engine=engine).lazy()
    found = found_of(channel)
    if found is not None:
        found = replace(found, lines=held, returns=found.returns.collect(engine=engine).lazy())
    return replace(channel, lines=held, found_reading=found, in_memory=True)
