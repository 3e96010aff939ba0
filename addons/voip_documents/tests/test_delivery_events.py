"""What the provider tells of mails, and invoices that go by themselves."""

import gzip
import json
from datetime import date, datetime, timedelta
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import HttpCase, tagged

from ..delivery import webhook
from .outbox_common import ADDRESS, OutboxCommon
from .usage_common import ONE, UsageCommon


@tagged("post_install", "-at_install")
class TestDeliveryEvents(OutboxCommon, HttpCase):
    def setUp(self):
        super().setUp()
        self.url, self.secret = self.env.company._voip_new_webhook()
        self.delivery = self._sent()

    def _event(self, name, at=1_790_000_000, **values):
        return {
            "event": name,
            "email": ADDRESS,
            "tags": [self.delivery.key],
            "ts_event": at,
            **values,
        }

    def _post(self, body, secret=None, url=None, method="POST"):
        self.env.flush_all()
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {secret or self.secret}"}
        path = "/voip/brevo/" + (url or self.url).rsplit("/", 1)[1]
        answer = self.url_open(path, data=data, headers=headers, method=method)
        self.env.invalidate_all()
        return answer.status_code

    def test_a_mail_is_what_was_told_last_in_any_order(self):
        for name, state in (
            ("opened", "opened"),
            ("delivered", "opened"),
            ("request", "opened"),
            ("opened", "opened"),
        ):
            self.assertEqual(self._post(self._event(name)), 204)
            self.assertEqual(self.delivery.state, state)
        names = self.delivery.event_ids.mapped("name")
        self.assertEqual(sorted(names), ["delivered", "opened", "request"])

    def test_what_no_database_keeps_is_no_error_of_the_server(self):
        """A post that answers 500 would come again for ever, with all its events."""
        for name in ("email", "reason", "message-id", "tag", "X-Mailin-custom"):
            for text in ("\x00", "a\x00b", "\ud800", ADDRESS + "\x00"):
                with self.subTest(name=name, text=text):
                    bad = self._event("opened", **{name: text})
                    del bad["tags"]
                    event = self._event("delivered", **{name: text})
                    self.assertEqual(self._post([bad, event]), 204)
        self.assertEqual(self._post(self._event("delivered", at=1_790_000_001)), 204)
        self.assertEqual(self.delivery.state, "delivered")

    def test_an_address_of_no_webhook_is_refused_whatever_it_holds(self):
        for ref in ("%00" * 32, "%ff" * 32, "%ED%A0%80" * 32, "Z" * 32, "0" * 32):
            with self.subTest(ref=ref):
                self.assertIn(self._post([], url="/" + ref), (401, 404))

    def test_a_hard_bounce_pauses_the_address_until_it_is_resumed(self):
        event = self._event("hard_bounce", reason="no such mailbox")
        self.assertEqual(self._post([event, event]), 204)
        self.assertEqual(self.delivery.state, "bounced")
        pause = self.env["voip.delivery.pause"].search([("email", "=", ADDRESS)])
        self.assertEqual(pause.reason, "no such mailbox")
        self.assertTrue(self.delivery.activity_ids)
        other = self._create_invoice(self.account)
        with self.assertRefused(UserError, "paused"):
            other.action_voip_send()
        pause.action_resume()
        other.action_voip_send()
        self.assertEqual(other.voip_delivery_count, 1)

    def test_a_stranger_changes_nothing(self):
        event = self._event("hard_bounce")
        other = self.setup_other_company(name="Other Ltd")["company"]
        url, secret = other._voip_new_webhook()
        for status, values in (
            (401, {"secret": "guessed"}),
            (401, {"url": "/" + "0" * 32}),
            (401, {"url": url}),
            (204, {"url": url, "secret": secret}),
            (405, {"method": "GET"}),
            (404, {"url": "/short"}),
        ):
            if other.voip_webhook_networks:
                other.voip_webhook_networks = False
            with self.subTest(values=values):
                self.assertEqual(self._post(event, **values), status)
                self.assertEqual(self.delivery.state, "sent")
        self.env.company.voip_webhook_networks = "203.0.113.0/24"
        self.assertEqual(self._post(event), 403)
        self.assertFalse(self.delivery.event_ids)

    def test_bad_bodies_are_refused_and_unknown_mails_are_no_error(self):
        for status, body in (
            (400, b"{"),
            (400, b"[1]"),
            (400, b"[" * 100_000),
            (413, b" " * (webhook.MOST_BYTES + 1)),
            (204, b"[]"),
            (204, {"event": "no such event"}),
            (204, self._event("opened", tags=["0" * 36])),
            (204, self._event("opened", ts_event="yesterday")),
            (204, self._event("opened", email=["x"])),
        ):
            with self.subTest(body=str(body)[:40]):
                self.assertEqual(self._post(body), status)
        self.assertEqual(self.delivery.state, "sent")

    def test_an_event_of_another_address_is_kept_and_pauses_nobody(self):
        event = self._event("hard_bounce", email="else@customer.example")
        self.assertEqual(self._post(event), 204)
        self.assertEqual(self.delivery.state, "sent")
        self.assertFalse(self.env["voip.delivery.pause"].search([]))

    def test_a_new_webhook_ends_the_one_before(self):
        old, secret = self.url, self.secret
        settings = self.env["res.config.settings"].create({})
        text = settings.action_voip_new_webhook()["params"]["message"]
        self.assertNotIn(secret, text)
        self.assertEqual(self._post(self._event("opened"), secret, old), 401)
        company = self.env.company.sudo()
        self.assertNotIn(company.voip_webhook_digest, text)

    def test_an_event_before_the_answer_counts(self):
        other = self._create_invoice(self.account)
        other.action_voip_send()
        delivery = self.env["voip.delivery"].search([("move_id", "=", other.id)])
        event = {**self._event("delivered"), "tags": [delivery.key]}
        self.assertEqual(self._post(event), 204)
        self.assertEqual(delivery.state, "waiting")
        self._run()
        self.assertEqual(delivery.state, "delivered")


@tagged("post_install", "-at_install")
class TestStatementMail(OutboxCommon):
    def setUp(self):
        super().setUp()
        self.account.write({"send_statements": True, "tz": "Europe/London"})

    def _at(self, now, since="2026-01-15"):
        """Statements that are queued at a moment."""
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE voip_account SET send_statements_since = %s WHERE id = %s",
            [since, self.account.id],
        )
        self.env.invalidate_all()
        with patch.object(type(self.env.cr), "now", lambda _cr: now):
            while self._outbox()._report_next("statement"):
                pass
        self.env.invalidate_all()
        return self._outbox().search([("account_id", "=", self.account.id)])

    def test_a_month_goes_once_it_is_over_at_the_accounts_hour(self):
        delivery = self._at(datetime(2026, 3, 31, 22, 59))
        self.assertEqual(delivery.mapped("date_to"), [date(2026, 2, 28)])
        both = self._at(datetime(2026, 3, 31, 23, 1))
        march = both - delivery
        self.assertEqual(
            (march.date_from, march.date_to), (date(2026, 3, 1), date(2026, 3, 31))
        )
        self.assertEqual(march.send_at, datetime(2026, 4, 1, 7))
        self.assertEqual(len(march.document_ids), 3)
        self.assertIn(self.account.code, march.subject)
        self.assertEqual(self._at(datetime(2026, 4, 2)), both)

    def test_months_before_it_was_switched_on_are_not_sent(self):
        self.assertFalse(self._at(datetime(2026, 4, 2), since="2026-04-01"))

    def test_what_fails_is_told_once(self):
        self.account.partner_id.email = False
        self.assertFalse(self._at(datetime(2026, 4, 2)))
        self.assertEqual(self.account.statement_fault_of, date(2026, 3, 31))
        self.assertEqual(len(self.account.activity_ids), 1)
        self.assertFalse(self._at(datetime(2026, 4, 3)))
        self.assertEqual(len(self.account.activity_ids), 1)

    def test_a_person_sends_any_range_once(self):
        wizard = self.env["voip.statement.wizard"].create(
            {
                "account_id": self.account.id,
                "date_from": "2026-01-01",
                "date_to": "2026-01-31",
            }
        )
        found = self._outbox().search(wizard.action_send()["domain"])
        self._run()
        self.assertEqual((found.state, len(self.server.mails)), ("sent", 1))
        with self.assertRefused(UserError, "already"):
            wizard.action_send()

    def _two_accounts(self):
        """Another account of the customer, with a contact for statements."""
        other = self._create_account(mode="postpaid", partner_id=self.customer.id)
        contact = self.env["res.partner"].create(
            {
                "name": "Books",
                "email": "books@customer.example",
                "parent_id": self.customer.id,
            }
        )
        other.contact_ids = [(0, 0, {"kind": "statement", "partner_id": contact.id})]
        return other

    def test_the_statement_of_all_accounts_is_mailed_once(self):
        self.customer = self.account.partner_id.commercial_partner_id
        self._create_invoice(self._two_accounts())
        wizard = self.env["voip.statement.wizard"].create(
            {
                "partner_id": self.customer.id,
                "date_from": "2026-01-01",
                "date_to": "2026-01-31",
            }
        )
        found = self._outbox().search(wizard.action_send()["domain"])
        self.assertFalse(found.account_id)
        self.assertEqual(found.partner_id, self.customer)
        self.assertEqual(found.recipient_ids.email, "books@customer.example")
        self.assertIn(self.customer.name, found.subject)
        self.assertIn("all your accounts", found.body)
        names = [name for name, _kind, _content in found._files()]
        self.assertEqual([name[-4:] for name in names], [".pdf", "xlsx", ".csv"])
        self.assertTrue(names[0].startswith(self.customer.ref or self.customer.name))
        document = found.document_ids[:1]
        [one] = json.loads(gzip.decompress(document._bytes("data")))["data"][
            "statements"
        ]
        self.assertEqual(len(one["lines"]), 2)
        with self.assertRefused(UserError, "already"):
            wizard.action_send()
        self._run()
        self.assertEqual((found.state, len(self.server.mails)), ("sent", 1))
        self.assertEqual(found._again()["partner_id"], self.customer.id)

    def test_accounts_of_a_customer_have_one_statement_sent(self):
        self.customer = self.account.partner_id.commercial_partner_id
        other = self._two_accounts()
        both = self.account | other
        both.write({"send_statements": True, "send_customer_statement": True})
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE voip_account SET send_statements_since = '2026-01-15', tz = %s"
            " WHERE id = ANY(%s)",
            ["Europe/London", both.ids],
        )
        self.assertFalse(self._at(datetime(2026, 4, 2)))
        found = self._outbox().search([("partner_id", "=", self.customer.id)])
        self.assertEqual(found.mapped("date_to"), [date(2026, 3, 31)])
        self.assertFalse(found.account_id)
        self.assertFalse(both.mapped("statement_fault_of")[0])

    def test_what_is_shown_is_what_is_sent(self):
        self.account.mode = "prepaid"
        for day, view in ((30, "ledger"), (31, "wallet")):
            with self.subTest(view):
                wizard = self.env["voip.statement.wizard"].create(
                    {
                        "account_id": self.account.id,
                        "date_from": "2026-01-01",
                        "date_to": date(2026, 1, day),
                        "view": view,
                    }
                )
                found = self._outbox().search(wizard.action_send()["domain"])
                shown = [
                    json.loads(gzip.decompress(document._bytes("data")))["data"]
                    for document in found.document_ids
                ]
                self.assertEqual(len(shown), 3)
                for data in shown:
                    self.assertEqual(data["is_wallet"], view == "wallet")


@tagged("post_install", "-at_install")
class TestHandOver(OutboxCommon, UsageCommon):
    def setUp(self):
        super().setUp()
        self.account.write({"send_invoices": True, "credit_limit": 10**6})
        # The clock of a test stands: what is made in it is not before its beginning.
        self._charge(self.account, [ONE // 100])
        self.usage = UsageCommon._run(self, self.account)

    def _run(self, *_account):
        return OutboxCommon._run(self)

    def _hand_over(self):
        outbox = self.env["voip.delivery"].with_user(self.env.ref("base.user_root"))
        count = 0
        while outbox._hand_over_next():
            count += 1
        self.env.invalidate_all()
        return count

    def _mails(self):
        return self.env["voip.delivery"].search([("account_id", "=", self.account.id)])

    def test_a_run_posts_and_the_invoice_goes_at_the_companys_hour(self):
        self.account.tz = "Asia/Kolkata"
        self.env.company.voip_mail_hour = 8
        self.assertEqual(self._hand_over(), 1)
        delivery = self._mails()
        self.assertEqual(delivery.move_id, self.usage)
        local = delivery.send_at + timedelta(hours=5, minutes=30)
        now = self.env.cr.now() + timedelta(hours=5, minutes=30)
        self.assertTrue(local.hour == 8 or (now.hour == 8 and local.hour == 8))
        self.assertLess(delivery.send_at - self.env.cr.now(), timedelta(days=1))
        self.assertEqual(self._hand_over(), 0)

    def test_the_hour_is_right_over_both_changes_of_the_clocks(self):
        self.account.tz = "Europe/London"
        self.env.company.voip_mail_hour = 8
        for now, at in (
            (datetime(2026, 3, 28, 12), datetime(2026, 3, 29, 7)),
            (datetime(2026, 10, 24, 12), datetime(2026, 10, 25, 8)),
        ):
            with patch.object(type(self.env.cr), "now", lambda _cr, now=now: now):
                self.env.cr.execute(
                    "UPDATE voip_account SET send_invoices_since = '2026-01-01'"
                )
                self.env.cr.execute(
                    "DELETE FROM voip_delivery WHERE move_id = %s", [self.usage.id]
                )
                self.env.invalidate_all()
                self._hand_over()
            with self.subTest(now=now):
                self.assertEqual(self._mails().send_at, at)

    def test_only_what_is_posted_from_then_on_and_of_usage(self):
        self.account.send_invoices = False
        self.assertEqual(self._hand_over(), 0)
        self.account.send_invoices = True
        self.env.cr.execute(
            "UPDATE voip_account SET send_invoices_since = now() + interval '1 hour'"
        )
        self.env.invalidate_all()
        self.assertEqual(self._hand_over(), 0)

    def test_what_fails_says_why_on_the_invoice_and_others_go(self):
        template = self._create_template(
            account_id=self.account.id, body="<p>{{ lines[7].name }}</p>", active=False
        )
        template.active = True
        self.assertEqual(self._hand_over(), 1)
        self.assertFalse(self._mails())
        self.assertIn("line 1", self.usage.voip_mail_fault)
        self.assertTrue(self.usage.activity_ids)
        self.assertEqual(self._hand_over(), 0)
        template.active = False
        self.usage.action_voip_send()
        self.assertFalse(self.usage.voip_mail_fault)
        self.assertEqual(len(self._mails()), 1)

    def test_the_scheduled_action_hands_over(self):
        with self.enter_registry_test_mode():
            self.env.ref("voip_documents.ir_cron_hand_over").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(self._mails().state, "waiting")


@tagged("post_install", "-at_install")
class TestProviderAway(OutboxCommon, UsageCommon):
    def test_a_run_posts_and_its_mail_goes_once_the_provider_is_back(self):
        """Nobody listens from before the run until after the first try."""
        company, url = self.env.company, self.env.company.voip_brevo_url
        company.voip_brevo_url = "http://127.0.0.1:1"
        self.account.write({"send_invoices": True, "credit_limit": 10**6})
        self._charge(self.account, [ONE // 100])
        invoice = UsageCommon._run(self, self.account)
        self.assertEqual(invoice.state, "posted")
        while self._outbox()._hand_over_next():
            pass
        mail = self.env["voip.delivery"].search([("move_id", "=", invoice.id)])
        mail.send_at = self.env.cr.now().replace(microsecond=0)
        self.assertEqual(self._send_due(), 1)
        self.assertEqual((mail.state, mail.try_count), ("waiting", 1))
        self.assertIn("no connection", mail.message)
        company.voip_brevo_url = url
        self.env.flush_all()
        self.env.cr.execute("UPDATE voip_delivery SET retry_at = NULL")
        self.env.invalidate_all()
        self.assertEqual(self._send_due(), 1)
        self.assertFalse(self._outbox()._hand_over_next())
        self.assertEqual(self._send_due(), 0)
        self.assertEqual(mail.state, "sent")
        self.assertEqual(len(self.server.mails), 1)
