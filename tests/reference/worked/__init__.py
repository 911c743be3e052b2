"""The contract's worked numbers and its corners, by hand; for the reference and for the engine alike."""

from tests.reference.worked import earning, levels, payees, terms, windows
from tests.reference.worked.case import Case

CASES: tuple[Case, ...] = (
    *terms.CASES,
    *payees.CASES,
    *windows.CASES,
    *earning.CASES,
    *levels.CASES,
)

__all__ = ["CASES", "Case"]
