"""SLA clocks: BT11 and SM1 to SM5 of RELIABILITY §5d, the properties and the words of SEMANTICS."""

from dataclasses import replace
from datetime import date
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from ..tools.business_time import Closing
from ..tools.sla import (
    CHANGE_RULES,
    EVENT_NAMES,
    KINDS,
    REOPEN_RULES,
    UNITS,
    Event,
    Term,
    preview_change,
    replay,
    stops_with,
    worst,
)
from .tools_common import PROPERTY, PureCase
from .tools_time_common import (
    DAY,
    HOUR,
    NEVER,
    OFFICE,
    REASONS,
    delays,
    instants,
    local,
    logs,
    pause_logs,
    terms,
)

ANY_REASON = frozenset(REASONS)
EIGHT_HOURS = Term("open_hours", 8 * HOUR, (OFFICE,), pause_reasons=ANY_REASON)


def at(text):
    """An instant of June 2026 in Zurich, as "08T09:00"; the 8th is a Monday."""
    return local("Europe/Zurich", f"2026-06-{text}")


def log(*rows):
    """Events from rows of an instant, a name, and details."""
    return [
        Event(at(text), name, **(details[0] if details else {})) for text, name, *details in rows
    ]


STARTED = ("08T09:00", "start", {"term": EIGHT_HOURS})
WAITING = {"reason": "customer"}


def end(events):
    return events[-1].at


def paused(cycle, now):
    """Seconds in the pauses of a cycle until now."""
    return sum(
        (now if stretch.end is None else min(stretch.end, now)) - stretch.start
        for stretch in cycle.stretches
        if stretch.name == "paused" and stretch.start < now
    )


class TestProperties(PureCase):
    @PROPERTY
    @given(logs, delays)
    def test_used_and_left_are_the_whole(self, events, delay):
        """BT11: at every instant until the time is used."""
        cycle, now = replay(events)[-1], end(events) + delay
        if cycle.budget is None or cycle.manual_deadline is not None:
            return
        used, left = cycle.consumed(now), cycle.remaining(now)
        self.assertEqual(max(used, cycle.budget), used + left)
        if cycle.deadline is not None and not cycle.is_paused:
            self.assertEqual(cycle.consumed(cycle.deadline), cycle.budget)
        self.assertEqual(cycle.overrun(now), max(0, used - cycle.budget) if not left else 0)

    @PROPERTY
    @given(pause_logs, st.randoms(use_true_random=False))
    def test_the_order_of_recording_is_irrelevant(self, events, random):
        """SM4: the log says it all, in whatever order it was written, as often as it is read."""
        if len({event.at for event in events}) < len(events):
            return
        shuffled = random.sample(events, len(events))
        self.assertEqual(replay(shuffled), replay(events))

    @PROPERTY
    @given(logs)
    def test_what_was_computed_is_computed_again(self, events):
        """SM4."""
        cycles = replay(events)
        self.assertEqual(replay(events), cycles)
        self.assertEqual([cycle.number for cycle in cycles], list(range(1, len(cycles) + 1)))

    @PROPERTY
    @given(pause_logs, delays, delays, delays)
    def test_splitting_a_pause_changes_nothing(self, events, after, first, second):
        start = end(events) + after
        pause = [Event(start, "resume"), Event(start, "pause", reason="access")]
        whole = [Event(start + first + second, "resume")]
        split = [Event(start + first, "resume"), Event(start + first, "pause", reason="access")]
        self.assertSameFigures([*events, *pause, *whole], [*events, *pause, *split, *whole])
        # And what does not end a pause does not split it.
        other = [Event(start + first, "pause", reason="access")]
        self.assertEqual(
            replay([*events, *pause, *other, *whole]), replay([*events, *pause, *whole])
        )

    @PROPERTY
    @given(
        instants,
        terms,
        st.lists(st.tuples(st.integers(0, 9 * DAY), st.integers(1, 4 * DAY)), max_size=5),
        st.randoms(use_true_random=False),
    )
    def test_pauses_that_overlap_count_once(self, start, term, spans, random):
        """They are a union, in whatever order they were noted."""
        term = replace(term, pause_reasons=frozenset({*range(5), "customer"}))
        overlapping = [
            event
            for reason, (delay, length) in enumerate(spans)
            for event in (
                Event(start + delay, "pause", reason=reason),
                Event(start + delay + length, "resume", reason=reason),
            )
        ]
        random.shuffle(overlapping)
        united, until = [], start - 1
        for delay, length in sorted(spans):
            if start + delay > until:
                united += [Event(until, "resume"), Event(start + delay, "pause", reason="customer")]
            until = max(until, start + delay + length)
        started = Event(start, "start", term)
        self.assertSameFigures(
            [started, *overlapping], [started, *united[1:], Event(until, "resume")]
        )

    @PROPERTY
    @given(instants, terms, st.integers(0, 5))
    def test_a_pause_outside_of_hours_changes_nothing(self, start, term, night):
        openings = term.timeline.intervals(start, start + 20 * DAY)
        gaps = [(closes, opens) for (_, closes), (opens, _) in pairwise(openings)]
        events = [Event(start, "start", replace(term, pause_reasons=ANY_REASON))]
        for closes, opens in gaps[night : night + 1]:
            pause = [Event(closes, "pause", reason="parts"), Event(opens, "resume")]
            self.assertSameFigures(events, [*events, *pause])

    @PROPERTY
    @given(pause_logs, st.integers(0, 3 * DAY), terms)
    def test_a_pause_that_is_not_honoured_changes_nothing(self, events, delay, term):
        term = replace(term, pause_reasons=frozenset())
        start, *happened = events
        happened = [*happened, Event(end(events) + delay, "pause", reason="customer")]
        self.assertEqual(
            replay([replace(start, term=term), *happened]), replay([replace(start, term=term)])
        )

    @PROPERTY
    @given(pause_logs, st.integers(0, 200))
    def test_a_longer_promise_is_never_due_earlier(self, events, more):
        start, *happened = events
        longer = replace(start.term, amount=start.term.amount + more)
        shorter = replay(events)[-1]
        longer = replay([replace(start, term=longer), *happened])[-1]
        for cycle in (shorter, longer):
            self.assertEqual(cycle.deadline is None, cycle.is_suspended)
        if longer.deadline is not None:
            self.assertLessEqual(shorter.deadline, longer.deadline)

    @PROPERTY
    @given(st.integers(0, 4 * DAY), st.integers(0, 30), st.integers(0, 4 * DAY), st.integers(0, 9))
    def test_a_holiday_more_is_never_due_earlier(self, start, hours, pause, place):
        """With pauses; for working days too."""
        closed = replace(OFFICE, closings=(Closing(date(2026, 6, 8 + place)),))
        for unit, amount in (("open_hours", hours * HOUR), ("working_days_same", hours % 6)):
            dues = []
            for calendar in (OFFICE, closed):
                term = Term(unit, amount, (calendar,), pause_reasons=ANY_REASON)
                begun = at("08T00:00") + start
                paused = Event(begun + pause, "pause", reason="parts")
                resumed = Event(begun + pause + 20 * HOUR, "resume")
                dues.append(replay([Event(begun, "start", term), paused, resumed])[0].deadline)
            self.assertLessEqual(*dues)

    @PROPERTY
    @given(logs, delays, st.lists(st.tuples(delays, st.sampled_from(EVENT_NAMES), terms)))
    def test_a_closed_clock_never_changes(self, events, delay, later):
        """SM1; and SM5: what was reached is reached once. Only re-opening is stronger."""
        stop = Event(end(events) + delay, "stop")
        closed = replay([*events, stop])
        for wait, name, term in later:
            if name != "reopen":
                happened = Event(
                    stop.at + wait, name, term, "parts", CHANGE_RULES[wait % 3], stop.at
                )
                self.assertEqual(replay([*events, stop, happened]), closed)
        every = [
            Event(stop.at + wait, name, term, "parts", CHANGE_RULES[wait % 3], stop.at)
            for wait, name, term in later
            if name != "reopen"
        ]
        self.assertEqual(replay([*events, stop, *every]), closed)

    @PROPERTY
    @given(pause_logs, delays, delays, st.sampled_from(("pause", "resume", "stop")))
    def test_red_stays_red(self, events, delay, later, name):
        """SM2."""
        cycle = replay(events)[-1]
        if cycle.is_suspended:
            return
        late = max(end(events), cycle.deadline + 1) + delay
        self.assertEqual((cycle.state(late), cycle.result(late)), ("overdue", "late"))
        [after] = replay([*events, Event(late, name, reason="parts")])
        self.assertEqual(after.deadline, cycle.deadline)
        self.assertEqual(after.result(late + later), "late")
        self.assertEqual(after.state(late + later), "met_late" if name == "stop" else "overdue")

    @PROPERTY
    @given(pause_logs, delays, terms, st.sampled_from(("carry", "retro")))
    def test_a_change_keeps_what_was_used_and_the_pauses(self, events, delay, term, rule):
        """SM3."""
        now = end(events) + delay
        before = replay(events)[-1]
        after = replay([*events, Event(now, "change", term, rule=rule)])[-1]
        self.assertEqual(after.started, before.started)
        self.assertEqual(paused(after, now), paused(before, now))
        if rule == "carry":
            self.assertEqual(after.consumed(now), before.consumed(now))

    @PROPERTY
    @given(pause_logs, delays, st.sampled_from(("carry", "retro")))
    def test_a_change_to_the_same_promise_changes_nothing(self, events, delay, rule):
        same = Event(end(events) + delay, "change", events[0].term, rule=rule)
        self.assertSameFigures(events, [*events, same])

    @PROPERTY
    @given(pause_logs, delays, terms)
    def test_a_correction_is_as_if_it_had_always_been_so(self, events, delay, term):
        start, *happened = events
        term = replace(term, pause_reasons=start.term.pause_reasons)
        always = [replace(start, term=term), *happened]
        for name, rule in (("amend", None), ("change", "retro")):
            correction = Event(end(events) + delay, name, term, rule=rule)
            self.assertSameFigures(always, [*events, correction])

    @PROPERTY
    @given(logs, delays, terms)
    def test_a_restart_is_a_start(self, events, delay, term):
        now = end(events) + delay
        term = replace(term, pause_reasons=frozenset())
        old, new = replay([*events, Event(now, "change", term, rule="restart")])[-2:]
        [fresh] = replay([Event(now, "start", term)])
        self.assertEqual(new.computed_deadline, fresh.computed_deadline)
        self.assertTrue(old.superseded)
        self.assertEqual((old.stopped, new.started), (now, now))
        self.assertEqual(old.state(now), "cancelled")
        self.assertIn(old.result(now), ("late", None))

    @PROPERTY
    @given(logs, delays, terms)
    def test_the_preview_is_what_happens(self, events, delay, term):
        now = end(events) + delay
        outcomes = preview_change(iter(events), now, term)
        self.assertEqual(tuple(outcomes), CHANGE_RULES)
        for rule, cycle in outcomes.items():
            happened = replay([*events, Event(now, "change", term, rule=rule)])
            self.assertEqual(cycle, happened[-1])

    @PROPERTY
    @given(pause_logs, delays)
    def test_warnings_are_where_their_part_is_used(self, events, delay):
        cycle = replay(events)[-1]
        percents, dates = zip(*cycle.thresholds(), strict=True) if cycle.thresholds() else ((), ())
        self.assertEqual(list(dates), sorted(dates))
        for percent, when in zip(percents, dates, strict=True):
            if percent == 100:
                self.assertEqual(when, cycle.deadline)
            elif cycle.budget:
                self.assertGreaterEqual(cycle.percent(when), percent)
                self.assertLess(cycle.percent(when - 1), percent)
        if not cycle.is_paused:
            self.assertEqual(percents, (50, 75, 90, 100, 125))

    @PROPERTY
    @given(logs, delays)
    def test_nothing_but_hours_changes_before_the_next_change(self, events, delay):
        cycle, now = replay(events)[-1], end(events) + delay
        later = cycle.next_change(now)
        passed = [when for _, when in cycle.thresholds()]
        if later is None:
            later = now + 1_000 * DAY
        self.assertGreater(later, now)
        self.assertFalse(any(now < when < later for when in passed))
        awake = {"asleep": "running"}
        states = {awake.get(state, state) for state in map(cycle.state, (now, later - 1))}
        self.assertEqual(len(states), 1)

    def assertSameFigures(self, events, others):
        one, other = replay(events)[-1], replay(others)[-1]
        self.assertEqual(other.deadline, one.deadline)
        self.assertEqual(other.thresholds(), one.thresholds())
        for now in (end(others), end(others) + 3 * DAY):
            self.assertEqual(other.consumed(now), one.consumed(now))
            self.assertEqual(other.remaining(now), one.remaining(now))
            self.assertEqual(other.state(now), one.state(now))


class TestWords(PureCase):
    def cycle(self, *rows):
        return replay(log(*rows))[-1]

    def assertFigures(self, cycle, text, **expected):
        """Figures at an instant; durations in hours."""
        now = at(text)
        for name, value in expected.items():
            with self.subTest(text, figure=name):
                found = getattr(cycle, name)
                if callable(found):
                    found = found(now)
                if name in ("consumed", "remaining", "overrun") and value is not None:
                    value *= HOUR
                self.assertEqual(found, at(value) if name.endswith("deadline") and value else value)

    def test_pending(self):
        cycle = self.cycle(("08T09:00", "await", {"term": EIGHT_HOURS}))
        nothing = {"deadline": None, "no_deadline_reason": None, "next_change": None}
        self.assertFigures(
            cycle, "20T09:00", state="pending", result=None, consumed=0, remaining=None, **nothing
        )
        self.assertEqual((cycle.started, cycle.thresholds()), (None, ()))
        cycle = self.cycle(
            ("08T09:00", "await", {"term": EIGHT_HOURS}),
            ("08T10:00", "await", {"term": replace(EIGHT_HOURS, amount=HOUR)}),
            ("09T09:00", "start"),
            ("09T09:30", "await", {"term": EIGHT_HOURS}),
            ("09T09:45", "start"),
        )
        self.assertFigures(cycle, "09T10:00", state="running", deadline="09T10:00", consumed=1)

    def test_a_start_to_come(self):
        cycle = self.cycle(STARTED)
        self.assertFigures(cycle, "08T08:59", state="pending", consumed=0, remaining=8)
        self.assertEqual(cycle.next_change(at("08T08:00")), at("08T09:00"))

    def test_running_asleep_overdue(self):
        cycle = self.cycle(("05T16:00", "start", {"term": EIGHT_HOURS}))
        open_ = {"deadline": "08T16:00", "overrun": 0}
        self.assertFigures(
            cycle, "05T16:30", state="running", result=None, remaining=7.5, percent=6, **open_
        )
        self.assertFigures(
            cycle, "05T17:00", state="asleep", result=None, remaining=7, percent=12, **open_
        )
        self.assertFigures(cycle, "07T12:00", state="asleep", consumed=1, **open_)
        self.assertFigures(
            cycle, "08T16:00", state="running", result=None, remaining=0, percent=100, **open_
        )
        self.assertEqual(cycle.state(at("08T16:00") + 1), "overdue")
        self.assertFigures(
            cycle, "09T10:00", state="overdue", result="late", overrun=2, remaining=0, percent=125
        )
        self.assertFigures(cycle, "09T23:00", state="overdue", overrun=9)

    def test_met_and_met_late(self):
        cycle = self.cycle(STARTED, ("08T17:00", "stop"))
        met = {"deadline": "08T17:00", "next_change": None}
        self.assertFigures(cycle, "20T09:00", state="met", result="in_time", consumed=8, **met)
        late = replay([*log(STARTED), Event(at("08T17:00") + 1, "stop")])[0]
        self.assertFigures(late, "20T09:00", state="met_late", result="late", overrun=0, **met)
        late = self.cycle(STARTED, ("09T12:00", "stop"))
        self.assertFigures(late, "20T09:00", state="met_late", overrun=3, consumed=11, percent=137)
        self.assertEqual([percent for percent, _ in late.thresholds()], [50, 75, 90, 100, 125])
        early = self.cycle(STARTED, ("08T13:00", "stop"), ("08T16:00", "stop"))
        self.assertFigures(early, "20T09:00", deadline="08T17:00", remaining=4, consumed=4)
        self.assertEqual(early.thresholds(), ((50, at("08T13:00")),))

    def test_paused(self):
        cycle = self.cycle(STARTED, ("08T11:00", "pause", WAITING))
        for now in ("08T11:00", "08T17:30", "20T10:00"):
            self.assertFigures(
                cycle, now, state="paused", remaining=6, percent=25, overrun=0, next_change=None
            )
            self.assertFigures(
                cycle, now, deadline=None, no_deadline_reason=None, is_suspended=True, result=None
            )
        self.assertEqual(cycle.deadline_if_resumed(at("20T10:00")), at("22T15:00"))
        self.assertEqual(cycle.thresholds(), ())

    def test_a_pause_after_the_deadline_suspends_nothing(self):
        cycle = self.cycle(STARTED, ("09T09:30", "pause", WAITING))
        self.assertFigures(
            cycle, "12T10:00", state="overdue", deadline="08T17:00", overrun=0.5, is_suspended=False
        )
        # Nor one that begins at the deadline, which is in time.
        cycle = self.cycle(STARTED, ("08T17:00", "pause", WAITING))
        self.assertFigures(cycle, "08T17:00", state="paused", deadline="08T17:00")
        self.assertFigures(cycle, "08T18:00", state="overdue", deadline="08T17:00")

    def test_one_answer_ends_the_waiting(self):
        cycle = self.cycle(
            STARTED,
            ("08T10:00", "pause", WAITING),
            ("08T11:00", "pause", {"reason": "parts"}),
            ("08T12:00", "resume"),
            ("08T13:00", "resume"),
        )
        self.assertFigures(cycle, "08T12:00", state="running", deadline="09T11:00", consumed=1)
        # The pause is that of who was waited for first.
        stretches = [(stretch.name, stretch.event) for stretch in cycle.stretches]
        self.assertEqual(stretches, [("counted", None), ("paused", 1), ("counted", None)])

    def test_only_its_reasons_pause_a_clock(self):
        term = replace(EIGHT_HOURS, pause_reasons=frozenset({"access"}))
        rows = [
            ("08T09:00", "start", {"term": term}),
            ("08T10:00", "pause", WAITING),
            ("08T11:00", "pause", {"reason": "access"}),
        ]
        self.assertFigures(self.cycle(*rows), "08T12:00", state="paused", remaining=6)
        cycle = self.cycle(*rows, ("08T13:00", "resume"))
        self.assertFigures(cycle, "08T13:00", state="running", deadline="09T11:00")

    def test_a_clock_that_starts_while_somebody_is_waited_for(self):
        cycle = self.cycle(
            ("08T09:00", "await", {"term": EIGHT_HOURS}),
            ("08T10:00", "pause", WAITING),
            ("08T11:00", "start"),
            ("08T13:00", "resume"),
        )
        self.assertFigures(cycle, "08T13:00", state="running", deadline="09T13:00", consumed=0)

    def test_a_pause_outlives_a_change(self):
        """KNOWN_BUGS 68: the history of pauses was lost when the promise changed."""
        for rule, due in (("carry", "09T13:00"), ("retro", "09T13:00"), ("restart", "09T15:00")):
            rows = [
                STARTED,
                ("08T11:00", "pause", WAITING),
                (
                    "08T13:00",
                    "change",
                    {"term": replace(EIGHT_HOURS, amount=6 * HOUR), "rule": rule},
                ),
            ]
            cycle = self.cycle(*rows)
            left = 6 if rule == "restart" else 4
            self.assertFigures(cycle, "08T16:00", state="paused", remaining=left, deadline=None)
            cycle = self.cycle(*rows, ("09T09:00", "resume"))
            self.assertFigures(cycle, "09T09:00", state="running", remaining=left, deadline=due)

    def test_a_change_of_the_reasons_that_pause(self):
        impatient = replace(EIGHT_HOURS, pause_reasons=frozenset())
        rows = [STARTED, ("08T10:00", "pause", WAITING)]
        cycle = self.cycle(*rows, ("08T12:00", "change", {"term": impatient, "rule": "carry"}))
        self.assertFigures(cycle, "08T12:00", state="running", deadline="09T11:00", consumed=1)
        rows = [("08T09:00", "start", {"term": impatient}), *rows[1:]]
        cycle = self.cycle(*rows, ("08T12:00", "change", {"term": EIGHT_HOURS, "rule": "carry"}))
        self.assertFigures(cycle, "08T15:00", state="paused", remaining=5, consumed=3)

    def test_closed_while_paused(self):
        """Closed for want of an answer: what counts is the deadline that it would have had."""
        cycle = self.cycle(STARTED, ("08T11:00", "pause", WAITING), ("12T16:00", "stop"))
        self.assertFigures(
            cycle, "20T09:00", state="met", result="in_time", deadline="15T14:00", remaining=6
        )
        self.assertFigures(cycle, "20T09:00", is_suspended=False, is_paused=False, consumed=2)

    def test_late_by_reclassification(self):
        short = replace(EIGHT_HOURS, amount=2 * HOUR)
        for rule in ("carry", "retro"):
            change = ("08T12:00", "change", {"term": short, "rule": rule})
            cycle = self.cycle(STARTED, change)
            self.assertFigures(
                cycle, "08T12:00", state="overdue", deadline="08T11:00", reclassified_late=True
            )
            # Late already, or in time at that very second, it is not by the change.
            late = self.cycle(STARTED, ("09T12:00", *change[1:]))
            self.assertFigures(late, "09T12:00", state="overdue", reclassified_late=False)
            in_time = self.cycle(STARTED, ("08T11:00", *change[1:]))
            self.assertFigures(in_time, "08T11:00", state="running", reclassified_late=False)
            was_in_time = self.cycle(STARTED, ("08T17:00", *change[1:]))
            self.assertFigures(was_in_time, "08T17:00", state="overdue", reclassified_late=True)
            # Due at the second of the first change, it is late because time went by.
            longer = {"term": replace(EIGHT_HOURS, amount=3 * HOUR), "rule": rule}
            cycle = self.cycle(STARTED, change, ("08T13:00", "change", longer))
            self.assertFigures(
                cycle, "08T13:00", state="overdue", deadline="08T12:00", reclassified_late=False
            )
            # A later change may take it back, a correction too.
            for name, more in (("change", {"rule": rule}), ("amend", {})):
                back = ("08T13:00", name, {"term": EIGHT_HOURS, **more})
                cycle = self.cycle(STARTED, change, back)
                self.assertFigures(
                    cycle, "08T14:00", state="running", deadline="08T17:00", reclassified_late=False
                )
            # A second one does not make it late by time.
            again = self.cycle(STARTED, change, ("08T13:00", *change[1:]))
            self.assertFigures(again, "08T14:00", reclassified_late=True)
        amended = self.cycle(STARTED, ("08T12:00", "amend", {"term": short}))
        self.assertFigures(amended, "08T12:00", state="overdue", reclassified_late=False)

    def test_a_change_in_a_pause_may_be_late(self):
        short = replace(EIGHT_HOURS, amount=HOUR)
        cycle = self.cycle(
            STARTED,
            ("08T11:00", "pause", WAITING),
            ("08T12:00", "change", {"term": short, "rule": "carry"}),
        )
        self.assertFigures(
            cycle, "08T12:00", state="overdue", deadline="08T10:00", reclassified_late=True
        )

    def test_a_promise_that_changes_before_the_start_or_after_the_stop(self):
        short = replace(EIGHT_HOURS, amount=2 * HOUR)
        for change in (("change", {"term": short, "rule": "carry"}), ("amend", {"term": short})):
            cycle = self.cycle(
                ("08T08:00", "await", {"term": EIGHT_HOURS}),
                ("08T08:30", *change),
                ("08T09:00", "start"),
            )
            self.assertFigures(cycle, "08T09:00", deadline="08T11:00", notes=())
            rows = [STARTED, ("08T10:00", "stop"), ("08T11:00", *change)]
            self.assertFigures(self.cycle(*rows), "08T12:00", state="met", deadline="08T17:00")
            for rule, due in (("resume", "08T13:00"), ("new_cycle", "08T14:00")):
                reopened = self.cycle(*rows, ("08T12:00", "reopen", {"rule": rule}))
                self.assertFigures(reopened, "08T12:00", state="running", deadline=due)
            twice = (("08T12:00", "reopen"), ("08T12:30", "stop"), ("08T13:00", "reopen"))
            self.assertFigures(self.cycle(*rows, *twice), "08T13:00", deadline="08T13:30")

    def test_reopened_resume(self):
        rows = [STARTED, ("08T11:00", "stop"), ("09T12:00", "reopen")]
        cycle = self.cycle(*rows)
        self.assertFigures(
            cycle, "09T12:00", state="running", result=None, deadline="10T10:00", consumed=2
        )
        cycle = self.cycle(*rows, ("10T11:00", "stop"))
        self.assertFigures(cycle, "10T12:00", state="met_late", result="late", number=1)
        cycle = self.cycle(STARTED, ("08T11:00", "reopen"))
        self.assertFigures(cycle, "08T11:00", deadline="08T17:00", notes=())

    def test_reopened_in_a_new_cycle(self):
        rows = [STARTED, ("09T10:00", "stop"), ("10T12:00", "reopen", {"rule": "new_cycle"})]
        first, second = replay(log(*rows))
        self.assertFigures(first, "10T12:00", state="met_late", result="late", number=1)
        self.assertFigures(second, "10T12:00", state="running", result=None, number=2)
        self.assertFigures(second, "10T12:00", deadline="11T12:00", consumed=0)
        self.assertEqual(worst((first, second), at("11T12:00")), "late")

    def test_reopened_continuous(self):
        rule = {"rule": "continuous"}
        cycle = self.cycle(STARTED, ("08T11:00", "stop"), ("08T13:00", "reopen", rule))
        self.assertFigures(cycle, "08T13:00", state="running", deadline="08T17:00", consumed=4)
        # Somebody was waited for until the stop, and is no more.
        cycle = self.cycle(
            STARTED,
            ("08T10:00", "pause", WAITING),
            ("08T11:00", "stop"),
            ("08T13:00", "reopen", rule),
        )
        self.assertFigures(cycle, "08T13:00", state="running", deadline="09T10:00", consumed=3)

    def test_the_rule_of_the_term_reopens(self):
        for rule in REOPEN_RULES:
            term = replace(EIGHT_HOURS, reopen_rule=rule)
            rows = [("08T09:00", "start", {"term": term}), ("08T11:00", "stop")]
            self.assertEqual(
                self.cycle(*rows, ("08T13:00", "reopen")).deadline,
                self.cycle(*rows, ("08T13:00", "reopen", {"rule": rule})).deadline,
            )

    def test_an_agreed_deadline_binds(self):
        rows = [STARTED, ("08T10:00", "manual", {"deadline": at("10T12:00")})]
        cycle = self.cycle(*rows)
        self.assertFigures(
            cycle,
            "09T12:00",
            state="running",
            deadline="10T12:00",
            computed_deadline="08T17:00",
            remaining=8,
            overrun=0,
            result=None,
            percent=137,
        )
        self.assertEqual(cycle.thresholds(), ((100, at("10T12:00")),))
        self.assertEqual(cycle.next_change(at("09T12:00")), at("10T12:00"))
        self.assertEqual(cycle.next_change(at("10T12:00")), at("10T12:00") + 1)
        self.assertIsNone(cycle.next_change(at("10T12:00") + 1))
        self.assertFigures(cycle, "10T15:00", state="overdue", overrun=3, remaining=0)
        # No pause moves it.
        paused = self.cycle(*rows, ("08T11:00", "pause", WAITING))
        self.assertFigures(paused, "09T12:00", state="paused", deadline="10T12:00", remaining=8)
        self.assertFigures(paused, "10T12:01", state="overdue", is_suspended=False)
        self.assertEqual(paused.computed_deadline, None)
        released = self.cycle(*rows, ("08T15:00", "release"), ("08T15:30", "release"))
        self.assertFigures(released, "09T12:00", state="overdue", deadline="08T17:00")
        self.assertEqual([note.name for note in released.notes], ["manual", "released"])
        stopped = self.cycle(*rows, ("10T11:00", "stop"), ("10T11:30", "release"))
        self.assertFigures(stopped, "20T12:00", state="met", result="in_time", remaining=1)

    def test_an_agreement_outlives_a_restart_but_no_new_cycle(self):
        agreed = ("08T10:00", "manual", {"deadline": at("10T12:00")})
        restart = ("08T12:00", "change", {"term": EIGHT_HOURS, "rule": "restart"})
        cycles = replay(log(STARTED, agreed, restart))
        self.assertEqual([cycle.deadline for cycle in cycles], [at("10T12:00")] * 2)
        again = ("08T13:00", "reopen", {"rule": "new_cycle"})
        cycles = replay(log(STARTED, agreed, ("08T12:00", "stop"), again))
        self.assertEqual([cycle.manual_deadline for cycle in cycles], [at("10T12:00"), None])

    def test_an_agreement_makes_a_deadline_where_there_was_none(self):
        for unit, reason in (("text", "text"), ("none", "no_commitment")):
            rows = [("08T09:00", "start", {"term": Term(unit)})]
            cycle = self.cycle(*rows)
            self.assertFigures(
                cycle, "20T09:00", state="none", deadline=None, no_deadline_reason=reason
            )
            self.assertFigures(cycle, "20T09:00", result=None, remaining=None, percent=None)
            self.assertFigures(cycle, "20T09:00", budget=None, next_change=None, overrun=0)
            self.assertEqual(cycle.thresholds(), ())
            stopped = self.cycle(*rows, ("09T09:00", "stop"))
            self.assertFigures(stopped, "20T09:00", state="none", result=None, consumed=24)
            agreed = self.cycle(*rows, ("08T10:00", "manual", {"deadline": at("10T12:00")}))
            self.assertFigures(agreed, "09T09:00", state="running", no_deadline_reason=None)
            self.assertFigures(agreed, "10T12:01", state="overdue", result="late")

    def test_time_of_what_promises_no_date_is_told_in_open_hours(self):
        cycle = self.cycle(("08T09:00", "start", {"term": Term("text", 0, (OFFICE,))}))
        self.assertFigures(cycle, "09T10:00", consumed=9)

    def test_opening_hours_are_told_whatever_the_unit(self):
        for unit, consumed in (("open_day_24h", 24), ("calendar_hours", 24), ("open_hours", 8)):
            term = replace(EIGHT_HOURS, unit=unit)
            cycle = self.cycle(("08T09:00", "start", {"term": term}))
            self.assertFigures(cycle, "09T09:00", consumed=consumed)
            self.assertEqual(cycle.opened(at("09T09:00")), 8 * HOUR)

    def test_no_deadline_can_be_computed(self):
        """FM12: a state, with its reason; never a crash, a loop, or a comparison with nothing."""
        for unit in UNITS[:2] + UNITS[3:5]:
            for amount in (0, 1):
                rows = [("08T09:00", "start", {"term": Term(unit, amount, (NEVER,))})]
                cycle = self.cycle(*rows)
                self.assertFigures(
                    cycle, "20T09:00", state="asleep", no_deadline_reason="no_opening", overrun=0
                )
                self.assertFigures(cycle, "20T09:00", result=None, deadline=None, next_change=None)
                self.assertEqual(cycle.thresholds(), ())
                stopped = self.cycle(*rows, ("20T09:00", "stop"))
                self.assertFigures(
                    stopped, "20T09:00", state="met", result=None, no_deadline_reason="no_opening"
                )
                waiting = replace(log(*rows)[0].term, pause_reasons=ANY_REASON)
                paused = self.cycle(
                    ("08T09:00", "start", {"term": waiting}), ("08T10:00", "pause", WAITING)
                )
                self.assertEqual(paused.state(at("09T09:00")), "paused")
        endless = Term("open_hours", 10**6 * HOUR, (OFFICE,))
        cycle = self.cycle(("08T09:00", "start", {"term": endless}))
        self.assertFigures(cycle, "08T10:00", state="running", no_deadline_reason="no_opening")
        self.assertFigures(cycle, "08T10:00", percent=0, consumed=1)

    def test_no_time_at_all(self):
        """Bad input 27: due at the next opening."""
        now = Term("open_hours", 0, (OFFICE,), pause_reasons=ANY_REASON)
        cycle = self.cycle(("06T12:00", "start", {"term": now}))
        self.assertFigures(cycle, "07T12:00", state="asleep", deadline="08T09:00", percent=0)
        self.assertFigures(cycle, "08T09:00", state="running", percent=100, remaining=0)
        self.assertFigures(cycle, "08T09:01", state="overdue", percent=100)
        self.assertEqual({when for _, when in cycle.thresholds()}, {at("08T09:00")})
        # And at the next one after a pause.
        rows = [("06T12:00", "start", {"term": now}), ("08T09:00", "pause", WAITING)]
        self.assertFigures(self.cycle(*rows), "08T12:00", state="paused", deadline=None, percent=0)
        cycle = self.cycle(*rows, ("09T18:00", "resume"))
        self.assertFigures(cycle, "09T18:00", state="asleep", deadline="10T09:00")

    def test_working_days_and_pauses(self):
        """One day, at the same time, from before the opening: due at an opening."""
        term = Term("working_days_same", 1, (OFFICE,), pause_reasons=ANY_REASON)
        started = ("08T07:00", "start", {"term": term})
        cycle = self.cycle(started)
        self.assertFigures(cycle, "08T18:00", deadline="09T09:00", budget=8 * HOUR, remaining=0)
        self.assertFigures(cycle, "09T09:00", state="running")
        pause = ("08T10:00", "pause", WAITING)
        for until, due in (
            ("08T12:00", "09T11:00"),
            ("09T09:00", "09T16:00"),
            ("09T10:00", "10T09:00"),
            ("12T08:00", "12T16:00"),
        ):
            cycle = self.cycle(started, pause, (until, "resume"))
            self.assertFigures(cycle, until, deadline=due)
        # Paused before that opening, it is due at the next one that counts.
        cycle = self.cycle(started, ("08T20:00", "pause", WAITING))
        self.assertFigures(cycle, "09T12:00", state="paused", deadline=None, remaining=0)
        self.assertEqual(cycle.deadline_if_resumed(at("09T12:00")), at("09T12:00"))
        self.assertEqual(cycle.deadline_if_resumed(at("09T17:00")), at("10T09:00"))

    def test_an_allowance_is_more_of_the_same(self):
        for unit, amount, due in (
            ("open_hours", 8 * HOUR, "09T11:00"),
            ("calendar_hours", 8 * HOUR, "08T19:00"),
            ("working_days_close", 1, "10T11:00"),
            ("working_days_same", 1, "09T11:00"),
        ):
            term = Term(unit, amount, (OFFICE,), allowance=2 * HOUR)
            self.assertFigures(
                self.cycle(("08T09:00", "start", {"term": term})), "08T09:00", deadline=due
            )

    def test_cancelled(self):
        cycle = self.cycle(STARTED, ("12T12:00", "cancel"), ("12T13:00", "stop"))
        self.assertFigures(
            cycle, "20T12:00", state="cancelled", result=None, stopped=at("12T12:00")
        )
        stopped = self.cycle(STARTED, ("08T12:00", "stop"), ("08T13:00", "cancel"))
        self.assertFigures(stopped, "20T12:00", state="met", result="in_time")
        back = self.cycle(STARTED, ("08T12:00", "cancel"), ("08T13:00", "reopen"))
        self.assertFigures(back, "08T13:00", state="running", deadline="09T10:00", cancelled=False)

    def test_stopped_without_having_started(self):
        awaited = ("08T09:00", "await", {"term": EIGHT_HOURS})
        for name in ("stop", "cancel"):
            cycle = self.cycle(awaited, ("08T12:00", name))
            self.assertFigures(cycle, "20T12:00", state="cancelled", result=None, deadline=None)
            reopened = self.cycle(awaited, ("08T12:00", name), ("08T13:00", "reopen"))
            self.assertFigures(reopened, "20T12:00", state="pending", stopped=None)
            started = self.cycle(
                awaited, ("08T12:00", name), ("08T13:00", "reopen"), ("09T09:00", "start")
            )
            self.assertFigures(started, "09T09:00", state="running", deadline="09T17:00")

    def test_done_before_it_was_asked(self):
        cycle = self.cycle(("08T10:00", "start", {"term": EIGHT_HOURS}), ("08T09:00", "stop"))
        self.assertFigures(cycle, "20T12:00", state="met", result="in_time", consumed=0)
        self.assertFigures(cycle, "20T12:00", stopped=at("08T10:00"), deadline="09T10:00")
        cycle = self.cycle(("08T10:00", "start", {"term": EIGHT_HOURS}), ("08T09:00", "cancel"))
        self.assertFigures(cycle, "20T12:00", state="cancelled", result=None)

    def test_superseded(self):
        other = {"term": EIGHT_HOURS, "rule": "restart"}
        for when, result in (("08T17:00", None), ("09T09:00", "late")):
            old, new = replay(log(STARTED, (when, "change", other)))
            self.assertFigures(old, "20T12:00", state="cancelled", result=result, superseded=True)
            self.assertEqual((new.superseded, new.number), (False, 2))
            # Closed too, it does not change.
            again, *_ = replay(log(STARTED, (when, "change", other), ("12T09:00", "stop")))
            self.assertEqual(again, old)

    def test_the_worst_cycle_counts(self):
        late = self.cycle(STARTED, ("09T12:00", "stop"))
        met = self.cycle(STARTED, ("08T12:00", "stop"))
        cancelled = self.cycle(STARTED, ("08T12:00", "cancel"))
        now = at("20T12:00")
        self.assertEqual(worst((met, late, met), now), "late")
        self.assertEqual(worst((cancelled, met), now), "in_time")
        self.assertIsNone(worst((cancelled,), now))
        self.assertIsNone(worst((), now))

    def test_events_of_the_same_second_are_taken_as_they_come(self):
        rows = [STARTED, ("08T11:00", "pause", WAITING), ("08T11:00", "resume")]
        self.assertFigures(self.cycle(*rows), "08T12:00", state="running", deadline="08T17:00")
        rows[1:] = rows[:0:-1]
        self.assertFigures(self.cycle(*rows), "08T12:00", state="paused", remaining=6)

    def test_back_dated_events(self):
        rows = [STARTED, ("08T15:00", "resume"), ("08T11:00", "pause", WAITING)]
        self.assertFigures(self.cycle(*rows), "08T15:00", state="running", deadline="09T13:00")

    def test_nothing_happened(self):
        self.assertEqual(replay([]), ())
        self.assertEqual(replay(iter(log(STARTED))), replay(log(STARTED)))


class TestValues(PureCase):
    def test_what_is_reached_with_what(self):
        self.assertEqual(stops_with("acknowledge"), ("acknowledge",))
        self.assertEqual(stops_with("first_answer"), ("acknowledge", "first_answer"))
        self.assertEqual(stops_with("remote_start"), KINDS[:3])
        self.assertEqual(stops_with("workaround"), KINDS[:4])
        self.assertEqual(stops_with("on_site"), (*KINDS[:3], "on_site"))
        self.assertEqual(stops_with("resolution"), KINDS[:6])
        for alone in ("part_delivery", "report"):
            self.assertEqual(stops_with(alone), (alone,))
        with self.assertRaises(ValueError):
            stops_with("delivery")

    def test_what_is_no_term_is_refused(self):
        for wrong in (
            {"unit": "hours"},
            {"amount": -1},
            {"amount": 1.5},
            {"amount": float("nan")},
            {"amount": True},
            {"allowance": -1},
            {"allowance": 0.5},
            {"warnings": (50, 0)},
            {"warnings": (-1,)},
            {"reopen_rule": "again"},
            {"calendars": ()},
            {"unit": "open_day_24h", "calendars": ()},
            {"unit": "working_days_close", "calendars": ()},
            {"unit": "working_days_same", "calendars": ()},
        ):
            with self.subTest(wrong), self.assertRaises(ValueError):
                replace(EIGHT_HOURS, **wrong)
        for unit in ("calendar_hours", "text", "none"):
            Term(unit)

    def test_what_is_no_event_is_refused(self):
        for wrong in (
            (0, "begin"),
            (0.0, "stop"),
            (None, "stop"),
            (True, "stop"),
            (0, "await"),
            (0, "change", None, None, "carry"),
            (0, "change", EIGHT_HOURS),
            (0, "change", EIGHT_HOURS, None, "resume"),
            (0, "amend"),
            (0, "reopen", None, None, "carry"),
            (0, "manual"),
            (0, "manual", None, None, None, 1.5),
        ):
            with self.subTest(wrong), self.assertRaises(ValueError):
                Event(*wrong)

    def test_a_log_without_a_promise_is_refused(self):
        with self.assertRaises(ValueError):
            replay(log(("08T09:00", "start"), ("08T10:00", "stop")))

    def test_terms_that_promise_alike_are_one(self):
        again = Term("open_hours", 8 * HOUR, (replace(OFFICE),), pause_reasons=ANY_REASON)
        self.assertEqual(again, EIGHT_HOURS)
        self.assertEqual(hash(again), hash(EIGHT_HOURS))
        self.assertIs(again.timeline, replace(EIGHT_HOURS).timeline)
        # Each is still known by its own key, in its own cycle.
        first, second = (replace(EIGHT_HOURS, key=key) for key in (1, 2))
        self.assertEqual(first, second)
        restart = ("08T10:00", "change", {"term": second, "rule": "restart"})
        cycles = replay(log(("08T09:00", "start", {"term": first}), restart))
        self.assertEqual([cycle.term.key for cycle in cycles], [1, 2])
