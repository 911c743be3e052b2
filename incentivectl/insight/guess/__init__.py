"""What an export that nobody has described is like: how it is written, and what its columns are."""
