"""Which lines count, for whom, and why the others do not."""
