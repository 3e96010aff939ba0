import random
from datetime import UTC, date, datetime, time, timedelta
from unittest.mock import patch
from zoneinfo import ZoneInfo

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import BaseCase, tagged

from ..agreements import terms
from .common import SupplierCommon

ZONES = (
    "UTC",
    "Pacific/Kiritimati",
    "America/New_York",
    "Asia/Kathmandu",
    "Europe/Berlin",
    "America/St_Johns",
)


@tagged("post_install", "-at_install")
class TestWindow(BaseCase):
    def test_the_window_ends_with_its_last_day_in_the_suppliers_zone(self):
        draw = random.Random(11)
        for _case in range(1_000):
            day = date(2026, 1, 1) + timedelta(days=draw.randrange(1_500))
            days, zone = draw.randrange(120), draw.choice(ZONES)
            end = terms.window_end(day, days, zone)
            local = end.replace(tzinfo=UTC).astimezone(ZoneInfo(zone))
            with self.subTest(day=day, days=days, zone=zone):
                self.assertEqual(
                    local.replace(tzinfo=None),
                    datetime(day.year, day.month, day.day) + timedelta(days=days + 1),
                )
                last = end - timedelta(seconds=1)
                self.assertEqual(terms.days_left(end, last, zone), 0)
                self.assertEqual(terms.days_left(end, end, zone), -1)
                noon = datetime.combine(local.date(), time(12), ZoneInfo(zone))
                before = (noon - timedelta(days=11)).astimezone(UTC)
                self.assertEqual(
                    terms.days_left(end, before.replace(tzinfo=None), zone), 10
                )

    def test_each_reminder_comes_once_and_late_ones_are_not_made_up_for(self):
        told, given = 0, []
        for left in range(15, -3, -1):
            if (due := terms.reminder(left, told)) is not None:
                given.append((left, due))
                told = due
        self.assertEqual(given, [(10, 10), (5, 5), (2, 2)])
        self.assertEqual(terms.reminder(1, 0), 2)
        self.assertIsNone(terms.reminder(1, 2))
        self.assertEqual(terms.reminder(4, 10), 5)


@tagged("post_install", "-at_install")
class TestReminders(SupplierCommon):
    def test_who_decides_is_reminded_three_times_and_who_is_above_once(self):
        boss = self.env.user.copy({"login": "boss_window", "name": "Boss"})
        agreed = self._agree(dispute_days=30, escalation_id=boss.id)
        mine = agreed.responsible_id.name
        invoice = self._load_invoice([{"prefix": "44", "amount": "5"}])
        self.assertEqual(invoice.deadline, datetime(2026, 5, 3))
        self.assertEqual(invoice.last_day, date(2026, 5, 2))
        told = {}
        for left in range(12, -2, -1):
            with freeze_time(datetime(2026, 5, 2, 12) - timedelta(days=left)):
                with patch.object(
                    type(self.env["ir.cron"]), "_commit_progress", return_value=9.0
                ):
                    self.env["voip.supplier.invoice"]._cron_remind()
            for task in invoice.activity_ids:
                told.setdefault(task.summary, []).append(task.user_id.name)
            self.assertLessEqual(len(invoice.activity_ids), 2)
        self.assertEqual(
            {text.split(": ")[1]: set(names) for text, names in told.items()},
            {
                "10 days left to dispute, until 05/02/2026": {mine},
                "5 days left to dispute, until 05/02/2026": {mine},
                "2 days left to dispute, until 05/02/2026": {mine, "Boss"},
            },
        )

    def test_the_calendar_opens_where_the_next_window_ends(self):
        self._agree(dispute_days=30)
        invoices = self.env["voip.supplier.invoice"]
        self.assertNotIn("initial_date", str(invoices._deadlines_action()["context"]))
        self._load_invoice([{"prefix": "44", "amount": "5"}])
        for today in ("2026-02-01", "2026-05-02", "2026-09-01"):
            with freeze_time(today):
                action = invoices._deadlines_action()
            self.assertEqual(action["context"]["initial_date"], "2026-05-02 12:00:00")
        self._load_invoice(
            [{"prefix": "44", "amount": "5"}], "INV-2", date="2026-06-01"
        )
        with freeze_time("2026-05-03"):
            action = invoices._deadlines_action()
        self.assertEqual(action["context"]["initial_date"], "2026-07-01 12:00:00")

    def test_a_decided_invoice_needs_no_reminder(self):
        self._agree()
        invoice = self._reconciled()
        invoice.sudo()._remind(fields.Datetime.to_datetime("2026-04-25"))
        self.assertTrue(invoice.activity_ids)
        self._choose(invoice, p447="accept", p49="accept", p999="accept")
        with freeze_time("2026-04-20"):
            invoice.action_decide()
        self.assertFalse(invoice.activity_ids)

    def test_after_the_window_a_decision_needs_a_reason(self):
        self._agree()
        invoice = self._reconciled()
        self._choose(invoice, p447="accept", p49="dispute", p999="reject")
        with freeze_time("2026-05-03 00:00:01"):
            with self.assertRefused(UserError, "window of invoice INV-1 ended"):
                invoice.action_decide()
            invoice.late_reason = "He agreed on the phone to look at it."
            invoice.action_decide()
        self.assertEqual(invoice.state, "disputed")
        said = self.env["voip.audit"].search(
            [("event", "=", "supplier_invoice_decide"), ("res_id", "=", invoice.id)]
        )
        self.assertIn("on the phone", said.data)
