"""What can be wrong with a program, found without any data."""
