"""Invoice lines of rental are credited; no call is behind them that is rated again."""

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import NumbersCommon


@tagged("post_install", "-at_install")
class TestRentalCredit(NumbersCommon):
    def setUp(self):
        super().setUp()
        plan = self._plan("p", 3.0, setup=5.0, quarantine_days=0)
        with freeze_time("2026-04-01 12:00:00"):
            self.one = self._assign(self._did(), "2026-04-01", plan=plan)
            self._charge()
        with freeze_time("2026-05-02 12:00:00"):
            values = {"account_ids": [(6, 0, self.account.ids)]}
            run = self.env["voip.billing.run"].create(values)
            run.action_run()
        self.invoice = run.line_ids.move_id

    def _credit(self, outcome, **values):
        wizard = self.env["voip.credit.wizard"].create(
            {
                "move_id": self.invoice.id,
                "reason": "Not agreed",
                "outcome": outcome,
                **values,
            }
        )
        wizard.action_credit()
        return wizard.credit_id

    def test_rental_that_is_credited_stays_charged_once(self):
        with freeze_time("2026-05-03 12:00:00"):
            credit = self._credit("credited")
            self.assertEqual(credit.total, self.invoice.amount_total)
            self.assertEqual(self._charge(), {})
        self.assertWhole()

    def test_rental_is_not_rated_again(self):
        for outcome in ("next", "now"):
            with (
                self.subTest(outcome),
                freeze_time("2026-05-03 12:00:00"),
                self.assertRefused(UserError, "DID rental.*of no call"),
            ):
                self._credit(outcome)
        self.assertWhole()


@tagged("post_install", "-at_install")
class TestReleaseAndCredit(NumbersCommon):
    """Nobody gets the same days back twice: by a credit note and by a release."""

    def setUp(self):
        super().setUp()
        self.terms = self._plan("p", 3.0, quarantine_days=0)
        with freeze_time("2026-04-01 12:00:00"):
            self.dids = [self._did(f"493055500{n}") for n in range(2)]
            self.ones = [
                self._assign(did, "2026-04-01", plan=self.terms) for did in self.dids
            ]
            self._charge()
        self.invoice = self._bill("2026-05-02")

    def _bill(self, day):
        with freeze_time(f"{day} 12:00:00"):
            values = {"account_ids": [(6, 0, self.account.ids)]}
            run = self.env["voip.billing.run"].create(values)
            run.action_run()
            return run.line_ids.move_id

    def _credit(self, day, **values):
        with freeze_time(f"{day} 12:00:00"):
            wizard = self.env["voip.credit.wizard"].create(
                {
                    "move_id": self.invoice.id,
                    "reason": "Not agreed",
                    "outcome": "credited",
                    **values,
                }
            )
            wizard.action_credit()
            return wizard.credit_id.note_id

    def _release(self, day, which=0, end=None):
        """Release a number of the two, ``end`` its last day; what is given back."""
        with freeze_time(f"{day} 12:00:00"):
            numbers = [self.dids[which].number]
            answer = self.env["voip.did"].release(numbers=numbers, end=end or day)
            self.assertFalse(answer["errors"])
            return answer["credit"]

    def _may(self):
        """The line of May, 3.00 for each of the two."""
        lines = self.invoice.invoice_line_ids.filtered("voip_summary_ids")
        return lines.filtered(lambda x: "05/01" in x.name)

    def test_what_a_credit_note_has_given_back_no_release_gives_again(self):
        self.assertEqual(self._may().price_subtotal, 6.0)
        self._credit("2026-05-03")
        self.assertEqual(self._release("2026-05-16"), {})
        self.assertEqual(self._release("2026-05-21", 1), {})
        with freeze_time("2026-06-02 12:00:00"):
            self.assertEqual(self._charge(), {})
        self.assertWhole()

    def test_after_a_tenth_a_release_gives_nine_tenths_of_its_days(self):
        self._credit("2026-05-03", scope="percent", percentage=10)
        # 15 of 31 days of 3.00 are 1.45161290, 16 are 1.54838710.
        self.assertEqual(self._release("2026-05-16"), {"USD": "1.30645161"})
        self.assertEqual(self._release("2026-05-16", 1), {"USD": "1.30645161"})
        with freeze_time("2026-05-17 12:00:00"):
            self.ones[0].date_end = False
            self.assertEqual(self._charge(), {"USD": "1.30645161"})
            self.assertEqual(self._charge(), {})
        self.assertWhole()

    def test_a_credit_note_leaves_out_the_days_that_a_release_gave_back(self):
        self.assertEqual(self._release("2026-05-16"), {"USD": "1.45161290"})
        note = self._credit("2026-05-17", scope="lines", line_ids=self._may().ids)
        self.assertEqual(note.amount_untaxed, 4.55)
        self.assertEqual(self._release("2026-05-21", 1), {})
        self.assertWhole()

    def test_the_order_of_credits_and_releases_tells_what_is_left(self):
        self._credit("2026-05-03", scope="percent", percentage=10)
        self.assertEqual(self._release("2026-05-16"), {"USD": "1.30645161"})
        rest = self._credit("2026-05-17", scope="lines", line_ids=self._may().ids)
        # 6.00 less 0.60 and the rounded 1.31.
        self.assertEqual(rest.amount_untaxed, 4.09)
        self.assertEqual(self._release("2026-05-18", 1), {})
        self.assertWhole()

    def test_a_charge_that_was_chosen_is_credited_for_its_number_only(self):
        charges = self.env["voip.did.charge"]
        first, second = (
            charges.search(
                [("assignment_id", "=", one.id), ("month_first", "=", "2026-05-01")]
            )
            for one in self.ones
        )
        self._credit("2026-05-03", scope="calls", usage_ids=[first.usage_id])
        self.assertEqual(self._release("2026-05-16"), {})
        self.assertEqual(self._release("2026-05-16", 1), {"USD": "1.45161290"})
        with self.assertRefused(UserError, "credited or undone already"):
            self._credit("2026-05-17", scope="calls", usage_ids=[first.usage_id])
        note = self._credit("2026-05-17", scope="calls", usage_ids=[second.usage_id])
        self.assertEqual(note.amount_untaxed, 1.55)
        self.assertWhole()

    def test_a_credit_from_before_charges_were_counted_has_its_day(self):
        self._credit("2026-05-03")
        self.env.cr.execute("UPDATE voip_credit SET last_charge = NULL")
        self.assertEqual(self._release("2026-05-16"), {})
        self.assertWhole()

    def _extend(self, day):
        """The first number of the two has no last day any more; what is charged."""
        with freeze_time(f"{day} 12:00:00"):
            self.ones[0].date_end = False
            return self._charge()

    def test_days_given_back_that_were_credited_are_given_back_once_more(self):
        self.assertEqual(self._release("2026-05-16"), {"USD": "1.45161290"})
        june = self._bill("2026-06-02")
        back = june.invoice_line_ids.filtered(lambda x: x.price_subtotal == -1.45)
        self.assertIn("days given back", back.name)
        may, self.invoice = self.invoice, june
        note = self._credit("2026-06-03")
        self.assertEqual(note.amount_untaxed, june.amount_untaxed)
        # The days are paid: they come again for nothing, June is charged as ever.
        self.assertEqual(self._extend("2026-06-04"), {"USD": "3.00000000"})
        again = self._release("2026-06-04", end="2026-05-16")
        self.assertEqual(again, {"USD": "4.45161290"})
        with freeze_time("2026-06-05 12:00:00"):
            self.assertEqual(self._charge(), {})
        self.invoice = may
        note = self._credit("2026-06-06", scope="lines", line_ids=self._may().ids)
        self.assertEqual(note.amount_untaxed, 4.55)
        self.assertWhole()

    def test_days_that_were_charged_again_are_not_credited_as_given_back(self):
        self._release("2026-05-16")
        self.invoice = self._bill("2026-06-02")
        back = self.invoice.invoice_line_ids.filtered(lambda x: x.price_subtotal < 0)
        with self.assertRefused(UserError, "1.45, and a credit note cannot charge"):
            self._credit("2026-06-03", scope="lines", line_ids=back.ids)
        self.assertEqual(self._extend("2026-06-04"), {"USD": "4.45161290"})
        with self.assertRefused(UserError, "Nothing is left to credit"):
            self._credit("2026-06-05", scope="lines", line_ids=back.ids)
        self.assertWhole()
