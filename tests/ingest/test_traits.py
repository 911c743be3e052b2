"""What is found out about a text while its bytes pass, wherever its chunks are cut."""

import random

import pytest

from incentivectl.ingest.files.traits import Look, Traits


def looked_at(text: bytes, cuts: list[int], delimiter: str = ",") -> Traits:
    look = Look(delimiter)
    for begin, end in zip([0, *cuts], [*cuts, len(text)], strict=True):
        look.at(text[begin:end])
    return look.finished()


def drawn(draw: random.Random) -> bytes:
    """Lines of mostly three cells; some have fewer or more, none is without a delimiter."""
    cells = [draw.choice([3, 3, 3, 3, 3, 2, 4, 5]) for _ in range(draw.randint(1, 12))]
    end = draw.choice([b"\n", b"\r\n"])
    lines = [b";".join(draw.choice([b"", b"a", b"bc"]) for _ in range(n)) for n in cells]
    return end.join(lines) + draw.choice([end, b""])


def test_uneven_lines_wherever_chunks_are_cut() -> None:
    draw = random.Random(11)
    known = 0
    for _ in range(2_000):
        text = drawn(draw)
        cuts = sorted(draw.sample(range(len(text) + 1), draw.randint(0, min(3, len(text)))))
        traits = looked_at(text, cuts, ";")
        lines = text.split(b"\n")
        lines = lines[:-1] if text.endswith(b"\n") else lines
        assert traits.breaks == text.count(b"\n")
        if traits.delimiters is not None:
            known += 1
            uneven = [(at, line.count(b";")) for at, line in enumerate(lines)]
            assert traits.uneven == [one for one in uneven if one[1] != traits.delimiters]
    assert known > 1_000


@pytest.mark.parametrize(
    "text",
    [
        b"a,b\n\nc,d\n",
        b"a,b\nc\n",
        b"a,b\nc,d\n\r\n",
        b"a\nb\n",
        b"a,b\nc",
        b'a,b\n"c",d\n',
        b"a,b",
    ],
)
def test_nothing_is_said_of_lines_that_may_be_empty_or_quoted(text: bytes) -> None:
    assert looked_at(text, []).delimiters is None


def test_a_line_feed_between_two_chunks() -> None:
    traits = looked_at(b"a,b\nc,d\ne,f,g\n", [3, 4, 11])
    assert (traits.delimiters, traits.uneven, traits.breaks) == (1, [(2, 2)], 3)
