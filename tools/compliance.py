"""How well the visits were made: compliance and realisation of a period (SEMANTICS §2).

Rates are exact fractions, None when nothing was due: an undefined figure is not zero.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from .schedule import Window


@dataclass(frozen=True)
class Outcome:
    """What became of a visit: `done_on` is None when it was not done.

    :param excused: skipped for a reason of the customer (refusal, equipment stopped)
    """

    window: Window
    done_on: date | None = None
    excused: bool = False

    @property
    def inside(self) -> bool:
        """Whether the visit was done, and inside its window."""
        return self.done_on is not None and self.window.contains(self.done_on)


@dataclass(frozen=True)
class Compliance:
    """The visits due in a period, counted.

    :param done_inside: those done inside their window
    :param done: those done, on time or not, whenever it was
    :param due: those whose window ended in the period, excused ones left out
    :param excused: those whose window ended in the period, skipped for a reason of the customer
    """

    done_inside: int
    done: int
    due: int
    excused: int

    @property
    def compliance(self) -> Fraction | None:
        """Share of the due visits done inside their window; None when none was due."""
        return Fraction(self.done_inside, self.due) if self.due else None

    @property
    def realisation(self) -> Fraction | None:
        """Share of the due visits that were done; None when none was due."""
        return Fraction(self.done, self.due) if self.due else None


def compliance(visits: Iterable[Outcome], first: date, last: date) -> Compliance:
    """Count the visits whose latest date fell in the period, both days included.

    A visit is counted in one period only, that of its latest date, whenever it was done; a visit
    never done stays in the count, so that leaving it open embellishes nothing.

    >>> due = Window(date(2027, 3, 1), date(2027, 3, 31))
    >>> march = compliance(
    ...     [
    ...         Outcome(due, done_on=date(2027, 3, 12)),
    ...         Outcome(due, done_on=date(2027, 4, 2)),
    ...         Outcome(due),
    ...         Outcome(due, excused=True),
    ...     ],
    ...     date(2027, 3, 1),
    ...     date(2027, 3, 31),
    ... )
    >>> print(march.compliance, march.realisation, march.excused)
    1/3 2/3 1
    """
    fell = [visit for visit in visits if first <= visit.window.latest <= last]
    due = [visit for visit in fell if not visit.excused]
    return Compliance(
        done_inside=sum(visit.inside for visit in due),
        done=sum(visit.done_on is not None for visit in due),
        due=len(due),
        excused=len(fell) - len(due),
    )
