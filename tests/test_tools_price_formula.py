"""Formulas of users, against a parser of fractions that was written apart, and against malice."""

import random
import re
import sys
import time
import warnings
from decimal import Context, Decimal, localcontext
from fractions import Fraction

from hypothesis import example, given, settings
from hypothesis import strategies as st

from ..tools.price_formula import (
    DECIMALS,
    DEEPEST,
    LONGEST,
    MOST_DIGITS,
    MOST_NODES,
    WHOLE_DIGITS,
    Formula,
    FormulaError,
    compose,
    is_index_code,
    parse,
)
from .tools_common import PROPERTY, PureCase

CODES = ("S", "PSDA", "BT40", "x_1")
NAMES = ("P0", *CODES, *(f"{code}0" for code in CODES))

# Whatever is asked of the formula, its answer takes less: CPU seconds.
PATIENCE = 0.05

WORDS = st.sampled_from(
    [*"+-*/(),(),", *NAMES, "min", "max", "round", "0", "1", "2", "0.15", ".85", "3.", "100", " "]
)
VALUES = st.decimals("0.01", "999999.99", places=2)


class Refused(Exception):
    pass


class Oracle:
    """Recursive descent over fractions: another way to read the same grammar."""

    def __init__(self, text, values):
        self.words = re.findall(r"\d+\.?\d*|\.\d+|\w+|\*\*|//|\S", text)
        self.values = values

    def result(self):
        value = self.sum()
        if self.words:
            raise Refused
        return value

    def take(self, *allowed):
        if self.words and self.words[0] in allowed:
            return self.words.pop(0)
        return None

    def sum(self):
        value = self.product()
        while sign := self.take("+", "-"):
            value += self.product() if sign == "+" else -self.product()
        return value

    def product(self):
        value = self.factor()
        while sign := self.take("*", "/"):
            value = value * self.factor() if sign == "*" else value / self.factor()
        return value

    def factor(self):
        if sign := self.take("+", "-"):
            return self.factor() if sign == "+" else -self.factor()
        if self.take("("):
            value = self.sum()
            self.close()
            return value
        if function := self.take("min", "max", "round"):
            return self.call(function)
        if not self.words:
            raise Refused
        word = self.words.pop(0)
        if word in self.values:
            return Fraction(self.values[word])
        if re.fullmatch(r"[\d.]+", word):
            return Fraction(word)
        raise Refused

    def call(self, function):
        if not self.take("("):
            raise Refused
        written, arguments = [], []
        while not (arguments and self.words[:1] == [")"]):
            before = list(self.words)
            arguments.append(self.sum())
            written.append(before[: len(before) - len(self.words)])
            if not self.take(","):
                break
        self.close()
        if len(arguments) < 2:
            raise Refused
        if function != "round":
            return min(arguments) if function == "min" else max(arguments)
        [digits] = written[1:]
        if len(digits) > 1 or not re.fullmatch(r"\d+\.?0*", digits[0]) or arguments[1] > 10:
            raise Refused
        return half_up(arguments[0], int(arguments[1]))

    def close(self):
        if not self.take(")"):
            raise Refused


def half_up(value, digits):
    scaled = abs(value) * 10**digits
    units = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return Fraction(units if value >= 0 else -units, 10**digits)


def attempt(text, codes=CODES):
    """The formula, or the code of what is wrong with it."""
    try:
        return parse(text, codes)
    except FormulaError as error:
        return error.code


def about(text, codes=CODES):
    try:
        parse(text, codes)
    except FormulaError as error:
        return error.code, error.detail, error.position


def formulas():
    """Texts that the grammar allows, with more parentheses than they need."""
    atoms = st.one_of(st.sampled_from(NAMES), st.sampled_from(["1", "0.15", ".5", "12.", "100"]))
    return st.recursive(
        atoms,
        lambda inner: st.one_of(
            st.builds("({} {} {})".format, inner, st.sampled_from("+-*/"), inner),
            st.builds("{}{}{}".format, inner, st.sampled_from("+-*"), inner),
            st.builds("{}({})".format, st.sampled_from(["", "-", "+"]), inner),
            st.builds("{}({}, {})".format, st.sampled_from(["min", "max"]), inner, inner),
            st.builds("round({},{})".format, inner, st.integers(0, MOST_DIGITS)),
        ),
        max_leaves=8,
    )


values_of_names = st.fixed_dictionaries(dict.fromkeys(NAMES, VALUES))


class TestGrammar(PureCase):
    @PROPERTY
    @given(st.lists(WORDS, min_size=1, max_size=12).map(" ".join), values_of_names)
    @example("min ( S , 1 , )", dict.fromkeys(NAMES, Decimal(1)))
    @example("round ( S , 2 )", dict.fromkeys(NAMES, Decimal("0.125")))
    @example("round ( S , 2.0 )", dict.fromkeys(NAMES, Decimal("0.125")))
    @example("round ( S , 1 + 1 )", dict.fromkeys(NAMES, Decimal("0.125")))
    def test_accepts_what_another_parser_accepts(self, text, values):
        try:
            Oracle(text, values).result()
            valid = True
        except ZeroDivisionError:
            return  # the oracle computes as it reads, and cannot tell
        except (Refused, ValueError):
            valid = False
        self.assertEqual(isinstance(attempt(text), Formula), valid)

    @PROPERTY
    @given(formulas(), values_of_names)
    def test_gives_the_value_that_fractions_give(self, text, values):
        formula = parse(text, CODES)
        try:
            expected = Oracle(text, values).result()
        except ZeroDivisionError:
            with self.assertRaises(FormulaError) as caught:
                formula.evaluate(values)
            self.assertIn(caught.exception.code, ("division_by_zero", "magnitude"))
            return
        try:
            value = formula.evaluate(values)
        except FormulaError as error:
            # Noise of a division that a subtraction leaves alone, or a number that is too large.
            self.assertIn(error.code, ("magnitude", "division_by_zero"))
            return
        if "round" not in text and abs(expected) > Fraction(1, 1000):
            self.assertLess(abs(Fraction(value) - expected), Fraction(1, 10**9))

    @PROPERTY
    @given(formulas(), values_of_names)
    def test_has_one_manner_of_writing(self, text, values):
        formula = parse(text, CODES)
        self.assertEqual(parse(formula.text, CODES), formula)
        self.assertEqual(outcome(formula, values), outcome(parse(formula.text, CODES), values))

    @PROPERTY
    @given(formulas())
    def test_names_its_indices(self, text):
        formula = parse(text, CODES)
        names = set(re.findall(r"[A-Za-z_]\w*", text)) - {"min", "max", "round"}
        indices = {code for code in CODES if names & {code, f"{code}0"}}
        self.assertEqual(formula.indices, tuple(sorted(indices)))
        self.assertEqual(formula.gives_price, "P0" in names)

    def test_numbers_are_exact(self):
        text = "0.1234567890123456 * 0"
        self.assertEqual(attempt(text), "number")
        for text in ("0.123456789012", "999999999999999.123456789012", "0.10", "00.5", ".5", "7."):
            with self.subTest(ascii(text)):
                formula = parse(text, ())
                self.assertEqual(formula.evaluate({}), Decimal(text))
                self.assertEqual(Decimal(formula.text), Decimal(text))
        self.assertEqual(parse("0.1 + 0.2", ()).evaluate({}), Decimal("0.3"))

    def test_half_is_rounded_up_in_both_directions(self):
        for text, expected in (
            ("round(2.5, 0)", "3"),
            ("round(-2.5, 0)", "-3"),
            ("round(1.045, 2)", "1.05"),
            ("round(1.04499, 2)", "1.04"),
            ("round(0.00000000005, 10)", "0.0000000001"),
            ("round(0.5, 2.0)", "0.5"),
        ):
            with self.subTest(ascii(text)):
                self.assertEqual(parse(text, ()).evaluate({}), Decimal(expected))

    def test_precedence(self):
        for text, expected in (
            ("2 + 3 * 4 - 6 / 3", 12),
            ("2 - 3 - 4", -5),
            ("16 / 4 / 2", 2),
            ("-2 * -3 + +1", 7),
            ("min(4, 2, 3) + max(4, 2, 3)", 6),
        ):
            with self.subTest(ascii(text)):
                self.assertEqual(parse(text, ()).evaluate({}), expected)

    def test_blanks_do_not_matter(self):
        formula = parse("P0*(0.15+0.85*S/S0)", CODES)
        for text in ("  P0 *(0.15\n+ 0.85\t*S /\r\n S0 ) \n", "P0 * (0.15 + 0.85 * S / S0)"):
            with self.subTest(ascii(text)):
                self.assertEqual(parse(text, CODES), formula)
                self.assertEqual(parse(text, CODES).text, formula.text)


def outcome(formula, values):
    try:
        return formula.evaluate(values)
    except FormulaError as error:
        return error.code, error.detail


class TestRefusals(PureCase):
    def test_each_says_what_and_where(self):
        for text, *expected in (
            ("", "empty", "", 0),
            (" \n ", "empty", "", 0),
            ("P0 ** 2", "operator", "**", 4),
            ("9**9**9", "operator", "**", 2),
            ("P0 // 2", "operator", "//", 4),
            ("P0 % 2", "character", "%", 4),
            ("1e400", "number", "1e400", 1),
            ("P0 * 1E5", "number", "1E5", 6),
            ("0x10", "number", "0x10", 1),
            ("1_000", "number", "1_000", 1),
            ("1j", "number", "1j", 1),
            ("1.2.3", "number", "1.2.3", 1),
            ("2S", "number", "2S", 1),
            ("0.15 + 0,85 * S / S0", "comma", "", 1),
            ("P0 * (0,15 + S)", "comma", "", 6),
            ("__import__('os').system('id')", "character", "'", 12),
            ("__import__(S)", "function", "__import__", 1),
            ("P0.__class__", "character", ".", 3),
            ("P0 . real", "character", ".", 4),
            ("lambda: 0", "name", "lambda", 1),
            ("S if S else S0", "name", "if", 3),
            ("S and S0", "name", "and", 3),
            ("not S", "name", "not", 1),
            ("None", "name", "None", 1),
            ("True", "name", "True", 1),
            ("(yield)", "name", "yield", 2),
            ("(S for S in S)", "name", "for", 4),
            ("f'{P0}'", "character", "'", 2),
            ("(P := 1)", "character", ":", 4),
            ("P0[0]", "character", "[", 3),
            ("{S}", "character", "{", 1),
            ("S == S0", "character", "=", 3),
            ("S < S0", "character", "<", 3),
            ("S; S0", "character", ";", 2),
            ("S\\\n", "character", "\\", 2),
            ("S # note", "character", "#", 3),
            ("S0 * \u0663", "character", "\u0663", 6),
            ("S \uff0b S0", "character", "\uff0b", 3),
            ("S\u200b", "character", "\u200b", 2),
            ("S\u00a0* 2", "character", "\u00a0", 2),
            ("\uff33", "character", "\uff33", 1),
            ("\ud800", "character", "\ud800", 1),
            ("S\x00", "character", "\x00", 2),
            ("É", "character", "É", 1),
            ("S * ICHT", "name", "ICHT", 5),
            ("s", "name", "s", 1),
            ("P", "name", "P", 1),
            ("P00", "name", "P00", 1),
            ("S00", "name", "S00", 1),
            ("min", "name", "min", 1),
            ("abs(S)", "function", "abs", 1),
            ("S(1)", "function", "S", 1),
            ("round(S)", "arguments", "round", 1),
            ("round(S, 1, 2)", "arguments", "round", 1),
            ("1 + min(S)", "arguments", "min", 5),
            ("max()", "arguments", "max", 1),
            ("round(S, 1.5)", "digits", "", 10),
            ("round(S, -1)", "digits", "", 10),
            ("round(S, S0)", "digits", "", 10),
            ("round(S, 11)", "digits", "", 10),
            ("min(*S, 1)", "syntax", "", 5),
            ("(1)(2)", "syntax", "", 1),
            ("()", "syntax", "", 1),
            ("S S0", "syntax", "", None),
            ("S +", "syntax", "", None),
            ("01", "syntax", "", None),
            ("(S", "syntax", "", None),
            ("S)", "syntax", "", None),
        ):
            with self.subTest(ascii(text)):
                code, detail, position = about(text)
                # Where a syntax error is depends on the version of Python.
                self.assertEqual((code, detail), tuple(expected[:2]))
                self.assertIn(expected[2], (position, None))

    def test_what_is_no_text_is_no_formula(self):
        for nothing in (None, False, 0, 1.5, b"S", ["S"], Decimal(1)):
            with self.subTest(nothing):
                self.assertEqual(attempt(nothing), "empty")

    def test_bounds(self):
        for code, inside, outside in (
            ("length", "S" + " " * (LONGEST - 1), "S" + " " * LONGEST),
            ("nodes", "+".join("S" * 2), "+".join(["min(S,S,S,S,S,S,S,S)"] * 12)),
            ("depth", "-" * (DEEPEST - 1) + "S", "-" * DEEPEST + "S"),
            ("depth", "(" * DEEPEST + "S" + ")" * DEEPEST, "(" * 21 + "S" + ")" * 21),
            (
                "depth",
                "max(" + "(S)," * 30 + "S)",
                "max(" + "(S)," * 30 + "(" * 20 + "S" + ")" * 21,
            ),
            ("depth", "+".join("S" * DEEPEST), "+".join("S" * (DEEPEST + 1))),
            ("number", "9" * WHOLE_DIGITS, "9" * (WHOLE_DIGITS + 1)),
            ("number", "0." + "9" * DECIMALS, "0." + "9" * (DECIMALS + 1)),
            ("digits", f"round(S, {MOST_DIGITS})", f"round(S, {MOST_DIGITS + 1})"),
        ):
            with self.subTest(code, inside=inside):
                self.assertIsInstance(attempt(inside), Formula)
                self.assertEqual(attempt(outside), code)

    def test_the_hundredth_node_is_the_last(self):
        arguments = ",".join("S" * (MOST_NODES - 1))
        self.assertIsInstance(attempt(f"max({arguments})"), Formula)
        self.assertEqual(attempt(f"max({arguments},S)"), "nodes")

    def test_the_bound_of_length_is_that_of_the_text_to_store(self):
        """Written plainly it would be longer than what can be typed, and could not be read back."""
        code = "A" * 24
        crowded = "+".join([code] * 20)
        self.assertLess(len(crowded), LONGEST)
        self.assertEqual(attempt(crowded, [code]), "length")

    def test_the_error_says_it_in_a_sentence(self):
        self.assertEqual(str(FormulaError("name", "ICHT", 5)), "name: 'ICHT' at 5")
        self.assertEqual(str(FormulaError("empty")), "empty: ''")


class TestMalice(PureCase):
    """PR8: on any text, a formula or a FormulaError, at once, and nothing of it is run."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # For good, as Python has no way to take one back; it does nothing but during a watch.
        sys.addaudithook(_note)

    def assert_harmless(self, text):
        with Watch() as watch:
            formula = attempt(text)
            if isinstance(formula, Formula):
                outcome(formula, dict.fromkeys(NAMES, Decimal("1.5")))
        self.assertLess(watch.seconds, PATIENCE, text)
        # Reading a tree is the compiler's work, copying one asks for addresses; running what it
        # says would be `exec`.
        self.assertLessEqual(watch.events, {"compile", "builtins.id"}, text)
        self.assertEqual(watch.warnings, [], text)

    @settings(PROPERTY, max_examples=4_000)
    @given(st.text(max_size=600))
    def test_any_text(self, text):
        self.assert_harmless(text)

    @settings(PROPERTY, max_examples=4_000)
    @given(
        st.lists(
            st.one_of(
                WORDS,
                st.sampled_from(
                    ["__import__", "'", "os", ".", "system", "lambda", "if", "for", "in", *":[]{}"]
                ),
                st.sampled_from(["**", "//", ":=", "e9", "0x", "_", "\\", "\n", "#", '"""', "f'"]),
                st.characters(),
            ),
            max_size=60,
        ).map("".join)
    )
    def test_almost_formulas(self, text):
        self.assert_harmless(text)

    def test_ten_thousand_heaps_of_words(self):
        chance = random.Random(20)
        words = [*"+-*/(),.", "S", "S0", "P0", "min(", "max(", "round(", "1", "0.5", "**", " ", "9"]
        for _ in range(10_000):
            self.assert_harmless("".join(chance.choices(words, k=chance.randint(1, 120))))

    def test_what_was_made_to_hurt(self):
        for text in (
            *("(" * length + "1" + ")" * length for length in (19, 20, 99, 199, 249, 5_000)),
            *(sign * length + "1" for sign in "-+" for length in (19, 20, 250, 499, 100_000)),
            *("min(" * length + "1" for length in (20, 124)),
            *("min(" * length + "1" + ",1)" * length for length in (10, 19, 60)),
            "(" * 500,
            "1" + "/3" * 249,
            "9" * 500,
            "9" * 100_000,
            "*".join(["999999999999999"] * 18),
            "/".join(["0.000000000001"] * 18),
            "1" + "e" * 400,
            "S" * 500,
            "," * 500,
            "(" + "," * 400 + ")",
            "1 if " * 90 + "1",
            "\ud800" * 500,
            "\u0301" * 500,
            " " * 500 + "S",
            "\n" * 400 + "S",
            "__import__('os').system('id')",
            "[].__class__.__base__.__subclasses__()",
        ):
            with self.subTest(ascii(text[:40]), length=len(text)):
                self.assert_harmless(text)

    def test_the_watch_sees(self):
        with Watch() as watch:
            exec("pass")  # pylint: disable=exec-used
        self.assertIn("exec", watch.events)
        with Watch() as watch:
            while time.thread_time() - watch.start < PATIENCE:
                pass
        self.assertGreater(watch.seconds, PATIENCE)
        with Watch() as watch:
            warnings.warn("careful", stacklevel=1)
        self.assertEqual(len(watch.warnings), 1)


class Watch:
    """What happens inside: CPU seconds of the thread, audit events, warnings."""

    def __enter__(self):
        self.events = set()
        self._catcher = warnings.catch_warnings(record=True)
        self.warnings = self._catcher.__enter__()
        warnings.simplefilter("always")
        self.start = time.thread_time()
        _watches.append(self)
        return self

    def __exit__(self, *_error):
        _watches.remove(self)
        self.seconds = time.thread_time() - self.start
        self._catcher.__exit__(None, None, None)


_watches = []


def _note(event, _arguments):
    for watch in _watches:
        watch.events.add(event)


class TestValue(PureCase):
    def test_a_division_by_zero_names_its_divisor(self):
        values = {"P0": Decimal(1000), "S": Decimal(117), "S0": Decimal(0)}
        for text, divisor, position in (
            ("P0*(0.15+0.85*(S/S0))", "S0", 18),
            ("P0 / (S - 117)", "S - 117", 7),
            ("0 / 0.0", "0", 5),
            ("1 / -S0", "-S0", 5),
            ("1 / round(S0, 2)", "round(S0, 2)", 5),
        ):
            with self.subTest(ascii(text)), self.assertRaises(FormulaError) as caught:
                parse(text, ["S"]).evaluate(values)
            error = caught.exception
            self.assertEqual(
                (error.code, error.detail, error.position), ("division_by_zero", divisor, position)
            )

    def test_every_name_needs_a_value(self):
        formula = parse("P0 * S / S0", ["S"])
        values = {"P0": Decimal(1000), "S": Decimal(117), "S0": Decimal(120)}
        for name in values:
            with self.subTest(name), self.assertRaises(FormulaError) as caught:
                formula.evaluate({key: value for key, value in values.items() if key != name})
            self.assertEqual((caught.exception.code, caught.exception.detail), ("name", name))

    def test_a_value_is_a_decimal_below_a_thousand_billions(self):
        formula = parse("S", ["S"])
        largest = Decimal("999999999999999")
        for value in (0, -5, largest, -largest, Decimal("1e-20")):
            self.assertEqual(formula.evaluate({"S": value}), value)
        for wrong in ("nan", "inf", "-inf", "snan", "1e15", "-1e15", "1e400"):
            with self.subTest(wrong):
                self.assertEqual(outcome(formula, {"S": Decimal(wrong)}), ("magnitude", "S"))
        for wrong in (1.5, Fraction(1, 2), "1", True, float("nan")):
            with self.subTest(wrong):
                self.assertEqual(outcome(formula, {"S": wrong}), ("magnitude", "S"))

    def test_what_grows_too_large_is_named(self):
        values = {"S": Decimal("1e14"), "S0": Decimal("1e-14")}
        for text, culprit in (
            ("1 + S * 10", "S * 10"),
            ("S / S0", "S / S0"),
            ("min(1, S + S + S + S + S + S + S + S + S + S)", None),
            ("round(999999999999999.9, 0) - 1", "round(999999999999999.9, 0)"),
        ):
            with self.subTest(ascii(text)):
                code, detail = outcome(parse(text, ["S"]), values)
                self.assertEqual(code, "magnitude")
                self.assertIn(detail, (culprit, text[7:-1]))

    @PROPERTY
    @given(st.lists(st.tuples(VALUES, VALUES), min_size=2, max_size=6), st.randoms())
    def test_the_order_of_the_terms_does_not_matter(self, terms, chance):
        """PR9: to one unit of the last of 28 digits, for each sum on the way."""
        codes = [f"I{chr(65 + number)}" for number in range(len(terms))]
        parts = [f"0.{number + 1} * {code} / {code}0" for number, code in enumerate(codes)]
        values = {}
        for code, (current, base) in zip(codes, terms, strict=True):
            values |= {code: current, f"{code}0": base}
        first = parse(" + ".join(parts), codes).evaluate(values)
        chance.shuffle(parts)
        second = parse(" + ".join(parts), codes).evaluate(values)
        # Half a unit lost by each sum, of the largest of them.
        ulp = Decimal(1).scaleb(first.adjusted() - 27)
        self.assertLessEqual(abs(first - second), ulp * (len(parts) - 1))

    def test_the_context_of_the_caller_does_not_matter(self):
        formula = parse("0.15 + 0.85 * S / S0", ["S"])
        values = {"S": Decimal("294.6"), "S0": Decimal(280)}
        expected = formula.evaluate(values)
        self.assertEqual(str(expected), "1.044321428571428571428571429")
        with localcontext(Context(prec=4)):
            self.assertEqual(str(formula.evaluate(values)), str(expected))
            self.assertEqual(parse("1.23456789", ()).text, "1.23456789")
            terms = [("S", Decimal("0.33333")), ("T", Decimal("0.33333"))]
            self.assertEqual(compose(Decimal("0.33334"), terms).indices, ("S", "T"))


class TestNames(PureCase):
    def test_a_base_is_a_code_and_a_zero(self):
        for codes, text, indices in (
            (("BT40",), "BT40 / BT400", ("BT40",)),
            (("BT4",), "BT4 / BT40", ("BT4",)),
            (("BT4", "BT40"), "BT4", ("BT4",)),
            (("BT4", "BT40"), "BT400", ("BT40",)),
            (("S", "s"), "S / s0", ("S", "s")),
        ):
            with self.subTest(ascii(text), codes=codes):
                self.assertEqual(parse(text, codes).indices, indices)

    def test_a_name_that_could_be_two_is_refused(self):
        self.assertEqual(about("1 * BT40", ("BT4", "BT40")), ("ambiguous", "BT40", 5))

    def test_codes(self):
        for code in ("S", "s", "ICHT_IME", "BT40", "A" * 20, "P1", "PSDA"):
            with self.subTest(code):
                self.assertTrue(is_index_code(code))
                parse(f"{code} / {code}0", [code])
        for code in ("", "P", "P0", "min", "max", "round", "if", "None", "2020", "_S", "S-1", "S "):
            with self.subTest(code):
                self.assertFalse(is_index_code(code))
        for code in ("A" * 21, "É", "\uff33", "S\n", "S\u0663"):
            with self.subTest(code):
                self.assertFalse(is_index_code(code))


def weights():
    """A fixed part and weights of thousandths, that sum to 1."""
    cuts = st.lists(st.integers(1, 999), min_size=1, max_size=6, unique=True).map(sorted)
    return cuts.map(
        lambda cuts: [Decimal(b - a) / 1000 for a, b in zip([0, *cuts], [*cuts, 1000], strict=True)]
    )


class TestCompose(PureCase):
    @PROPERTY
    @given(weights(), st.lists(st.tuples(VALUES, VALUES), min_size=6, max_size=6))
    def test_is_the_weighted_sum_of_the_ratios(self, parts, values):
        fixed, *parts = parts
        codes = [f"I{chr(65 + number)}" for number in range(len(parts))]
        formula = compose(fixed, zip(codes, parts, strict=True))
        self.assertEqual(formula.indices, tuple(codes))
        self.assertTrue(formula.gives_price)
        self.assertEqual(parse(formula.text, codes), formula)
        of_names = {"P0": Decimal(1000)}
        expected = Fraction(fixed)
        for code, weight, (current, base) in zip(codes, parts, values[: len(parts)], strict=True):
            of_names |= {code: current, f"{code}0": base}
            expected += Fraction(weight) * Fraction(current) / Fraction(base)
        try:
            value = formula.evaluate(of_names)
        except FormulaError as error:
            self.assertEqual(error.code, "magnitude")
            return
        self.assertLess(abs(Fraction(value) - 1000 * expected), expected / 10**20)

    @PROPERTY
    @given(weights(), st.integers(1, 999), st.integers(0, 6))
    def test_weights_sum_to_one(self, parts, off, place):
        """PR4."""
        fixed, *parts = parts
        place %= len(parts)
        wrong = parts[:place] + [parts[place] + Decimal(off) / 10**6] + parts[place + 1 :]
        codes = [f"I{chr(65 + number)}" for number in range(len(parts))]
        with self.assertRaises(FormulaError) as caught:
            compose(fixed, zip(codes, wrong, strict=True))
        self.assertIn(caught.exception.code, ("weights", "weight"))

    def test_refusals(self):
        half, one = Decimal("0.5"), Decimal(1)
        for fixed, terms, *expected in (
            (half, [("S", Decimal("0.4"))], "weights", "0.9"),
            (half, [("S", half), ("T", half)], "weights", "1.5"),
            (half, [], "weights", "0.5"),
            (half, [("S", -half), ("T", one)], "weight", "S"),
            (one, [("S", Decimal(0))], "weight", "S"),
            (Decimal(2), [("S", -one)], "weight", ""),
            (-half, [("S", Decimal("1.5"))], "weight", ""),
            (Decimal("nan"), [("S", one)], "weight", ""),
            (0.5, [("S", 0.5)], "weight", ""),
            (half, [("P0", half)], "name", "P0"),
            (half, [("S + 1", half)], "name", "S + 1"),
        ):
            with self.subTest(fixed=fixed, terms=terms), self.assertRaises(FormulaError) as caught:
                compose(fixed, terms)
            self.assertEqual([caught.exception.code, caught.exception.detail], expected)

    def test_whole_weights(self):
        self.assertEqual(compose(0, [("S", 1)]).text, "P0 * (1 * S / S0)")
        self.assertEqual(compose(1, []).text, "P0 * 1")
        self.assertEqual(
            compose(Decimal("1E-1"), [("S", Decimal("0.900"))]).text[:10], "P0 * (0.1 "
        )

    def test_as_many_indices_as_fit(self):
        codes = [f"I{chr(65 + number)}" for number in range(16)]
        terms = [(code, Decimal("0.0625")) for code in codes]
        self.assertEqual(len(compose(Decimal(0), terms).indices), 16)
