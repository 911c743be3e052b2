"""Contests: payees ranked against one another for prizes."""

from incentivectl.kinds.contest import rules
from incentivectl.kinds.contest.model import ContestProgram
from incentivectl.kinds.contest.statement import sentence
from incentivectl.kinds.contest.words import ContestWords
from incentivectl.kinds.kind import Kind

CONTEST = Kind(__name__, ContestProgram, rules, ContestWords(), sentence)
