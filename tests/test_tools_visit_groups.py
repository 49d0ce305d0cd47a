"""Visits together: nesting of packages on one equipment, grouping of visits at one site."""

from datetime import date
from itertools import combinations
from statistics import median

from hypothesis import given
from hypothesis import strategies as st

from ..tools.grouping import Group, Planned, group, nest
from ..tools.schedule import Window, window
from .tools_common import PROPERTY, PureCase

SPRING = st.dates(date(2027, 2, 20), date(2027, 5, 10))


def planned(*visits):
    """Visits of one rank each, from (day of May, package)."""
    return [
        Planned(number, 0, date(2027, 5, day), package)
        for number, (day, package) in enumerate(visits)
    ]


def distance(one, other):
    return abs((one.nominal - other.nominal).days)


class TestNest(PureCase):
    visits = st.lists(st.tuples(st.integers(1, 4), SPRING, st.integers(0, 3)), max_size=12).map(
        lambda some: [
            Planned(plan, rank, day, package) for rank, (plan, day, package) in enumerate(some)
        ]
    )

    @PROPERTY
    @given(visits, st.integers(0, 20))
    def test_each_visit_is_created_or_contained_once(self, visits, within):
        nested = nest(visits, within)
        all_of_them = [visit for holder, contained in nested for visit in (holder, *contained)]
        self.assertCountEqual(all_of_them, visits)
        dates = [holder.nominal for holder, _contained in nested]
        self.assertEqual(dates, sorted(dates))

    @PROPERTY
    @given(visits, st.integers(0, 20))
    def test_a_visit_is_in_the_nearest_greater_one_created_or_there_is_none(self, visits, within):
        nested = nest(visits, within)
        created = [holder for holder, _contained in nested]
        for holder, contained in nested:
            for visit in contained:
                self.assertGreater(holder.package, visit.package)
                self.assertLessEqual(distance(visit, holder), within)
                self.assertEqual(
                    (distance(visit, holder), holder.nominal),
                    min(
                        (distance(visit, other), other.nominal)
                        for other in created
                        if other.package > visit.package
                    ),
                )
        for one, other in combinations(created, 2):
            self.assertTrue(one.package == other.package or distance(one, other) > within)

    @PROPERTY
    @given(visits, st.integers(0, 20), st.randoms(use_true_random=False))
    def test_the_order_given_does_not_matter(self, visits, within, random):
        nested = nest(visits, within)
        random.shuffle(visits)
        self.assertEqual(nest(visits, within), nested)

    def test_what_a_contained_visit_could_contain(self):
        """The yearly takes the quarterly; the monthly is too far from it, and is created."""
        yearly, quarterly, far, near = visits = planned((1, 3), (5, 2), (9, 1), (7, 1))
        self.assertEqual(nest(visits, 7), [(yearly, (quarterly, near)), (far, ())])

    def test_at_the_same_distance_the_earlier_one_then_the_greater(self):
        early, late, check = visits = planned((1, 2), (9, 3), (5, 1))
        self.assertEqual(nest(visits, 4), [(early, (check,)), (late, ())])
        big, small, check = visits = planned((1, 3), (1, 2), (5, 1))
        self.assertEqual(nest(visits, 4), [(big, (small, check))])

    def test_contained_visits_are_in_the_order_of_dates_then_packages(self):
        small, yearly, late, big = visits = planned((1, 1), (2, 4), (3, 3), (1, 2))
        self.assertEqual(nest(visits, 4), [(yearly, (big, small, late))])

    def test_equal_packages_do_not_contain_one_another(self):
        one, other = visits = planned((1, 1), (1, 1))
        self.assertEqual(nest(visits, 30), [(one, ()), (other, ())])

    def test_within_no_day_is_the_same_day(self):
        yearly, same, next_day = visits = planned((1, 2), (1, 1), (2, 1))
        self.assertEqual(nest(visits, 0), [(yearly, (same,)), (next_day, ())])

    def test_each_plan_can_have_its_own_window(self):
        visits = overhaul, quarterly, check = planned((1, 3), (6, 2), (9, 1))
        days = {3: 4, 2: 3}
        self.assertEqual(
            nest(visits, lambda visit: days[visit.package]), [(overhaul, ()), (quarterly, (check,))]
        )

    def test_nothing_to_nest(self):
        self.assertEqual(nest([], 7), [])
        with self.assertRaises(ValueError):
            nest([], -1)


class TestGroup(PureCase):
    visits = st.lists(
        st.builds(
            lambda day, before, after: (day, window(day, before, after)),
            SPRING,
            *[st.integers(0, 25)] * 2,
        ),
        max_size=9,
    ).map(lambda some: [(number, *visit) for number, visit in enumerate(some)])

    @PROPERTY
    @given(visits)
    def test_each_visit_is_on_time_on_any_day_of_its_group(self, visits):
        groups = group(visits)
        self.assertCountEqual(
            [id_ for trip in groups for id_ in trip.ids], [one[0] for one in visits]
        )
        for trip in groups:
            windows = [visits[id_][2] for id_ in trip.ids]
            earliest = max(due.earliest for due in windows)
            latest = min(due.latest for due in windows)
            self.assertEqual(trip.window, Window(earliest, latest))

    @PROPERTY
    @given(visits)
    def test_no_grouping_has_fewer_trips(self, visits):
        """As many trips as there are windows of which no two meet: fewer cannot serve them."""
        windows = [due for _id, _nominal, due in visits]

        def strangers(some):
            return not any(one.overlaps(other) for one, other in combinations(some, 2))

        most = max(
            size
            for size in range(len(windows) + 1)
            if any(map(strangers, combinations(windows, size)))
        )
        self.assertEqual(len(group(visits)), most)

    @PROPERTY
    @given(visits)
    def test_the_date_is_the_suitable_one_nearest_to_the_median(self, visits):
        for trip in group(visits):
            nominals = [visits[id_][1].toordinal() for id_ in trip.ids]
            first, last = trip.window.earliest.toordinal(), trip.window.latest.toordinal()
            suitable = [day for day in nominals if first <= day <= last]
            best = min((abs(day - median(nominals)) for day in suitable), default=None)
            expected = (
                (first + last) // 2
                if best is None
                else min(day for day in suitable if abs(day - median(nominals)) == best)
            )
            self.assertEqual(trip.on.toordinal(), expected)

    @PROPERTY
    @given(visits, st.randoms(use_true_random=False))
    def test_the_order_given_does_not_matter(self, visits, random):
        groups = group(visits)
        random.shuffle(visits)
        self.assertEqual(group(visits), groups)

    @PROPERTY
    @given(visits, st.integers(1, 3))
    def test_visits_apart_never_meet(self, visits, equipments):
        groups = group(visits, apart=lambda id_: id_ % equipments)
        self.assertCountEqual(
            [id_ for trip in groups for id_ in trip.ids], [one[0] for one in visits]
        )
        for trip in groups:
            self.assertEqual(len({id_ % equipments for id_ in trip.ids}), len(trip.ids))
            self.assertTrue(all(visits[id_][2].contains(trip.on) for id_ in trip.ids))

    def test_two_equipments_every_month_make_a_trip_a_month(self):
        """SC10: windows of 20 days overlap from month to month; the trips must not merge."""
        days = [date(2027, month, day) for month in (1, 2, 3) for day in (1, 4)]
        visits = [((day.day, day.month), day, window(day, 20, 20)) for day in days]
        trips = group(visits, apart=lambda id_: id_[0])
        self.assertEqual(
            [trip.ids for trip in trips], [((1, month), (4, month)) for month in (1, 2, 3)]
        )

    def test_no_nominal_date_suits_all(self):
        visits = [
            ("a", date(2027, 3, 1), Window(date(2027, 3, 1), date(2027, 3, 13))),
            ("b", date(2027, 3, 20), Window(date(2027, 3, 10), date(2027, 3, 20))),
        ]
        common = Window(date(2027, 3, 10), date(2027, 3, 13))
        self.assertEqual(group(visits), [Group(("a", "b"), common, date(2027, 3, 11))])

    def test_windows_that_only_touch_merge(self):
        visits = [(day, date(2027, 3, day), window(date(2027, 3, day), 2, 2)) for day in (1, 5, 10)]
        self.assertEqual([trip.ids for trip in group(visits)], [(1, 5), (10,)])
        self.assertEqual(group(visits)[0].on, date(2027, 3, 3))

    def test_nothing_to_group(self):
        self.assertEqual(group([]), [])
