"""The coverage verdict: the order of the rules, and who pays what."""

from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from ..tools.verdict import Entitlement, Refusal, Verdict, verdict
from .tools_common import PROPERTY, PureCase

ORDER = ("exclusion", "warranty", "coverage", "contract")
BEST_LAST = ("refused", "billable", "part", "covered")

percents = st.sampled_from([0, 100]) | st.integers(0, 100) | st.decimals(0, 100, places=2)
quantities = st.none() | st.decimals(-2, 10, places=2)
names = st.text("abcdef", min_size=1, max_size=8)
exclusions = st.builds(Entitlement, st.just("exclusion"), names, refused=st.booleans())
covers = st.builds(
    Entitlement,
    st.sampled_from(ORDER[1:]),
    names,
    percents,
    percents,
    percents,
    st.booleans(),
    quantities,
)
agreed = st.lists(covers, max_size=5)
anything = st.lists(covers | exclusions, max_size=6)


def shares(told):
    return told.parts, told.labour, told.travel


def one(source, *percents, **values):
    return Entitlement(source, source.upper(), *percents, **values)


class TestVerdict(PureCase):
    @PROPERTY
    @given(anything)
    def test_the_first_source_that_applies_decides(self, entitlements):
        told = verdict(entitlements)
        left = [entitlement for entitlement in entitlements if not entitlement.used_up]
        if left:
            first = min(left, key=lambda entitlement: ORDER.index(entitlement.source)).source
            self.assertEqual(told.source, first)
            self.assertIn(
                (told.source, told.detail), [(agreed.source, agreed.name) for agreed in left]
            )
            self.assertIn(told.rule, (first, "on_request"))
        elif entitlements:
            self.assertEqual((told.outcome, told.rule), ("billable", "quantity_used_up"))
        else:
            self.assertEqual(told, Verdict("billable", 0, 0, 0, "uncovered"))

    @PROPERTY
    @given(anything, st.randoms(use_true_random=False))
    def test_the_order_of_the_facts_is_irrelevant(self, entitlements, random):
        shuffled = random.sample(entitlements, len(entitlements))
        told, again = verdict(entitlements), verdict(shuffled)
        # Of two that cover as much in all, either may be first.
        self.assertEqual((told.rule, told.source), (again.rule, again.source))
        self.assertEqual(sum(shares(told)), sum(shares(again)))

    @PROPERTY
    @given(anything, exclusions)
    def test_an_exclusion_never_makes_it_better_for_the_customer(self, entitlements, exclusion):
        before, after = verdict(entitlements), verdict([*entitlements, exclusion])
        self.assertLessEqual(BEST_LAST.index(after.outcome), BEST_LAST.index(before.outcome))
        for less, more in zip(shares(after), shares(before), strict=True):
            self.assertLessEqual(less, more)

    @PROPERTY
    @given(anything, st.none() | st.builds(Refusal, st.just("untrained")))
    def test_the_outcome_follows_from_the_percents(self, entitlements, refusal):
        told = verdict(entitlements, refusal)
        self.assertTrue(all(0 <= share <= 100 for share in shares(told)))
        self.assertEqual(told.outcome == "covered", shares(told) == (100, 100, 100))
        self.assertEqual(told.outcome in ("billable", "refused"), shares(told) == (0, 0, 0))
        if refusal:
            self.assertEqual((told.outcome, told.rule), ("refused", refusal.rule))

    @PROPERTY
    @given(agreed, covers)
    def test_what_is_used_up_is_as_if_it_were_not_there(self, entitlements, extra):
        used_up = replace(extra, quantity_left=Decimal(0))
        before, after = verdict(entitlements), verdict([*entitlements, used_up])
        self.assertEqual((before.outcome, shares(before)), (after.outcome, shares(after)))

    @PROPERTY
    @given(agreed, covers, st.sampled_from(["billable", "refused"]))
    def test_what_is_stopped_leaves_the_decision_to_the_rest(self, entitlements, extra, requests):
        usable = replace(extra, quantity_left=None)
        before = verdict(entitlements)
        after = verdict([*entitlements, replace(usable, stopped=requests)])
        if any(not entitlement.used_up for entitlement in entitlements):
            self.assertEqual(before, after)
        else:
            self.assertEqual(
                (after.outcome, after.rule, after.detail, shares(after)),
                (requests, "service_stopped", extra.name, (0, 0, 0)),
            )

    def test_what_is_used_up_would_not_be_covered_without_the_stop(self):
        none_left = one("coverage", 100, quantity_left=Decimal(0), stopped="billable")
        self.assertEqual(verdict([none_left]).rule, "quantity_used_up")
        stopped = one("contract", 100, stopped="refused")
        self.assertEqual(verdict([none_left, stopped]).detail, "CONTRACT")

    @PROPERTY
    @given(agreed, covers, st.decimals("0.01", 1000, places=2))
    def test_how_much_is_left_is_irrelevant_as_long_as_some_is(self, entitlements, extra, left):
        unlimited = verdict([*entitlements, replace(extra, quantity_left=None)])
        limited = verdict([*entitlements, replace(extra, quantity_left=left)])
        self.assertEqual(unlimited, limited)

    def test_of_one_source_the_one_that_covers_most_decides(self):
        poor = Entitlement("coverage", "GOOD", 0, 100, 0)
        rich = Entitlement("coverage", "BETTER", 100, 100, 0)
        on_request = Entitlement("coverage", "BEST", 100, 100, 100, on_request=True)
        for given_order in ((poor, rich, on_request), (on_request, rich, poor)):
            self.assertEqual(verdict(given_order).detail, "BETTER")
        equal = replace(rich, name="other")
        self.assertEqual(verdict([rich, equal]).detail, "BETTER")
        self.assertEqual(verdict([equal, rich]).detail, "other")

    def test_an_exclusion_that_refuses_comes_before_those_that_bill(self):
        billed, refused = one("exclusion"), Entitlement("exclusion", "Sabotage", refused=True)
        for given_order in ((billed, refused), (refused, billed)):
            told = verdict(given_order)
            self.assertEqual(
                (told.outcome, told.rule, told.detail), ("refused", "exclusion", "Sabotage")
            )

    def test_a_line_that_covers_nothing_is_not_replaced_by_the_default(self):
        told = verdict([one("contract", 100, 100, 100), one("coverage")])
        self.assertEqual((told.outcome, told.rule), ("billable", "coverage"))

    def test_part_of_one_share_is_part_covered(self):
        for percents in ((1, 0, 0), (0, Decimal("0.5"), 0), (100, 100, 99), (100, 100, 0)):
            with self.subTest(percents):
                told = verdict([one("warranty", *percents)])
                self.assertEqual((told.outcome, shares(told)), ("part", percents))

    def test_of_all_that_is_used_up_the_first_in_order_is_named(self):
        none_left = {"quantity_left": Decimal("-0.5")}
        told = verdict([one("contract", 100, **none_left), one("warranty", 100, **none_left)])
        self.assertEqual((told.rule, told.detail), ("quantity_used_up", "WARRANTY"))

    def test_wrong_entitlements(self):
        for values in (
            {"source": "promise"},
            {"source": "warranty", "parts": 101},
            {"source": "warranty", "labour": -1},
            {"source": "warranty", "travel": Decimal("NaN")},
            {"source": "coverage", "quantity_left": Decimal("Infinity")},
            {"source": "coverage", "refused": True},
            {"source": "exclusion", "stopped": "billable"},
            {"source": "exclusion", "parts": 1},
            {"source": "exclusion", "on_request": True},
            {"source": "exclusion", "quantity_left": Decimal(1)},
        ):
            with self.subTest(values), self.assertRaises(ValueError):
                Entitlement(name="wrong", **values)
