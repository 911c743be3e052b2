"""`--help` and `--version` are quick: nothing heavy is imported for them."""

import subprocess
import sys

import pytest

from incentivectl import __version__

HEAVY = (
    "polars",
    "incentivectl.run.run",
    "incentivectl.engine.engine",
    "zstandard",
    "tomli_w",
    "lxml",
    "schwifty",
    "jinja2",
    "babel",
    "altair",
    "xlsxwriter",
)


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_no_heavy_import(option: str) -> None:
    script = (
        "import sys\n"
        f"sys.argv = ['incentivectl', '{option}']\n"
        "from incentivectl.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stderr.strip() == "[]"
    assert "incentivectl" in done.stdout


def test_the_version_alone_needs_no_command() -> None:
    script = (
        "import sys\n"
        "sys.argv = ['incentivectl', '--version']\n"
        "from incentivectl.cli import main\n"
        "main()\n"
        "print([name for name in ('typer', 'rich') if name in sys.modules], file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stderr.strip() == "[]"
    assert done.stdout == f"incentivectl {__version__}\n"
