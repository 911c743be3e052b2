"""How many ids a line's own may be looked up among."""

# Of more ids it is quicker to join their table to the lines.
LONGEST_LIST = 50_000
