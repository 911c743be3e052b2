"""Whether this command has changed the ledger: so that a later failure reports it correctly."""

_COMMITS: list[None] = []


def begin() -> None:
    """A new command begins; it has changed nothing yet."""
    _COMMITS.clear()


def note_commit() -> None:
    """A transaction has ended, and its changes are there whatever happens next."""
    _COMMITS.append(None)


def has_committed() -> bool:
    """Whether the running command has changed the ledger."""
    return bool(_COMMITS)
