"""The command line: one file per command; options in, one call, one result rendered."""

from incentivectl.cli.app import main

__all__ = ["main"]
