"""Pages as a browser shows them, on a phone and on a desk, in light and in dark."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.chromium import Chromium, Seen, chromium, executable
from tests.prepared import made_once
from tests.reports.hostile import NAMES, hostile_workspace, payee_of
from tests.reports.sample import copy_sample
from tests.small_workspace import incentivectl, settle

pytestmark = pytest.mark.skipif(executable() is None, reason="Chromium is not installed")

# Where pictures of the pages are kept, to be looked at. Painting them is most of what a browser does, and no
# test looks at them: without the folder, only the checks are made.
PICTURES = os.environ.get("INCENTIVECTL_SCREENSHOTS")
CHECKS = (Path(__file__).parent / "checks.js").read_text(encoding="utf-8")
WIDTHS = {"phone": 390, "tablet": 768, "desk": 1280}
PAGES = (
    "sample/pages/partner-P07.html",
    "sample/pages/partner-P09.html",
    "sample/pages/partner-P04.html",
    "sample/pages/partner-P12.html",
    "sample/pages/rep-R010.html",
    "sample/pages/index.html",
    "sample/reports/2026-08/report.html",
    "sample/metrics.html",
    *(f"hostile/pages/partner-{payee_of(number)}.html" for number in (2, 7, 8, 9, 10)),
    "sample/contest.html",
    "sample/boards.html",
    "hostile/boards.html",
    "hostile/metrics.html",
    "hostile/pages/index.html",
    "hostile/reports/2026-09/report.html",
)


def written_pages(base: Path) -> Path:
    """Statements and reports of the sample and of a workspace of hostile names."""
    for root, period in ((copy_sample(base / "sample"), "2026-08"),
                         (hostile_workspace(base / "hostile"), "2026-09")):  # fmt: skip
        settle(root, period)
        for command in (
            ("report",),
            ("statement", "--html", root / "pages"),
            ("leaderboard", "--group-by", "partner.region", "--html", root / "boards.html"),
            ("metrics", "--html", root / "metrics.html"),
        ):
            result = incentivectl(command[0], period, *command[1:], "-w", root)
            assert result.exit_code == 0, result.output
    contest = ("leaderboard", "2026-08", "--program", "q3-security-contest")
    result = incentivectl(*contest, "--html", base / "sample/contest.html", "-w", base / "sample")
    assert result.exit_code == 0, result.output
    return base


@pytest.fixture(scope="module")
def pages() -> Path:
    return made_once(written_pages)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    with chromium(tmp_path_factory.mktemp("profile")) as found:
        yield found


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_fit_to_be_sent(pages: Path, browser: Chromium, page: str) -> None:
    """No error, no request, no text that overflows, contrast as WCAG AA asks, at every width."""
    for name, width in WIDTHS.items():
        for dark in (False, True):
            seen = browser.look_at(
                pages / page, CHECKS, width=width, dark=dark, picture=bool(PICTURES)
            )
            kept = _kept(seen, page, f"{name}-{'dark' if dark else 'light'}")
            where = f"{page} {name} dark={dark} {kept}"
            assert seen.errors == [], where
            assert seen.requests == [], where
            assert seen.checked["width"] == width
            assert seen.checked["scrollWidth"] <= width, where
            assert seen.checked["overflow"] == [], where
            assert seen.checked["contrast"] == [], where
            assert seen.checked["texts"] > 8, where


def _kept(seen: Seen, page: str, way: str) -> str:
    """Keeps the picture, where one was asked for; the file's path."""
    if not PICTURES:
        return ""
    path = Path(PICTURES) / f"{page.replace('/', '-').removesuffix('.html')}-{way}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(seen.screenshot)
    return str(path)


def test_the_checks_find_what_they_are_for(browser: Chromium, tmp_path: Path) -> None:
    """Otherwise pages would pass because nothing is looked at."""
    bad = tmp_path / "bad.html"
    bad.write_text(
        "<!doctype html><body><p style='color:#999;background:#fff'>pale</p>"
        "<p style='white-space:nowrap'>" + "wide " * 200 + "</p>"
        "<img src='http://127.0.0.1:9/x.png'><script>console.error('oh')</script>",
        encoding="utf-8",
    )
    seen = browser.look_at(bad, CHECKS, width=390, picture=True)
    assert seen.screenshot.startswith(b"\x89PNG")
    assert seen.errors
    assert seen.requests == ["http://127.0.0.1:9/x.png"]
    assert seen.checked["scrollWidth"] > seen.checked["width"]
    assert seen.checked["overflow"]
    assert [text for text in seen.checked["contrast"] if "pale" in text]


def test_every_hostile_name_is_in_its_page(pages: Path, browser: Chromium) -> None:
    """The text that a reader sees holds the name, and no script of it ran."""
    script = "({ heading: document.querySelector('h1').innerText, ran: window.ran === true })"
    for number in (0, 4, 5, 6, 14, 15):
        page = pages / f"hostile/pages/partner-{payee_of(number)}.html"
        seen = browser.look_at(page, script, width=1280)
        assert seen.checked == {"heading": NAMES[number], "ran": False}
