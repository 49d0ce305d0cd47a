import os
import time
from collections import Counter
from unittest import skipUnless

from odoo.tests import tagged

from .billing_common import BillingCommon
from .billing_walk import BillingWalk

SEEDS = (1, 2)
STEPS = 100
# To walk on with other seeds: for so many seconds, from this seed.
SECONDS = float(os.environ.get("BILLING_WALK_SECONDS", 0))
FIRST_SEED = int(os.environ.get("BILLING_WALK_SEED", 1_000))


@tagged("post_install", "-at_install")
class TestBillingWalk(BillingCommon):
    """Whatever is done to contracts and invoices, in any order: each period once, to the cent.

    The schedule parts the days covered (IV1); what is billed and what is left are what the days
    cost, counted one by one (IV2, IV4); doing it again changes nothing (IV3); lines add up to their
    documents (IV5), no document is negative (IV6), all have the conditions of the contract (IV7).
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.currencies = cls.geneva.currency_id
        for name, rounding in (("XTA", 0.05), ("XTB", 1)):
            currency = cls.env["res.currency"].create(
                {"name": name, "symbol": name, "rounding": rounding}
            )
            cls.env["res.currency.rate"].create(
                {
                    "currency_id": currency.id,
                    "name": "2026-01-01",
                    "rate": 2,
                    "company_id": cls.geneva.id,
                }
            )
            cls.currencies |= currency

    def _walk(self, seed):
        with self.env.cr.savepoint() as savepoint:
            walk = BillingWalk(self, seed)
            for _step in range(STEPS):
                walk.step()
                walk.check()
            savepoint.rollback()
        self.env.invalidate_all()
        return walk

    def test_walks(self):
        done = sum((self._walk(seed).done for seed in SEEDS), start=Counter())
        self.assertGreater(len(done), 20, f"most steps were really done: {done}")

    @skipUnless(SECONDS, "BILLING_WALK_SECONDS says for how long to try other seeds")
    def test_other_walks(self):
        end, seed = time.monotonic() + SECONDS, FIRST_SEED
        while time.monotonic() < end:
            with self.subTest(seed=seed):
                self._walk(seed)
            seed += 1
