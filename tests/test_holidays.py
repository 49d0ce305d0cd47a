from datetime import date, datetime

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .common import MaintenanceCommon


@tagged("post_install", "-at_install")
@freeze_time("2027-01-04 08:00:00")
class TestHolidays(MaintenanceCommon):
    """Public holidays close the working calendars, by country and canton."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.switzerland = cls.env.ref("base.ch")
        cls._set_country(cls.calendar, "base.ch", "GE")
        cls.administrator.company_ids |= cls.paris

    @classmethod
    def _set_country(cls, calendar, country, region=None):
        country = cls.env.ref(country)
        calendar.holiday_country_id = country
        calendar.holiday_subdivision_id = cls.env["res.country.state"].search(
            [("country_id", "=", country.id), ("code", "=", region)], limit=1
        )
        return calendar

    def _load(self, calendar=None):
        calendar = (calendar or self.calendar).with_user(self.administrator)
        calendar.with_company(calendar.company_id).action_load_holidays()

    def _get_days(self, calendar=None, year=2027):
        leaves = self.env["resource.calendar.leaves"].search(
            [("calendar_id", "=", (calendar or self.calendar).id), ("holiday_date", "!=", False)]
        )
        return {leave.holiday_date for leave in leaves if leave.holiday_date.year == year}

    def test_geneva_fasts_in_september(self):
        """The Jeûne genevois is the Thursday after the first Sunday of September."""
        self._load()
        self.assertIn(date(2027, 9, 9), self._get_days())
        self.assertIn(date(2028, 9, 7), self._get_days(year=2028))
        self.assertNotIn(date(2027, 9, 20), self._get_days(), "the federal fast is elsewhere")

    def test_cantons_differ(self):
        neuchatel = self._set_country(self.calendar.copy(), "base.ch", "NE")
        self._load()
        self._load(neuchatel)
        geneva, neuchatel = self._get_days(), self._get_days(neuchatel)
        self.assertIn(date(2027, 3, 1), neuchatel - geneva, "the Republic of Neuchâtel")
        self.assertIn(date(2027, 12, 31), geneva - neuchatel, "the Restoration of Geneva")
        self.assertIn(date(2027, 8, 1), geneva & neuchatel)

    def test_canton_of_any_language(self):
        """Odoo has Geneva three times, once per language."""
        french = self._set_country(self.calendar.copy(), "base.ch", "GE-FR")
        self._load()
        self._load(french)
        self.assertEqual(self._get_days(french), self._get_days())

    def test_france(self):
        paris = self._set_country(self.paris.resource_calendar_id, "base.fr")
        self._load(paris)
        days = self._get_days(paris)
        self.assertEqual(len(days), 11)
        self.assertIn(date(2027, 7, 14), days)
        self.assertNotIn(date(2027, 3, 26), days, "Good Friday is open outside Alsace")

    def test_names_are_in_the_language_of_the_company(self):
        self.geneva.partner_id.lang = "fr_FR"
        self._load()
        leave = self.env["resource.calendar.leaves"].search(
            [("calendar_id", "=", self.calendar.id), ("holiday_date", "=", "2027-09-09")]
        )
        self.assertEqual(leave.name, "Jeûne genevois")

    def test_loaded_twice_is_loaded_once(self):
        self._load()
        leaves = self.calendar.leave_ids
        leaves[0].name = "Renamed by hand"
        self._load()
        self.assertEqual(self.calendar.leave_ids, leaves)
        self.assertEqual(leaves[0].name, "Renamed by hand")

    def test_sunday_may_move_to_monday(self):
        """1 August 2027 is a Sunday."""
        self._load()
        self.assertNotIn(date(2027, 8, 2), self._get_days())
        moved = self._set_country(
            self.calendar.copy({"is_sunday_holiday_moved": True}), "base.ch", "GE"
        )
        self._load(moved)
        self.assertEqual(self._get_days(moved) - self._get_days(), {date(2027, 8, 2)})

    def test_only_the_administrator_changes_calendars(self):
        for user in (self.technician, self.dispatcher, self.manager):
            with self.assertRaises(AccessError):
                self.calendar.with_user(user).action_load_holidays()

    def test_country_is_needed_and_known(self):
        nowhere = self.calendar.copy({"holiday_country_id": False})
        with self.assertRaisesRegex(UserError, "Public Holidays of"):
            self._load(nowhere)
        nowhere.holiday_country_id = self.env["res.country"].create(
            {"name": "Nowhere", "code": "ZZ"}
        )
        with self.assertRaisesRegex(UserError, "Public Holidays of.*Nowhere"):
            self._load(nowhere)
        self.assertFalse(nowhere.leave_ids)

    def test_canton_of_another_country_is_forgotten(self):
        self.calendar.holiday_country_id = self.env.ref("base.fr")
        self.assertFalse(self.calendar.holiday_subdivision_id)

    def test_cron_keeps_a_year_ahead(self):
        """A calendar whose country is not known stops no other."""
        unknown = self.paris.resource_calendar_id
        unknown.holiday_country_id = self.env["res.country"].create(
            {"name": "Nowhere", "code": "ZZ"}
        )
        cron = self.env.ref("maintenance_contract.ir_cron_load_holidays")
        for today, year in (("2027-01-04", 2028), ("2027-12-31", 2028), ("2028-01-01", 2029)):
            with (
                freeze_time(f"{today} 03:00:00"),
                self.enter_registry_test_mode(),
                mute_logger("odoo.addons.maintenance_contract.models.core.batch"),
            ):
                cron.method_direct_trigger()
            self.env.invalidate_all()
            self.assertTrue(self._get_days(year=year), f"on {today}")
            self.assertFalse(self._get_days(year=year + 1))

    def test_day_is_closed_from_midnight_to_midnight(self):
        """The bounds are local: an hour of UTC apart from winter to summer."""
        self._load()
        bounds = {
            leave.holiday_date: (leave.date_from, leave.date_to)
            for leave in self.calendar.leave_ids
        }
        self.assertEqual(
            bounds[date(2027, 3, 26)], (datetime(2027, 3, 25, 23), datetime(2027, 3, 26, 23))
        )
        # Easter Monday follows the night on which the clocks change.
        self.assertEqual(
            bounds[date(2027, 3, 29)], (datetime(2027, 3, 28, 22), datetime(2027, 3, 29, 22))
        )
        self.assertEqual(
            bounds[date(2027, 9, 9)], (datetime(2027, 9, 8, 22), datetime(2027, 9, 9, 22))
        )


@tagged("post_install", "-at_install")
@freeze_time("2027-01-04 08:00:00")
class TestOpenDays(MaintenanceCommon):
    """Which days of a calendar are open, for rules that count in days."""

    def _get_open_days(self, calendar):
        return calendar._get_open_days(date(2027, 1, 1), date(2027, 12, 31))[calendar]

    def _close(self, start, end):
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Closed",
                "calendar_id": self.calendar.id,
                "company_id": self.geneva.id,
                "date_from": start,
                "date_to": end,
            }
        )

    def test_day_is_closed_when_no_hour_of_it_is_left(self):
        # 9–17 in winter is 8–16 in UTC.
        self._close(datetime(2027, 1, 5, 8), datetime(2027, 1, 5, 12))
        self._close(datetime(2027, 1, 6, 8), datetime(2027, 1, 6, 12))
        self._close(datetime(2027, 1, 6, 12), datetime(2027, 1, 6, 16))
        open_days = self._get_open_days(self.calendar)
        self.assertTrue(open_days.is_open(date(2027, 1, 5)), "the afternoon is left")
        self.assertFalse(open_days.is_open(date(2027, 1, 6)), "two halves make a day")
        self.assertFalse(open_days.is_open(date(2027, 1, 9)), "Saturday")

    def test_closing_over_the_night_of_the_clock_change(self):
        """From Saturday to Monday at midnight, local; the Sunday has 23 hours."""
        self.calendar.attendance_ids.write({"hour_from": 0, "hour_to": 24})
        self._close(datetime(2027, 3, 25, 23), datetime(2027, 3, 29, 22))
        open_days = self._get_open_days(self.calendar)
        self.assertEqual(
            [open_days.is_open(date(2027, 3, day)) for day in (25, 26, 29, 30)],
            [True, False, False, True],
        )

    def test_closing_of_the_company_closes_its_calendars(self):
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Inventory",
                "company_id": self.geneva.id,
                "date_from": datetime(2027, 1, 5, 0),
                "date_to": datetime(2027, 1, 5, 22),
            }
        )
        self.assertFalse(self._get_open_days(self.calendar).is_open(date(2027, 1, 5)))
        paris = self.paris.resource_calendar_id
        self.assertTrue(self._get_open_days(paris).is_open(date(2027, 1, 5)))

    def test_absence_of_a_person_closes_nothing(self):
        person = self.env["resource.resource"].create(
            {"name": "Ada", "calendar_id": self.calendar.id, "company_id": self.geneva.id}
        )
        self._close(datetime(2027, 1, 5, 0), datetime(2027, 1, 5, 22))
        self.calendar.leave_ids.resource_id = person
        self.assertTrue(self._get_open_days(self.calendar).is_open(date(2027, 1, 5)))

    def test_two_week_calendar(self):
        """Open on Mondays of one week, on Tuesdays of the other, as Odoo numbers them."""
        calendar = self.env["resource.calendar"].create(
            {
                "name": "Every other week",
                "company_id": self.geneva.id,
                "tz": "Europe/Zurich",
                "two_weeks_calendar": True,
                "attendance_ids": [
                    Command.clear(),
                    *(
                        Command.create(
                            {
                                "name": f"Week {week}",
                                "dayofweek": week,
                                "week_type": week,
                                "hour_from": 9,
                                "hour_to": 17,
                                "day_period": "morning",
                            }
                        )
                        for week in ("0", "1")
                    ),
                ],
            }
        )
        week_type = self.env["resource.calendar.attendance"].get_week_type(date(2027, 1, 4))
        open_days = self._get_open_days(calendar)
        # Monday and Tuesday of the weeks of 4 and 11 January.
        expected = [True, False, False, True] if week_type == 0 else [False, True, True, False]
        self.assertEqual(
            [open_days.is_open(date(2027, 1, day)) for day in (4, 5, 11, 12)], expected
        )
