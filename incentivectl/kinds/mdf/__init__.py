"""Market development funds: a fund per partner that reimburses claims."""

from incentivectl.kinds.kind import Kind
from incentivectl.kinds.mdf import rules
from incentivectl.kinds.mdf.model import MdfProgram
from incentivectl.kinds.mdf.statement import sentence
from incentivectl.kinds.mdf.words import FundWords

MDF = Kind(__name__, MdfProgram, rules, FundWords(), sentence, promised=rules.promised)
