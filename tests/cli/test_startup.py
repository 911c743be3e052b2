"""`--help` and `--version` are quick: nothing heavy is imported for them."""

import os
import subprocess
import sys

import pytest

from incentivectl import __version__
from incentivectl.cli import main
from incentivectl.cli.app import app
from incentivectl.core.errors import ExitCode

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


def test_without_words_it_shows_how_it_is_used(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["incentivectl"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == ExitCode.USAGE
    told = capsys.readouterr()
    assert (told.out + told.err).startswith("Usage: ")


@pytest.mark.parametrize(
    ("words", "completed"),
    [("incentivectl run --f", "--format\n--fail-on\n"), ("incentivectl batch vo", "void\n")],
)
def test_the_shell_completes_options_and_commands(words: str, completed: str) -> None:
    asked = {
        "_INCENTIVECTL_COMPLETE": "complete_bash",
        "COMP_WORDS": words,
        "COMP_CWORD": str(words.count(" ")),
    }
    script = "import sys; sys.argv = ['incentivectl']; from incentivectl.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, **asked},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == completed.strip()


@pytest.mark.parametrize("words", [["run", "--help"], ["batch", "post", "--help"]])
def test_a_command_that_is_built_alone_is_the_same_as_among_all(
    words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["incentivectl", *words])
    with pytest.raises(SystemExit):
        main()
    usage, *alone = capsys.readouterr().out.splitlines()
    assert f" {' '.join(words[:-1])} " in usage
    with pytest.raises(SystemExit):
        app(words)
    assert capsys.readouterr().out.splitlines() == [usage, *alone]
