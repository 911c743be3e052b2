"""A report as a value, and how it is written: table, JSON, CSV, Markdown."""
