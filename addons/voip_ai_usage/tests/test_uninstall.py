"""AI voice that was charged before the module was uninstalled and installed again."""

from freezegun import freeze_time

from odoo.tests import tagged

from ..sessions import kept
from .common import AiCommon

GONE = (
    "voip_ai_charge",
    "voip_ai_session",
    "voip_ai_month",
    "voip_ai_volume",
    "voip_ai_subscription",
)


@tagged("post_install", "-at_install")
class TestUninstall(AiCommon):
    def _installed_again(self):
        """Uninstall and install: what the module's own tables had is gone."""
        self.env.flush_all()
        kept.keep(self.env.cr)
        self._empty(GONE)

    def _april(self, start, end=False, **values):
        """A plan of 300 a month from a day to a day; what its fee comes to now."""
        plan = self._plan(f"p-{start}", monthly_fee=300, **values)
        with freeze_time("2026-04-20 12:00:00"):
            one = self._subscribe(plan, start, end)
            return one._charge_fees(self.env.company.id).get(self.account.id, 0)

    def test_usage_of_the_installation_before_is_no_violation(self):
        self._usual_prices()
        self._send(self._session(1), self._session(2))
        self._send(self._session(2, revision=1, prompt_tokens=2000))
        before = self._unbilled()
        self._installed_again()
        self.assertWhole()
        self._send(self._session(3))
        self.assertEqual(self._unbilled(), before + 0.008)
        self.assertWhole()

    def test_a_session_that_was_charged_is_a_duplicate(self):
        self._usual_prices()
        self._send(self._session(1, revision=1))
        before = self._unbilled()
        self._installed_again()
        answer = self._send(self._session(1, revision=1), self._session(1))
        self.assertEqual((answer["accepted"], answer["duplicates"]), (0, 2))
        answer = self._send(self._session(1, revision=2, prompt_tokens=9000))
        (error,) = answer["errors"]
        self.assertEqual(error["code"], "conflict")
        self.assertIn("credit its usage", error["message"])
        self.assertEqual(self._unbilled(), before)

    def test_days_whose_fee_was_paid_are_not_charged_again(self):
        self.assertEqual(self._april("2026-04-01"), 300)
        self._installed_again()
        self.assertEqual(self._april("2026-04-10"), 0)
        self.assertWhole()

    def test_only_days_after_the_old_end_are_charged(self):
        self.assertEqual(self._april("2026-04-01", "2026-04-15"), 150)
        self._installed_again()
        self.assertEqual(self._april("2026-04-11"), 150)
        self.assertWhole()

    def test_a_whole_month_is_paid_once(self):
        self.assertEqual(self._april("2026-04-20", prorate="whole"), 300)
        self._installed_again()
        self.assertEqual(self._april("2026-04-05", prorate="whole"), 0)

    def test_what_was_kept_is_guarded_and_compared_with_its_usage(self):
        self._usual_prices()
        self._send(self._session(1))
        self._installed_again()
        cr = self.env.cr
        cr.execute("ALTER TABLE voip_ai_charge_kept DISABLE TRIGGER USER")
        cr.execute("UPDATE voip_ai_charge_kept SET amount = amount + 1")
        broken = self.env["voip.check"].sudo().run()
        found = {row["name"] for row in broken if row["violations"]}
        self.assertLessEqual({"ai_usage", "ai_covered", "ai_refuses"}, found)
