"""The kinds of programs: a folder for each, with all that is particular to it, and their catalogue."""
