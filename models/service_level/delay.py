"""Delays in words."""

from .reading import format_number


def describe_delay(env, unit, amount, commitment):
    """A promised delay as a reader sees it, in the language of ``env``.

    :param str unit: one of `const.UNITS`
    :param float amount: hours or working days, by the unit
    :param commitment: what is promised in words, for the unit ``text``
    :rtype: str
    """
    number = format_number(env, amount)
    match unit:
        case "none":
            return env._("NC")
        case "text":
            return commitment or ""
        case "working_days_close" | "working_days_same":
            return env._("1 working day") if amount == 1 else env._("%s working days", number)
        case "calendar_hours":
            return env._("%s h around the clock", number)
        case "open_day_24h":
            return env._("%s h of open days", number)
    return env._("1 opening hour") if amount == 1 else env._("%s opening hours", number)
