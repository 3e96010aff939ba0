"""The outbox: each mail goes out once, whatever happens on the way."""

from datetime import timedelta
from unittest.mock import patch

from lxml import etree

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..delivery.brevo import Brevo
from ..delivery.mail import Unsure
from ..delivery.timing import MOST_TRIES
from .brevo_server import BrevoServer
from .outbox_common import OutboxCommon


@tagged("post_install", "-at_install")
class TestDelivery(OutboxCommon):
    def setUp(self):
        super().setUp()
        self.account.partner_id.email = "Ada@Customer.example"

    def _queued(self, move=None):
        (move or self.invoice).action_voip_send()
        return self.env["voip.delivery"].search(
            [("move_id", "=", (move or self.invoice).id)], limit=1
        )

    def _later(self, delivery, **ago):
        """Let time pass for a mail."""
        self.env.flush_all()
        past = self.env.cr.now() - timedelta(**ago)
        self.env.cr.execute(
            "UPDATE voip_delivery SET retry_at = %(at)s,"
            " tried_at = LEAST(tried_at, %(at)s) WHERE id = %(id)s",
            {"at": past, "id": delivery.id},
        )
        self.env.invalidate_all()

    def test_what_is_in_draft_again_is_not_mailed(self):
        first = self._queued()
        held = self._queued(self._create_invoice(self.account))
        held.action_hold()
        self.invoice.button_draft()
        held.move_id.button_draft()
        self.assertEqual((first.state, held.state), ("cancelled", "cancelled"))
        self.assertEqual(self._run(), 0)
        self.invoice.invoice_line_ids[1].price_unit = 1
        self.invoice.action_post()
        self.assertEqual(self._run(), 0)
        self.invoice.action_voip_send()
        self.assertEqual(self._run(), 1)
        self.assertEqual(len(self.server.mails), 1)
        self.invoice.button_draft()
        again = self.env["voip.delivery"].search([("move_id", "=", self.invoice.id)])
        self.assertEqual(sorted(again.mapped("state")), ["cancelled", "sent"])

    def test_what_is_in_draft_again_does_not_go_after_a_try_of_unknown_end(self):
        """It is posted again meanwhile, maybe with other amounts."""
        for answer, left in (((503, "", {}), 0), ("drop", 1)):
            with self.subTest(answer=answer):
                self.server.mails.clear()
                invoice = self._create_invoice(self.account)
                delivery = self._queued(invoice)
                self.server.answers = [answer]
                self._run()
                self.assertEqual(delivery.state, "sending")
                invoice.button_draft()
                invoice.action_post()
                self._later(delivery, minutes=11)
                self._run()
                state = "sent" if left else "cancelled"
                self.assertEqual(
                    (delivery.state, len(self.server.mails)), (state, left)
                )
        with self.assertRefused(UserError, "draft"):
            delivery.action_resend()

    def test_what_is_posted_anew_after_its_mail_left_has_another_mail(self):
        delivery = self._sent()
        self.invoice.button_draft()
        self.invoice.invoice_line_ids[1].price_unit = 1
        self.invoice.action_post()
        self.assertEqual(self._run(), 0, "a person decides")
        self.invoice.action_voip_send()
        self.assertEqual(self._run(), 1)
        again = self.env["voip.delivery"].search([("move_id", "=", self.invoice.id)])
        self.assertEqual(again.mapped("state"), ["sent", "sent"])
        self.assertFalse((again - delivery).document_ids & delivery.document_ids)
        with self.assertRefused(UserError, "already"):
            self.invoice.action_voip_send()

    def test_each_file_of_a_mail_has_its_whole_name_and_is_downloaded_from_it(self):
        form = self.env["voip.delivery"].get_view(view_type="form")
        arch = etree.fromstring(form["arch"])
        [files] = arch.xpath("//field[@name='document_ids']")
        self.assertFalse(files.get("widget"))
        self.assertTrue(files.xpath("list/field[@name='name']"))
        self.assertTrue(files.xpath("list/button[@name='action_download']"))

    def test_an_invoice_goes_out_with_its_files(self):
        delivery = self._queued()
        self.assertEqual(delivery.recipient_ids.email, "ada@customer.example")
        self.assertIn(self.invoice.name, delivery.subject)
        self.assertEqual(self._run(), 1)
        (mail,) = self.server.mails
        self.assertEqual(len(mail["attachment"]), 3)
        self.assertIn(self.invoice.name, mail["htmlContent"])
        self.assertEqual(delivery.state, "sent")
        self.assertTrue(delivery.provider_message and delivery.sent_at)
        self.assertEqual(delivery.recipient_ids.state, "sent")
        self.assertEqual(set(delivery.document_ids.mapped("state")), {"sent"})
        self.assertEqual(self._run(), 0)
        self.assertEqual(self.invoice.voip_delivery_count, 1)

    def test_the_scheduled_action_sends_what_is_due(self):
        delivery = self._queued()
        with self.enter_registry_test_mode():
            self.env.ref("voip_documents.ir_cron_delivery").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(delivery.state, "sent")

    def test_a_stored_key_is_not_shown(self):
        values = {"company_id": self.env.company.id, "voip_brevo_new_key": "secret"}
        settings = self.env["res.config.settings"].sudo().create(values)
        settings.set_values()
        self.assertEqual(self.env.company.sudo().voip_brevo_key, "secret")
        self.assertFalse(settings.voip_brevo_new_key)

    def test_a_document_is_queued_once_and_resent_by_hand(self):
        delivery = self._queued()
        with self.assertRefused(UserError, "already"):
            self.invoice.action_voip_send()
        with self.assertRefused(UserError, "did not leave"):
            delivery.action_resend()
        self._run()
        delivery.action_resend()
        again = self.env["voip.delivery"].search([("resend_of_id", "=", delivery.id)])
        self.assertNotEqual(again.key, delivery.key)
        self.assertEqual(again.document_ids, delivery.document_ids)
        self._run()
        self.assertEqual((again.state, len(self.server.mails)), ("sent", 2))

    def test_a_sender_killed_after_the_provider_took_it_sends_nothing_twice(self):
        delivery = self._queued()
        task = self._outbox()._take([])
        self.assertEqual(delivery.state, "sending")
        self._outbox()._ask_provider(task)
        # Killed here: the outcome is not noted. Nobody takes it meanwhile.
        self.assertEqual(self._run(), 0)
        self.server.forget_keys()
        self._later(delivery, minutes=1)
        self._run()
        self.assertEqual((delivery.state, len(self.server.mails)), ("sent", 1))

    def test_a_sender_killed_before_the_provider_took_it_loses_nothing(self):
        delivery = self._queued()
        self._outbox()._take([])
        self._later(delivery, minutes=1)
        self._run()
        self.assertEqual(delivery.state, "sending", "Brevo's log may be late")
        self._later(delivery, minutes=11)
        self._run()
        self.assertEqual((delivery.state, len(self.server.mails)), ("sent", 1))

    def test_lost_answers_are_asked_back(self):
        for answer in ("drop", "garbage", (503, "", {})):
            with self.subTest(answer=answer):
                self.server.mails.clear()
                self.server.answers = [answer]
                delivery = self._queued(self._create_invoice(self.account))
                self._run()
                self.assertEqual(delivery.state, "sending")
                self.server.forget_keys()
                self._later(delivery, minutes=11)
                self._run()
                self.assertEqual((delivery.state, len(self.server.mails)), ("sent", 1))

    def test_a_provider_that_is_away_stops_the_run_and_no_one_else(self):
        first = self._queued()
        second = self._queued(self._create_invoice(self.account))
        self.server.answers = [(429, {}, {"x-sib-ratelimit-reset": "900"})]
        self.assertEqual(self._run(), 1)
        self.assertEqual((first.state, second.state), ("waiting", "waiting"))
        wait = first.retry_at - self.env.cr.now()
        self.assertGreater(wait, timedelta(seconds=898))
        self.assertIn("429", first.message)
        self.assertEqual(self._run(), 1)
        self.assertEqual(second.state, "sent")

    def test_a_refused_mail_fails_with_its_reason_and_others_go_on(self):
        first = self._queued()
        second = self._queued(self._create_invoice(self.account))
        body = {"code": "invalid_parameter", "message": "email is not valid"}
        self.server.answers = [(400, body, {})]
        self.assertEqual(self._run(), 2)
        self.assertEqual((first.state, second.state), ("failed", "sent"))
        self.assertIn("email is not valid", first.message)
        first.action_release()
        self._run()
        self.assertEqual(first.state, "sent")
        self.assertFalse(first.message)

    def test_it_is_given_up_after_two_days(self):
        delivery = self._queued()
        tries = 0
        while delivery.state == "waiting":
            self.server.answers = [(429, {}, {})]
            self._run()
            tries += 1
            self._later(delivery, minutes=1)
            self.assertLess(tries, 20)
        self.assertEqual((delivery.state, tries), ("failed", 12))

    def _lost(self, answer):
        """A mail whose last try has ``answer``, asked for once Brevo's log tells."""
        delivery = self._queued()
        delivery.sudo().try_count = MOST_TRIES - 1
        self.server.answers = [answer]
        self._run()
        self.assertEqual(delivery.state, "sending", "it may have left")
        self._later(delivery, minutes=11)
        return delivery

    def test_a_last_answer_that_is_lost_is_asked_back_too(self):
        delivery = self._lost("drop")
        self._run()
        self.assertEqual((delivery.state, len(self.server.mails)), ("sent", 1))

    def test_a_last_try_that_brevo_never_took_is_given_up(self):
        delivery = self._lost((503, "", {}))
        self._run()
        self.assertEqual((delivery.state, len(self.server.mails)), ("failed", 0))
        self.assertIn("503", delivery.message)

    def test_brevo_is_asked_for_its_mail_though_others_go_by_smtp_now(self):
        delivery = self._queued()
        self._outbox()._ask_provider(self._outbox()._take([]))
        self.env.company.voip_mail_provider = "smtp"
        self._later(delivery, minutes=1)
        self._run()
        self.assertEqual((delivery.state, len(self.server.mails)), ("sent", 1))

    def test_another_account_of_brevo_does_not_know_whether_it_left(self):
        delivery = self._queued()
        self._outbox()._ask_provider(self._outbox()._take([]))
        with BrevoServer("xkeysib-other") as other:
            self.env.company.write(
                {"voip_brevo_url": other.url, "voip_brevo_key": other.key}
            )
            self._later(delivery, minutes=11)
            self._run()
            self.assertEqual(len(other.mails), 0, "the first account has sent it")
        self.assertEqual(delivery.state, "unsure")
        self.assertTrue(delivery.activity_ids)

    def test_a_person_is_told_of_what_was_asked_in_vain_for_two_days(self):
        delivery = self._queued()
        self._outbox()._take([])
        self.env.company.voip_brevo_key = "xkeysib-revoked"
        for minutes, state in ((1, "sending"), (3 * 24 * 60, "unsure")):
            self._later(delivery, minutes=minutes)
            self._run()
            self.assertEqual(delivery.state, state)
        self.assertTrue(delivery.activity_ids)

    def test_smtp_that_breaks_off_asks_a_person(self):
        self.env.company.voip_mail_provider = "smtp"
        delivery = self._queued()
        path = "odoo.addons.voip_documents.delivery.res_company.Smtp.send"
        with patch(path, side_effect=Unsure("the connection broke")):
            self._run()
        self.assertEqual(delivery.state, "unsure")
        self.assertEqual(self._run(), 0)
        delivery.action_was_sent()
        self.assertEqual(delivery.state, "sent")
        self.assertEqual(set(delivery.document_ids.mapped("state")), {"sent"})

    def test_held_mails_stay_until_they_are_released(self):
        delivery = self._queued()
        delivery.action_hold()
        self.assertEqual(self._run(), 0)
        delivery.action_release()
        delivery.send_at = self.env.cr.now() + timedelta(days=1)
        self.assertEqual(self._run(), 0)
        delivery.action_cancel()
        with self.assertRefused(UserError, "state"):
            delivery.action_hold()
        self.assertTrue(self._queued(), "a cancelled mail is in nobody's way")

    def test_of_a_mail_only_its_time_is_changed(self):
        delivery = self._queued()
        user = new_test_user(
            self.env,
            login="delivery_clerk",
            groups="voip_billing_base.group_voip_user",
            company_id=self.env.company.id,
            company_ids=[(6, 0, self.env.company.ids)],
        )
        own = delivery.with_user(user)
        own.send_at = self.env.cr.now().replace(microsecond=0) + timedelta(days=1)
        other = {"body": "x", "subject": "x", "state": "sent", "partner_id": False}
        for name, value in other.items():
            with self.subTest(name=name), self.assertRaises(AccessError):
                own.write({name: value})
        self._run()
        self.assertFalse(self.server.mails)

    def test_each_language_of_the_contacts_has_its_mail(self):
        self.env["res.lang"]._activate_lang("de_DE")
        people = self.env["res.partner"].create(
            [
                {"name": "A", "email": "a@c.example", "lang": "de_DE"},
                {"name": "B", "email": "b@c.example", "lang": "en_US"},
                {"name": "C", "email": "c@c.example", "lang": "en_US"},
                {"name": "No address"},
            ]
        )
        self.account.contact_ids = [
            (0, 0, {"partner_id": one.id, "kind": "invoice"}) for one in people
        ]
        self._queued()
        self._run()
        found = [[to["email"] for to in mail["to"]] for mail in self.server.mails]
        self.assertEqual(found, [["a@c.example"], ["b@c.example", "c@c.example"]])

    def test_nobody_to_write_to_is_said_at_once(self):
        self.account.partner_id.email = False
        with self.assertRefused(UserError, "Nobody receives"):
            self.invoice.action_voip_send()

    def test_the_key_is_sent_over_tls_only(self):
        for url in ("http://api.brevo.example/v3", "ftp://x", "nothing"):
            with self.assertRefused(ValidationError, "https"):
                self.env.company.voip_brevo_url = url
        self.assertIsInstance(self.env.company._voip_mailer(), Brevo)

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def test_who_may_send_and_hold(self):
        delivery = self._queued()
        other = self.setup_other_company(name="Other Ltd")["company"]
        for role, company in (("viewer", self.env.company), ("manager", other)):
            user = new_test_user(
                self.env,
                login=f"delivery_{role}_{company.id}",
                groups=f"voip_billing_base.group_voip_{role}",
                company_id=company.id,
                company_ids=[(6, 0, company.ids)],
            )
            own = delivery.with_user(user).with_context(allowed_company_ids=company.ids)
            for name in ("hold", "release", "cancel", "resend", "was_sent"):
                with self.subTest(role=role, name=name), self.assertRaises(AccessError):
                    getattr(own, f"action_{name}")()
