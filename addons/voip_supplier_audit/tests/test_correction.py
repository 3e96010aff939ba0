"""What is accepted beside our cost is cost of the calls, on their days."""

from unittest.mock import patch

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.voip_billing_base.charge.transaction import RetryTransaction

from ..corrections import book
from ..hooks import take_back_corrections
from .cost_common import CostCommon


@tagged("post_install", "-at_install")
class TestCorrection(CostCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.corrections = cls.env["voip.supplier.correction"]

    def _decided(self, lines, dispute=(), reject=(), **values):
        invoice = self._september(lines, tz="UTC", **values)
        invoice.action_reconcile()
        for line in invoice.line_ids:
            if line.prefix in dispute:
                line.action_dispute()
                line.reason = "Not as agreed."
            elif line.prefix in reject:
                line.action_reject()
                line.reason = "None of ours."
            else:
                line.action_accept()
        invoice.action_decide()
        return invoice

    def _work(self):
        with self.enter_registry_test_mode():
            self.env.ref(self.corrections._job_cron).method_direct_trigger()
        self.env.invalidate_all()

    def _cost(self, *domain):
        """{(day, destination): cost} of the summaries."""
        summaries = self.env["voip.usage.summary"].search(
            [("account_id", "=", self.account.id), *domain]
        )
        found = {}
        for one in summaries:
            key = str(one.local_day), one.label
            found[key] = round(found.get(key, 0) + one.cost, 8)
        return found

    def _ours(self):
        """Three calls to 447 on two days of September, one of 49."""
        for start, seconds in (
            ("2026-09-05T10:00:00Z", "60"),
            ("2026-09-05T11:00:00Z", "120"),
            ("2026-09-06T10:00:00Z", "60"),
        ):
            self._call("447700900123", start, seconds)
        self._call("4930123456", "2026-09-30T22:10:00Z", "120")

    def test_accepted_money_is_cost_of_the_calls_days_to_the_last_decimal(self):
        self._ours()
        before = self._cost()
        self.assertEqual(sum(before.values()), 0.5)
        invoice = self._decided(
            [
                {"prefix": "447", "minutes": "4", "amount": "0.50"},
                {"prefix": "49", "minutes": "2", "amount": "0.08"},
            ]
        )
        correction = invoice.correction_ids
        self.assertRecordValues(correction, [{"state": "waiting", "amount": 0.08}])
        self.assertEqual(self._cost(), before)
        self.assertWhole()
        self._work()
        self.assertRecordValues(
            correction,
            [{"state": "booked", "on_calls": 0.08, "without_calls": 0.0, "cost": 0.08}],
        )
        added = {key: round(now - before[key], 8) for key, now in self._cost().items()}
        days = {}
        for (day, _label), cost in added.items():
            days[day] = round(days.get(day, 0) + cost, 8)
        # Three of the four minutes to 447 are of the 5th.
        self.assertEqual(
            days, {"2026-09-05": 0.075, "2026-09-06": 0.025, "2026-09-30": -0.02}
        )
        self.assertWhole()

    def test_a_third_is_spread_so_that_nothing_is_lost(self):
        for day in ("05", "06", "07"):
            self._call("447700900123", f"2026-09-{day}T10:00:00Z")
        self._decided([{"prefix": "447", "minutes": "3", "amount": "0.40"}])
        self._work()
        self.assertEqual(
            sorted(self._cost().values()), [0.13333333, 0.13333333, 0.13333334]
        )
        self.assertWhole()

    def test_uninstalling_leaves_the_cost_of_usage(self):
        self._ours()
        before = self._cost()
        invoice = self._decided([{"prefix": "447", "minutes": "4", "amount": "0.50"}])
        self._work()
        self.assertNotEqual(self._cost(), before)
        take_back_corrections(self.env)
        self.env.invalidate_all()
        self.assertEqual(self._cost(), before)
        self.assertEqual(invoice.correction_ids.state, "withdrawn")
        self.assertWhole()

    def test_counts_and_sale_stay_as_they_are(self):
        self._ours()
        read = ["attempts", "calls", "units", "seconds", "amount", "tax"]
        before = self.env["voip.usage.summary"].search_read([], read, order="id")
        wallet = self.account.wallet_id.balance
        self._decided([{"prefix": "447", "minutes": "4", "amount": "0.50"}])
        self._work()
        after = self.env["voip.usage.summary"].search_read([], read, order="id")
        self.assertEqual(after, before)
        self.assertEqual(self.account.wallet_id.balance, wallet)

    def test_calls_that_are_invoiced_get_it_late_and_their_invoice_stays(self):
        self._ours()
        values = {"account_ids": [(6, 0, self.account.ids)]}
        values["cutoff"] = "2026-10-01 12:00:00"
        run = self.env["voip.billing.run"].create(values)
        run.action_run()
        billed = self.env["voip.usage.summary"].search(
            [("account_id", "=", self.account.id), ("move_line_id", "!=", False)]
        )
        self.assertTrue(billed, run.line_ids.mapped("message"))
        kept = billed.mapped("cost")
        self._decided([{"prefix": "447", "minutes": "4", "amount": "0.50"}])
        self._work()
        self.assertEqual(billed.mapped("cost"), kept)
        self.assertEqual(round(sum(self._cost(("late", "=", True)).values()), 8), 0.1)
        self.assertWhole()

    def test_what_is_disputed_or_rejected_is_no_cost(self):
        self._ours()
        invoice = self._decided(
            [
                {"prefix": "447", "minutes": "4", "amount": "0.50"},
                {"prefix": "49", "minutes": "2", "amount": "0.30"},
            ],
            dispute=["447"],
            reject=["49"],
        )
        self.assertFalse(invoice.correction_ids)
        claim = invoice.claim_ids
        claim.reason = "Not worth the quarrel."
        claim.action_concede()
        self._work()
        self.assertRecordValues(
            invoice.correction_ids,
            [{"state": "booked", "cost": 0.1, "claim_id": claim.id}],
        )
        self.assertWhole()

    def test_money_without_calls_is_told_and_on_no_day(self):
        self._ours()
        before = self._cost()
        invoice = self._decided([{"prefix": "33", "amount": "0.50"}])
        self._work()
        self.assertRecordValues(
            invoice.correction_ids,
            [{"state": "booked", "on_calls": 0.0, "without_calls": 0.5, "cost": 0.0}],
        )
        self.assertEqual(self._cost(), before)
        self.assertWhole()

    def test_calls_that_cost_us_nothing_share_by_their_length(self):
        free = self._create_deck(
            [{"prefix": "447", "price_per_minute": "0"}],
            side="supplier",
            partner_id=self.supplier.id,
        )
        self.way.deck_id = free
        self._call("447700900123", "2026-09-05T10:00:00Z", "60")
        self._call("447700900123", "2026-09-06T10:00:00Z", "180")
        self._decided([{"prefix": "447", "minutes": "4", "amount": "0.40"}])
        self._work()
        self.assertEqual(sorted(self._cost().values()), [0.1, 0.3])
        self.assertWhole()

    def test_cost_of_another_currency_is_at_the_rate_of_the_calls(self):
        other = self.env["res.currency"].with_context(active_test=False).search(
            [("name", "=", "EUR")]
        )
        if other == self.env.company.currency_id:
            other = self.env.ref("base.USD")
        other.active = True
        other.rate_ids.unlink()
        for day, rate in (("2026-01-01", 0.5), ("2026-09-20", 0.25)):
            self.env["res.currency.rate"].create(
                {"currency_id": other.id, "name": day, "rate": rate}
            )
        self.way.deck_id = self._create_deck(
            [{"prefix": "447", "price_per_minute": "0.1"}],
            side="supplier",
            partner_id=self.supplier.id,
            currency_id=other.id,
        )
        self._call("447700900123", "2026-09-05T10:00:00Z", "60")
        invoice = self._decided(
            [{"prefix": "447", "minutes": "1", "amount": "0.15"}], currency=other.name
        )
        self._work()
        # 0.05 more at two to one, as on the day of the call.
        self.assertRecordValues(
            invoice.correction_ids, [{"on_calls": 0.05, "cost": 0.1}]
        )
        self.assertEqual(list(self._cost().values()), [0.3])
        self.assertWhole()

    def test_it_is_taken_back_with_a_reason_and_all_is_as_before(self):
        self._ours()
        before = self._cost()
        invoice = self._decided([{"prefix": "447", "minutes": "4", "amount": "0.50"}])
        correction = invoice.correction_ids
        with self.assertRefused(UserError, "say why"):
            correction.action_withdraw()
        correction.reason = "The line was of another month."
        with self.assertRefused(UserError, "not booked"):
            correction.action_withdraw()
        self._work()
        self.assertNotEqual(self._cost(), before)
        correction.action_withdraw()
        self.assertEqual(self._cost(), before)
        self.assertEqual(correction.state, "withdrawn")
        self.assertWhole()
        with self.assertRefused(UserError, "not booked"):
            correction.action_withdraw()
        with self.assertRefused(UserError, "kept"):
            correction.sudo().unlink()

    def test_one_that_fails_keeps_no_other_and_is_tried_again(self):
        self._ours()
        first = self._decided([{"prefix": "447", "minutes": "4", "amount": "0.50"}])
        second = self._decided(
            [{"prefix": "49", "minutes": "2", "amount": "0.20"}], number="INV-2"
        )
        add = book.add

        def fails(correction, origin):
            if correction.invoice_id == first:
                raise RetryTransaction("busy")
            return add(correction, origin)

        with patch.object(book, "add", fails):
            self._work()
        self.assertEqual(first.correction_ids.state, "waiting")
        self.assertTrue(first.correction_ids.message)
        self.assertEqual(second.correction_ids.state, "booked")
        first.correction_ids.sudo().retry_at = False
        self._work()
        self.assertRecordValues(
            first.correction_ids, [{"state": "booked", "message": False}]
        )
        self._work()
        self.assertWhole()

    def test_the_database_refuses_changes_and_the_check_sees_them(self):
        self._ours()
        self._decided([{"prefix": "447", "minutes": "4", "amount": "0.50"}])
        self._work()
        with mute_logger("odoo.sql_db"), self.assertRefused(Exception, "append-only"):
            self.env.cr.execute(f"UPDATE {book.TABLE} SET cost = 0")
        self.env.cr.execute(f"ALTER TABLE {book.TABLE} DISABLE TRIGGER USER")
        self.env.cr.execute(f"UPDATE {book.TABLE} SET cost = cost + 0.01")
        broken = {
            r["name"] for r in self.env["voip.check"].sudo().run() if r["violations"]
        }
        self.assertLessEqual(
            {"corrections", "correction_append_only", "usage_summary"}, broken
        )

    def test_reconciling_again_sees_our_own_cost_without_what_was_accepted(self):
        self._ours()
        self._decided([{"prefix": "447", "minutes": "4", "amount": "0.50"}])
        self._work()
        again = self._september(
            [{"prefix": "447", "amount": "0.40"}], number="INV-2", tz="UTC"
        )
        again.action_reconcile()
        # It is billed already, as what it costs us and not as what was accepted.
        self.assertEqual(again.line_ids.ours_amount, 0)
        self.assertEqual(float(again.line_ids._billed_before()), 0.4)

    def test_the_margin_watch_sees_the_true_cost(self):
        self._ours()
        with freeze_time("2026-09-06 12:00:00"):
            self.env["voip.margin.alert"].sudo()._watch(self.env.company)
        alerts = self.env["voip.margin.alert"].search(
            [("account_id", "=", self.account.id)]
        )
        self.assertFalse(alerts)
        self._decided([{"prefix": "447", "minutes": "4", "amount": "1.90"}])
        self._work()
        with freeze_time("2026-09-06 12:00:00"):
            self.env["voip.margin.alert"].sudo()._watch(self.env.company)
        alert = alerts.search([("account_id", "=", self.account.id)])
        # One minute of four is of the 6th: sold at 0.50, bought at 1.90 / 4.
        self.assertRecordValues(
            alert, [{"calls": 1, "sale": 0.5, "cost": 0.475, "margin_percent": 5.0}]
        )
