"""The formula of a price revision, as a user writes it (SEMANTICS §5, RELIABILITY R20).

P0 is the price that is revised. An index S of the contract is `S` at its current value and `S0` at
its base value:

>>> formula = parse("P0*(0.15+0.85*(S/S0))", ["S"])
>>> formula.text, formula.indices, formula.gives_price
('P0 * (0.15 + 0.85 * (S / S0))', ('S',), True)
>>> formula.evaluate({"P0": Decimal(1000), "S": Decimal(117), "S0": Decimal(120)})
Decimal('978.75000')

A formula that does not name P0 is the coefficient by which the price is multiplied:

>>> parse("0.15 + 0.85*S/S0", ["S"]).gives_price
False

The grammar is numbers, names, `+ - * / ( )`, `min(…)`, `max(…)` and `round(x, n)`, half up to n
decimals; nothing else. Python parses it into a tree and never runs it: each node is checked
against this list, and computed here, with decimals. Whatever is wrong is one FormulaError, with a
code, what it is about, and where:

>>> def complaint(function, *arguments):
...     try:
...         function(*arguments)
...     except FormulaError as error:
...         return str(error)
>>> complaint(parse, "P0 * (0.15 + 0.85 * ICHT / S0)", ["S"])
"name: 'ICHT' at 21"
>>> complaint(formula.evaluate, {"P0": Decimal(1000), "S": Decimal(117), "S0": Decimal(0)})
"division_by_zero: 'S0' at 18"
"""

import ast
import operator
import re
from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from decimal import (
    ROUND_HALF_UP,
    Context,
    Decimal,
    DivisionByZero,
    FloatOperation,
    InvalidOperation,
    Overflow,
    localcontext,
)
from keyword import iskeyword
from typing import Literal

from .numbers import is_decimal

PRICE = "P0"

# Bounds of a formula: characters, nodes of its tree, how deep they and the parentheses nest.
LONGEST, MOST_NODES, DEEPEST = 500, 100, 20

# Of a number that is written: digits before and after the point; of round(x, n): the largest n.
WHOLE_DIGITS, DECIMALS, MOST_DIGITS = 15, 12, 10

# Every number of a computation is below 10^15: an amount above is a typing error.
ARITHMETIC = Context(
    prec=28,
    Emax=WHOLE_DIGITS - 1,
    traps=[InvalidOperation, DivisionByZero, Overflow, FloatOperation],
)

_BLANK = re.compile(r"[ \t\r\n]")
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,19}")
_WORD = re.compile(
    r" |(?P<number>\.?\d[\w.]*)|(?P<name>[A-Za-z_]\w*)|(?P<sign>\*\*|//|[-+*/(),])", re.ASCII
)
_NUMBER = re.compile(
    rf"\d{{1,{WHOLE_DIGITS}}}(\.\d{{0,{DECIMALS}}})?|\.\d{{1,{DECIMALS}}}", re.ASCII
)

Code = Literal[
    "empty",  # there is no formula
    "length",  # more than LONGEST characters; detail: how many
    "character",  # one that the grammar has not; detail: the character
    "number",  # not digits with a point, or too many of them; detail: what is written
    "comma",  # one outside of a function: a decimal comma
    "operator",  # detail: such as **
    "syntax",  # what is left does not make a formula
    "function",  # detail: a name that is called and is none of FUNCTIONS
    "arguments",  # of a function, too few or too many; detail: its name
    "digits",  # the n of a round is no whole number from 0 to MOST_DIGITS
    "name",  # neither P0 nor an index of the contract, or without a value; detail: the name
    "ambiguous",  # the current value of an index, and the base of another; detail: the name
    "depth",  # deeper than DEEPEST
    "nodes",  # more than MOST_NODES
    "magnitude",  # no finite number below 10^15; detail: its name or formula
    "division_by_zero",  # detail: the divisor
    "weight",  # not from 0 to 1; detail: the index, empty for the fixed part
    "weights",  # with the fixed part, they do not sum to 1; detail: what they sum to
]


class FormulaError(ValueError):
    """What is wrong with a formula, for a model to say in the user's language.

    :param code: one of `Code`
    :param detail: what it is about: a name, a character, a number…
    :param position: of what is wrong, from 1 for the first character that is no blank; 0 when it
        is no place in the text
    """

    def __init__(self, code: Code, detail: str = "", position: int = 0) -> None:
        super().__init__(code, detail, position)
        self.code, self.detail, self.position = code, detail, position

    def __str__(self) -> str:
        place = f" at {self.position}" if self.position else ""
        return f"{self.code}: {self.detail!r}{place}"


@dataclass(frozen=True)
class Formula:
    """A formula that was checked. Two are equal when they are written alike, blanks aside.

    :param text: the formula in one manner of writing it, to store and to show
    :param indices: the indices that it names, current or base, in alphabetical order
    :param gives_price: whether its value is the new price; else it is the coefficient
    """

    text: str
    indices: tuple[str, ...]
    gives_price: bool
    _tree: ast.expr = field(repr=False, compare=False)

    def evaluate(self, values: Mapping[str, Decimal]) -> Decimal:
        """Return the value of the formula, to 28 digits, for the values of its names.

        :raises FormulaError: when a name has no value, on a division by zero, and when a number on
            the way is too large
        """
        with localcontext(ARITHMETIC):
            return _evaluate(self._tree, values)

    def can_only_rise(self) -> bool:
        """Tell whether neither indices at half of their bases nor at twice them lower the price.

        >>> parse("P0 * max(1, S / S0)", ["S"]).can_only_rise()
        True
        >>> parse("P0 * (0.15 + 0.85 * S / S0)", ["S"]).can_only_rise()
        False
        """
        return all(self._coefficient(Decimal(moved)) >= 1 for moved in ("0.5", "2"))

    def _coefficient(self, moved: Decimal) -> Decimal:
        """Return what the price is multiplied by when each index is `moved` times its base.

        0 where the formula then has no value.
        """
        bases = {f"{code}0": Decimal(100) for code in self.indices}
        values = dict.fromkeys(self.indices, 100 * moved)
        try:
            value = self.evaluate({PRICE: Decimal(1000), **bases, **values})
        except FormulaError:
            return Decimal(0)
        return value / 1000 if self.gives_price else value


def is_index_code(code: str) -> bool:
    """Tell whether an index can have this code in a formula.

    >>> list(filter(is_index_code, ("S", "ICHT_IME", "BT40", "P0", "min", "if", "2015", "é", "")))
    ['S', 'ICHT_IME', 'BT40']
    """
    return bool(_CODE.fullmatch(code)) and code not in _RESERVED and not iskeyword(code)


def parse(text: str, codes: Iterable[str]) -> Formula:
    """Return the formula that `text` says, checked. Quick on any text, and runs nothing of it.

    A name is first looked up among `codes`, then, without the 0 at its end, as a base; so both
    indices BT4 and BT40 can exist, but no formula can say which of them BT40 is.

    >>> parse("round(max(PA / PA0, .95), 4)", ["PA", "PB"]).text
    'round(max(PA / PA0, 0.95), 4)'

    :param codes: of the indices that the formula may name
    :raises FormulaError: on whatever is no such formula
    """
    if not isinstance(text, str) or not text.strip():
        raise FormulaError("empty")
    if len(text) > LONGEST:
        raise FormulaError("length", str(len(text)))
    text = _BLANK.sub(" ", text).strip(" ")
    _check_words(text)
    checker = _Checker(text, frozenset(codes))
    tree = checker.check(_tree_of(text))
    plain = _text_of(tree)
    if len(plain) > LONGEST:
        raise FormulaError("length", str(len(plain)))
    return Formula(plain, tuple(sorted(checker.indices)), checker.gives_price, tree)


def compose(fixed: Decimal, terms: Iterable[tuple[str, Decimal]]) -> Formula:
    """Return the formula of a fixed part and weighted index ratios, the same as if it was typed.

    >>> compose(Decimal("0.15"), [("S", Decimal("0.50")), ("PSD", Decimal("0.35"))]).text
    'P0 * (0.15 + 0.5 * S / S0 + 0.35 * PSD / PSD0)'
    >>> compose(Decimal(0), [("S", Decimal(1))]).text
    'P0 * (1 * S / S0)'

    :raises FormulaError: on a weight that is not from 0 to 1, weights that do not sum to 1, and
        whatever `parse` refuses
    """
    terms = tuple(terms)
    if not _is_weight(fixed):
        raise FormulaError("weight")
    parts = [_plain(fixed)] if fixed else []
    for code, weight in terms:
        if not is_index_code(code):
            raise FormulaError("name", code)
        if not (weight and _is_weight(weight)):
            raise FormulaError("weight", code)
        parts.append(f"{_plain(weight)} * {code} / {code}0")
    with localcontext(ARITHMETIC):
        total = sum((weight for _code, weight in terms), fixed)
    if total != 1:
        raise FormulaError("weights", _plain(total))
    return parse(f"{PRICE} * ({' + '.join(parts)})", [code for code, _weight in terms])


def _is_weight(weight: Decimal) -> bool:
    return is_decimal(weight) and 0 <= weight <= 1


def _plain(number: Decimal) -> str:
    return f"{ARITHMETIC.normalize(number):f}"


def _check_words(text: str) -> None:
    """Raise FormulaError unless `text` is made of the words of the grammar.

    Done before Python reads the text, so that it meets no keyword, no string, no exponent.
    """
    place = depth = 0
    while place < len(text):
        word = _WORD.match(text, place)
        if not word:
            raise FormulaError("character", text[place], place + 1)
        code, depth = _judge(word, depth)
        if code:
            raise FormulaError(code, word[0], place + 1)
        place = word.end()


def _judge(word: re.Match[str], depth: int) -> tuple[Code | None, int]:
    """Return what is wrong with a word, if anything is, and how many parentheses are open."""
    if word["number"]:
        return None if _NUMBER.fullmatch(word[0]) else "number", depth
    if word["name"]:
        return "name" if iskeyword(word[0]) else None, depth
    if word[0] in ("**", "//"):
        return "operator", depth
    depth += {"(": 1, ")": -1}.get(word[0], 0)
    return "depth" if depth > DEEPEST else None, depth


def _tree_of(text: str) -> ast.expr:
    try:
        return ast.parse(text, mode="eval").body
    except SyntaxError as error:
        raise FormulaError("syntax", position=error.offset or 0) from None
    except (ValueError, MemoryError, RecursionError):  # what Python's parser has besides
        raise FormulaError("syntax") from None


class _Checker:
    """Checks a tree node by node, and notes what it names."""

    def __init__(self, text: str, codes: frozenset[str]) -> None:
        self.text, self.codes = text, codes
        self.nodes = 0
        self.indices: set[str] = set()
        self.gives_price = False

    def check(self, node: ast.AST, depth: int = 1) -> ast.AST:
        """Return the node, its numbers made decimals. Only what is listed here passes."""
        self.nodes += 1
        if depth > DEEPEST:
            raise _error("depth", node)
        if self.nodes > MOST_NODES:
            raise _error("nodes", node)
        match node:
            case ast.Constant():
                # From the text: what Python made of it is a binary fraction.
                node.value = Decimal(self.text[node.col_offset : node.end_col_offset])
            case ast.Name():
                self.check_name(node)
            case ast.UnaryOp(op=ast.UAdd() | ast.USub()):
                self.check(node.operand, depth + 1)
            case ast.BinOp(op=ast.Add() | ast.Sub() | ast.Mult() | ast.Div()):
                self.check(node.left, depth + 1)
                self.check(node.right, depth + 1)
            case ast.Call(func=ast.Name(), keywords=[]):
                self.check_call(node, depth)
            case ast.Tuple(elts=[_, *_]):
                raise _error("comma", node)
            case _:
                raise _error("syntax", node)
        return node

    def check_name(self, node: ast.Name) -> None:
        """Note which index it is, current or base."""
        if node.id == PRICE:
            self.gives_price = True
            return
        base = node.id.removesuffix("0")
        found = {node.id, base} & self.codes
        if not found:
            raise _error("name", node, node.id)
        if len(found) > 1:
            raise _error("ambiguous", node, node.id)
        self.indices |= found

    def check_call(self, node: ast.Call, depth: int) -> None:
        """Check the function and its arguments."""
        name, arguments = node.func.id, node.args
        if name not in FUNCTIONS:
            raise _error("function", node, name)
        if len(arguments) < 2 or (name == "round" and len(arguments) > 2):
            raise _error("arguments", node, name)
        for argument in arguments:
            self.check(argument, depth + 1)
        if name == "round" and not _is_digits(arguments[1]):
            raise _error("digits", arguments[1])


def _is_digits(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value in range(MOST_DIGITS + 1)


def _error(code: Code, node: ast.AST, detail: str = "") -> FormulaError:
    return FormulaError(code, detail, node.col_offset + 1)


def _evaluate(node: ast.AST, values: Mapping[str, Decimal]) -> Decimal:
    try:
        return _compute(node, values)
    except (Overflow, InvalidOperation):
        raise _error("magnitude", node, _text_of(node)) from None


def _compute(node: ast.AST, values: Mapping[str, Decimal]) -> Decimal:
    match node:
        case ast.Constant():
            return node.value
        case ast.Name():
            return _value_of(node, values)
        case ast.UnaryOp():
            return _UNARY[type(node.op)](_evaluate(node.operand, values))
        case ast.BinOp():
            left, right = _evaluate(node.left, values), _evaluate(node.right, values)
            if isinstance(node.op, ast.Div) and not right:
                raise _error("division_by_zero", node.right, _text_of(node.right))
            return _BINARY[type(node.op)](left, right)
        case ast.Call():
            arguments = [_evaluate(argument, values) for argument in node.args]
            return FUNCTIONS[node.func.id](*arguments)
    raise AssertionError(node)  # the checker lets nothing else pass


def _value_of(node: ast.Name, values: Mapping[str, Decimal]) -> Decimal:
    value = values.get(node.id)
    if value is None:
        raise _error("name", node, node.id)
    if not is_decimal(value):
        raise _error("magnitude", node, node.id)
    return +Decimal(value)  # the context refuses it from 10^15 on


def _round(value: Decimal, digits: Decimal) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-int(digits)), ROUND_HALF_UP)


class _Speller(ast.NodeTransformer):
    """Gives numbers back to `ast.unparse`, which would show them as Python objects."""

    def visit_Constant(self, node: ast.Constant) -> ast.Name:
        """A number, as it was typed."""
        return ast.Name(_plain(node.value))


def _text_of(node: ast.AST) -> str:
    return ast.unparse(_Speller().visit(deepcopy(node)))


FUNCTIONS = {"min": min, "max": max, "round": _round}

_UNARY = {ast.UAdd: operator.pos, ast.USub: operator.neg}
_BINARY = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}

_RESERVED = {PRICE, "P", *FUNCTIONS}
