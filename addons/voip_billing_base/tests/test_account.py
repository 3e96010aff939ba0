from datetime import date
from decimal import Decimal

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from .common import VoipBillingCommon


@tagged("post_install", "-at_install")
class TestAccount(VoipBillingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner = cls.env["res.partner"].create(
            {"name": "Acme", "email": "acme@example.com"}
        )
        cls.billing_user = new_test_user(
            cls.env,
            login="voip_billing_user",
            groups="voip_billing_base.group_voip_user",
            company_id=cls.env.company.id,
        )
        cls.eur = cls.setup_other_currency("EUR")

    def _open_usage(self, account):
        """Usage that waits for an invoice, as a batch leaves it behind."""
        self.env.cr.execute(
            "INSERT INTO voip_usage_summary (company_id, account_id, payer_id,"
            " service_id, local_day, label, unit_price, currency_id, late, attempts,"
            " calls, units, seconds, amount, tax, amount_company, cost)"
            " VALUES (%s, %s, %s, %s, '2026-01-05', 'Germany', 0.01, %s, false, 1, 1,"
            " 1, 60, 0.01, 0, 0.01, 0)",
            [
                account.company_id.id,
                account.id,
                account.payer_id.id,
                self.env.ref("voip_billing_base.service_term_intl").id,
                account.currency_id.id,
            ],
        )

    # === CREATION === #

    def test_a_billing_user_opens_a_prepaid_active_account_in_the_form(self):
        form = Form(self.env["voip.account"].with_user(self.billing_user))
        form.partner_id = self.partner
        self.assertEqual(form.name, "Acme")
        account = form.save()
        self.assertRecordValues(
            account,
            [
                {
                    "mode": "prepaid",
                    "state": "active",
                    "credit_limit": 0.0,
                    "currency_id": self.env.company.currency_id.id,
                    "payer_id": account.id,
                    "bill_account_id": account.id,
                    "available": 0.0,
                }
            ],
        )
        self.assertTrue(account.wallet_id)
        self.assertRegex(account.code, r"^VA\d{5,}$")

    def test_codes_count_up_and_are_unique_in_a_company(self):
        first, second = self._create_account(), self._create_account()
        self.assertNotEqual(first.code, second.code)
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self._create_account(code=first.code)

    def test_a_code_is_plain_ascii(self):
        for code in ("a b", "ä", "x" * 65, "a/b", "١٢٣", "a\nb"):
            with self.subTest(code=code), mute_logger("odoo.sql_db"):
                with self.assertRaises(IntegrityError), self.env.cr.savepoint():
                    self._create_account(code=code)
        self.assertEqual(self._create_account(code="A.b_c-1").code, "A.b_c-1")

    def test_the_profile_gives_its_terms_and_the_account_may_override_them(self):
        profile = self.env.ref("voip_billing_base.voip_billing_profile_15n15")
        account = self._create_account(profile_id=profile.id, closing_delay_hours=48)
        self.assertEqual(account.cycle, "twice_month")
        self.assertEqual(account.payment_term_id, profile.payment_term_id)
        self.assertEqual(account.closing_delay_hours, 48)
        profile.cycle = "daily"
        self.assertEqual(account.cycle, "twice_month", "a profile is a template")

    def test_a_profile_without_time_zone_leaves_the_account_its_own(self):
        profile = self.env.ref("voip_billing_base.voip_billing_profile_15n15")
        self.assertFalse(profile.tz)
        account = self._create_account(profile_id=profile.id, tz="Asia/Tokyo")
        self.assertEqual(account.tz, "Asia/Tokyo")
        zoned = profile.copy({"tz": "Europe/Berlin"})
        account = self.env["voip.account"].create(
            {"partner_id": self.partner.id, "profile_id": zoned.id}
        )
        self.assertEqual(account.tz, "Europe/Berlin")

    def test_terms_out_of_bounds_are_refused(self):
        account = self._create_account()
        for values in (
            {"invoice_day": 0},
            {"invoice_day": 29},
            {"cycle_days": 0},
            {"cycle_days": 367},
            {"closing_delay_hours": -1},
            {"low_balance_percent_1": 101},
            {"auto_recharge_amount": -1},
            {"credit_limit": -0.01},
            {"credit_limit": 1e15 + 1},
        ):
            with self.subTest(values), mute_logger("odoo.sql_db"):
                with self.assertRaises(IntegrityError), self.env.cr.savepoint():
                    account.write(values)

    def test_limits_that_are_no_number_are_refused(self):
        account = self._create_account()
        for value in (float("nan"), float("inf"), "NaN", "1e400"):
            for field in ("credit_limit", "overdraft_amount", "auto_recharge_amount"):
                with self.subTest(field=field, value=value):
                    with self.assertRaises(UserError):
                        account.write({field: value})

    # === STRUCTURE === #

    def test_payer_and_invoice_follow_the_structure(self):
        top = self._create_account()
        middle = self._create_account(parent_id=top.id, pay_by_parent=True)
        leaf = self._create_account(parent_id=middle.id, consolidated_billing=True)
        alone = self._create_account(parent_id=middle.id)
        self.assertRecordValues(
            top + middle + leaf + alone,
            [
                {"payer_id": top.id, "bill_account_id": top.id},
                {"payer_id": top.id, "bill_account_id": middle.id},
                {"payer_id": top.id, "bill_account_id": middle.id},
                {"payer_id": alone.id, "bill_account_id": alone.id},
            ],
        )
        middle.pay_by_parent = False
        self.assertEqual(leaf.payer_id, middle)

    def test_an_account_is_not_its_own_ancestor(self):
        top = self._create_account()
        middle = self._create_account(parent_id=top.id)
        leaf = self._create_account(parent_id=middle.id)
        for parent in (top, middle, leaf):
            with self.subTest(parent=parent.name), self.assertRaises(UserError):
                top.parent_id = parent

    def test_parent_and_child_share_the_currency(self):
        top = self._create_account()
        with self.assertRaises(ValidationError):
            self._create_account(parent_id=top.id, currency_id=self.eur.id)

    def test_a_parent_is_of_the_same_company(self):
        other = self.setup_other_company()["company"]
        foreign = self._create_account(
            company_id=other.id, currency_id=self.env.company.currency_id.id
        )
        with self.assertRaises(UserError):
            self._create_account(parent_id=foreign.id)

    def test_currency_is_fixed_once_the_wallet_has_moved(self):
        account = self._create_account()
        self._topup(account, 10)
        with self.assertRaises(UserError):
            account.currency_id = self.eur

    def test_who_pays_is_fixed_while_usage_waits_for_its_invoice(self):
        top = self._create_account()
        middle = self._create_account(parent_id=top.id)
        leaf = self._create_account(parent_id=middle.id, pay_by_parent=True)
        self._open_usage(leaf)
        for values in (
            {"pay_by_parent": False},
            {"consolidated_billing": True},
            {"parent_id": False},
        ):
            with self.subTest(values), self.assertRaises(UserError):
                leaf.write(values)
        with self.assertRaises(UserError, msg="it would move the leaf's payer too"):
            middle.pay_by_parent = True

    # === LIMITS === #

    def test_the_wallet_limit_is_the_credit_limit_or_a_valid_overdraft(self):
        with freeze_time("2026-03-10 12:00:00"):
            account = self._create_account(tz="Pacific/Auckland")  # UTC+13
            for values, limit in (
                ({"credit_limit": 50}, "0"),
                ({"mode": "postpaid"}, "50.00"),
                ({"mode": "hybrid"}, "50.00"),
                (
                    {
                        "mode": "prepaid",
                        "overdraft_amount": 5,
                        "overdraft_until": date(2026, 3, 11),
                    },
                    "5.00",
                ),
                ({"overdraft_until": date(2026, 3, 10)}, "0"),
            ):
                account.write(values)
                with self.subTest(values):
                    self.assertEqual(account._wallet_limit(), Decimal(limit))
                    self.assertEqual(account.wallet_id.limit_amount, float(limit))

    def test_an_overdraft_ends_by_itself_on_its_last_local_day(self):
        with freeze_time("2026-03-10 12:00:00"):
            account = self._create_account(
                tz="Pacific/Auckland",
                overdraft_amount=5,
                overdraft_until=date(2026, 3, 11),
            )
        cron = self.env.ref("voip_billing_base.ir_cron_expire_overdrafts").sudo()
        for now, limit in (("2026-03-11 10:00:00", 5.0), ("2026-03-11 12:00:00", 0.0)):
            with freeze_time(now), self.subTest(now):
                with self.enter_registry_test_mode():
                    cron.method_direct_trigger()
                self.env.invalidate_all()
                self.assertEqual(account.wallet_id.limit_amount, limit)

    def test_a_copy_starts_without_credit(self):
        account = self._create_account(
            mode="postpaid",
            credit_limit=100,
            overdraft_amount=5,
            overdraft_until=date(2030, 1, 1),
        )
        account._set_state("suspended", "Late")
        copy = account.copy()
        self.assertRecordValues(
            copy,
            [
                {
                    "mode": "prepaid",
                    "credit_limit": 0.0,
                    "overdraft_amount": 0.0,
                    "overdraft_until": False,
                    "state": "active",
                }
            ],
        )
        self.assertNotEqual(copy.code, account.code)

    # === STATE === #

    def test_a_state_change_leaves_audit_note_and_queued_mail(self):
        account = self._create_account(partner_id=self.partner.id)
        ops = self.env["res.partner"].create(
            {"name": "Ops", "email": "ops@example.com"}
        )
        account.contact_ids = [(0, 0, {"partner_id": ops.id, "kind": "alert"})]
        wizard = (
            self.env["voip.account.state.wizard"]
            .with_user(self.billing_user)
            .create(
                {
                    "account_ids": account.ids,
                    "state": "suspended",
                    "reason": "Invoice overdue",
                }
            )
        )
        wizard.action_apply()
        self.assertEqual(account.state, "suspended")
        entry = self.env["voip.audit"].search(
            [("event", "=", "account_state"), ("res_id", "=", account.id)]
        )
        self.assertEqual(entry.user_id, self.billing_user)
        self.assertIn("Invoice overdue", entry.data)
        self.assertIn("Invoice overdue", account.message_ids.mapped("preview"))
        mail = self.env["mail.mail"].search(
            [("model", "=", "voip.account"), ("res_id", "=", account.id)]
        )
        self.assertEqual(mail.recipient_ids, ops)
        self.assertEqual(mail.state, "outgoing")
        self.assertIn("Invoice overdue", mail.body_html)
        self.assertIn("Suspended", mail.body_html)

    def test_without_alert_contact_the_customer_gets_the_mail(self):
        account = self._create_account(partner_id=self.partner.id)
        account._set_state("blocked", "Fraud")
        mail = self.env["mail.mail"].search(
            [("model", "=", "voip.account"), ("res_id", "=", account.id)]
        )
        self.assertEqual(mail.recipient_ids, self.partner)

    def test_nobody_is_mailed_when_there_is_no_address(self):
        account = self._create_account()
        account._set_state("blocked", "Fraud")
        mails = self.env["mail.mail"].search_count(
            [("model", "=", "voip.account"), ("res_id", "=", account.id)]
        )
        self.assertFalse(mails)

    def test_a_state_change_needs_a_reason(self):
        account = self._create_account()
        for reason in ("", "   ", False):
            with self.subTest(reason=reason), self.assertRaises(UserError):
                account._set_state("suspended", reason)
        self.assertEqual(account.state, "active")

    def test_only_a_manager_opens_a_closed_account_again(self):
        account = self._create_account()
        account._set_state("closed", "Contract ended")
        with self.assertRaises(UserError):
            account.with_user(self.billing_user)._set_state("active", "Mistake")
        account._set_state("active", "Mistake")
        self.assertEqual(account.state, "active")

    def test_the_state_is_never_written_directly(self):
        account = self._create_account()
        for record in (account, account.sudo(), account.with_user(self.billing_user)):
            with self.assertRaises(UserError):
                record.write({"state": "blocked"})

    def test_an_account_is_archived_when_it_is_closed_and_invoiced(self):
        account = self._create_account()
        with self.assertRaises(UserError):
            account.action_archive()
        account._set_state("closed", "Contract ended")
        self._open_usage(account)
        with self.assertRaises(UserError):
            account.action_archive()
        idle = self._create_account()
        idle._set_state("closed", "Contract ended")
        idle.action_archive()
        self.assertFalse(idle.active)

    # === NUMBERS, PARTNERS === #

    def test_a_number_belongs_to_one_account(self):
        first, second = self._create_account(), self._create_account()
        first.number_ids = [(0, 0, {"number": "442071838750"})]
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            second.number_ids = [(0, 0, {"number": "442071838750"})]
            self.env.flush_all()

    def test_a_number_may_be_written_as_people_write_it(self):
        account = self._create_account()
        account.number_ids = [(0, 0, {"number": "+44 (20) 7183-8750"})]
        self.assertEqual(account.number_ids.number, "442071838750")
        account.number_ids.number = "+1 212.555.0100"
        self.assertEqual(account.number_ids.number, "12125550100")

    def test_a_number_is_digits(self):
        account = self._create_account()
        for number in ("044207", "44a", "44;207", "٤٤٢٠٧", "1" * 16, "+"):
            with self.subTest(number=number), mute_logger("odoo.sql_db"):
                with self.assertRaises(IntegrityError), self.env.cr.savepoint():
                    account.number_ids = [(0, 0, {"number": number})]
                    self.env.flush_all()

    def test_the_partner_counts_and_opens_its_accounts(self):
        for _index in range(2):
            self._create_account(partner_id=self.partner.id)
        self.assertEqual(self.partner.voip_account_count, 2)
        action = self.partner.action_view_voip_accounts()
        self.assertEqual(
            self.env["voip.account"].search_count(action["domain"]),
            2,
        )

    def test_an_account_is_never_deleted(self):
        account = self._create_account()
        with self.assertRaises(UserError):
            account.unlink()
        self.assertTrue(account.exists())

    def test_every_button_of_the_account_opens_something(self):
        account = self._create_account()
        for name in (
            "action_view_usage",
            "action_view_summaries",
            "action_view_entries",
            "action_view_invoices",
            "action_view_children",
            "action_view_recharges",
            "action_topup",
            "action_change_state",
        ):
            with self.subTest(name):
                action = getattr(account, name)()
                model = self.env[action["res_model"]]
                model.search_count(action["domain"] or [])
                modes = action["view_mode"].split(",")
                model.get_views([(False, mode) for mode in modes])
