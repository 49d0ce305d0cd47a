"""Opening hours in words."""

from babel.dates import get_day_names

from odoo.tools.misc import babel_locale_parse, get_lang


def describe_hours(env, calendar):
    """When a calendar is open, in the language of ``env``.

    Days in a row with the same hours are told together: “Mon–Fri 09:00–17:00”. A calendar of two
    different weeks is told by its name.

    :param resource.calendar calendar:
    :rtype: str
    """
    week, other_week = calendar._get_hours_by_weekday()[calendar]
    hours = _get_hours(week)
    text = calendar.name
    if hours == _get_hours(other_week):
        text = ", ".join(_describe_days(env, hours))
    if holidays := calendar.holiday_subdivision_id.name or calendar.holiday_country_id.name:
        return env._(
            "%(hours)s (%(zone)s), except public holidays of %(place)s",
            hours=text,
            zone=calendar.tz,
            place=holidays,
        )
    return env._("%(hours)s (%(zone)s)", hours=text, zone=calendar.tz)


def _get_hours(week):
    """The hours of each day: ``{weekday: ((from, to), …)}``."""
    return {
        day: tuple(sorted((opens, closes) for opens, closes, _line in lines))
        for day, lines in week.items()
        if lines
    }


def _describe_days(env, hours):
    """Yield the hours of each run of days that have the same ones."""
    names = get_day_names("abbreviated", locale=babel_locale_parse(get_lang(env).code))
    runs = []
    for day in sorted(hours):
        if runs and runs[-1][-1] == day - 1 and hours[day] == hours[day - 1]:
            runs[-1].append(day)
        else:
            runs.append([day])
    for days in runs:
        ends = dict.fromkeys((names[days[0]], names[days[-1]]))
        times = ", ".join(f"{_clock(opens)}–{_clock(closes)}" for opens, closes in hours[days[0]])
        yield f"{'–'.join(ends)} {times}"


def _clock(hour):
    minutes = round(hour * 60)
    return f"{minutes // 60:02}:{minutes % 60:02}"
