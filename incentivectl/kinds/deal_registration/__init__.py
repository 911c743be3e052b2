"""Deal registration: what sale lines earn that a registered deal covers."""

from incentivectl.kinds.deal_registration import rules
from incentivectl.kinds.deal_registration.model import DealRegistrationProgram
from incentivectl.kinds.deal_registration.statement import sentence
from incentivectl.kinds.deal_registration.words import DealWords
from incentivectl.kinds.kind import Kind

DEAL_REGISTRATION = Kind(__name__, DealRegistrationProgram, rules, DealWords(), sentence)
