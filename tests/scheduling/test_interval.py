import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flask_logivet_rdv.scheduling.interval import Range, cells

ranges = st.builds(
    lambda start, length: Range(start, start + length), st.integers(0, 60), st.integers(1, 20)
)


def seconds(*covered: Range) -> set[int]:
    return {second for r in covered for second in range(r.start, r.end)}


@pytest.mark.parametrize(
    ("given_range", "expected"),
    [
        (Range(0, 300), [0]),
        (Range(300, 900), [1, 2]),
        (Range(299, 301), [0, 1]),
        (Range(10, 20), [0]),
    ],
)
def test_a_range_holds_every_five_minute_cell_it_enters(
    given_range: Range, expected: list[int]
) -> None:
    assert list(cells(given_range)) == expected


@settings(deadline=None)
@given(ranges, ranges)
def test_ranges_on_five_minute_bounds_overlap_when_they_share_a_cell(a: Range, b: Range) -> None:
    share = bool(seconds(a) & seconds(b))
    a, b = Range(a.start * 300, a.end * 300), Range(b.start * 300, b.end * 300)
    assert share == bool(set(cells(a)) & set(cells(b)))
