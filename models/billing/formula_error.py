"""What is wrong with a formula, in the user's language."""

from ...tools.price_formula import (
    DECIMALS,
    DEEPEST,
    LONGEST,
    MOST_DIGITS,
    MOST_NODES,
    WHOLE_DIGITS,
)


def explain_formula_error(env, error):
    """The sentence that says what is wrong, and where.

    :param tools.price_formula.FormulaError error:
    :rtype: str
    """
    sentence = _explain(env, error.code, error.detail)
    if not error.position:
        return sentence
    return env._("%(sentence)s (character %(place)s)", sentence=sentence, place=error.position)


def _explain(env, code, detail):
    match code:
        case "empty":
            return env._("There is no formula.")
        case "length":
            return env._(
                "It has %(length)s characters; %(most)s are allowed.", length=detail, most=LONGEST
            )
        case "character":
            return env._("“%s” has no meaning in a formula.", detail)
        case "number":
            return env._(
                "“%(number)s” is no number: write digits and a point, such as 0.15, with up to "
                "%(whole)s digits before the point and %(decimals)s after it.",
                number=detail,
                whole=WHOLE_DIGITS,
                decimals=DECIMALS,
            )
        case "comma":
            return env._("Write decimals with a point, such as 0.15.")
        case "operator":
            return env._("“%s” is no operation: use + - * / and parentheses.", detail)
        case "syntax":
            return env._("Something is missing or too much here.")
        case "function":
            return env._("“%s” is no function: use min, max and round.", detail)
        case "arguments":
            return env._("%s needs two values, separated by a comma.", detail)
        case "digits":
            return env._(
                "The second value of round is its number of decimals, from 0 to %s.", MOST_DIGITS
            )
        case "name":
            return env._(
                "“%s” is no index. Give the code of an index, its code with a 0 for its base "
                "value, or P0 for the price.",
                detail,
            )
        case "ambiguous":
            return env._(
                "“%s” is an index, and the base value of another one. Give one of them another "
                "code.",
                detail,
            )
    return _explain_numbers(env, code, detail)


def _explain_numbers(env, code, detail):
    match code:
        case "depth":
            return env._("It is nested deeper than %s levels.", DEEPEST)
        case "nodes":
            return env._("It has more than %s parts.", MOST_NODES)
        case "magnitude":
            return env._("“%s” becomes too large.", detail)
        case "division_by_zero":
            return env._("It divides by zero: “%s” is 0.", detail)
        case "weight" if detail:
            return env._("The weight of “%s” is more than 0, and 1 at most.", detail)
        case "weight":
            return env._("The fixed part is from 0 to 1.")
        case "weights":
            return env._("The fixed part and the weights sum to %s; they have to sum to 1.", detail)
    raise AssertionError(code)  # a code of FormulaError that nobody explained
