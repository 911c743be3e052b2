"""Activities: trainings, certifications, leads and the like."""

from incentivectl.kinds.activity import rules
from incentivectl.kinds.activity.model import ActivityProgram
from incentivectl.kinds.activity.statement import sentence
from incentivectl.kinds.activity.words import ActivityWords
from incentivectl.kinds.kind import Kind

ACTIVITY = Kind(__name__, ActivityProgram, rules, ActivityWords(), sentence)
