"""Whether contenders arrive at the same money, to the cent."""

import csv
from decimal import Decimal
from pathlib import Path

Earned = dict[tuple[str, str], Decimal]


def earned(path: Path) -> Earned:
    """What a CSV with `program_id`, `payee_id` and `entitlement` says, without zeros."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = [
            (row["program_id"], row["payee_id"], Decimal(row["entitlement"]))
            for row in csv.DictReader(file)
        ]
    return {(program, payee): amount for program, payee, amount in rows if amount}


def differences(one: Earned, other: Earned) -> list[str]:
    """The payees of programs that do not earn the same, in words."""
    return [
        f"{program} {payee}: {one.get((program, payee), 0)} and {other.get((program, payee), 0)}"
        for program, payee in sorted(one.keys() | other.keys())
        if one.get((program, payee), 0) != other.get((program, payee), 0)
    ]
