from collections import defaultdict
from datetime import date, datetime, timedelta
from random import Random

from odoo.tests import freeze_time, tagged

from ..models.core.bulk_insert import insert_records
from ..models.service_level.sla_term import Promised
from .indicator_common import IndicatorCommon

NOW = datetime(2027, 9, 15, 10, 0)
KINDS = ("acknowledge", "first_answer", "resolution")
AGES = {"00": 0, "01": 1, "03": 3, "07": 7, "30": 30, "90": 90}


def percentile(values, part):
    """Linear between the two values around the place sought."""
    values = sorted(values)
    place = (len(values) - 1) * part
    low = int(place)
    high = min(low + 1, len(values) - 1)
    return values[low] + (values[high] - values[low]) * (place - low)


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestIndicatorFigures(IndicatorCommon):
    """The figures of 1 000 requests at random, beside those that plain Python counts from them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.random = Random(2027)
        cls.teams = cls.team | cls.team.copy() | cls.team.copy()
        case = Promised(cls.policy, cls.contract, cls.major, "breakdown", cls.geneva)
        cls.term = cls.env["maintenance.sla.term"]._get_promised({case})[case][0]
        cls.tickets = [cls._imagine_ticket() for _ in range(1000)]
        cls._store_tickets()

    # === THE WORLD === #

    @classmethod
    def _imagine_ticket(cls):
        """What happened to one request: when it was received, its clocks, its resolutions."""
        chance = cls.random
        received = NOW - timedelta(seconds=chance.randrange(1, 150 * 86400))
        turns = []
        at = received
        for _ in range(chance.choice((0, 0, 1, 1, 1, 2, 3, 4))):
            at += timedelta(seconds=int(chance.expovariate(1 / 400_000)) + 1)
            if at <= NOW:
                turns.append((at, "reopen" if len(turns) % 2 else "stop"))
        closed = None
        if chance.random() < (0.5 if len(turns) % 2 else 0.1):
            closed = (turns[-1][0] if turns else received) + timedelta(
                seconds=chance.randrange(1, 86400)
            )
            closed = min(closed, NOW)
        return {
            "received": received,
            "team": chance.choice(cls.teams),
            "turns": turns,
            "closed": closed,
            "kind": "idea" if chance.random() < 0.03 else "breakdown",
            "clocks": {kind: cls._imagine_cycles(received) for kind in KINDS},
        }

    @classmethod
    def _imagine_cycles(cls, received):
        chance = cls.random
        cycles = []
        for _ in range(chance.choice((1, 1, 1, 1, 2))):
            stopped = received + timedelta(seconds=int(chance.expovariate(1 / 200_000)))
            deadline = received + timedelta(seconds=int(chance.expovariate(1 / 200_000)))
            fate = chance.random()
            if fate < 0.07:
                state, deadline, result = "cancelled", None, False
            elif fate < 0.12:
                state, deadline, result = "none", None, False
            elif stopped > NOW or fate < 0.2:
                # The cron has not run since: what is overdue is still said to run.
                state, stopped, result = "running", None, False
            else:
                is_late = stopped > deadline
                state, result = ("met_late", "late") if is_late else ("met", "in_time")
            if stopped and stopped > NOW:
                stopped = None
            cycles.append(
                {
                    "state": state,
                    "stopped": stopped,
                    "deadline": deadline,
                    "result": result,
                    "hours": chance.randrange(0, 400_000) / 3600 if stopped else 0,
                }
            )
        return cycles

    @classmethod
    def _store_tickets(cls):
        stages = cls.env["helpdesk.ticket.stage"].search([])
        open_stage = stages.filtered(lambda s: s.maintenance_step == "in_progress")[0]
        closed_stage = stages.filtered(lambda s: s.maintenance_step == "closed")[0]
        records = insert_records(
            cls.env["helpdesk.ticket"].sudo(),
            [
                {
                    "name": "Random",
                    "description": "Random",
                    "company_id": cls.geneva.id,
                    "received_at": facts["received"],
                    "request_kind": facts["kind"],
                    "team_id": facts["team"].id,
                    "stage_id": (closed_stage if facts["closed"] else open_stage).id,
                    "closed_date": facts["closed"],
                    "reopen_count": len(facts["turns"]) // 2,
                }
                for facts in cls.tickets
            ],
        )
        insert_records(
            cls.env["maintenance.sla.event"].sudo(),
            [
                {
                    "ticket_id": ticket.id,
                    "company_id": cls.geneva.id,
                    "name": name,
                    "kind": "resolution",
                    "at": at,
                }
                for ticket, facts in zip(records, cls.tickets, strict=True)
                for at, name in facts["turns"]
            ],
        )
        insert_records(
            cls.env["maintenance.sla.clock"].sudo(),
            [
                {
                    "ticket_id": ticket.id,
                    "company_id": cls.geneva.id,
                    "kind": kind,
                    "cycle": number,
                    "term_id": cls.term.id,
                    "state": cycle["state"],
                    "started_at": facts["received"],
                    "deadline": cycle["deadline"] or False,
                    "stopped_at": cycle["stopped"] or False,
                    "open_elapsed": round(cycle["hours"] * 3600),
                    "result": cycle["result"],
                }
                for ticket, facts in zip(records, cls.tickets, strict=True)
                for kind, cycles in facts["clocks"].items()
                for number, cycle in enumerate(cycles, 1)
            ],
        )

    # === THE FIGURES === #

    def test_sla_kept(self):
        expected = defaultdict(lambda: [0, 0])
        for facts in self.tickets:
            for kind, cycles in facts["clocks"].items():
                decided = [
                    (cycle["result"] == "in_time", cycle)
                    for cycle in cycles
                    if cycle["result"]
                    or (not cycle["stopped"] and cycle["deadline"] and cycle["deadline"] < NOW)
                ]
                if not decided:
                    continue
                in_time, worst = min(decided, key=lambda pair: pair[0])
                on = min(filter(None, (worst["stopped"], worst["deadline"])))
                counts = expected[facts["team"], kind, self._get_month(on)]
                counts[0] += in_time
                counts[1] += 1
        found = self._read(
            "maintenance.sla.report",
            ["team_id", "kind", "date:month"],
            "in_time:sum",
            "decided:sum",
        )
        self.assertEqual(
            {
                (team, kind, month.strftime("%Y-%m")): list(counts)
                for (team, kind, month), counts in found.items()
            },
            dict(expected),
        )

    def test_response_times(self):
        expected = defaultdict(list)
        for facts in self.tickets:
            for kind, cycles in facts["clocks"].items():
                last = cycles[-1]
                if last["stopped"] and last["state"] in ("met", "met_late", "none"):
                    expected[facts["team"], kind].append(sum(c["hours"] for c in cycles))
        found = self._read(
            "maintenance.response.report",
            ["team_id", "kind"],
            "reached:sum",
            "median_hours:median",
            "percentile_hours:percentile_90",
            "mean_hours:avg",
        )
        self.assertEqual(found.keys(), expected.keys())
        for key, hours in expected.items():
            count, median, ninth, mean = found[key]
            self.assertEqual(count, len(hours))
            self.assertAlmostEqual(median, percentile(hours, 0.5), 6)
            self.assertAlmostEqual(ninth, percentile(hours, 0.9), 6)
            self.assertAlmostEqual(float(mean), sum(hours) / len(hours), 6)

    def test_reopenings(self):
        expected = defaultdict(lambda: [0, 0])
        for facts in self.tickets:
            if facts["turns"]:
                counts = expected[self._get_month(facts["turns"][0][0])]
                counts[0] += len(facts["turns"]) > 1
                counts[1] += 1
        found = self._read(
            "maintenance.reopening.report", ["date:month"], "reopened:sum", "resolved:sum"
        )
        self.assertEqual(
            {month.strftime("%Y-%m"): list(counts) for month, counts in found.items()},
            dict(expected),
        )

    def test_backlog(self):
        for day in (date(2027, 5, 1), date(2027, 7, 31), date(2027, 9, 14), date(2027, 9, 15)):
            with self.subTest(day=day):
                found = self._read(
                    "maintenance.backlog.report",
                    ["team_id", "age"],
                    "is_open:sum",
                    domain=[("date", "=", day)],
                )
                self.assertEqual(
                    {key: count for key, (count,) in found.items()}, self._count_backlog(day)
                )

    def _count_backlog(self, day):
        midnight = datetime.combine(day + timedelta(days=1), datetime.min.time())
        at = min(NOW, self._to_utc(midnight))
        counts = defaultdict(int)
        for facts in self.tickets:
            if facts["kind"] == "idea" or not self._is_open(facts, at):
                continue
            days = (at - facts["received"]) / timedelta(days=1)
            age = max(name for name, least in AGES.items() if days >= least)
            counts[facts["team"], age] += 1
        return counts

    def _is_open(self, facts, at):
        """Follow the request from turn to turn."""
        is_open = facts["received"] <= at
        for moment, name in facts["turns"]:
            if moment <= at:
                is_open = name == "reopen"
        return is_open and not (facts["closed"] and facts["closed"] <= at)

    def _get_month(self, moment):
        """The month of a naive UTC datetime in Zurich, where it is summer."""
        return (moment + timedelta(hours=2)).strftime("%Y-%m")

    def _to_utc(self, moment):
        return moment - timedelta(hours=2)
