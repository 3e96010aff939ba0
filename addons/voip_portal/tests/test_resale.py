"""A reseller's prices: exact, dated, never changed once they have begun."""

from datetime import timedelta
from decimal import Decimal

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import SQL, mute_logger

from ..resale.prices import Markups, resold
from .resale_common import ResaleCommon


@tagged("post_install", "-at_install")
class TestResale(ResaleCommon):
    def test_sums_of_calls_and_of_summaries_are_the_same_exactly(self):
        for days, percent, service in (
            (3, "33.3333", None),
            (2, "7.0001", self.deck.service_id),
            (1, "-50", None),
            (0, "0.0001", self.deck.service_id),
        ):
            self._mark(percent, self.today - timedelta(days), service)
        for days in range(5):
            begin = self._midnight(self.today - timedelta(days))
            for n, seconds in enumerate((1, 37, 61)):
                at = begin - timedelta(seconds=1) if n else begin
                self._resold_call("441632960123", seconds, at + timedelta(minutes=-n))
                self._resold_call("4915112345", seconds, at + timedelta(minutes=-n))
        total = self._by_hand()
        self.assertTrue(total)
        self.assertEqual(self._summed("voip_usage_summary"), total)
        self.assertEqual(self._summed("voip_usage"), total)

    def test_a_mark_up_begins_at_midnight_of_the_accounts_zone(self):
        self._mark("10", self.today - timedelta(2))
        self._mark("100", self.today - timedelta(1))
        begin = self._midnight(self.today - timedelta(1))
        self._resold_call("4915112345", 60, begin - timedelta(seconds=1))
        self.assertEqual(self._summed("voip_usage_summary"), Decimal("0.055"))
        self._resold_call("4915112345", 60, begin)
        self.assertEqual(self._summed("voip_usage_summary"), Decimal("0.155"))

    def test_before_the_first_mark_up_there_is_no_price(self):
        self._resold_call("4915112345", 60, self._midnight(self.today))
        self.assertEqual(self._summed("voip_usage"), 0)
        rows = [(None, self.today, Decimal(5)), (7, self.today, Decimal(9))]
        prices = Markups(rows)
        self.assertIsNone(prices.percent(7, self.today - timedelta(1)))
        self.assertEqual(prices.percent(7, self.today), 9)
        self.assertEqual(prices.percent(8, self.today), 5)
        later = self.today + timedelta(1)
        prices = Markups([*rows, (None, later, Decimal(6))])
        self.assertEqual(prices.changes(self.today, {7}), [])
        self.assertEqual(prices.changes(self.today, {7, 8}), [later])
        self.assertEqual(resold(Decimal("0.00000001"), Decimal("0.0001")),
                         Decimal("0.00000001000001"))  # fmt: skip

    def _set(self, day, by=None):
        none = self.env["voip.service"]
        self.account._set_markup(self.sub, none, Decimal(1), day, by or self.partner)

    @mute_logger("odoo.sql_db")
    def test_a_mark_up_has_bounds_and_a_day_from_today_on(self):
        for percent in ("-50.0001", "1000.0001"):
            with self.assertRaises(IntegrityError):
                self._mark(percent)
                self.env.flush_all()
        yesterday = self.today - timedelta(1)
        model = self.env["voip.resale.markup"]
        with self.assertRaisesRegex(UserError, "today or later"):
            with self.env.cr.savepoint():
                self._set(yesterday)
        with self.assertRaisesRegex(UserError, "for all services"):
            with self.env.cr.savepoint():
                self._mark("1", service=self.rental)
        made = self._mark("-50") | self._mark("1000", service=self.rental)
        with self.assertRaisesRegex(UserError, "choose another day"):
            self._mark("2")
        with self.assertRaisesRegex(UserError, "never changed"):
            made[0].percent = 3
        with self.assertRaisesRegex(UserError, "has begun"):
            made[1].unlink()
        with self.assertRaisesRegex(UserError, "has no mark-ups"):
            model.create(
                {"account_id": self.second.id, "percent": 1, "date_from": self.today}
            )

    def test_what_has_not_begun_may_be_withdrawn(self):
        later = self.today + timedelta(9)
        general = self._mark("5", later)
        single = self._mark("6", later, self.rental)
        with self.assertRaisesRegex(UserError, "of single services first"):
            self.account._withdraw_markup(general, self.partner)
        self.account._withdraw_markup(single, self.partner)
        self.account._withdraw_markup(general, self.partner)
        self.assertFalse(self.sub.resale_markup_ids)

    def _wrong(self):
        self.env.flush_all()
        checks = self.env["voip.check"]._checks(None, True)
        self.env.cr.execute(next(c[2] for c in checks if c[0] == "resale_markups"))
        return self.env.cr.fetchone()[0]

    def test_a_mark_up_that_was_changed_behind_the_back_is_found(self):
        made = self._mark("5") | self._mark("7", service=self.rental)
        gone = self._mark("9", self.today + timedelta(3))
        self.account._withdraw_markup(gone, self.partner)
        self.assertEqual(self._wrong(), 0)
        for name, value in (
            ("percent", 6),
            ("date_from", self.today - timedelta(1)),
            ("account_id", self.second.id),
        ):
            with self.subTest(name), self.env.cr.savepoint() as undo:
                change = SQL("%s = %s", SQL.identifier(name), value)
                which = made[1].id
                self.env.cr.execute(
                    SQL("UPDATE voip_resale_markup SET %s WHERE id = %s", change, which)
                )
                self.assertEqual(self._wrong(), 1)
                undo.rollback()
        self.env.cr.execute(
            "DELETE FROM voip_resale_markup WHERE id = %s", [made[1].id]
        )
        self.assertEqual(self._wrong(), 1)

    def test_who_may_say_what_it_costs(self):
        """Owners of the parent and, in the back office, managers and approvers."""
        values = {"account_id": self.sub.id, "percent": 1, "date_from": self.today}
        for role, allowed in (("manager", True), ("approver", True), ("user", False)):
            person = new_test_user(
                self.env, login=role, groups=f"voip_billing_base.group_voip_{role}"
            )
            model = self.env["voip.resale.markup"].with_user(person)
            self.assertEqual(model.has_access("create"), allowed)
            self.assertFalse(model.has_access("write"))
        model.env["voip.resale.markup"].sudo().create(values)
        clerk = new_test_user(
            self.env, login="clerk", groups="voip_billing_base.group_voip_manager"
        )
        for given in ({"may_resell": True}, {"resale_partner_id": self.other.id}):
            with self.assertRaises(AccessError):
                self.second.with_user(clerk).write(given)
        reader = self._customer(self.partner, "reader").partner_id
        self.account.right_ids = [(0, 0, {"partner_id": reader.id, "right": "reader"})]
        for by in (reader, self.other, self.stranger.partner_id):
            with self.assertRaisesRegex(UserError, "not change it"):
                self._set(self.today, by)
        self.account.may_resell = False
        with self.assertRaisesRegex(UserError, "not change it"):
            self._mark("3", self.today + timedelta(1))

    def test_who_it_is_resold_to_is_a_company_below_the_reseller(self):
        self._mark("5")
        child = self.env["res.partner"].create(
            {"name": "Own", "is_company": True, "parent_id": self.other.id}
        )
        person = self.user.partner_id
        for wrong in (self.other, child, person, self.partner):
            with self.assertRaises(ValidationError):
                self.sub.resale_partner_id = wrong
        self.account._resell_to(self.sub, "End GmbH", self.partner)
        customer = self.sub.resale_partner_id
        self.assertEqual(customer.commercial_partner_id, customer)
        self.assertEqual(self.sub.partner_id, self.partner)
        self.assertEqual(self.sub.resale_since, self.today)
        # His own address is not the reseller's, nor are his people the reseller's.
        self.assertFalse(customer.street or customer.email)
        self.account._end_resale(self.sub, self.partner)
        self.account._resell_to(self.sub, "Next GmbH", self.partner)
        self.assertEqual(self.sub.resale_since, self.today + timedelta(1))

    def test_people_of_his_customer_have_no_right_on_the_resellers_account(self):
        self._mark("5")
        user = self._customer_of()
        self.assertNotIn(user.partner_id, self.account._portal_contacts())
        self.assertIn(self.user.partner_id, self.account._portal_contacts())
        self.assertIsNone(self.sub._portal_right(user.partner_id))
        for name in ("voip.account", "voip.usage", "voip.usage.summary"):
            span = [("started_at", ">", "2026-01-01")] if name == "voip.usage" else []
            found = self.env[name].with_user(user).search(span)
            self.assertFalse(found, name)
        with self.assertRaises(AccessError):
            self.env["voip.resale.markup"].with_user(user).search([])
