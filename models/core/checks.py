"""Checks of values that several models share. Each error names the field as the user reads it."""

import math

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tools import format_date

from ...tools.contract_dates import MAX_DATE, MIN_DATE

PERCENTS = (0, 100)


def _label(record, field_name):
    return record._fields[field_name]._description_string(record.env)


def is_in_range(day):
    """Whether a date is one that schedules can be counted from: others are typing errors.

    A form computes before anything is checked; near the ends of Python's calendar it would fail.
    """
    return bool(day) and MIN_DATE <= day <= MAX_DATE


def check_dates(records, *field_names):
    """Refuse dates outside 1990–2100: they are typing errors, and schedules would run for ever.

    :raises ValidationError: naming the field and the record
    """
    for record in records:
        for name in field_names:
            value = record[name]
            if value and not is_in_range(fields.Date.to_date(value)):
                raise ValidationError(
                    record.env._(
                        "%(field)s: %(date)s is not between %(first)s and %(last)s.",
                        field=_label(record, name),
                        date=format_date(record.env, value),
                        first=format_date(record.env, MIN_DATE),
                        last=format_date(record.env, MAX_DATE),
                    )
                )


def check_period(records, start_name, end_name):
    """Refuse an end before its start; either may be empty.

    :raises ValidationError: naming both fields
    """
    check_dates(records, start_name, end_name)
    for record in records:
        start, end = record[start_name], record[end_name]
        if start and end and end < start:
            raise ValidationError(
                record.env._(
                    "%(end_field)s (%(end)s) is before %(start_field)s (%(start)s).",
                    end_field=_label(record, end_name),
                    end=format_date(record.env, end),
                    start_field=_label(record, start_name),
                    start=format_date(record.env, start),
                )
            )


def check_numbers(records, *field_names, minimum=0, maximum=None):
    """Refuse numbers outside ``minimum``–``maximum``, and NaN and infinity, which JSON lets in.

    :param maximum: None for no upper bound
    :raises ValidationError: naming the field
    """
    for record in records:
        for name in field_names:
            value = record[name]
            if math.isfinite(value) and minimum <= value and (maximum is None or value <= maximum):
                continue
            refuse_number(record, name, minimum, maximum)


def refuse_number(record, field_name, minimum, maximum=None):
    """Say between what a number has to be.

    :raises ValidationError: naming the field
    """
    field = _label(record, field_name)
    if maximum is None:
        message = record.env._(
            "%(field)s: give a number, %(minimum)s or more.", field=field, minimum=minimum
        )
    else:
        message = record.env._(
            "%(field)s: give a number from %(minimum)s to %(maximum)s.",
            field=field,
            minimum=minimum,
            maximum=maximum,
        )
    raise ValidationError(message)


def check_percents(records, *field_names):
    """Refuse percents outside 0–100.

    :raises ValidationError: naming the field
    """
    check_numbers(records, *field_names, minimum=PERCENTS[0], maximum=PERCENTS[1])
