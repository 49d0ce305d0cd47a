"""Visits made together: packages nested on one equipment, trips to one site (SEMANTICS §2).

On one equipment, a visit of a greater package contains those of lower ones near it. At one site,
the visits of a group are made on one day where their windows overlap; each keeps its own nominal
date and its own result.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import and_
from typing import Any, Generic, TypeVar

from .numbers import check_integer
from .schedule import LONGEST_MARGIN, Window, window

__all__ = ["Group", "Planned", "group", "nest", "window"]

Id = TypeVar("Id", bound=Hashable)


@dataclass(frozen=True)
class Planned:
    """A visit of a plan on one equipment, before it is created.

    :param plan: identifier of the plan
    :param rank: rank in the series of the plan
    :param package: the greater contains the lower, as a yearly overhaul contains a monthly check
    """

    plan: int
    rank: int
    nominal: date
    package: int


def nest(
    planned: Iterable[Planned], within: int | Callable[[Planned], int]
) -> list[tuple[Planned, tuple[Planned, ...]]]:
    """Return the visits to create on ONE equipment, each with those that it contains.

    A visit is contained in one of a greater package at most `within` days away: the nearest, the
    earlier of two at the same distance, the greater of two on the same day. Greater packages are
    settled first, and a contained visit contains nothing itself: what it could have contained
    goes to a visit that is really created and near enough, or is created. So nothing is ever done
    further from its date than `within`.

    >>> yearly = Planned(plan=1, rank=0, nominal=date(2026, 3, 10), package=2)
    >>> monthly = [Planned(2, rank, date(2026, 2 + rank, 15), 1) for rank in range(3)]
    >>> for visit, contained in nest([yearly, *monthly], within=7):
    ...     print(visit.nominal, visit.package, [lower.rank for lower in contained])
    2026-02-15 1 []
    2026-03-10 2 [1]
    2026-04-15 1 []

    :param within: days, or the function that gives those of the containing visit
    :return: in the order of the dates; each visit given is there exactly once
    """
    if not callable(within):
        check_integer("nesting window in days", within, 0, LONGEST_MARGIN)
    created: list[tuple[Planned, list[Planned]]] = []
    for visit in sorted(planned, key=lambda one: (-one.package, *_by_date(one))):
        near = [
            (distance, holder.nominal, place)
            for place, (holder, _contained) in enumerate(created)
            if holder.package > visit.package
            and (distance := abs((holder.nominal - visit.nominal).days))
            <= (within(holder) if callable(within) else within)
        ]
        if near:
            _distance, _nominal, nearest = min(near)
            created[nearest][1].append(visit)
        else:
            created.append((visit, []))
    return [
        (visit, tuple(sorted(contained, key=_by_date)))
        for visit, contained in sorted(created, key=lambda pair: _by_date(pair[0]))
    ]


def _by_date(visit: Planned) -> tuple[date, int, int, int]:
    return visit.nominal, -visit.package, visit.plan, visit.rank


@dataclass(frozen=True)
class Group(Generic[Id]):
    """Visits that one trip to the site can do: each is on time on any day of `window`."""

    ids: tuple[Id, ...]
    window: Window
    on: date


# A visit to group: its identifier, its nominal date, its window.
_Dated = tuple[Id, date, Window]


def group(
    visits: Iterable[_Dated[Id]], apart: Callable[[Id], Hashable] | None = None
) -> list[Group[Id]]:
    """Return the fewest groups into which the visits of one site and group can merge.

    Visits merge while their windows have a day in common: taken by the last day of their windows,
    each joins the group that is open if that group's last day suits it, and opens another one if
    not. No grouping has fewer. The order in which the visits are given does not matter.

    The date of a group is the nominal date, among those that suit all, nearest to the median of
    all; the earlier of two as near; the middle of the window when no nominal date suits.

    >>> nominals = [date(2027, 3, 1), date(2027, 3, 10), date(2027, 3, 25)]
    >>> [trip] = group((day.day, day, window(day, 20, 20)) for day in nominals)
    >>> print(trip.window.earliest, trip.window.latest, trip.on)
    2027-03-05 2027-03-21 2027-03-10

    :param visits: identifier (any that sort), nominal date and window of each visit
    :param apart: what must not meet in a group, such as the equipment and plan of a visit: two
        monthly visits of the same equipment are not done on the same day, even if their windows
        overlap
    :return: in the order of the last days of their windows; `ids` in the order of nominal dates
    """
    groups: list[list[_Dated[Id]]] = []
    met: set[Hashable] = set()
    for visit in sorted(visits, key=_by_end_of_window):
        key = apart(visit[0]) if apart else None
        if not groups or key in met or not _can_join(visit, groups[-1]):
            groups.append([])
            met.clear()
        groups[-1].append(visit)
        if apart:
            met.add(key)
    return [_merged(members) for members in groups]


def _by_end_of_window(visit: _Dated[Any]) -> tuple[Any, ...]:
    id_, nominal, due = visit
    return due.latest, due.earliest, nominal, id_


def _by_nominal(visit: _Dated[Any]) -> tuple[Any, ...]:
    id_, nominal, _due = visit
    return nominal, id_


def _can_join(visit: _Dated[Id], members: Sequence[_Dated[Id]]) -> bool:
    _id, _nominal, due = visit
    _first_id, _first_nominal, soonest = members[0]
    # The first member's window ends first of all, so a visit suits if its own has begun by then.
    return due.earliest <= soonest.latest


def _merged(members: Iterable[_Dated[Id]]) -> Group[Id]:
    ids, nominals, windows = zip(*sorted(members, key=_by_nominal), strict=True)
    common = reduce(and_, windows)
    return Group(ids, common, _group_date(nominals, common))


def _group_date(nominals: Sequence[date], common: Window) -> date:
    ordinals = [day.toordinal() for day in nominals]
    twice_median = ordinals[(len(ordinals) - 1) // 2] + ordinals[len(ordinals) // 2]
    suitable = [day for day in nominals if common.contains(day)]
    if not suitable:
        return date.fromordinal((common.earliest.toordinal() + common.latest.toordinal()) // 2)
    return min(suitable, key=lambda day: (abs(2 * day.toordinal() - twice_median), day))
