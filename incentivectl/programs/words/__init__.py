"""A program's rules in plain English."""
