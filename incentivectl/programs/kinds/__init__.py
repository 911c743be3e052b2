"""The model of each kind of program, and their catalogue."""
