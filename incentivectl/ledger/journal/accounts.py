"""Which account each line of the journal is on (docs/ledger.md, "Journal")."""

from collections.abc import Mapping
from dataclasses import dataclass

from incentivectl.workspace.journal_rules import DEFAULT_ACCOUNT, JournalRules

EXPENSE, ACCRUED, PAYABLE = "expense", "accrued", "payable"
CLEARING, WITHHELD, FX = "clearing", "withheld", "fx"
ADJUSTMENT = "adjustment"  # what `expense` calls money that belongs to no program


@dataclass(frozen=True)
class Accounts:
    """The accounts of `[journal]`; `kinds` has the kind of each program, as batches recorded it."""

    rules: JournalRules
    kinds: Mapping[str, str]

    def of(self, role: str, program_id: str | None, method: str | None) -> str | None:
        """The account of a role; None where a table of accounts has none for this program or method."""
        if role not in (EXPENSE, PAYABLE):
            return str(getattr(self.rules, role))
        given: str | Mapping[str, str] = getattr(self.rules, role)
        if isinstance(given, str):
            return given
        keys = (*self._keys(role, program_id, method), DEFAULT_ACCOUNT)
        return next((given[key] for key in keys if key in given), None)

    def lacking(self, role: str, program_id: str | None, method: str | None) -> str | None:
        """What is wrong where a role has no account; None where it has one."""
        if self.of(role, program_id, method) is not None:
            return None
        wanted = " or ".join(f"`{key}`" for key in self._keys(role, program_id, method))
        return f"[journal] {role} has no account for {wanted}"

    def _keys(self, role: str, program_id: str | None, method: str | None) -> list[str]:
        """What a table of accounts may call it, the closest first."""
        if role == PAYABLE:
            return [str(method)]
        if program_id is None:
            return [ADJUSTMENT]
        kind = self.kinds.get(program_id)
        return [program_id] if kind is None else [program_id, kind]
