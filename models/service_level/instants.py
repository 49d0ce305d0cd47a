"""Between Odoo's naive UTC datetimes and the whole seconds the rules of time count in."""

from datetime import datetime, timedelta

_EPOCH = datetime(1970, 1, 1)
_SECOND = timedelta(seconds=1)


def to_instant(moment):
    """Whole seconds since 1970 UTC of a naive UTC datetime; None for an empty one."""
    return (moment - _EPOCH) // _SECOND if moment else None


def to_datetime(instant):
    """The naive UTC datetime of an instant; False for None, as Odoo's empty fields are."""
    return False if instant is None else _EPOCH + timedelta(seconds=instant)
