"""Numbers, moments and durations as a reader sees them: in his language and his time zone.

The reader is the user of an environment, or whom its context names (`lang`, `tz`).
"""

from babel.dates import format_skeleton, format_time
from babel.numbers import format_decimal
from pytz import all_timezones_set, timezone, utc

from odoo import fields
from odoo.tools.misc import babel_locale_parse, get_lang, posix_to_ldml


def get_zone(env):
    """The reader's time zone, else that of the company's working calendar, else UTC.

    A zone in the context is what a browser says, and may be none.

    :rtype: tzinfo
    """
    calendar = env.company.sudo().resource_calendar_id
    names = (env.context.get("tz"), env.user.tz, calendar.tz)
    return timezone(next(filter(all_timezones_set.__contains__, names), "UTC"))


def localize(env, moment):
    """A naive UTC datetime in the reader's time zone."""
    return utc.localize(moment).astimezone(get_zone(env))


def get_zone_name(moment):
    """The abbreviation in force at a local moment: CET, CEST; where there is none, UTC+03."""
    name = moment.tzname()
    return f"UTC{name}" if name.startswith(("+", "-")) else name


def format_day(env, moment):
    """Weekday and date, with the year if it is not the present one: “Mon, Jun 7”.

    :param datetime moment: local
    """
    skeleton = "MMMEd" if moment.year == localize(env, fields.Datetime.now()).year else "yMMMEd"
    return format_skeleton(skeleton, moment.replace(tzinfo=None), locale=_get_locale(env))


def format_hour(env, moment):
    """Hours and minutes of a local moment, as the reader's language writes them."""
    pattern = get_lang(env).time_format.replace(":%S", "").replace("%S", "")
    locale = _get_locale(env)
    return format_time(moment.time(), posix_to_ldml(pattern, locale=locale), locale=locale)


def format_moment(env, moment):
    """A naive UTC datetime as the reader sees it: “Mon, Jun 7, 15:00 CEST”; empty for none."""
    if not moment:
        return ""
    local = localize(env, moment)
    return f"{format_day(env, local)}, {format_hour(env, local)} {get_zone_name(local)}"


def format_span(env, start, end):
    """Two naive UTC datetimes as the reader sees them, saying only once what they share."""
    if not end or start == end:
        return format_moment(env, start)
    first, last = localize(env, start), localize(env, end)
    opening = f"{format_day(env, first)}, {format_hour(env, first)}"
    if get_zone_name(first) != get_zone_name(last):
        opening += f" {get_zone_name(first)}"
    closing = f"{format_hour(env, last)} {get_zone_name(last)}"
    if first.date() != last.date():
        closing = f"{format_day(env, last)}, {closing}"
    return f"{opening} – {closing}"


def format_duration(env, seconds):
    """Whole seconds in hours and minutes: “3 h 20”; seconds are told below a minute only."""
    if 0 < seconds < 60:
        return env._("%s s", seconds)
    hours, minutes = divmod(seconds // 60, 60)
    return env._("%(hours)s h %(minutes)s", hours=hours, minutes=f"{minutes:02}")


def format_number(env, number):
    """A number with two decimals at most, as few as it has: “24”, “1.5”, “1,5”."""
    return format_decimal(round(number, 2), locale=_get_locale(env))


def _get_locale(env):
    return babel_locale_parse(get_lang(env).code)
