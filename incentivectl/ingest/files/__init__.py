"""From the bytes of an export to its text cells."""
