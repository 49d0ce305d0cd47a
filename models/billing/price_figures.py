"""The numbers of a price revision as JSON keeps them: exact, decimals as text."""

from decimal import Decimal

from odoo import fields

from ...tools.price_index import Reading


def get_figures(result):
    """Every number of a revision, exact: decimals as text."""
    return {
        "mode": result.clause.mode,
        "reason": result.reason,
        "base_price": str(result.position.base_price),
        "price": str(result.before),
        "bases": [_from_reading(base) for base in result.position.bases],
        "terms": [
            {
                "now": _from_reading(term.current),
                "base": _from_reading(term.base),
                "ratio": _text(term.ratio),
            }
            for term in result.terms
        ],
        **{
            name: _text(getattr(result, name))
            for name in ("coefficient", "rounded", "computed", "change", "proposed")
        },
    }


def _text(number):
    return None if number is None else str(number)


def _from_reading(reading):
    return {
        "index": reading.index,
        "value": str(reading.value),
        "series": reading.series,
        "months": [str(month) for month in reading.months],
        "provisional": reading.provisional,
    }


def to_reading(values):
    months = tuple(fields.Date.to_date(month) for month in values["months"])
    return Reading(
        values["index"], Decimal(values["value"]), values["series"], months, values["provisional"]
    )
