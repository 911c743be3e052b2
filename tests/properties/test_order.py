"""The order of rows never changes money, nor how rows with a line_id are spread over files."""

import os
import random
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.small_workspace import CONFIG, settle, write_workspace

SOURCES = '[sources.sales]\npath = "sample_data/sales/*.csv"\n'
HEADER = (
    "sale_id,line_id,sold_on,partner_id,rep_id,product_id,customer_id,quantity,amount,currency,"
    "return_of,serial"
)
HEAD = 'name = "n"\nstarts = 2026-07-01\nends = 2026-09-30\nperiod = "month"\n'
PROGRAMS = {
    "marginal": f'id = "marginal"\nkind = "rebate"\n{HEAD}[reward]\ntier_mode = "marginal"\n'
    'tiers = [{from = 0, rate = "1.05%"}, {from = 900, rate = "3.3%", bonus = 7}]\n',
    "prorated": f'id = "prorated"\nkind = "rebate"\n{HEAD}currency = "EUR"\n[reward]\n'
    'tiers_by = "customers"\n'
    'tiers = [{from = 1, rate = "2%"}, {from = 3, rate = "3.3%"}]\n[limits]\nbudget = 100.01\n',
    "first": f'id = "first"\nkind = "spif"\n{HEAD}[eligible]\n"sale.new_customer" = true\n[reward]\n'
    'rate = "3.35%"\n[limits]\nbudget = 40\nover_budget = "first_come"\nper_payee = 15\n',
    "serial": f'id = "serial"\nkind = "spif"\n{HEAD}[reward]\nper_unit = 1.115\n',
    "growth": f'id = "growth"\nkind = "rebate"\n{HEAD}[baseline]\nfrom = "previous_period"\n'
    'if_missing = "full"\n[reward]\ntiers_by = "growth"\npays_on = "increment"\n'
    'tiers = [{from = 0, rate = "1%"}, {from = "10%", rate = "4.4%"}]\n',
}
TABLES = {
    "partners": "partner_id,name\n" + "".join(f"P{i},Partner {i}\n" for i in range(5)),
    "reps": "rep_id,name,partner_id\n" + "".join(f"R{i},Rep {i},P{i}\n" for i in range(5)),
    "credits": "sale_id,line_id,rep_id,share\n"
    + "".join(f"S{i},,R1,0.3\nS{i},,R2,0.7\n" for i in range(0, 60, 7)),
    "fx": "on,currency,rate\n2026-01-01,EUR,1.0837\n2026-08-01,EUR,1.1203\n",
}


def sale_lines() -> list[str]:
    """150 lines with ties of every kind: equal dates, amounts, sales, serials, returns."""
    chance = random.Random(7)
    lines = []
    for i in range(150):
        sale, returned = f"S{i % 60}", ""
        amount = chance.choice(("10.005", "99.99", "250", "0.335", "77.77"))
        if i >= 130:
            returned, amount, sale = f"S{chance.randrange(60)}", f"-{amount}", f"R{i}"
        day = f"2026-{chance.choice((6, 7, 8, 9)):02}-{chance.choice((1, 15, 28)):02}"
        serial = f"X{chance.randrange(9)}" if i % 4 == 0 else ""
        lines.append(
            f"{sale},{i},{day},P{i % 60 % 5},R{chance.randrange(5)},SKU{i % 3},C{chance.randrange(60)},,"
            f"{amount},{chance.choice(('USD', 'EUR', ''))},{returned},{serial}"
        )
    return lines


def workspace_of(root: Path, files: Sequence[Sequence[str]]) -> Path:
    write_workspace(root, config=CONFIG + SOURCES, programs=PROGRAMS, tables=TABLES)
    (root / "sample_data/sales.csv").unlink()
    (root / "sample_data/sales").mkdir()
    for index, lines in enumerate(files):
        text = "\n".join([HEADER, *lines]) + "\n"
        (root / f"sample_data/sales/{index}.csv").write_text(text)
    return root


def earnings(root: Path) -> bytes:
    settle(root)
    return (root / "reports/2026-09/earnings.csv").read_bytes()


def earnings_with(threads: int, root: Path) -> bytes:
    """In a process of its own: Polars reads the number of threads once."""
    command = [sys.executable, "-m", "incentivectl", "run", "2026-09", "-w", str(root), "-q"]
    environment = os.environ | {"POLARS_MAX_THREADS": str(threads)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return (root / "reports/2026-09/earnings.csv").read_bytes()


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    found = earnings(workspace_of(tmp_path_factory.mktemp("once") / "w", [sale_lines()]))
    for name in PROGRAMS:  # every program has payees in every month
        for month in ("07", "08", "09"):
            assert f"\n{name},".encode() in found
            assert f",2026-{month}-01,".encode() in found
    return found


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_rows_in_any_order_over_any_number_of_files(
    tmp_path: Path, expected: bytes, seed: int
) -> None:
    chance = random.Random(seed)
    lines = sale_lines()
    chance.shuffle(lines)
    files = [lines[start::seed] for start in range(seed)]
    assert earnings(workspace_of(tmp_path / "w", files)) == expected


def test_one_thread_and_two(tmp_path: Path, expected: bytes) -> None:
    for threads in (1, 2):
        root = workspace_of(tmp_path / str(threads) / "w", [sale_lines()])
        assert earnings_with(threads, root) == expected


def test_a_second_run(tmp_path: Path, expected: bytes) -> None:
    root = workspace_of(tmp_path / "w", [sale_lines()])
    assert earnings(root) == expected
    assert earnings(root) == expected
