"""Price revisions, to the cent: the worked cases, and an oracle of fractions."""

import json
from dataclasses import replace
from datetime import date, timedelta
from decimal import Context, Decimal, localcontext
from fractions import Fraction
from itertools import pairwise
from math import ceil, floor
from pathlib import Path

from hypothesis import example, given
from hypothesis import strategies as st

from ..tools.billing_amounts import AmountRule, Price, due
from ..tools.billing_periods import Period
from ..tools.price_formula import compose, parse
from ..tools.price_index import Index, Missing, Published, Reading, Series
from ..tools.price_revision import Clause, Position, regularise, revise
from .tools_common import PROPERTY, PureCase

VECTORS = Path(__file__).parent / "vectors" / "price_revision.json"
CASES = {case["id"]: case for case in json.loads(VECTORS.read_text())["price_revision"]}

ON = date(2026, 3, 15)
ONE_DAY = timedelta(days=1)
CODES = ("SA", "SB", "SC")

ONE_INDEX = compose(Decimal(0), [("S", Decimal(1))])


def indices_of(values, on=ON, provisional=()):
    """Indices by code, each with one value for the month of the revision."""
    return {
        code: Index(
            code,
            [Series("2020")],
            [Published("2020", on, Decimal(value), on, code in provisional)],
        )
        for code, value in values.items()
    }


def bases_of(values):
    return [Reading(code, Decimal(value), "2020") for code, value in values.items()]


def revised(clause, price, base, current, on=ON):
    """The revision by one index S."""
    position = Position(Decimal(price), bases_of({"S": base}))
    return revise(clause, position, indices_of({"S": current}, on), on)


def chain(clause, price, values):
    """The revisions of one price, one a year, from the first value of S on."""
    base, *values = values
    position = Position(Decimal(price), bases_of({"S": base}))
    for number, value in enumerate(values):
        on = date(2026 + number, 3, 1)
        revision = revise(clause, position, indices_of({"S": value}, on), on)
        yield revision
        position = revision.next


class TestVectors(PureCase):
    def clause_of(self, case, **settings):
        terms = case.get("terms", [{"weight": 1 - Decimal(case["fixed"])}])
        weights = [("S", Decimal(term["weight"])) for term in terms]
        for name in ("cap", "threshold"):
            if name in case:
                settings[name] = Decimal(case[name])
        return Clause(compose(Decimal(case["fixed"]), weights), **settings)

    def assert_revised(self, case, expected, **settings):
        [term] = case["terms"]
        clause = self.clause_of(case, **settings)
        revision = revised(clause, case["price"], term["base"], term["current"])
        self.assertEqual((revision.outcome, revision.after), ("revised", Decimal(expected)))
        self.assertEqual(str(revision.after), expected)

    def test_every_case_has_its_test(self):
        tests = {name.removeprefix("test_").upper() for name in vars(type(self))}
        self.assertEqual(set(CASES) - tests, set())

    def test_p2(self):
        """The coefficient as it is, or rounded up."""
        case = CASES["P2"]
        for rounding, key in (("none", "coefficient rounding none"), ("up_3", "3 decimals up")):
            with self.subTest(rounding):
                self.assert_revised(case, case["expected"][key], coefficient=rounding)

    def test_p4(self):
        """The price rounded to the cent, or to five."""
        case = CASES["P4"]
        for step in ("0.01", "0.05"):
            with self.subTest(step):
                self.assert_revised(case, case["expected"][f"price to {step}"], step=Decimal(step))

    def test_p7(self):
        """A cap."""
        self.assert_revised(CASES["P7"], CASES["P7"]["expected"])

    def test_p8(self):
        """A threshold: what was too little adds up."""
        case = CASES["P8"]
        for mode in ("origin", "chained"):
            with self.subTest(mode):
                revisions = chain(self.clause_of(case, mode=mode), case["price"], case["index"])
                prices = [revision.after for revision in revisions]
                self.assertEqual(prices, list(map(Decimal, case["expected"])))

    def test_p9(self):
        """From the origin, or from the last revision."""
        case = CASES["P9"]
        for mode, expected in case["expected"].items():
            with self.subTest(mode):
                revisions = chain(self.clause_of(case, mode=mode), case["price"], case["index"])
                self.assertEqual([str(revision.after) for revision in revisions], expected)

    def test_p10(self):
        """An index that falls."""
        self.assert_revised(CASES["P10"], CASES["P10"]["expected"])


def to_step(number, step, direction):
    """A fraction to a multiple of the step: half up, up or down."""
    units = number / Fraction(step)
    if direction == "half":
        sign = 1 if units >= 0 else -1
        units = sign * floor(abs(units) + Fraction(1, 2))
    else:
        units = ceil(units) if direction == "up" else floor(units)
    return units * Fraction(step)


def oracle(clause, price, base_price, fixed, terms):
    """Outcome and proposed price, in fractions: terms are (weight, base, current)."""
    coefficient = Fraction(fixed)
    for weight, base, current in terms:
        coefficient += Fraction(weight) * Fraction(current) / Fraction(base)
    if clause.coefficient == "up_3":
        coefficient = to_step(coefficient, "0.001", "up")
    elif clause.coefficient == "half_up_4":
        coefficient = to_step(coefficient, "0.0001", "half")
    price, result = Fraction(price), Fraction(base_price) * coefficient
    proposed = to_step(result, clause.step, "half")
    if (proposed - price) * (result - price) < 0:
        proposed = price
    if clause.floor is not None:
        lowest = price * (1 + Fraction(clause.floor))
        if proposed < lowest:
            proposed = to_step(lowest, clause.step, "up")
            if clause.floor <= 0 and proposed > price:
                proposed = price
    if clause.cap is not None:
        highest = price * (1 + Fraction(clause.cap))
        if proposed > highest:
            proposed = to_step(highest, clause.step, "down")
            if proposed < price:
                proposed = price
    too_small = abs(result / price - 1) < Fraction(clause.threshold)
    if result == price or too_small or (clause.upward_only and result < price):
        proposed = price
    if result <= 0 or result > 3 * price:
        return "held", proposed
    return "unchanged" if proposed == price else "revised", proposed


PRICES = st.decimals("0.01", "99999.99", places=2)
VALUES = st.decimals("50", "500", places=1)
# Those of a year or two, and those of a typing error.
CHANGES = st.one_of(st.decimals("0.9", "1.1", places=3), st.decimals("0", "4", places=2))
RATES = st.sampled_from(["0", "0.001", "0.01", "0.02", "0.03", "0.05", "0.1", "1"]).map(Decimal)

CLAUSES = st.builds(
    lambda limits, **settings: Clause(ONE_INDEX, cap=limits[0], floor=limits[1], **settings),
    st.tuples(st.none() | RATES, st.none() | RATES.map(lambda rate: -rate)),
    mode=st.sampled_from(["origin", "chained"]),
    coefficient=st.sampled_from(["none", "up_3", "half_up_4"]),
    step=st.sampled_from(["0.01", "0.05", "0.1", "1"]).map(Decimal),
    threshold=RATES,
    upward_only=st.booleans(),
)
# Fixed part and three weights, of hundredths.
WEIGHTS = (
    st.tuples(*[st.integers(1, 33)] * 3)
    .map(lambda parts: (100 - sum(parts), *parts))
    .map(lambda parts: [Decimal(part) / 100 for part in parts])
)
THREE = {"min_size": 3, "max_size": 3}


class TestOracle(PureCase):
    @PROPERTY
    @given(CLAUSES, PRICES, PRICES, WEIGHTS, st.lists(st.tuples(VALUES, CHANGES), **THREE))
    def test_is_what_fractions_give(self, clause, price, base_price, weights, moves):
        self.compare(clause, price, base_price, weights, moves)

    @PROPERTY
    @given(CLAUSES, PRICES, WEIGHTS, st.lists(st.tuples(VALUES, CHANGES), **THREE))
    def test_is_what_fractions_give_from_the_price_in_force(self, clause, price, weights, moves):
        self.compare(clause, price, price, weights, moves)

    def compare(self, clause, price, base_price, weights, moves):
        fixed, *weights = weights
        clause = replace(clause, formula=compose(fixed, zip(CODES, weights, strict=True)))
        values = [(base, (base * change).quantize(Decimal("0.01"))) for base, change in moves]
        bases = dict(zip(CODES, (base for base, _current in values), strict=True))
        currents = dict(zip(CODES, (current for _base, current in values), strict=True))
        revision = revise(
            clause, Position(price, bases_of(bases), base_price), indices_of(currents), ON
        )
        terms = [(weight, *pair) for weight, pair in zip(weights, values, strict=True)]
        outcome, proposed = oracle(clause, price, base_price, fixed, terms)
        self.assertEqual((revision.outcome, Fraction(revision.proposed)), (outcome, proposed))
        self.assertEqual(revision.after, revision.proposed if outcome == "revised" else price)

    def test_a_quotient_leaves_no_noise(self):
        """16/15 × 0.9 is 0.96, and not the least bit more."""
        clause = Clause(parse("0.9 * (S / S0)", ["S"]), coefficient="up_3")
        revision = revised(clause, 1000, 150, 160)
        self.assertGreater(revision.coefficient, Decimal("0.96"))
        self.assertEqual((revision.rounded, revision.after), (Decimal("0.96"), 960))
        # Half a cent, exactly, that 28 digits make a little less of.
        clause = Clause(parse("S / S0", ["S"]))
        for price, base, current, computed, after in (
            ("24.18", 300, 325, "26.195", "26.20"),
            ("16.83", 120, 220, "30.855", "30.86"),
            ("4.50", 300, 313, "4.695", "4.70"),
        ):
            with self.subTest(price):
                revision = revised(clause, price, base, current)
                self.assertEqual(
                    (revision.computed, revision.after), (Decimal(computed), Decimal(after))
                )


class TestProperties(PureCase):
    @PROPERTY
    @given(CLAUSES, PRICES, WEIGHTS, st.lists(VALUES, **THREE))
    def test_indices_unchanged_price_unchanged(self, clause, price, weights, values):
        """PR1, also for a price that the rounding would move."""
        fixed, *weights = weights
        clause = replace(clause, formula=compose(fixed, zip(CODES, weights, strict=True)))
        values = dict(zip(CODES, values, strict=True))
        revision = revise(clause, Position(price, bases_of(values)), indices_of(values), ON)
        self.assertEqual((revision.outcome, revision.reason), ("unchanged", "same"))
        self.assertEqual((revision.coefficient, revision.change, revision.after), (1, 0, price))
        self.assertEqual(revision.next, revision.position)

    @PROPERTY
    @given(CLAUSES, PRICES, VALUES, CHANGES, st.decimals("0.001", "50", places=3))
    def test_a_rebased_index_gives_the_same_price(self, clause, price, base, change, factor):
        """PR2, for both values rebased, and through a link."""
        current = (base * change).quantize(Decimal("0.01"))
        expected = revised(clause, price, base, current)
        rebased = revised(clause, price, base * factor, current * factor)
        linked = revise(
            clause,
            expected.position,
            {
                "S": Index(
                    "S",
                    [Series("2020"), Series("2030", factor)],
                    [Published("2030", ON, current * factor, ON)],
                )
            },
            ON,
        )
        for other in (rebased, linked):
            self.assertEqual(
                (other.outcome, other.reason, other.after, other.proposed),
                (expected.outcome, expected.reason, expected.after, expected.proposed),
            )
        self.assertEqual(linked.terms[0].base.series, "2030")
        self.assertEqual(linked.terms[0].base.value, base * factor)

    @PROPERTY
    @given(CLAUSES, PRICES, PRICES, VALUES, CHANGES, CHANGES)
    def test_monotone(self, clause, price, base_price, base, change, other):
        """PR3: a higher index never gives a lower price."""
        position = Position(price, bases_of({"S": base}), base_price)
        low, high = (
            revise(clause, position, indices_of({"S": base * change}), ON).proposed
            for change in sorted([change, other])
        )
        self.assertLessEqual(low, high)

    @PROPERTY
    @given(CLAUSES, PRICES, PRICES, VALUES, CHANGES)
    def test_cap_and_floor(self, clause, price, base_price, base, change):
        """PR5, to the cent, after all rounding; and never against the change."""
        position = Position(price, bases_of({"S": base}), base_price)
        revision = revise(clause, position, indices_of({"S": base * change}), ON)
        if clause.cap is not None:
            self.assertLessEqual(revision.proposed, price * (1 + clause.cap))
        if clause.floor is not None:
            self.assertGreaterEqual(revision.proposed, price * (1 + clause.floor))
        if clause.upward_only:
            self.assertGreaterEqual(revision.proposed, price)
        self.assertGreaterEqual((revision.proposed - price) * revision.change, 0)
        if revision.proposed != price:
            self.assertEqual(revision.proposed % clause.step, 0)

    @PROPERTY
    @given(CLAUSES, PRICES, VALUES, CHANGES)
    @example(Clause(ONE_INDEX, cap=Decimal("0.03")), Decimal(1000), Decimal(100), Decimal("1.1"))
    def test_once_per_date(self, clause, price, base, change):
        """PR6."""
        position = Position(price, bases_of({"S": base}), since=date(2026, 3, 14))
        indices = indices_of({"S": base * change})
        revision = revise(clause, position, indices, ON)
        self.assertEqual(revision, revise(clause, position, indices, ON))
        again = revise(clause, revision.next, indices, ON)
        self.assertEqual((again.after, again.next), (revision.after, revision.next))
        if revision.outcome == "revised":
            self.assertEqual((again.outcome, again.reason), ("unchanged", "done"))
        else:
            self.assertEqual(again, revision)

    @PROPERTY
    @given(CLAUSES, PRICES, VALUES, CHANGES)
    def test_the_same_indices_change_nothing_later(self, clause, price, base, change):
        clause = replace(clause, cap=None, floor=None)
        first = revised(clause, price, base, base * change)
        if first.outcome == "held":
            return
        later = date(2027, 3, 15)
        second = revise(clause, first.next, indices_of({"S": base * change}, later), later)
        self.assertEqual((second.outcome, second.after), ("unchanged", first.after))

    @PROPERTY
    @given(CLAUSES, PRICES, VALUES, st.lists(CHANGES, min_size=1, max_size=6))
    def test_price_and_base_move_together(self, clause, price, base, changes):
        """What was not revised is as if nobody had looked."""
        revisions = list(chain(clause, price, [base, *(base * change for change in changes)]))
        for revision, following in pairwise(revisions):
            self.assertEqual(following.position, revision.next)
        for revision in revisions:
            following = revision.next
            self.assertEqual(following.price, revision.after)
            if revision.outcome != "revised":
                self.assertIs(following, revision.position)
                continue
            self.assertEqual(following.since, revision.on)
            origin = revision.position.base_price, revision.position.bases
            last = revision.after, (revision.terms[0].current,)
            expected = origin if clause.mode == "origin" else last
            self.assertEqual((following.base_price, following.bases), expected)

    @PROPERTY
    @given(CLAUSES, PRICES, VALUES, CHANGES, st.dates(date(2026, 2, 1), date(2026, 5, 31)))
    def test_a_period_is_invoiced_as_split_at_the_date(self, clause, price, base, change, on):
        """PR7: the revised price is of the days from the date on, and of no other."""
        revision = revised(clause, price, base, base * change, on)
        rule, period = AmountRule(), Period(*[date(2026, 1, 1), date(2026, 6, 30)] * 2)
        before, after = replace(period, last=on - ONE_DAY), replace(period, first=on)
        start = Price(period.first, price)
        self.assertEqual(
            due(rule, period, [start, Price(on, revision.after)]),
            due(rule, before, [start]) + due(rule, after, [Price(period.first, revision.after)]),
        )

    def test_the_context_of_the_caller_does_not_matter(self):
        clause = Clause(compose(Decimal("0.15"), [("S", Decimal("0.85"))]))
        expected = revised(clause, 1767, 280, "294.6")
        with localcontext(Context(prec=3)):
            self.assertEqual(revised(clause, 1767, 280, "294.6"), expected)


class TestRules(PureCase):
    def assert_revision(self, revision, outcome, reason, after):
        self.assertEqual(
            (revision.outcome, revision.reason, revision.after), (outcome, reason, Decimal(after))
        )

    def test_every_number_is_kept(self):
        formula = compose(Decimal("0.2"), [("A", Decimal("0.5")), ("B", Decimal("0.3"))])
        clause = Clause(formula, coefficient="half_up_4", step=Decimal("0.05"))
        position = Position(Decimal(2000), bases_of({"B": "80", "A": "120"}), Decimal(1900))
        revision = revise(
            clause, position, indices_of({"A": "126", "B": "91"}, provisional="B"), ON
        )
        self.assert_revision(revision, "revised", "", "2025.95")
        self.assertEqual(
            [
                (term.current.index, term.current.value, term.base.value, term.ratio)
                for term in revision.terms
            ],
            [("A", 126, 120, Decimal("1.05")), ("B", 91, 80, Decimal("1.1375"))],
        )
        self.assertEqual(
            (revision.coefficient, revision.rounded, revision.computed, revision.change),
            tuple(map(Decimal, ("1.06625", "1.0663", "2025.97", "0.012985"))),
        )
        self.assertEqual((revision.before, revision.on, revision.provisional), (2000, ON, True))
        self.assertEqual((revision.missing, revision.error), ((), None))

    def test_coefficient_roundings(self):
        for rounding, current, rounded, after in (
            ("none", "103.00001", "1.0300001", "1030.00"),
            ("up_3", "103.00001", "1.031", "1031.00"),
            ("up_3", "103.0", "1.03", "1030.00"),
            ("up_3", "96.91", "0.97", "970.00"),
            ("half_up_4", "103.005", "1.0301", "1030.10"),
            ("half_up_4", "103.00499", "1.03", "1030.00"),
        ):
            with self.subTest(rounding, current=current):
                revision = revised(Clause(ONE_INDEX, coefficient=rounding), 1000, 100, current)
                self.assertEqual(revision.rounded, Decimal(rounded))
                self.assertEqual(revision.coefficient, Decimal(current) / 100)
                self.assert_revision(revision, "revised", "", after)

    def test_the_threshold_itself_counts(self):
        clause = Clause(ONE_INDEX, threshold=Decimal("0.02"))
        for current, outcome, reason, after in (
            ("102", "revised", "", "1020"),
            ("101.99", "unchanged", "threshold", "1000"),
            ("98", "revised", "", "980"),
            ("98.01", "unchanged", "threshold", "1000"),
        ):
            with self.subTest(current):
                self.assert_revision(revised(clause, 1000, 100, current), outcome, reason, after)

    def test_the_threshold_is_that_of_the_rounded_coefficient(self):
        clause = Clause(ONE_INDEX, threshold=Decimal("0.02"), coefficient="up_3")
        self.assert_revision(revised(clause, 1000, 100, "101.95"), "revised", "", "1020")

    def test_from_the_origin_the_threshold_is_of_the_price_in_force(self):
        clause = Clause(ONE_INDEX, threshold=Decimal("0.02"))
        prices = [revision.after for revision in chain(clause, 1000, [100, 103, 104, 106])]
        self.assertEqual(prices, [1030, 1030, 1060])

    def test_what_a_cap_cuts_off(self):
        """Lost when chained; found again from the origin."""
        for mode, expected in (
            ("origin", [1030, "1060.90", 1070]),
            ("chained", [1030, 1030, 1030]),
        ):
            clause = Clause(ONE_INDEX, mode=mode, cap=Decimal("0.03"))
            revisions = list(chain(clause, 1000, [100, 107, 107, 107]))
            with self.subTest(mode):
                self.assertEqual([r.after for r in revisions], list(map(Decimal, expected)))
                self.assertEqual(revisions[0].reason, "cap")
                self.assertEqual(
                    (revisions[0].computed, revisions[0].change), (1070, Decimal("0.07"))
                )

    def test_limits_are_kept_when_rounding(self):
        cap, floor, low = (Decimal(text) for text in ("0.03", "-0.03", "0.01"))
        for limits, price, step, current, reason, after in (
            ({"cap": cap}, "10.03", "0.05", "110", "cap", "10.30"),
            ({"cap": cap}, "10.00", "0.05", "102.9", "", "10.30"),
            ({"cap": cap}, "10.01", "0.05", "103", "", "10.30"),
            ({"cap": cap}, "0.10", "0.05", "150", "cap", "0.10"),
            ({"cap": cap}, "0.12", "0.05", "150", "cap", "0.12"),
            ({"cap": Decimal(0)}, "10.03", "0.05", "150", "cap", "10.03"),
            ({"floor": floor}, "10.03", "0.05", "90", "floor", "9.75"),
            ({"floor": floor}, "10.00", "0.01", "97", "", "9.70"),
            ({"floor": floor}, "0.12", "0.05", "50", "floor", "0.12"),
            ({"floor": Decimal(0)}, "10.03", "0.05", "50", "floor", "10.03"),
            ({"floor": low}, "10.00", "0.01", "100.5", "floor", "10.10"),
            ({"floor": low}, "10.00", "0.01", "90", "floor", "10.10"),
            ({"floor": low, "cap": low}, "10.02", "0.05", "90", "cap", "10.10"),
            ({}, "10.03", "0.05", "100.1", "", "10.05"),
            ({}, "10.01", "0.05", "100.1", "rounding", "10.01"),
            ({}, "10.00", "0.05", "100.1", "rounding", "10.00"),
            ({}, "10.02", "0.05", "99.9", "", "10.00"),
            ({}, "10.04", "0.05", "99.9", "rounding", "10.04"),
        ):
            clause = Clause(ONE_INDEX, step=Decimal(step), **limits)
            revision = revised(clause, price, 100, current)
            with self.subTest(limits, price=price, current=current):
                outcome = "unchanged" if Decimal(after) == Decimal(price) else "revised"
                self.assert_revision(revision, outcome, reason, after)

    def test_upward_only(self):
        clause = Clause(ONE_INDEX, mode="chained", upward_only=True)
        revisions = list(chain(clause, 1000, [100, 90, 99, 104]))
        self.assertEqual([revision.after for revision in revisions], [1000, 1000, 1040])
        self.assertEqual(revisions[0].reason, "upward_only")

    def test_what_is_absurd_is_held(self):
        clause = Clause(ONE_INDEX)
        for current, outcome, reason in (
            ("300", "revised", ""),
            ("300.01", "held", "too_high"),
            ("0", "held", "not_positive"),
            ("-1", "held", "not_positive"),
            ("0.1", "revised", ""),
        ):
            with self.subTest(current):
                revision = revised(clause, 1000, 100, current)
                after = revision.proposed if outcome == "revised" else 1000
                self.assert_revision(revision, outcome, reason, after)
                self.assertEqual(revision.proposed, 10 * Decimal(current))
                held = outcome == "held"
                self.assertEqual(revision.next == revision.position, held)

    def test_a_cap_does_not_hide_what_is_absurd(self):
        """2 946 typed for 294.6."""
        revision = revised(Clause(ONE_INDEX, cap=Decimal("0.03")), 10_000, 280, 2946)
        self.assert_revision(revision, "held", "too_high", 10_000)
        self.assertEqual(revision.proposed, 10_300)
        approved = revision.approved()
        self.assert_revision(approved, "revised", "too_high", 10_300)
        self.assertEqual((approved.next.price, approved.next.since), (10_300, ON))

    def test_approval(self):
        clause = Clause(ONE_INDEX)
        self.assert_revision(revised(clause, 1000, 100, 0).approved(), "revised", "not_positive", 0)
        kept = revised(replace(clause, upward_only=True), 1000, 100, 0).approved()
        self.assert_revision(kept, "unchanged", "not_positive", 1000)
        base_of_zero = revised(clause, 1000, 0, 100)
        for wrong in (
            revised(clause, 1000, 100, -1),
            revised(clause, 1000, 100, 110),
            base_of_zero,
        ):
            with self.subTest(wrong.outcome), self.assertRaises(ValueError):
                wrong.approved()

    def test_a_formula_without_value_is_held(self):
        revision = revised(Clause(ONE_INDEX), 1000, 0, 100)
        self.assert_revision(revision, "held", "formula", 1000)
        self.assertEqual((revision.error.code, revision.error.detail), ("division_by_zero", "S0"))
        self.assertEqual((revision.coefficient, revision.proposed), (None, None))
        self.assertIsNone(revision.terms[0].ratio)

    def test_no_price_nothing_to_revise(self):
        for price, base_price in ((0, None), (0, 100), (100, 0), (-5, None), (-5, 5)):
            with self.subTest(price=price, base_price=base_price):
                position = Position(Decimal(price), bases_of({"S": 100}), base_price)
                revision = revise(Clause(ONE_INDEX), position, indices_of({"S": 110}), ON)
                self.assert_revision(revision, "unchanged", "no_price", price)
                self.assertEqual(revision.next, position)

    def test_a_price_and_a_coefficient_are_one(self):
        for text in ("P0*(0.15+0.85*S/S0)", "0.15+0.85*S/S0"):
            clause = Clause(parse(text, ["S"]), coefficient="up_3")
            revision = revised(clause, 1767, 280, "294.6")
            with self.subTest(text):
                self.assert_revision(revision, "revised", "", "1846.52")
                self.assertEqual(str(revision.coefficient)[:12], "1.0443214285")

    def test_a_formula_that_is_no_coefficient(self):
        clause = Clause(parse("round(P0 + min(S - S0, 5) * 10, 1)", ["S"]))
        revision = revised(clause, "1000.03", 100, 103)
        self.assert_revision(revision, "revised", "", "1030.00")
        self.assertEqual(revised(clause, "1000.03", 100, 120).after, 1050)

    def test_a_revision_before_the_last_one_changes_nothing(self):
        position = Position(Decimal(1000), bases_of({"S": 100}), since=ON)
        for on, reason in ((date(2026, 3, 14), "done"), (ON, "done"), (date(2026, 3, 16), "")):
            with self.subTest(on):
                revision = revise(Clause(ONE_INDEX), position, indices_of({"S": 110}, on), on)
                self.assertEqual(revision.reason, reason)


class TestMissing(PureCase):
    def test_all_that_is_missing_is_named(self):
        formula = parse("A/A0 + B/B0 + C/C0 + D/D0 + E/E0", "ABCDE")
        on = date(2026, 3, 1)
        indices = indices_of({"A": 1, "D": 1}) | {
            "B": Index("B", [Series("2020")], []),
            "E": Index(
                "E", [Series("2020"), Series("2030")], [Published("2030", on, Decimal(1), on)]
            ),
        }
        position = Position(Decimal(1), bases_of({"A": 1, "B": 1, "C": 1, "E": 1}))
        revision = revise(Clause(formula, lag=0), position, indices, on)
        self.assertEqual((revision.outcome, revision.reason), ("waiting", "missing"))
        self.assertEqual(
            revision.missing,
            (
                Missing("B", "value", (on,)),
                Missing("C", "index"),
                Missing("D", "base"),
                Missing("E", "link", link=("2020", "2030")),
            ),
        )
        self.assertEqual([term.current.index for term in revision.terms], ["A"])
        self.assertEqual((revision.after, revision.next), (1, position))
        self.assertIsNone(revision.proposed)

    def test_the_clause_says_what_is_read(self):
        values = [
            Published("2020", date(2025, month, 1), Decimal(100 + month), date(2025, month, 28))
            for month in range(1, 13)
        ]
        index = Index("S", [Series("2020")], values)
        position = Position(Decimal(100), bases_of({"S": 100}))
        for rule, lag, on, price in (
            ("month", 0, date(2025, 12, 1), "112"),
            ("month", 3, date(2025, 12, 1), "109"),
            ("last", 0, date(2025, 12, 1), "111"),
            ("last", 1, date(2025, 12, 28), "111"),
            ("mean", 0, date(2025, 12, 1), "106.5"),
            ("mean", 1, date(2026, 1, 1), "106.5"),
        ):
            with self.subTest(rule, lag=lag):
                clause = Clause(ONE_INDEX, rule=rule, lag=lag)
                revision = revise(clause, position, {"S": index}, on)
                self.assertEqual(revision.after, Decimal(price))

    def test_the_series_of_the_base_is_preferred(self):
        values = [
            Published("2020", ON, Decimal("110.1"), ON),
            Published("2030", ON, Decimal("55"), ON),
        ]
        index = Index("S", [Series("2020"), Series("2030", Decimal("0.5"))], values)
        for base, series, after in ((100, "2020", "1101"), (50, "2030", "1100")):
            position = Position(Decimal(1000), [Reading("S", Decimal(base), series)])
            with self.subTest(series):
                self.assertEqual(
                    revise(Clause(ONE_INDEX), position, {"S": index}, ON).after, int(after)
                )


class TestRegularisation(PureCase):
    def published(self, value, later=None):
        values = [Published("2020", ON, Decimal(value), ON, provisional=True)]
        if later:
            values.append(Published("2020", ON, Decimal(later), date(2026, 6, 15)))
        return {"S": Index("S", [Series("2020")], values)}

    def regularised(self, clause, value, later):
        position = Position(Decimal(1000), bases_of({"S": 100}))
        revision = revise(clause, position, self.published(value), ON)
        self.assertTrue(revision.provisional)
        return revision, regularise(revision, self.published(value, later))

    def test_the_difference_is_that_of_the_prices(self):
        careful = {"threshold": Decimal("0.02")}
        for settings_, rule, value, later, before, difference in (
            ({}, "month", "103", "104", 1030, 10),
            ({}, "last", "103", "104", 1030, 10),
            ({}, "month", "103", "102.5", 1030, -5),
            ({}, "month", "103", "103", 1030, 0),
            (careful, "month", "103", "101", 1030, -30),
            (careful, "month", "101", "102", 1000, 20),
            ({"cap": Decimal("0.03")}, "month", "105", "104", 1030, 0),
        ):
            with self.subTest(value=value, later=later, **settings_):
                clause = Clause(ONE_INDEX, rule=rule, **settings_)
                revision, regularisation = self.regularised(clause, value, later)
                self.assertEqual(revision.after, before)
                self.assertEqual(regularisation.difference, difference)
                self.assertEqual(regularisation.definitive.after, before + difference)
                self.assertFalse(regularisation.definitive.provisional)

    def test_chained_goes_on_from_the_definitive_value(self):
        _revision, regularisation = self.regularised(
            Clause(ONE_INDEX, mode="chained"), "103", "104"
        )
        [base] = regularisation.definitive.next.bases
        self.assertEqual((base.value, base.provisional), (104, False))

    def test_nothing_to_do_yet(self):
        clause, position = Clause(ONE_INDEX), Position(Decimal(1000), bases_of({"S": 100}))
        revision = revise(clause, position, self.published("103"), ON)
        self.assertIsNone(regularise(revision, self.published("103")))
        self.assertIsNone(regularise(revision, {"S": Index("S", [Series("2020")], [])}))
        self.assertIsNone(regularise(revision, {}))
        definitive = revise(clause, position, indices_of({"S": 103}), ON)
        self.assertFalse(definitive.provisional)
        self.assertIsNone(regularise(definitive, self.published("103", "104")))

    def test_all_indices_have_to_be_definitive(self):
        formula = compose(Decimal(0), [("A", Decimal("0.5")), ("B", Decimal("0.5"))])
        position = Position(Decimal(1000), bases_of({"A": 100, "B": 100}))
        values = {"A": 104, "B": 102}
        revision = revise(Clause(formula), position, indices_of(values, provisional="AB"), ON)
        self.assertIsNone(regularise(revision, indices_of(values, provisional="B")))
        self.assertEqual(regularise(revision, indices_of(values)).difference, 0)

    def test_what_is_held_has_no_difference_yet(self):
        _revision, regularisation = self.regularised(Clause(ONE_INDEX), "103", "1030")
        self.assertEqual(regularisation.definitive.outcome, "held")
        self.assertIsNone(regularisation.difference)


class TestRefusals(PureCase):
    def test_clauses(self):
        for wrong in (
            {"mode": "other"},
            {"coefficient": "up"},
            {"rule": "mean_12"},
            {"lag": -1},
            {"lag": 1.5},
            {"step": Decimal(0)},
            {"step": Decimal("nan")},
            {"step": 0.05},
            {"threshold": Decimal("-0.01")},
            {"threshold": Decimal("inf")},
            {"threshold": None},
            {"cap": Decimal("-0.01")},
            {"cap": 0.03},
            {"floor": Decimal("-1.01")},
            {"floor": Decimal("nan")},
            {"cap": Decimal("0.02"), "floor": Decimal("0.03")},
        ):
            with self.subTest(wrong), self.assertRaises(ValueError):
                Clause(ONE_INDEX, **wrong)
        Clause(ONE_INDEX, cap=Decimal(0), floor=Decimal(-1))
        Clause(ONE_INDEX, cap=Decimal("0.02"), floor=Decimal("0.02"))

    def test_positions(self):
        base = Reading("S", Decimal(100), "2020")
        for wrong in (
            lambda: Position(Decimal("nan"), []),
            lambda: Position(100.0, []),
            lambda: Position(Decimal(1), [], Decimal("inf")),
            lambda: Position(Decimal(1), [base, base]),
            lambda: revise(Clause(ONE_INDEX), Position(Decimal(1), [base]), {}, date(206, 1, 1)),
        ):
            with self.assertRaises(ValueError):
                wrong()
