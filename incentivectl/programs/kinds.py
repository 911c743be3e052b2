"""The kinds of programs and the model of each. A new kind is one module and one line here."""

from incentivectl.programs.model import Program
from incentivectl.programs.rebate import RebateProgram
from incentivectl.programs.spif import SpifProgram

KINDS: dict[str, type[Program]] = {
    "rebate": RebateProgram,
    "spif": SpifProgram,
}
