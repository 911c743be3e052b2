"""Statements of payees: sentences in their language, and pages for terminal, Markdown and HTML."""
