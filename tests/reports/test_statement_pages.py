"""The pages that `statement --html` writes: every figure is the run's, and only the payee's own."""

import re
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path

import pytest

from incentivectl.insight.statement import statements
from incentivectl.insight.statement.html import file_names
from incentivectl.output.language import language_of
from tests.prepared import prepared
from tests.reports.messages import messages
from tests.reports.sample import settled_sample
from tests.small_workspace import incentivectl, read_csv


class Figures(HTMLParser):
    """Every `<data>` of a page, with the attributes of the parts that it lies in."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[dict[str, str]] = []
        self.found: list[tuple[dict[str, str], str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {key.removeprefix("data-"): value or "" for key, value in attrs}
        if tag in ("section", "article"):
            self.open.append(given)
        elif tag == "data" and "figure" in given:
            around = {key: value for one in self.open for key, value in one.items()}
            self.found.append((around, given["figure"], given["value"]))

    def handle_endtag(self, tag: str) -> None:
        if tag in ("section", "article"):
            self.open.pop()


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample workspace with a run and all pages of September in `pages`."""
    root = prepared(tmp_path_factory.mktemp("pages"), settled_sample)
    result = incentivectl("statement", "2026-09", "-w", root, "--html", root / "pages")
    assert result.exit_code == 0, result.output
    assert result.stdout == ""
    return root


def figures(page: Path) -> list[tuple[dict[str, str], str, str]]:
    parser = Figures()
    parser.feed(page.read_text(encoding="utf-8"))
    return parser.found


POINTS = {"sentry-spif": 10, "learning-2026": 100, "launch-spif": 100}  # for a dollar


def points_for_a_dollar(sample: Path, earning: dict[str, str]) -> int:
    """1 where a rep is paid money: only the sentry SPIF pays points to all, two others to who wants them."""
    reps = read_csv(sample / "sample_data/reps.csv")
    chosen = {row["rep_id"] for row in reps if row["payout_method"] == "points"}
    program = earning["program_id"]
    in_points = program == "sentry-spif" or earning["payee_id"] in chosen
    return POINTS.get(program, 1) if in_points else 1


def test_every_figure_of_every_page_is_the_runs(sample: Path) -> None:
    """Earnings by program and period, balances by currency and method; points are told as points."""
    earnings = {
        (row["payee_kind"], row["payee_id"], row["program_id"], row["period_start"]): row
        for row in read_csv(sample / "reports/2026-09/earnings.csv")
    }
    payouts = {
        (row["payee_kind"], row["payee_id"], row["currency"], row["method"]): row
        for row in read_csv(sample / "reports/2026-09/payouts.csv")
    }
    worth = {key: points_for_a_dollar(sample, row) for key, row in earnings.items()}
    points = {
        key: Decimal(row["this_batch"]) * worth[key]
        for key, row in earnings.items()
        if worth[key] > 1
    }
    seen, balances = set(), set()
    for page in (sample / "pages").glob("*-*.html"):
        kind, _, payee = page.stem.partition("-")
        for around, figure, value in figures(page):
            if figure in ("entitlement", "this_batch", "booked_before") and "program" in around:
                key = (kind, payee, around["program"], around["period"])
                assert Decimal(earnings[key][figure]) * worth[key] == Decimal(value), key
                seen.add(key)
            elif "method" in around:
                of = (kind, payee, around["currency"], around["method"])
                expected = Decimal(payouts[of][figure])
                if of[3] == "points" and expected:  # all of it is booked and paid in this batch
                    expected = sum(points[key] for key in points if key[1] == payee)
                assert expected == Decimal(value), of
                balances.add(of)
    assert balances == set(payouts)
    assert {key for key, row in earnings.items() if row["this_batch"] != "0"} <= seen
    assert len(seen) > 500


def test_what_a_page_says_adds_up_to_what_is_paid(sample: Path) -> None:
    """What was earned now + adjustments = what this batch books, where there is one currency."""
    checked = 0
    for page in (sample / "pages").glob("*-*.html"):
        found = figures(page)
        booked = [Decimal(v) for at, name, v in found if name == "this_batch" and "method" in at]
        if len({at["currency"] for at, _, _ in found if "currency" in at}) == 1:
            earned = [
                Decimal(v) for at, name, v in found if name == "this_batch" and "program" in at
            ]
            adjusted = [Decimal(v) for at, name, v in found if name == "amount"]
            assert sum(earned) + sum(adjusted) == sum(booked), page.name
            checked += 1
    assert checked > 100
    of_p07 = figures(sample / "pages/partner-P07.html")
    assert [value for _, name, value in of_p07 if name == "amount"] == ["-150"]


def test_the_figures_that_people_see_are_those_values(sample: Path) -> None:
    """Without currency signs and separators the English texts are the values, with two decimals."""
    pages = [p for p in (sample / "pages").glob("*.html") if 'lang="en"' in p.read_text()]
    checked = 0
    for page in pages:
        for value, text in re.findall(
            r'<data value="([^"]*)"[^>]*>-?\$([\d,.]+)</data>', page.read_text()
        ):
            whole, _, cents = value.lstrip("-").partition(".")
            if len(cents) <= 2 and re.fullmatch(r"[\d,]+\.\d\d", text):
                assert text.replace(",", "") == f"{whole}.{cents:0<2}"
                checked += 1
    assert checked > 1000


def test_a_page_shows_only_its_own_payees_data(sample: Path) -> None:
    """No other partner's or rep's id or name stands in a page."""
    people = {
        row[f"{kind}_id"]: row["name"]
        for kind in ("partner", "rep")
        for row in read_csv(sample / f"sample_data/{kind}s.csv")
    }
    for page in (sample / "pages").glob("*-*.html"):
        own = page.stem.partition("-")[2]
        body = page.read_text(encoding="utf-8").partition("</style>")[2]
        words = set(re.findall(r"\b[PR]\d{2,3}\b", body))
        assert words <= {own}, page.name
        others = set(people.values()) - {people[own]}
        assert not [name for name in others if f">{name}<" in body], page.name


def test_pages_need_nothing_from_elsewhere(sample: Path) -> None:
    for page in (sample / "pages").glob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert "<script" not in text
        assert not re.search(r"(?:src|srcset|url|@import)\s*[=(]", text)
        hrefs = re.findall(r'href="([^"]*)"', text)
        if page.name != "index.html":
            assert hrefs == ["mailto:rewards@fernhill.example"]
            continue
        assert all((sample / "pages" / href).is_file() for href in hrefs)


def test_only_good_news_is_cheerful(sample: Path) -> None:
    """P07 has an adjustment of -150 in its statement."""
    of_p07 = (sample / "pages/partner-P07.html").read_text(encoding="utf-8")
    assert '<section class="card hero" ' in of_p07
    assert "$150.00 is taken back in this statement" in of_p07
    pages = [page.read_text(encoding="utf-8") for page in (sample / "pages").glob("partner-*.html")]
    assert [page for page in pages if '<section class="card hero good" ' in page]
    assert not [page for page in pages if "card hero good" in page and "taken back" in page]
    assert not [page for page in pages if "card hero good" in page and "Nothing is paid" in page]


def test_the_index_is_in_one_language(sample: Path) -> None:
    """Maison's page writes euros and dollars as the French do, the index as its sender does."""
    index = (sample / "pages/index.html").read_text(encoding="utf-8")
    assert "<h1>Statements for September 2026</h1>" in index
    amounts = re.findall(r'<data value="([\d.]+)">([^<]*)</data>', index)
    assert len(amounts) > 20
    for value, shown in amounts:
        assert re.fullmatch(r"\D{1,4}[\d,]+(\.\d+)?|[\d,]+ points", shown), (value, shown)
    assert re.search(r'<a href="partner-P13.html"><bdi>[^<]+</bdi></a>', index)
    assert "French (France)" in index


def test_the_index_names_every_page(sample: Path) -> None:
    pages = {page.name for page in (sample / "pages").glob("*.html")} - {"index.html"}
    index = (sample / "pages/index.html").read_text(encoding="utf-8")
    assert set(re.findall(r'href="([^"]*)"', index)) == pages


def test_pages_do_not_depend_on_how_many_are_made_at_a_time(
    sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statements, "TOGETHER", 7)
    few = sample / "few"
    assert incentivectl("statement", "2026-09", "-w", sample, "--html", few).exit_code == 0
    written = {page.name: page.read_bytes() for page in few.iterdir()}
    assert len(written) > 3 * statements.TOGETHER
    assert written == {page.name: page.read_bytes() for page in (sample / "pages").iterdir()}


def test_french_and_german_pages(sample: Path) -> None:
    maison = (sample / "pages/partner-P13.html").read_text(encoding="utf-8")
    assert '<html lang="fr">' in maison
    assert "À vous verser" in maison
    kessler = (sample / "pages/partner-P12.html").read_text(encoding="utf-8")
    assert '<html lang="de">' in kessler
    assert "Stand: 30. September 2026" in kessler


@pytest.mark.parametrize("language", ["de", "es", "fr"])
def test_no_page_mixes_its_language_with_english(sample: Path, language: str) -> None:
    """No English text of the catalogues stands alone in an element of a page in another language."""
    english = {
        f">{message}<"
        for message in messages()
        if isinstance(message, str) and language_of(language).say(message) != message
    }
    pages = [page.read_text(encoding="utf-8") for page in (sample / "pages").glob("*-*.html")]
    found = [page for page in pages if f'<html lang="{language}">' in page]
    assert found
    for page in found:
        assert not [text for text in english if text in page]
        assert not re.search(r"(July|August|September) \d{1,2},", page)


def test_file_names_are_safe_and_apart() -> None:
    ids = ["P1", "p1", "../../etc", "a/b", "a_b", "x" * 400, "", "P2", "=1", "é"]
    names = file_names(("partner", identity) for identity in ids)
    assert len({name.casefold() for name in names}) == len(ids)
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{1,90}\.html", name) for name in names)
    assert names[7] == "partner-P2.html"
