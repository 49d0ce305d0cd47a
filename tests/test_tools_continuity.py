"""The first gap in what is covered, against a count day by day."""

from datetime import date, timedelta

from hypothesis import example, given
from hypothesis import strategies as st

from ..tools.continuity import first_gap
from .tools_common import PROPERTY, PureCase

ONE_DAY = timedelta(days=1)
FIRST = date(2026, 1, 1)

offsets = st.integers(-5, 40)
spans = st.lists(st.tuples(offsets, st.none() | st.integers(0, 12)), max_size=6)


def _day(offset):
    return FIRST + timedelta(days=offset)


class TestFirstGap(PureCase):
    @PROPERTY
    @given(spans, st.integers(-2, 40))
    @example([(0, 3), (4, 3)], 7)
    @example([(0, 3), (5, 3)], 7)
    @example([(-5, None)], 40)
    def test_as_counted_day_by_day(self, lengths, last):
        covered = [
            (_day(start), None if length is None else _day(start + length))
            for start, length in lengths
        ]
        uncovered = [
            day
            for day in (_day(offset) for offset in range(last + 1))
            if not any(start <= day and (end is None or day <= end) for start, end in covered)
        ]
        gap = first_gap(covered, FIRST, _day(last))
        if not uncovered:
            self.assertIsNone(gap)
            return
        end = uncovered[0]
        while end + ONE_DAY in uncovered:
            end += ONE_DAY
        self.assertEqual(gap, (uncovered[0], end))
