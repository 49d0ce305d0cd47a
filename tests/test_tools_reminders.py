"""The reminder ladder: RM1 to RM8 of RELIABILITY, against a walk along the days."""

import json
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from hypothesis import example, given
from hypothesis import strategies as st

from ..tools.reminders import Ladder, Step, next_step, plan
from ..tools.working_calendar import Closing, WorkingCalendar
from .tools_common import PROPERTY, PureCase

VECTORS = Path(__file__).parent / "vectors" / "sla.json"

DAY = 86_400
PARIS = ZoneInfo("Europe/Paris")
LADDERS = {"blocking": (1, 2, 3), "major": (3, 6, 9), "minor": (5, 10, 15)}
LONG_AGO = int(datetime(2026, 1, 1, tzinfo=ZoneInfo("UTC")).timestamp())
# The May of 2026 in France: 1, 8 and 14 (Ascension) and 25 (Whit Monday).
MAY_2026 = [Closing(date(2026, 5, day), 0, DAY, "Holiday") for day in (1, 8, 14, 25)]


def hours(*spans):
    return tuple((int(start * 3600), int(end * 3600)) for start, end in spans)


def office(zone="Europe/Paris", closings=MAY_2026):
    return WorkingCalendar.weekly(zone, dict.fromkeys(range(5), hours((9, 18))), closings)


def paris(*moment):
    return int(datetime(*moment, tzinfo=PARIS).timestamp())


OFFICE = office()
NEVER = WorkingCalendar.weekly("Europe/Paris", {})

instants = st.integers(LONG_AGO, LONG_AGO + 730 * DAY)
ladders = st.sampled_from([Ladder(offsets) for offsets in LADDERS.values()]) | st.builds(
    lambda days, close: Ladder(tuple(sorted(days)), close),
    st.sets(st.integers(1, 20), min_size=3, max_size=3),
    st.integers(1, 4),
)
openings = st.sampled_from([hours((9, 17)), hours((8, 12), (13, 17.5)), hours((0, 24))])
holidays = st.sets(st.dates(date(2026, 1, 1), date(2028, 2, 1)), max_size=8)
calendars = st.builds(
    lambda zone, weekdays, spans, closed: WorkingCalendar.weekly(
        zone, dict.fromkeys(weekdays, spans), [Closing(day, 0, DAY, "Holiday") for day in closed]
    ),
    st.sampled_from(["Europe/Paris", "America/New_York", "Asia/Kathmandu"]),
    st.sets(st.integers(0, 6), min_size=1).map(sorted),
    openings,
    holidays,
)


class Walk:
    """An oracle that knows one calendar without partly closed days, and walks along its days."""

    def __init__(self, calendar):
        self.zone = ZoneInfo(calendar.zone)
        self.closed = {closing.day for closing in calendar.closings}
        self.week = calendar.weeks[0]

    def local(self, day, seconds):
        clock = time(seconds // 3600, seconds // 60 % 60, seconds % 60) if seconds < DAY else time()
        day += timedelta(days=seconds // DAY)
        return int(datetime.combine(day, clock, self.zone).timestamp())

    def spans(self, day):
        return () if day in self.closed else self.week[day.weekday()]

    def received(self, instant):
        """The instant itself when it is open, or the next opening."""
        day = datetime.fromtimestamp(instant, self.zone).date()
        while True:
            for start, end in self.spans(day):
                if instant < self.local(day, end):
                    return max(instant, self.local(day, start))
            day += timedelta(days=1)

    def after(self, instant, days):
        """So many working days after, at the same time by the clock on the wall."""
        received = datetime.fromtimestamp(self.received(instant), self.zone)
        day = received.date()
        for _ in range(days):
            day += timedelta(days=1)
            while not self.spans(day):
                day += timedelta(days=1)
        clock = received.hour * 3600 + received.minute * 60 + received.second
        for start, end in self.spans(day):
            if clock < end:
                return self.local(day, max(start, clock))
        return self.local(day, self.spans(day)[-1][1])


class Server:
    """A request that waits, and a cron that may be late; keeps what it did."""

    def __init__(self, ladder, since, calendar):
        self.ladder, self.calendars = ladder, (calendar,)
        self.log = []
        self.wait(since)

    def wait(self, since):
        """The request begins to wait for the customer, or does so anew."""
        self.since, self.sent, self.closed = since, (), None

    def run(self, now, delivered=True):
        step = next_step(self.ladder, self.since, self.sent, self.calendars, now)
        if step.name != "wait":
            self.log.append((step.name, step.rank, now))
        if step.name == "close":
            self.closed = now
        elif step.name == "remind" and delivered:
            self.sent += (now,)
        return step

    def answer(self, now):
        """The customer answers, and is asked something else at once."""
        self.wait(now)


def gaps():
    """Seconds between two runs of the cron: some minutes, a night, or weeks of downtime."""
    return st.lists(
        st.sampled_from([300, 3_600, 40_000, DAY, 3 * DAY, 20 * DAY]) | st.integers(1, 5 * DAY),
        min_size=1,
        max_size=40,
    )


class TestLadder(PureCase):
    @PROPERTY
    @given(ladders, instants, calendars)
    def test_the_plan_is_that_of_a_walk_along_the_days(self, ladder, since, calendar):
        walk = Walk(calendar)
        expected = []
        for rank, offset in enumerate(ladder.offsets, 1):
            due = walk.after(since, offset)
            if expected:
                due = max(due, walk.after(expected[-1].at, 1))
            expected.append(Step("remind", rank, due))
        expected.append(Step("close", 4, walk.after(expected[-1].at, ladder.close_after)))
        self.assertEqual(list(plan(ladder, since, (), (calendar,), since)), expected)

    @PROPERTY
    @given(ladders, instants, calendars, st.integers(0, 40 * DAY), st.integers(0, 3))
    def test_who_follows_the_plan_does_what_is_planned(self, ladder, since, calendar, late, done):
        server = Server(ladder, since, calendar)
        for step in plan(ladder, since, (), (calendar,), since)[:done]:
            server.run(step.at)
        now = max([since, *server.sent]) + late
        for step in plan(ladder, since, server.sent, (calendar,), now):
            self.assertGreaterEqual(step.at, now)
            if step.at > now:
                self.assertEqual(server.run(step.at - 1).name, "wait")
            did = server.run(step.at)
            self.assertEqual((did.name, did.rank), (step.name, step.rank))
        self.assertIsNotNone(server.closed)

    @PROPERTY
    @given(ladders, instants, calendars, gaps(), st.data())
    def test_whatever_happens_to_the_server(self, ladder, since, calendar, waits, data):
        """RM1, RM2, RM4, RM5, RM8: downtime, and mails that do not leave."""
        server, walk = Server(ladder, since, calendar), Walk(calendar)
        now, failures = since, 0
        for wait in waits:
            now += wait
            delivered = data.draw(st.booleans())
            before = server.sent
            step = server.run(now, delivered)
            if step.name == "remind":
                failures += not delivered
                self.assertGreaterEqual(now, walk.after(since, ladder.offsets[step.rank - 1]))
                if before:
                    self.assertGreaterEqual(now, walk.after(before[-1], 1))
            if step.name == "close":
                self.assertEqual(len(server.sent), 3)
                self.assertGreaterEqual(now, walk.after(server.sent[-1], ladder.close_after))
                break
            if delivered:
                # The cron again, at the same second.
                self.assertEqual(server.run(now).name, "wait")
        self.assertLessEqual(len(server.log) - failures, 4)
        ranks = [rank for _name, rank, _now in server.log]
        self.assertEqual(ranks, sorted(ranks))

    @PROPERTY
    @given(ladders, instants, calendars, gaps(), gaps())
    def test_an_answer_starts_again_from_nothing(self, ladder, since, calendar, before, after):
        """RM3: what was sent before the answer leaves no trace."""
        server, now = Server(ladder, since, calendar), since
        for wait in before:
            now += wait
            if server.run(now).name == "close":
                break
        server.answer(now)
        fresh = Server(ladder, now, calendar)
        for wait in after:
            now += wait
            self.assertEqual(server.run(now), fresh.run(now))

    @PROPERTY
    @given(ladders, ladders, instants, calendars, st.integers(0, 40 * DAY), st.integers(0, 3))
    @example(Ladder((5, 10, 15)), Ladder((1, 2, 3)), LONG_AGO, OFFICE, 30 * DAY, 0)
    @example(Ladder((1, 2, 3)), Ladder((5, 10, 15)), LONG_AGO, OFFICE, 0, 3)
    def test_a_change_of_severity(self, old, new, since, calendar, later, done):
        """RM7: planned anew from the same beginning, never in the past, never in a burst."""
        planned = plan(old, since, (), (calendar,), since)
        sent = tuple(step.at for step in planned[:done])
        now = max([since, *sent]) + later
        steps = plan(new, since, sent, (calendar,), now)
        walk = Walk(calendar)
        self.assertEqual([step.rank for step in steps], list(range(done + 1, 5)))
        last = sent[-1] if sent else None
        for step in steps:
            self.assertGreaterEqual(step.at, now)
            due = walk.after(since, new.offsets[min(step.rank, 3) - 1])
            silence = 1
            if step.name == "close":
                silence = new.close_after
                due = walk.after(due, silence)
            if last is not None:
                due = max(due, walk.after(last, silence))
            self.assertEqual(step.at, max(due, now))
            last = step.at

    @PROPERTY
    @given(ladders, instants, calendars, st.integers(0, 60 * DAY))
    def test_a_reminder_that_failed_is_due_again(self, ladder, since, calendar, late):
        """FM6: it does not count, and nothing is closed after it."""
        server = Server(ladder, since, calendar)
        first = plan(ladder, since, (), (calendar,), since)[0]
        for now in (first.at, first.at + late, first.at + late + 60 * DAY):
            self.assertEqual(server.run(now, delivered=False), first)

    def test_working_days_are_those_of_both_calendars(self):
        geneva = office("Europe/Zurich", [Closing(date(2026, 5, 12), 0, DAY, "Fair")])
        since = paris(2026, 5, 7, 11)
        steps = plan(Ladder((1, 2, 3)), since, (), (OFFICE, geneva), since)
        self.assertEqual(
            [step.at for step in steps], [paris(2026, 5, day, 11) for day in (11, 13, 15, 18)]
        )

    def test_a_day_that_closes_early_delays_nothing(self):
        """On Friday it is closed at the hour of the waiting: the reminder leaves at the closing."""
        calendar = WorkingCalendar.weekly(
            "Europe/Paris", {**dict.fromkeys(range(4), hours((8, 17))), 4: hours((8, 16))}
        )
        ladder, since = Ladder((1, 2, 3)), paris(2026, 6, 4, 16, 30)
        friday = paris(2026, 6, 5, 16)
        expected = [friday, *(paris(2026, 6, day, 16, 30) for day in (8, 9, 10))]
        steps = plan(ladder, since, (), (calendar,), since)
        self.assertEqual([step.at for step in steps], expected)
        for left, due in (
            (friday + 20, paris(2026, 6, 8, 16, 30)),
            (friday + 7 * 3600, paris(2026, 6, 8, 16, 30)),
            # After a weekend of downtime a working day lies between, as always.
            (friday + DAY, paris(2026, 6, 9, 8)),
            (paris(2026, 6, 8, 8), paris(2026, 6, 9, 8)),
        ):
            with self.subTest(left=left):
                step = next_step(ladder, since, (left,), (calendar,), left)
                self.assertEqual(step, Step("wait", 2, due))

    def test_the_clock_goes_back(self):
        """FM8: nothing is sent before the reminder that left in the future has had its day."""
        friday, monday = LONG_AGO + DAY, LONG_AGO + 4 * DAY
        step = next_step(Ladder((1, 2, 3)), LONG_AGO, (monday,), (OFFICE,), friday)
        self.assertEqual((step.name, step.rank), ("wait", 2))
        self.assertGreater(step.at, monday)

    def test_the_calendar_never_opens(self):
        for calendar in ((NEVER,), (OFFICE, NEVER)):
            for sent in ((), (LONG_AGO,), (LONG_AGO,) * 3):
                with self.subTest(sent=sent):
                    step = next_step(
                        Ladder((1, 2, 3)), LONG_AGO, sent, calendar, LONG_AGO + 900 * DAY
                    )
                    self.assertEqual(step, Step("wait", len(sent) + 1, None))
                    self.assertEqual(plan(Ladder((1, 2, 3)), LONG_AGO, sent, calendar, 0), ())

    def test_wrong_ladders(self):
        for wrong in (
            ((1, 2),),
            ((1, 2, 3, 4),),
            ((0, 1, 2),),
            ((1, 1, 2),),
            ((3, 2, 1),),
            ((1, 2, 366),),
            ((1, 2, 3), 0),
        ):
            with self.subTest(wrong), self.assertRaises(ValueError):
                Ladder(*wrong)

    def test_what_was_sent_is_three_at_most_and_in_order(self):
        for sent in ((2, 1), (1, 2, 3, 4)):
            with self.subTest(sent), self.assertRaises(ValueError):
                next_step(Ladder((1, 2, 3)), 0, sent, (OFFICE,), 5)


class TestReminderVectors(PureCase):
    def test_the_worked_cases(self):
        cases = json.loads(VECTORS.read_text())["reminders"]
        self.assertTrue(cases)
        for case in cases:
            with self.subTest(case["id"]):
                self.assertEqual(case["calendar"], "FR")

                def instant(text):
                    return int(datetime.fromisoformat(text).replace(tzinfo=PARIS).timestamp())

                since = instant(case["waiting_since"])
                steps = plan(Ladder(LADDERS[case["severity"]]), since, (), (OFFICE,), since)
                expected = [instant(text) for text in (*case["reminders"], case["close"])]
                self.assertEqual([step.at for step in steps], expected)
