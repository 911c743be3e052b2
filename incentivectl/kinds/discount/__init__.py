"""Discounts, judged line by line or sale by sale."""

from incentivectl.kinds.discount import rules
from incentivectl.kinds.discount.model import DiscountProgram
from incentivectl.kinds.discount.recomputed import differing_lines
from incentivectl.kinds.discount.statement import sentence
from incentivectl.kinds.discount.words import DiscountWords
from incentivectl.kinds.kind import Kind

DISCOUNT = Kind(__name__, DiscountProgram, rules, DiscountWords(), sentence, differing_lines)
