"""A workspace of a few lines, written where a test wants it."""

import csv
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import typer.testing
from typer.testing import CliRunner, Result

from incentivectl.cli.app import app

typer.testing._get_command = cache(typer.testing._get_command)  # all commands are built once

CONFIG = """
[workspace]
name = "Small"
currency = "USD"

[data]
max_reject_rate = "100%"
"""
PARTNERS = """\
partner_id,name,tier,status,joined_on
P1,Alpha Ltd,gold,active,2020-01-01
P2,Beta GmbH,silver,active,2024-02-29
P3,Gamma SA,silver,suspended,2024-01-01
"""
SALES = """\
sale_id,line_id,sold_on,partner_id,product_id,customer_id,quantity,amount
S1,1,2026-07-03,P1,SKU-1,C1,1,6000.00
S1,2,2026-07-03,P1,SKU-2,C1,2,4400.00
S2,1,2026-08-11,P2,SKU-1,C2,3,900.50
S3,1,2026-09-30,P3,SKU-1,C3,1,100.00
"""
REBATE = """\
id = "volume"
name = "Volume rebate"
kind = "rebate"
starts = 2026-07-01
ends = 2026-09-30
period = "quarter"

[reward]
tiers = [{ from = 0, rate = "5%" }, { from = 10_000, rate = "8%" }]
"""


def write_workspace(
    root: Path,
    *,
    config: str = CONFIG,
    programs: Mapping[str, str] | None = None,
    tables: Mapping[str, str] | None = None,
) -> Path:
    """The small workspace, with other programs or tables where a test names them."""
    (root / "programs").mkdir(parents=True)
    (root / "sample_data").mkdir()
    (root / "incentivectl.toml").write_text(config, encoding="utf-8")
    for name, text in (programs or {"volume": REBATE}).items():
        (root / "programs" / f"{name}.toml").write_text(text, encoding="utf-8")
    for name, text in {"partners": PARTNERS, "sales": SALES, **(tables or {})}.items():
        (root / "sample_data" / f"{name}.csv").write_text(text, encoding="utf-8")
    return root


def incentivectl(*arguments: str | Path) -> Result:
    """Runs the command line in this process; stdout and stderr apart."""
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def as_json(*arguments: str | Path) -> Any:  # noqa: ANN401  (whatever the command prints)
    """What a command prints as JSON; it must succeed."""
    result = incentivectl(*arguments, "--format", "json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def settle(root: Path, period: str = "2026-09", *options: str) -> list[dict[str, str]]:
    """Runs PERIOD and returns the rows of its earnings.csv."""
    result = incentivectl("run", period, "-w", root, *options)
    assert result.exit_code == 0, result.output
    return read_csv(root / "reports" / period / "earnings.csv")


def read_csv(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
