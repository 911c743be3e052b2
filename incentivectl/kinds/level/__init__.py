"""Levels: what partners are, by what they sold and did, for other programs to ask for."""

from incentivectl.kinds.kind import Kind
from incentivectl.kinds.level.model import LevelProgram
from incentivectl.kinds.level.rules import levels
from incentivectl.kinds.level.words import LevelWords

LEVEL = Kind(__name__, LevelProgram, None, LevelWords(), levels=levels)
