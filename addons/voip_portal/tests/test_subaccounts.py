"""A reseller makes and manages sub-accounts within what staff gave him, only his."""

from datetime import timedelta

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .portal_common import PortalCommon

LIST = "/subaccounts?account=auto-1"
ONE = "/subaccount?account=auto-1&sub=auto-1-1"


@tagged("post_install", "-at_install")
class TestSubAccounts(PortalCommon):
    def setUp(self):
        super().setUp()
        self.account.write({"sub_account_limit": 2, "sub_month_limit_most": 50.3})
        self._login()

    def _make(self, name="Shop", code="auto-1-1", limit="20", **more):
        return self._post(LIST, name=name, code=code, limit=limit, **more)

    def _subs(self):
        self.env.invalidate_all()
        return self.account._managed()

    def _sub(self, **values):
        """One that is there already."""
        sub = self.account._make_sub_account("Shop", "auto-1-1", 20, self.partner)
        sub.write(values)
        return sub

    def _today(self):
        return self.env.cr.now().date()

    def test_one_is_made_that_the_reseller_pays_for(self):
        self.account.right_ids = [
            (0, 0, {"partner_id": self.user.partner_id.id, "right": "owner"})
        ]
        self.account.event_pricelist_id = self.env["voip.event.pricelist"].create(
            {
                "name": "Own",
                "code": "OWN",
                "currency_id": self.account.currency_id.id,
            }
        )
        self.assertIn('value="auto-1-1"', self._get(LIST).text)
        sent = self._make(name=" Shop  <b>1 ", limit="50.30")
        self.assertIn("The sub-account is made.", sent.text)
        self.assertNotIn("<b>1", sent.text)
        sub = self._subs()
        made = (sub.name, sub.code, sub.month_limit)
        self.assertEqual(made, ("Shop <b>1", "auto-1-1", 50.3))
        self.assertEqual(sub.payer_id, self.account)
        self.assertEqual(sub.bill_account_id, self.account)
        self.assertEqual(sub.event_pricelist_id, self.account.event_pricelist_id)
        self.assertEqual((sub.state, sub.mode), ("active", "prepaid"))
        self.assertEqual(sub.right_ids.partner_id, self.user.partner_id)
        self.assertIn('value="auto-1-2"', self._get(LIST).text)
        self.assertEqual(self._get("?account=auto-1-1").status_code, 200)
        log = self.env["voip.audit"].search([("event", "=", "sub_account")])
        self.assertEqual(len(log), 1)

    def test_staff_says_how_many_and_how_large(self):
        for wrong, told in (
            ({"limit": "50.31"}, "not above"),
            ({"limit": ""}, "not above"),
            ({"limit": "-1"}, "write an amount"),
            ({"name": " "}, "Give a name"),
            ({"name": "x" * 101}, "Give a name"),
            ({"code": "CANARY"}, "A code begins with auto-1-"),
            ({"code": "auto-1-"}, "A code begins with auto-1-"),
            ({"code": "auto-1-/"}, "A code begins with auto-1-"),
            ({"code": "auto-1-" + "x" * 64}, "A code begins with auto-1-"),
        ):
            with self.subTest(wrong):
                self.assertIn(told, self._make(**wrong).text)
        self.assertFalse(self._subs())
        self._make()
        self.assertIn("this one is taken", self._make().text)
        self._make(code="auto-1-b")
        self.assertIn("please ask us for more", self._make(code="auto-1-c").text)
        self.assertEqual(len(self._subs()), 2)
        # One that is closed makes place for another.
        self._post(ONE, do="close")
        self.assertIn("is made", self._make(code="auto-1-c").text)

    def test_two_at_once_do_not_take_the_same_place(self):
        """Each makes a new version of the row: the later one has to begin anew."""
        version = "SELECT ctid::text FROM voip_account WHERE id = %s"
        self.env.flush_all()
        self.env.cr.execute(version, [self.account.id])
        before = self.env.cr.fetchone()
        self.account.sub_account_limit = 0
        self.env.flush_all()
        self.env.cr.execute(version, [self.account.id])
        middle = self.env.cr.fetchone()
        with self.assertRaisesRegex(UserError, "ask us for more"):
            self.account._make_sub_account("x", "auto-1-x", 1, self.partner)
        self.env.cr.execute(version, [self.account.id])
        self.assertEqual(len({before, middle, self.env.cr.fetchone()}), 3)

    def test_owners_change_suspend_resume_and_close(self):
        sub = self._sub()
        self.assertIn("Saved.", self._post(ONE, do="save", name="New", limit="30").text)
        self._post(ONE, do="suspend")
        self.env.invalidate_all()
        self.assertEqual((sub.name, sub.month_limit), ("New", 30))
        self.assertEqual((sub.state, sub.suspended_by), ("suspended", "parent"))
        self._post(ONE, do="resume")
        self.env.invalidate_all()
        self.assertEqual((sub.state, sub.suspended_by), ("active", False))
        self._post(ONE, do="close")
        self.env.invalidate_all()
        self.assertEqual(sub.state, "closed")
        for what in ("resume", "suspend", "save"):
            self.assertIn("closed for good", self._post(ONE, do=what, name="x").text)

    def test_what_staff_suspended_or_blocked_stays_so(self):
        sub = self._sub()
        self._post(ONE, do="suspend")
        self.env.invalidate_all()
        for state in ("blocked", "suspended"):
            sub._set_state(state, "Fraud")
            self.assertFalse(sub.suspended_by)
            for what in ("resume", "suspend"):
                self.assertIn('role="alert"', self._post(ONE, do=what).text)
            self.env.invalidate_all()
            self.assertEqual(sub.state, state)
        sub._set_state("blocked", "Fraud")
        self.assertIn("We blocked this", self._post(ONE, do="close").text)

    def test_while_the_reseller_is_stopped_nothing_is_resumed(self):
        sub = self._sub()
        self._post(ONE, do="suspend")
        self.account._set_state("blocked", "Fraud")
        self.assertIn("cannot resume", self._post(ONE, do="resume").text)
        self.env.invalidate_all()
        sub.suspended_by = "limit"
        self.env["voip.account"]._cron_month_limits()
        self.assertEqual(sub.state, "suspended")
        self.assertIn("Only an active", self._make(code="auto-1-2").text)

    def test_what_is_active_stops_and_goes_on_with_the_reseller(self):
        sub = self._sub()
        other = self.account._make_sub_account("Two", "auto-1-2", 1, self.partner)
        other._set_state("suspended", "Fraud")
        mails = [("model", "=", "voip.account"), ("res_id", "=", sub.id)]
        before = self.env["mail.mail"].search_count(mails)
        for state in ("suspended", "blocked"):
            self.account._set_state(state, "Not paid")
            self.assertEqual((sub.state, sub.suspended_by), (state, "above"))
        self.assertIn("cannot resume", self._post(ONE, do="resume").text)
        self.account._set_state("active", "Paid")
        self.assertEqual((sub.state, sub.suspended_by), ("active", False))
        self.assertEqual((other.state, other.suspended_by), ("suspended", False))
        self.assertEqual(self.env["mail.mail"].search_count(mails), before)
        self._use(sub, self._today(), "Now", "20")
        self.account._set_state("suspended", "Not paid")
        self.account._set_state("active", "Paid")
        self.assertEqual((sub.state, sub.suspended_by), ("suspended", "limit"))

    def test_the_limit_of_a_month_suspends_until_it_is_over(self):
        sub = self._sub()
        first = self._today().replace(day=1)
        self._use(sub, first - timedelta(days=1), "Before", "99")
        self._use(sub, first, "Now", "16.66", tax="3.33")
        self.env["voip.account"]._cron_month_limits()
        self.assertEqual(sub.state, "active")
        self._use(sub, first, "Last", "0.01")
        self.env["voip.account"]._cron_month_limits()
        self.assertEqual((sub.state, sub.suspended_by), ("suspended", "limit"))
        self.assertIn("the limit of the month is reached", self._get(ONE).text)
        self.assertIn("raise it first", self._post(ONE, do="resume").text)
        self.env.invalidate_all()
        self.assertEqual((sub.state, sub.suspended_by), ("suspended", "limit"))
        # The next month begins: nothing of it is used.
        self.env.cr.execute(
            "UPDATE voip_usage_summary SET local_day = %s WHERE account_id = %s",
            [first - timedelta(days=1), sub.id],
        )
        self.env["voip.account"]._cron_month_limits()
        self.assertEqual((sub.state, sub.suspended_by), ("active", False))

    def test_a_raised_limit_counts_at_once(self):
        sub = self._sub()
        self._use(sub, self._today(), "Now", "20")
        self.env["voip.account"]._cron_month_limits()
        self.assertEqual(sub.state, "suspended")
        self._post(ONE, do="save", name="Shop", limit="20.01")
        self.env.invalidate_all()
        self.assertEqual(sub.state, "active")
        self._post(ONE, do="save", name="Shop", limit="19")
        self.env.invalidate_all()
        self.assertEqual(sub.state, "suspended")

    @mute_logger("odoo.http")
    def test_others_find_nothing_and_who_may_not_changes_nothing(self):
        sub = self._sub()
        self.foreign.sub_account_limit = 1
        theirs = self.foreign._make_sub_account("Canary", "CANARY-1", 0, self.other)
        for path in (
            "/subaccounts?account=SECOND",
            "/subaccounts?account=CANARY",
            "/subaccount?account=auto-1&sub=CANARY-1",
            "/subaccount?account=auto-1&sub=auto-1",
            "/subaccount?account=auto-1&sub=nothing",
            "/subaccount?account=CANARY&sub=CANARY-1",
            "/subaccounts?account=auto-1-1",
        ):
            with self.subTest(path):
                self.assertEqual(self._get(path).status_code, 404)
        self.assertNotIn("CANARY", self._get(LIST).text)
        self.assertEqual(self._post(ONE, do="nonsense").status_code, 404)
        self.assertEqual(self._get(ONE, data={"do": "close"}).status_code, 400)
        self._customer(self.partner, "reader")
        reader = self.env["res.users"].search([("login", "=", "portal_reader")])
        self.account.right_ids = [
            (0, 0, {"partner_id": user.partner_id.id, "right": right})
            for user, right in ((self.user, "owner"), (reader, "reader"))
        ]
        sub.right_ids = [
            (0, 0, {"partner_id": self.user.partner_id.id, "right": "owner"})
        ]
        self._login("reader")
        self.assertNotIn("auto-1-1", self._get(LIST).text)
        self.assertIn("not change it", self._make(code="auto-1-2").text)
        self.assertEqual(self._get(ONE).status_code, 404)
        self.assertEqual(theirs.state, "active")
        self.assertEqual(self._subs(), sub)

    def test_nobody_is_invited_to_a_sub_account(self):
        self._sub()
        page = "/contacts?account=auto-1-1"
        self.assertNotIn("Invite a contact", self._get(page).text)
        form = {"invite": "1", "name": "X", "email": "x@example.com", "right": "reader"}
        self.assertIn("to the parent account", self._post(page, **form).text)

    def test_only_an_approver_lets_an_account_pay_for_others(self):
        clerk = new_test_user(
            self.env, login="clerk", groups="voip_billing_base.group_voip_manager"
        )
        mine = self.account.with_user(clerk)
        for values in (
            {"sub_account_limit": 9},
            {"sub_month_limit_most": 0},
            {"managed_by_parent": True},
        ):
            with self.assertRaises(AccessError):
                mine.write(values)
        with self.assertRaises(ValidationError):
            self.foreign.write(
                {"parent_id": self.account.id, "managed_by_parent": True}
            )
