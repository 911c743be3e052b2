"""What became of every row: counts, rejects, warnings."""
