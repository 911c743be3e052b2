"""The accepted lines as rules see them, and facts about them as a whole."""
