"""Billing once more, the slow way: walk from day to day, and give each its cents.

Shares no code with `tools/`: months are added by dateutil, numbers are rounded by Decimal. What a
fast rule finds with the difference of two sums is found here by adding up days.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal, localcontext

from dateutil.relativedelta import relativedelta

ONE_DAY = timedelta(days=1)


def days_between(first, last):
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def full_period(start, months, alignment, on):
    """Step from boundary to boundary until the one that is past `on`."""
    anchor = start if alignment == "contract" else start.replace(month=1, day=1)
    rank = 0
    while anchor + relativedelta(months=months * (rank + 1)) <= on:
        rank += 1
    following = anchor + relativedelta(months=months * (rank + 1))
    return anchor + relativedelta(months=months * rank), following - ONE_DAY


def rows(start, months, alignment, first, last):
    """Return the periods of a coverage: the runs of days that lie in one full period."""
    found = []
    for day in days_between(first, last):
        if not found or day > found[-1][3]:
            found.append([day, day, *full_period(start, months, alignment, day)])
        found[-1][1] = day
    return [tuple(row) for row in found]


def weight(day, proration):
    """Return what a day counts, so that a month of thirtieths has 30."""
    if proration == "days":
        return 1
    if day.day == 31:
        return 0
    is_last_of_february = day.month == 2 and (day + ONE_DAY).month == 3
    return 31 - day.day if is_last_of_february else 1


@dataclass(frozen=True)
class DailyBill:
    """What each day of one full period costs at one yearly price.

    :param months: length of the full period
    :param gone: months of the contract year gone before it
    """

    first: date
    last: date
    months: int
    gone: int
    yearly: Decimal
    proration: str
    rounding: Decimal

    def full(self):
        return sum(self._months()[self.gone : self.gone + self.months])

    def by_day(self):
        """Return the cost of each day; the costs so far are the rounded part of the full one."""
        days = days_between(self.first, self.last)
        total = sum(weight(day, self.proration) for day in days)
        full, gone, billed, costs = self.full(), 0, Decimal(), {}
        for day in days:
            gone += weight(day, self.proration)
            so_far = self._round(full, gone, total)
            costs[day] = so_far - billed
            billed = so_far
        return costs

    def exact(self, days):
        """Return what these days cost before any rounding, to fifty digits."""
        with localcontext(prec=60):
            total = sum(weight(day, self.proration) for day in days_between(self.first, self.last))
            part = sum(weight(day, self.proration) for day in days)
            return self.yearly * self.months * part / (12 * total)

    def _months(self):
        """Return the cost of each month, from the start of a contract year on."""
        so_far = [self._round(self.yearly, month, 12) for month in range(13)]
        year = [so_far[month + 1] - so_far[month] for month in range(12)]
        return year * (2 + self.months // 12)

    def _round(self, price, part, whole):
        with localcontext(prec=60):
            units = price * part / whole / self.rounding
            return units.quantize(Decimal(1), ROUND_HALF_UP) * self.rounding
