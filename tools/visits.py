"""The visits of one covered equipment: which to create, and where those still open move.

The plans of the warranty type and the visits known so far go in; visits come out. Nothing is
remembered between two calls: the same facts always give the same visits, so that generating twice,
or one year and then the next, creates what generating once would have (SEMANTICS §2).

>>> quarterly = Plan(1, Every(3, "month"))
>>> yearly = Plan(2, Every(12, "month"), package=2)
>>> term = Term(date(2026, 3, 15), date(2026, 3, 1), date(2027, 2, 28))
>>> visits = new_visits([quarterly, yearly], term, term.last)
>>> for visit in visits:
...     print(visit.plan, visit.rank, visit.on, visit.contains)
2 0 2026-03-15 ((1, 0),)
1 1 2026-06-15 ()
1 2 2026-09-15 ()
1 3 2026-12-15 ()
>>> known = [Known(visit.plan, visit.rank, visit.nominal) for visit in visits]
>>> known += [Known(1, 0, date(2026, 3, 15), contained=True)]
>>> new_visits([quarterly, yearly], term, term.last, known)
[]
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from .grouping import Planned, nest
from .open_days import EVERY_DAY, OpenDays
from .recurrence import Every, Rule
from .schedule import (
    FIXED,
    ClosedDayRule,
    Done,
    Occurrence,
    Shift,
    Window,
    occurrences,
    replay,
    to_plan_on,
    window,
)

__all__ = ["Every", "Known", "Plan", "Term", "Visit", "moved_visits", "new_visits"]


@dataclass(frozen=True)
class Plan:
    """A visit plan as a value: its series, and how each of its visits is dated.

    :param before: days of the due window before the nominal date; ``after``: after it
    :param horizon: days ahead at which a visit becomes one to plan
    :param package: a visit of a greater package contains those of lower ones near it
    """

    id: int
    rule: Rule
    shift: Shift = FIXED
    before: int = 0
    after: int = 0
    horizon: int = 0
    closed_day_rule: ClosedDayRule = "keep"
    package: int = 1


@dataclass(frozen=True)
class Term:
    """The days covered, from ``first`` to ``last``, and the ``anchor`` of the series."""

    anchor: date
    first: date
    last: date


class Known(NamedTuple):
    """A visit that exists.

    :param nominal: its date in the series
    :param done_on: the day it was done, None while it is not
    :param contained: it has no row of its own: a visit of a higher package contains it
    """

    plan: int
    rank: int
    nominal: date
    done_on: date | None = None
    contained: bool = False


@dataclass(frozen=True)
class Visit:
    """A visit as it should be.

    :param nominal: its date in the series
    :param on: the date aimed at, moved off closed days; the window is counted from it
    :param contains: plan and rank of the visits of lower packages done with it
    """

    plan: int
    rank: int
    nominal: date
    on: date
    window: Window
    to_plan_on: date
    contains: tuple[tuple[int, int], ...] = ()


def new_visits(
    plans: Sequence[Plan],
    term: Term,
    until: date,
    known: Iterable[Known] = (),
    open_days: OpenDays = EVERY_DAY,
    within: int = 0,
) -> list[Visit]:
    """Return the visits to add to those known, nominally up to ``until``.

    :param until: in the term; visits nominally after it wait for a later call
    :param within: nesting window in days
    :return: in the order of the dates
    """
    known = list(known)
    taken = {(one.plan, one.rank) for one in known}
    # A visit just after the horizon may contain one just before it.
    ahead = min(term.last, until + timedelta(days=within))
    candidates: dict[tuple[int, int], tuple[Plan, Occurrence]] = {
        (plan.id, occurrence.rank): (plan, occurrence)
        for plan in plans
        for occurrence in _occurrences(plan, term, ahead, known, open_days)
        if (plan.id, occurrence.rank) not in taken
    }
    if not candidates:
        return []
    packages = {plan.id: plan.package for plan in plans}
    planned = [
        Planned(plan.id, occurrence.rank, occurrence.nominal, plan.package)
        for plan, occurrence in candidates.values()
    ]
    planned += [
        Planned(one.plan, one.rank, one.nominal, packages[one.plan])
        for one in known
        if not one.contained and one.plan in packages
    ]
    return [
        _visit(*candidates[top.plan, top.rank], contained)
        for top, contained in nest(planned, within)
        if (top.plan, top.rank) in candidates and top.nominal <= until
    ]


def moved_visits(
    plan: Plan, term: Term, known: Iterable[Known], open_days: OpenDays = EVERY_DAY
) -> Mapping[int, Visit]:
    """Return where each rank of a plan falls after what was done so far.

    A rank that is missing has left the term: its visit is not promised any more.

    :return: by rank, from the last visit done on
    """
    return {
        occurrence.rank: _visit(plan, occurrence)
        for occurrence in _occurrences(plan, term, term.last, known, open_days)
    }


def _occurrences(
    plan: Plan, term: Term, until: date, known: Iterable[Known], open_days: OpenDays
) -> Iterator[Occurrence]:
    facts = [
        Done(one.rank, one.nominal, one.done_on)
        for one in known
        if one.plan == plan.id and one.done_on is not None
    ]
    series = replay(plan.rule, term.anchor, facts, plan.shift)
    for occurrence in occurrences(
        series, 0, term.first, term.last, plan.closed_day_rule, open_days
    ):
        if occurrence.nominal > until:
            return
        yield occurrence


def _visit(plan: Plan, occurrence: Occurrence, contained: Iterable[Planned] = ()) -> Visit:
    return Visit(
        plan=plan.id,
        rank=occurrence.rank,
        nominal=occurrence.nominal,
        on=occurrence.on,
        window=window(occurrence.on, plan.before, plan.after),
        to_plan_on=to_plan_on(occurrence.on, plan.horizon),
        contains=tuple((lower.plan, lower.rank) for lower in contained),
    )
