"""A kind of program that exists for a test only: a fixed fee for each sale that counts."""

from incentivectl.kinds.kind import Kind
from tests.toy_kind import rules
from tests.toy_kind.model import FeeProgram
from tests.toy_kind.words import FeeWords

FEE = Kind(__name__, FeeProgram, rules, FeeWords())
