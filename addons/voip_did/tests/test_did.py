"""Numbers, who has them, and what is refused."""

from datetime import date, timedelta

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from .common import NumbersCommon


@tagged("post_install", "-at_install")
class TestDid(NumbersCommon):
    @freeze_time("2026-04-05 12:00:00")
    def test_a_number_is_at_one_account_a_day(self):
        did, other = self._did(), self._create_account(code="numbers-2")
        self._assign(did, "2026-04-05", "2026-04-30")
        for start, end in (
            ("2026-04-30", False),
            ("2026-04-01", "2026-04-05"),
            ("2026-04-10", "2026-04-12"),
        ):
            with (
                self.assertRaises(IntegrityError),
                mute_logger("odoo.sql_db"),
                self.env.cr.savepoint(),
            ):
                self._assign(did, start, end, account=other)
        self._assign(did, "2026-05-01", account=other)

    @freeze_time("2026-04-05 12:00:00")
    def test_the_state_follows_what_happens(self):
        did = self._did("+49 (30) 555-000")
        self.assertEqual((did.number, did.state), ("4930555000", "free"))
        one = self._assign(did, "2026-04-05")
        self.assertEqual((did.state, did.account_id), ("assigned", self.account))
        order = self.env["voip.did.port"].create(
            {"direction": "out", "did_ids": [(6, 0, did.ids)], "reason": "No more."}
        )
        self.assertEqual(did.state, "porting_out")
        order.action_cancel()
        one.date_end = "2026-04-05"
        self.assertEqual(did.state, "assigned")

    def test_a_bad_number_is_refused_with_its_reason(self):
        for number in ("030555", "12", "44abc", "1234567890123456"):
            with self.assertRefused(ValidationError, "4 to 15 digits"):
                self._did(number)

    def test_a_long_area_is_refused_from_people_as_from_programs(self):
        clerk = new_test_user(
            self.env, "did-area", groups="voip_billing_base.group_voip_manager"
        )
        did = self._did().with_user(clerk)
        did.area = "x" * 100
        with self.assertRaisesRegex(UserError, "at most 100"):
            did.area = "x" * 101

    @freeze_time("2026-04-05 12:00:00")
    def test_an_account_with_numbers_now_or_later_is_not_closed(self):
        did = self._did()
        for start, end in (("2026-04-05", False), ("2026-04-20", "2026-04-30")):
            one = self._assign(did, start, end)
            with self.assertRefused(UserError, "give 4930555000 back first"):
                self.account._set_state("closed", "Over.")
            one.unlink()
        self.account._set_state("closed", "Over.")

    def test_days_to_give_back_are_given_back_before_an_account_is_closed(self):
        with freeze_time("2026-04-01 12:00:00"):
            one = self._assign(self._did(), "2026-04-01")
            self._charge()
        with freeze_time("2026-05-01 12:00:00"):
            values = {"account_ids": [(6, 0, self.account.ids)]}
            run = self.env["voip.billing.run"].create(values)
            run.action_run()
            self.assertEqual(run.line_ids.mapped("state"), ["invoiced"])
        with freeze_time("2026-05-11 12:00:00"):
            with self.assertRefused(UserError, "has numbers"):
                self.account._set_state("closed", "Over.")
            one.date_end = "2026-05-10"
            # Whether something is in the way is asked without charging anything.
            self.account._refuse_dependants()
            # May was invoiced; most of it is to be given back.
            with self.assertRefused(UserError, "usage that is not invoiced"):
                self.account._set_state("closed", "Over.")
            self.assertEqual(self._charge(), {"USD": "-2.10000000"})

    @freeze_time("2026-04-05 12:00:00")
    def test_a_plan_in_another_currency_is_refused(self):
        plan = self._plan("euro", currency_id=self.env.ref("base.EUR").id)
        with self.assertRefused(ValidationError, "choose a plan in the account's"):
            self._assign(self._did(), "2026-04-05", plan=plan)

    def test_the_inventory_is_searched_as_numbers_are_written(self):
        found = self._did("4930554455") | self._did("4930445566")
        first = found[0]
        for text, wanted in (
            ("*4455", first),
            ("+49 30 55-4455", first),
            ("4455", found),
            ("49*55", first),
            ("493?554455", first),
            ("Berlin", found.browse()),
        ):
            with self.subTest(text):
                domain = [("id", "in", found.ids), ("number_pattern", "ilike", text)]
                self.assertEqual(found.search(domain), wanted)

    def test_numbers_without_an_account_are_found(self):
        taken, free = self._did("4930555101"), self._did("4930555102")
        self._assign(taken, date.today() - timedelta(days=40))
        account = self.account.id
        for operator, value, wanted in (
            ("=", False, free),
            ("!=", False, taken),
            ("=", account, taken),
            ("!=", account, free),
            ("in", [False, account], taken | free),
        ):
            with self.subTest(operator=operator, value=value):
                domain = [("id", "in", (taken | free).ids)]
                found = taken.search([*domain, ("account_id", operator, value)])
                self.assertEqual(found, wanted)

    def test_numbers_are_not_assigned_across_companies(self):
        other = self.env["res.company"].create({"name": "Other"})
        did = self._did("4930555124", company_id=other.id)
        wizard = self.env["voip.did.assign"].create(
            {
                "did_ids": [(6, 0, did.ids)],
                "account_id": self.account.id,
                "plan_id": self.plan.id,
            }
        )
        with self.assertRefused(UserError, "numbers, account and plan of one company"):
            wizard.action_apply()

    @freeze_time("2026-04-05 12:00:00")
    def test_the_wizard_proposes_a_plan_that_the_account_can_have(self):
        euro, dollar = self.env.ref("base.EUR").id, self.plan.currency_id.id
        accounts = [
            self._create_account(currency_id=one) for one in (dollar, euro, euro)
        ]
        own, foreign = self._plan("own"), self._plan("euro", currency_id=euro)
        self._assign(self._did(), "2026-04-01", account=accounts[2], plan=foreign)
        self._assign(self._did("4930555009"), "2026-04-01", plan=own)
        wizard = Form(self.env["voip.did.assign"])
        self.assertEqual(wizard.plan_id, self.plan, "the default one")
        for account, plan in (
            (accounts[1], foreign),
            (self.account, own),
            (accounts[2], foreign),
            (accounts[0], self.plan),
        ):
            wizard.account_id = account
            self.assertEqual(wizard.plan_id, plan, account.display_name)
        self._plan("euro-2", currency_id=euro)
        wizard.account_id = accounts[1]
        self.assertFalse(wizard.plan_id, "one of two is chosen by who knows")

    @freeze_time("2026-04-05 12:00:00")
    def test_the_wizard_shows_what_each_number_costs_at_the_account(self):
        plan = self._plan("tiers", 3.0, setup=2.0)
        since = {"effective_from": "2025-01-01", "plan_id": plan.id}
        plan.price_ids.create({**since, "fee": "monthly", "price": 2.5,
                               "min_numbers": 3})  # fmt: skip
        plan.price_ids.create({**since, "fee": "e911", "price": 0.75})
        plan.price_ids.create({**since, "fee": "channel", "price": 0.1})
        dids = self._did("4930555001") | self._did("4930555002", channels=10)
        self._assign(self._did("4930555003"), "2026-04-05", plan=plan)
        wizard = self.env["voip.did.assign"].create(
            {"did_ids": [(6, 0, dids.ids)], "plan_id": plan.id}
        )
        shown = wizard.setup_text, wizard.monthly_text
        self.assertEqual(shown, ("2.00 USD", "3.95 – 4.75 USD"))
        wizard.account_id = self.account
        self.assertEqual(wizard.monthly_text, "3.45 – 4.25 USD")
        plan.price_ids.create({**since, "fee": "monthly", "price": 1.0,
                               "account_id": self.account.id})  # fmt: skip
        wizard.invalidate_recordset()
        self.assertEqual(wizard.monthly_text, "1.95 – 2.75 USD")

    def test_a_number_is_found_as_it_is_shown(self):
        did = self._did("4930555123", area="Mitte")
        for text in ("+4930555123", "4930555123", "+49 30 555-12", "30555123", "Mit"):
            with self.subTest(text):
                self.assertIn(did.id, [one for one, _name in did.name_search(text)])
        self.assertFalse(did.name_search("+4930555124"))
