"""One module a kind of program."""
