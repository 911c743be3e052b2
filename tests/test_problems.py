"""Problems as they are shown: place, excerpt, caret, hint, and how many."""

from pathlib import Path

from incentivectl.core.errors import Problem
from incentivectl.output.problems import problem_lines, render

ROOT = Path("/ws")
FILE = ROOT / "programs" / "q3.toml"
TYPO = Problem(
    "unknown-key",
    "unknown key `teirs` in [reward]",
    "did you mean `tiers`?",
    FILE,
    14,
    1,
    "teirs = [",
)


def test_the_form() -> None:
    assert render([TYPO], ROOT) == (
        "programs/q3.toml:14: error: unknown key `teirs` in [reward]\n"
        "    14 | teirs = [\n"
        "         ^^^^^\n"
        "    hint: did you mean `tiers`?\n"
        "\n"
        "1 error\n"
    )


def test_by_file_and_line_with_a_count() -> None:
    problems = [
        TYPO,
        Problem("b", "second", file=FILE, line=3, severity="warning"),
        Problem("a", "first", file=ROOT / "incentivectl.toml", line=99),
        Problem("c", "nowhere"),
    ]
    text = render(problems, ROOT)
    assert [line for line in text.splitlines() if ": " in line and "hint" not in line] == [
        "error: nowhere",
        "incentivectl.toml:99: error: first",
        "programs/q3.toml:3: warning: second",
        "programs/q3.toml:14: error: unknown key `teirs` in [reward]",
    ]
    assert text.endswith("\n3 errors, 1 warning\n")


def test_nothing_wrong_says_nothing() -> None:
    assert render([], ROOT) == ""


def test_a_place_outside_the_root_is_shown_in_full() -> None:
    assert render([TYPO], Path("/other")).startswith("/ws/programs/q3.toml:14: error:")


def test_the_caret_stands_below_its_sign() -> None:
    problem = Problem("x", "m", file=FILE, line=7, column=9, excerpt='a = "日本", é = "1"')
    _, excerpt, caret, *_ = render([problem], ROOT).splitlines()
    wide = excerpt[: excerpt.index(",")]
    assert caret == " " * (len(wide) + 2) + "^"


def test_a_long_line_is_cut_around_the_caret() -> None:
    problem = Problem(
        "x", "m", file=FILE, line=7, column=5001, excerpt="," * 5000 + "here" + "," * 999
    )
    _, excerpt, caret, *_ = render([problem], ROOT).splitlines()
    assert len(excerpt) < 130
    assert excerpt[caret.index("^") :].startswith("here")
    assert caret.endswith("^^^^")


def test_a_file_cannot_steer_the_terminal() -> None:
    problem = Problem("x", "bad \x1b[31m", file=FILE, line=1, column=2, excerpt="\ta\x1b[2J")
    text = render([problem], ROOT)
    assert "\x1b" not in text
    assert "\t" not in text


def test_on_a_terminal_no_figure_is_broken() -> None:
    message = "the reward jumps at a tier: 49,999.99 pays 1,000.00, 50,000.00 pays 2,000.00"
    hint = "write 49,999.99 and 50,000.00 as they are meant"
    long = Problem("x", message, hint, FILE, 21, 60, " " * 55 + "3" * 80, "warning")
    for width in (40, 60, 80):
        lines = [line.text for line in problem_lines([long], ROOT, width)]
        assert max(map(len, lines)) <= width
        assert {*message.split(), *hint.split()} <= {
            word for line in lines for word in line.split()
        }
