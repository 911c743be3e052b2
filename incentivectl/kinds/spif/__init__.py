"""SPIFs: rebates for reps in which a serial number earns once."""

from incentivectl.kinds.kind import Kind
from incentivectl.kinds.rebate import rules
from incentivectl.kinds.spif.model import SpifProgram
from incentivectl.kinds.spif.words import SpifWords

SPIF = Kind(__name__, SpifProgram, rules, SpifWords())
