"""Rental that was charged before the module was uninstalled and installed again."""

from freezegun import freeze_time

from odoo.tests import tagged

from ..rental import kept
from .common import NumbersCommon

GONE = (
    "voip_did_suspension",
    "voip_did_charge",
    "voip_did_assignment",
)


@tagged("post_install", "-at_install")
class TestUninstall(NumbersCommon):
    def setUp(self):
        super().setUp()
        self.did = self._did()

    def _installed_again(self):
        """Uninstall and install: what the module's own tables had is gone."""
        self.env.flush_all()
        kept.keep(self.env.cr)
        self._empty(GONE)

    def _charged_april(self, **values):
        with freeze_time("2026-04-01 12:00:00"):
            plan = self._plan("p", 3.0, setup=5.0, **values)
            self._assign(self.did, "2026-04-01", plan=plan)
            self._charge()
        return plan

    def test_usage_of_the_installation_before_is_no_violation(self):
        self._charged_april()
        self._installed_again()
        self.assertEqual(self.account.wallet_id.unbilled, 8.0)
        self.assertWhole()

    def test_days_that_were_paid_for_are_not_charged_again_nor_setup(self):
        plan = self._charged_april()
        self._installed_again()
        with freeze_time("2026-04-10 12:00:00"):
            one = self._assign(self.did, "2026-04-10", plan=plan)
            self.assertEqual(self._charge(), {})
            self.assertEqual(self._charge(), {})
        with freeze_time("2026-05-02 12:00:00"):
            self.assertEqual(self._charge(), {"USD": "3.00000000"})
        self.assertEqual(self._charges(one), [("2026-05-01", "monthly", 1, 31, 3.0)])
        self.assertWhole()

    def test_open_usage_takes_charges_of_both_installations(self):
        plan = self._charged_april()
        self._installed_again()
        with freeze_time("2026-04-01 12:00:00"):
            self._assign(self._did("4930555001"), "2026-04-01", plan=plan)
            self.assertEqual(self._charge(), {"USD": "8.00000000"})
        self.assertWhole()

    def test_only_days_that_were_given_back_are_charged(self):
        plan = self._charged_april(quarantine_days=0)
        with freeze_time("2026-04-10 12:00:00"):
            self.env["voip.did.assignment"].search([]).date_end = "2026-04-10"
            self._charge()
        self._installed_again()
        with freeze_time("2026-04-10 12:00:00"):
            self._assign(self.did, "2026-04-06", plan=plan)
            self.assertEqual(self._charge(), {"USD": "2.00000000"})
        self.assertWhole()

    def test_another_account_pays_its_days(self):
        plan = self._charged_april()
        self._installed_again()
        other = self._create_account(code="numbers-2", cycle="monthly")
        with freeze_time("2026-04-16 12:00:00"):
            self._assign(self.did, "2026-04-16", account=other, plan=plan)
            self.assertEqual(self._charge(other), {"USD": "6.50000000"})
        self.assertWhole()

    def test_suspended_days_that_were_paid_for_count_once(self):
        plan = self._charged_april()
        self._installed_again()
        with freeze_time("2026-04-10 12:00:00"):
            one = self._assign(self.did, "2026-04-10", plan=plan)
            self._charge()
        with freeze_time("2026-04-20 12:00:00"):
            self.did._suspend("Asked for.")
        with freeze_time("2026-05-11 12:00:00"):
            self.did._resume()
            self._charge()
        self.assertEqual(
            self._charges(one), [("2026-05-01", "monthly", 1, 21, 2.03225806)]
        )
        self.assertWhole()

    def test_what_was_kept_is_guarded_and_compared_with_its_usage(self):
        self._charged_april()
        self._installed_again()
        cr = self.env.cr
        cr.execute("ALTER TABLE voip_did_charge_kept DISABLE TRIGGER USER")
        cr.execute("UPDATE voip_did_charge_kept SET amount = 4 WHERE fee = 'monthly'")
        broken = self.env["voip.check"].sudo().run()
        found = {row["name"] for row in broken if row["violations"]}
        self.assertLessEqual({"did_usage", "did_covered"}, found)
