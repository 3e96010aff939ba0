"""Paying afterwards is asked for by one and approved by another."""

from psycopg2.errors import CheckViolation, UniqueViolation

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common import VoipBillingCommon


@tagged("post_install", "-at_install")
class TestPostpaidRequest(VoipBillingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner = cls.env["res.partner"].create(
            {"name": "Acme", "email": "acme@example.com"}
        )
        cls.account = cls._create_account(partner_id=cls.partner.id, code="ask-1")
        cls.people = {
            name: new_test_user(
                cls.env,
                login=f"postpaid_{name}",
                groups=f"voip_billing_base.group_voip_{group}",
                company_id=cls.env.company.id,
            )
            for name, group in (
                ("user", "user"),
                ("manager", "manager"),
                ("approver", "approver"),
                ("other", "approver"),
            )
        }

    def _ask(self, who="user", **values):
        return (
            self.env["voip.postpaid.request"]
            .with_user(self.people[who])
            .create(
                {
                    "account_id": self.account.id,
                    "wanted_limit": 500,
                    "reason": "Three years with us",
                    **values,
                }
            )
        )

    def _events(self):
        audits = self.env["voip.audit"].search(
            [("res_model", "=", "voip.account"), ("res_id", "=", self.account.id)]
        )
        return audits.sorted("seq").mapped("event")

    def test_an_approver_grants_mode_limit_and_terms(self):
        asked = self._ask()
        self.assertEqual(self.account.mode, "prepaid")
        self.assertEqual(
            asked.activity_ids.user_id & self.people["user"], self.env["res.users"]
        )
        self.assertIn(self.people["approver"], asked.activity_ids.user_id)
        term = self.env.ref("account.account_payment_term_15days")
        decided = asked.with_user(self.people["approver"])
        decided.write({"granted_limit": 300, "payment_term_id": term.id})
        decided.action_approve()
        self.assertRecordValues(
            self.account,
            [{"mode": "postpaid", "credit_limit": 300, "payment_term_id": term.id}],
        )
        self.assertEqual(self.account.available, 300)
        self.assertRecordValues(
            asked,
            [{"state": "approved", "decided_by_id": self.people["approver"].id}],
        )
        self.assertFalse(asked.activity_ids)
        for event in ("postpaid_asked", "account_terms", "postpaid_approved"):
            self.assertIn(event, self._events())
        mail = self.env["mail.mail"].search(
            [("model", "=", "voip.account"), ("res_id", "=", self.account.id)], limit=1
        )
        self.assertIn("300.00", mail.body_html)

    def test_what_is_asked_for_is_granted_unless_said_otherwise(self):
        self._ask(mode="hybrid").with_user(self.people["approver"]).action_approve()
        self.assertEqual(self.account.mode, "hybrid")
        self.assertEqual(self.account.credit_limit, 500)

    def test_nobody_decides_on_what_he_asked_for(self):
        asked = self._ask("approver")
        with self.assertRefused(AccessError, "other than the one who asked"):
            asked.action_approve()
        self.assertEqual(self.account.mode, "prepaid")
        asked.with_user(self.people["other"]).action_approve()
        self.assertEqual(self.account.mode, "postpaid")

    def test_only_an_approver_decides(self):
        asked = self._ask()
        for who in ("user", "manager"):
            own = asked.with_user(self.people[who])
            for name in ("action_approve", "action_refuse"):
                with self.assertRefused(AccessError, "postpaid approver"):
                    getattr(own, name)()
            for values in (
                {"state": "approved"},
                {"asked_by_id": self.people["other"].id},
            ):
                with self.assertRefused(AccessError, "kept by the program"):
                    own.write(values)
        with self.assertRefused(AccessError, "kept by the program"):
            self._ask(state="approved")
        self.assertEqual(self.account.mode, "prepaid")

    def test_a_refusal_says_why(self):
        asked = self._ask().with_user(self.people["approver"])
        with self.assertRefused(UserError, "why it is refused"):
            asked.action_refuse()
        asked.answer = "No figures yet"
        asked.action_refuse()
        self.assertEqual((asked.state, self.account.mode), ("refused", "prepaid"))
        for name in ("action_approve", "action_withdraw"):
            with self.assertRefused(UserError, "decided already"):
                getattr(asked, name)()
        with self.assertRefused(UserError, "decided already"):
            asked.answer = "Changed"
        self._ask()

    def test_one_request_waits_at_a_time(self):
        self._ask()
        with mute_logger("odoo.sql_db"):
            with self.assertRefused(UniqueViolation, "one_open"):
                self._ask()
        self.env["voip.postpaid.request"].search([]).action_withdraw()
        self._ask()

    def test_limits_that_are_none_are_refused(self):
        for limit, error in (
            (0, CheckViolation),
            (-5, CheckViolation),
            (1e16, CheckViolation),
            (float("nan"), UserError),
            (float("inf"), UserError),
        ):
            with self.subTest(limit), mute_logger("odoo.sql_db"):
                with self.assertRefused(error, ""):
                    self._ask(wanted_limit=limit)

    def test_who_pays_afterwards_already_does_not_ask(self):
        self.account.write({"mode": "postpaid", "credit_limit": 5})
        with self.assertRefused(UserError, "is Postpaid already"):
            self._ask()
        self._ask(mode="hybrid")
