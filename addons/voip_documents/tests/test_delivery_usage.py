"""Usage reports go out by themselves, weekly or monthly, and by hand."""

from datetime import date, datetime
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from .outbox_common import ADDRESS, OutboxCommon


@tagged("post_install", "-at_install")
class TestUsageMail(OutboxCommon):
    def setUp(self):
        super().setUp()
        self.account.tz = "Europe/London"

    def _at(self, now, since="2026-01-15"):
        """Reports that are queued at a moment (UTC)."""
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE voip_account SET send_usage_since = %s WHERE id = %s",
            [since, self.account.id],
        )
        self.env.invalidate_all()
        with patch.object(type(self.env.cr), "now", lambda _cr: now):
            while self._outbox()._report_next("usage"):
                pass
        self.env.invalidate_all()
        return self._outbox().search([("account_id", "=", self.account.id)])

    def test_a_week_goes_once_it_is_over_where_the_account_is(self):
        self.account.send_usage = "weekly"
        # Sunday, 29 March 2026: London puts its clocks forward, the week ends at 23:00.
        before = self._at(datetime(2026, 3, 29, 22, 59))
        self.assertEqual(before.mapped("date_to"), [date(2026, 3, 22)])
        week = self._at(datetime(2026, 3, 29, 23, 1)) - before
        self.assertEqual(
            (week.date_from, week.date_to), (date(2026, 3, 23), date(2026, 3, 29))
        )
        self.assertEqual(week.send_at, datetime(2026, 3, 30, 7))
        self.assertEqual(len(week.document_ids), 3)
        self.assertIn(self.account.code, week.subject)
        self.assertEqual(self._at(datetime(2026, 3, 31)), before | week)

    def test_a_month_goes_once_it_is_over(self):
        self.account.send_usage = "monthly"
        found = self._at(datetime(2026, 4, 2))
        self.assertEqual(
            (found.date_from, found.date_to), (date(2026, 3, 1), date(2026, 3, 31))
        )

    def test_what_was_over_before_it_is_switched_on_is_not_sent(self):
        self.account.send_usage = "weekly"
        self.assertEqual(
            self.account.send_usage_since, self.account._statement_today()
        )
        self.assertFalse(self._at(datetime(2026, 4, 2), since="2026-03-30"))

    def test_another_span_or_reach_sends_nothing_of_what_was_over(self):
        """That was mailed before, by week, or account by account."""
        account = self.account
        account.write({"send_usage": "weekly", "send_statements": True})
        days = ("send_usage_since", "send_statements_since")
        for change in (
            {"send_usage": "monthly", "send_customer_statement": True},
            {"send_usage": "weekly", "send_customer_statement": False},
        ):
            account.sudo().write(dict.fromkeys(days, date(2026, 1, 15)))
            account.write(change)
            today = account._statement_today()
            self.assertEqual([account[day] for day in days], [today, today])
        account.sudo().write(dict.fromkeys(days, date(2026, 1, 15)))
        account.write({"send_usage": "weekly", "send_customer_statement": False})
        self.assertEqual([account[day] for day in days], [date(2026, 1, 15)] * 2)

    def test_nobody_to_write_to_is_told_once(self):
        self.account.send_usage = "monthly"
        self.account.partner_id.email = False
        for day in (2, 3):
            self.assertFalse(self._at(datetime(2026, 4, day)))
            self.assertEqual(len(self.account.activity_ids), 1)
        self.assertIn("Usage Report", self.account.activity_ids.note)

    def test_it_goes_to_its_contacts_in_their_language(self):
        self.env["res.lang"]._activate_lang("de_DE")
        person = self.env["res.partner"].create(
            {"name": "Ops", "email": "ops@customer.example", "lang": "de_DE"}
        )
        self.account.contact_ids = [(0, 0, {"partner_id": person.id, "kind": "usage"})]
        wizard = self.env["voip.usage.wizard"].create(
            {
                "account_id": self.account.id,
                "date_from": "2026-01-01",
                "date_to": "2026-01-31",
            }
        )
        found = self._outbox().search(wizard.action_send()["domain"])
        self.assertEqual(found.recipient_ids.email, "ops@customer.example")
        german = self.env["res.lang"].search([("code", "=", "de_DE")])
        self.assertEqual((found.lang, found.lang_name), ("de_DE", german.name))
        self._run()
        [mail] = self.server.mails
        self.assertEqual((found.state, len(mail["attachment"])), ("sent", 3))
        self.assertIn("31.01.2026", mail["subject"])
        self.assertEqual(self.account.delivery_count, 1)
        with self.assertRefused(UserError, "already"):
            wizard.action_send()
        wizard.date_from = "2020-01-01"
        with self.assertRefused(UserError, "2 years"):
            wizard.action_send()
        self.assertNotEqual(ADDRESS, found.recipient_ids.email)
