"""Mails about an account are in the languages of those who receive them."""

from datetime import datetime
from decimal import Decimal

from freezegun import freeze_time

from odoo.tests import tagged

from .common import VoipBillingCommon

LANGUAGES = ("de_DE", "ar_001")


@tagged("post_install", "-at_install")
class TestAccountMail(VoipBillingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for code in LANGUAGES:
            cls.env["res.lang"]._activate_lang(code)
        module = cls.env.ref("base.module_voip_billing_base")
        module._update_translations(list(LANGUAGES))
        cls.partner = cls.env["res.partner"].create(
            {"name": "Acme", "email": "acme@example.com", "lang": "de_DE"}
        )
        cls.account = cls._create_account(partner_id=cls.partner.id, code="acme-1")

    def _mails(self):
        """{language of the recipient: mail}, all of them once."""
        mails = self.env["mail.mail"].search(
            [("model", "=", "voip.account"), ("res_id", "=", self.account.id)]
        )
        found = {mail.recipient_ids.lang: mail for mail in mails}
        self.assertEqual(len(found), len(mails))
        return found

    def test_each_recipient_reads_the_state_in_his_language(self):
        for number, lang in enumerate(("en_US", "de_DE", "de_DE", False)):
            alert = self.env["res.partner"].create(
                {"name": "NOC", "email": f"noc{number}@example.com", "lang": lang}
            )
            self.account.contact_ids = [
                (0, 0, {"partner_id": alert.id, "kind": "alert"})
            ]
        self.account._set_state("suspended", "Too many calls")
        mails = self.env["mail.mail"].search(
            [("model", "=", "voip.account"), ("res_id", "=", self.account.id)]
        )
        told = {mail.subject: len(mail.recipient_ids) for mail in mails}
        self.assertEqual(
            told,
            {
                "Your account acme-1 is Suspended": 1,
                # Who names no language has the customer's.
                "Ihr Konto acme-1: Gesperrt": 3,
            },
        )
        for mail in mails:
            self.assertIn("Too many calls", mail.body_html)

    def test_what_the_program_decides_is_told_in_the_customers_language(self):
        self.account.suspend_notice_hours = 0
        self._spend()
        with freeze_time(datetime(2026, 4, 1, 12)):
            self.env["voip.account"]._cron_credit()
        self.assertEqual(self.account.state, "suspended")
        mails = self.env["mail.mail"].search(
            [("model", "=", "voip.account"), ("res_id", "=", self.account.id)],
            order="id",
        )
        notice, state = mails
        self.assertIn("ist aufgebraucht", notice.subject)
        self.assertIn("sind keine ausgehenden Anrufe möglich", notice.body_html)
        self.assertIn("Das Guthaben ist aufgebraucht.", state.body_html)
        # Staff read it as they write, and so does the audit trail.
        said = self.account.message_ids.mapped("preview")
        self.assertIn("The credit is used up.", said)

    def test_a_low_balance_is_told_in_the_customers_language(self):
        self.account.low_balance_amount = 10
        self.env["voip.account"]._cron_low_balance()
        mail = self._mails()["de_DE"]
        self.assertEqual(mail.subject, "Das Guthaben Ihres Kontos acme-1 ist niedrig")
        self.assertIn("Das Guthaben liegt unter", mail.body_html)

    def test_a_text_from_right_to_left_says_so(self):
        self.partner.lang = "ar_001"
        self.account._set_state("blocked", "Fraud")
        self.assertIn('dir="rtl"', self._mails()["ar_001"].body_html)

    def _spend(self):
        spent = {"account_id": self.account.id, "kind": "adjustment"}
        self.env["voip.wallet"]._move([{**spent, "ledger": Decimal(-1)}])
