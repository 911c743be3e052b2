"""Rebates: what payees earn on what they sold in a measurement period."""

from incentivectl.kinds.kind import Kind
from incentivectl.kinds.rebate import rules
from incentivectl.kinds.rebate.model import RebateProgram
from incentivectl.kinds.rebate.words import RebateWords

REBATE = Kind(__name__, RebateProgram, rules, RebateWords())
