"""Proof of a disputed price: rate, notice, mail, delivery, file."""

import base64
from datetime import timedelta

from markupsafe import escape

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .notice_common import NOW, NoticeCommon, moment

CALLED = "447700900123"


@tagged("post_install", "-at_install")
class TestNoticeProof(NoticeCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account = cls._create_account(partner_id=cls.customer.id)
        cls.account.deck_id = cls.deck

    def _prove(self, at=None, **values):
        proof = self.env["voip.rate.proof"].create(
            {
                "account_id": self.account.id,
                "called": CALLED,
                "at": at or NOW + timedelta(hours=1),
                **values,
            }
        )
        proof.action_prove()
        return proof

    def test_a_price_that_was_announced_names_rate_notice_mail_and_file(self):
        notice = self._deliver()
        proof = self._prove()
        self.assertEqual(proof.verdict, "yes")
        self.assertEqual((proof.prefix, proof.price), ("447", 0.05))
        self.assertEqual(proof.notice_id, notice)
        self.assertTrue(proof.is_whole)
        for word in (notice.name, "rates@castor.example", "2025-12-03 12:00 UTC"):
            self.assertIn(word, proof.sentence)

    def test_a_price_is_proven_by_what_was_delivered_before_the_call(self):
        self.assertEqual(self._prove().verdict, "no")
        notice = self._notice()
        self.assertEqual(self._prove().verdict, "no")
        notice.action_approve()
        self.assertEqual(self._prove().verdict, "no")
        self._sent(notice)
        self.assertEqual(self._prove(NOW - timedelta(seconds=1)).verdict, "no")
        self.assertEqual(self._prove(NOW).verdict, "yes")

    def test_another_price_than_the_announced_one_is_told(self):
        self._deliver()
        self._load(("447", "0.09", None), notice_reason="By phone")
        self.assertEqual(self._prove().verdict, "other")
        self._deliver()
        self.assertEqual(self._prove().verdict, "yes")

    def test_an_announced_change_proves_the_price_after_it_only(self):
        self._deliver()
        self._load(("447", "0.09", "2025-12-10"))
        self._deliver()
        for at, price in ((NOW, 0.05), (moment("2025-12-10 00:00:00"), 0.09)):
            proof = self._prove(at)
            with self.subTest(at=at):
                self.assertEqual((proof.verdict, proof.price), ("yes", price))

    def test_notices_to_others_prove_nothing(self):
        self.agreement.partner_id = self.env["res.partner"].create(
            {"name": "Other", "email": "other@example.com"}
        )
        self._deliver()
        proof = self._prove()
        self.assertEqual(proof.verdict, "no")
        self.assertIn("no agreement", proof.sentence)

    def test_a_rate_is_proven_in_one_click(self):
        self._deliver()
        self._load(("447", "0.09", "2025-12-10"))
        old, new = self.deck.rate_ids.filtered(lambda r: r.prefix == "447").sorted(
            "effective_from"
        )
        proofs = self.env["voip.rate.proof"]
        proof = proofs.browse(old.action_prove_price()["res_id"])
        self.assertEqual((proof.verdict, proof.price), ("yes", 0.05))
        self.assertTrue(proof.is_rate_always)
        proof = proofs.browse(new.action_prove_price()["res_id"])
        self.assertEqual((proof.verdict, proof.price), ("other", 0.09))
        self.assertEqual(proof.at, moment("2025-12-10 00:00:00"))
        self.assertFalse(proof.is_rate_always)

    def test_of_several_customers_the_account_is_asked_for(self):
        other = self.env["res.partner"].create(
            {"name": "Other", "email": "other@example.com"}
        )
        self._deliver(self._create_agreement(partner_id=other.id))
        with self.assertRaisesRegex(UserError, "choose the account"):
            self._prove(account_id=False, deck_id=self.deck.id)
        self.assertEqual(self._prove().verdict, "no")
        rate = self.deck.rate_ids[0]
        proof = self.env["voip.rate.proof"].browse(rate.action_prove_price()["res_id"])
        self.assertFalse(proof.verdict)

    def test_a_file_that_was_changed_is_told(self):
        notice = self._deliver()
        notice._keep({"csv": base64.b64encode(b"44,1")})
        self.assertFalse(self._prove().is_whole)

    def test_a_number_without_a_rate_is_told(self):
        with self.assertRaisesRegex(UserError, "No active rate"):
            self._prove(called="33123456789")

    def test_the_paper_says_it_all(self):
        self._deliver()
        proof = self._prove()
        report = self.env["ir.actions.report"]
        html, _kind = report._render_qweb_html(
            "voip_rating.report_rate_proof", proof.ids
        )
        text = html.decode()
        for word in (
            proof.sentence,
            "0.05000000",
            proof.notice_id.csv_sha256,
            proof.notice_id.recipients,
            CALLED,
        ):
            self.assertIn(str(escape(word)), text)
        self.assertEqual(proof.action_print()["type"], "ir.actions.report")
        self.assertEqual(proof.action_view_notice()["res_id"], proof.notice_id.id)

    def test_a_call_is_proven_in_one_click(self):
        self._deliver()
        self._create_trunk(self.account, code="proof-in")
        self._create_switch(code="proof-switch")
        start = NOW.isoformat() + "Z"
        answer = self.env["voip.cdr"].ingest(
            switch="proof-switch",
            records=[
                {
                    "call_id": "disputed",
                    "called": CALLED,
                    "start": start,
                    "answer": start,
                    "duration": "60",
                    "trunk": "proof-in",
                }
            ],
            rate_now=True,
        )
        self.assertEqual(answer["rated"], 1, answer)
        usage = self.env["voip.usage"].search([("batch_id", "=", answer["batch"])])
        viewer = new_test_user(
            self.env, "proof_viewer", "voip_billing_base.group_voip_viewer"
        )
        action = usage.with_user(viewer).action_prove_price()
        proof = self.env["voip.rate.proof"].browse(action["res_id"])
        self.assertEqual((proof.verdict, proof.call_ref), ("yes", "disputed"))
        portal = new_test_user(self.env, "proof_portal", "base.group_portal")
        with self.assertRaises(AccessError):
            usage.with_user(portal).action_prove_price()
