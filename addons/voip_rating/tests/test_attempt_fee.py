"""An attempt that nobody answered: free without a fee, else charged and invoiced."""

from datetime import date, datetime
from decimal import Decimal

from freezegun import freeze_time

from odoo.tests import tagged

from .credit_common import CreditNoteCommon

DAY = "2026-10-05T10:00:00Z"


@tagged("post_install", "-at_install")
@freeze_time("2026-11-10 12:00:00")
class TestAttemptFee(CreditNoteCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["voip.service"].search([]).product_id.taxes_id = False
        cls.deck = cls._create_deck(
            [
                {"prefix": "44", "destination": "UK", "price_per_minute": "0.06",
                 "attempt_fee": "0.002"},
                {"prefix": "49", "destination": "DE", "price_per_minute": "0.06"},
                {"prefix": "447", "destination": "UK mobile", "blocked": True,
                 "attempt_fee": "0.5"},
            ]
        )  # fmt: skip
        cls.costs = cls._create_deck(
            [
                {"prefix": "44", "price_per_minute": "0.03", "attempt_fee": "0.001"},
                {"prefix": "49", "price_per_minute": "0.03", "attempt_fee": "0.001"},
            ],
            side="supplier",
        )
        cls.supplier = cls._create_supplier_trunk(cls.costs).code
        cls.account = cls._create_account(deck_id=cls.deck.id, mode="postpaid")
        cls.trunk = cls._create_trunk(cls.account)

    def _take(self, *calls, trunk=None, **values):
        """Rate (number, seconds or None) each; the batch."""
        records = []
        for number, seconds in calls:
            type(self).count += 1
            records.append(
                {
                    "call_id": f"attempt-{self.count}",
                    "called": number,
                    "start": DAY,
                    "duration": str(seconds or 0),
                    "answered": seconds is not None,
                    "trunk": (trunk or self.trunk).code,
                    **values,
                }
            )
        answer = self.env["voip.cdr"].ingest(
            switch=self.switch.code, records=records, rate_now=True
        )
        return self.env["voip.cdr.batch"].browse(answer["batch"])

    def _rows(self, batch):
        """(kind, answered, units, billed seconds, amount, cost) of its usage."""
        usage = self.env["voip.usage"].search([("batch_id", "=", batch.id)], order="id")
        return [
            (u.kind, u.answered, u.units, u.billed_seconds, u.amount, u.cost)
            for u in usage
        ]

    def test_each_call_is_what_it_is(self):
        table = (
            # number, seconds; kind, answered, units, billed seconds, amount, cost
            ("442071234567", None, "rated", False, 0, 0, 0.002, 0.001),
            ("442071234567", 60, "rated", True, 1, 60, 0.062, 0.031),
            ("442071234567", 0, "rated", True, 1, 0, 0.002, 0.001),
            ("493012345678", None, "zero", False, 0, 0, 0, 0.001),
            ("493012345678", 60, "rated", True, 1, 60, 0.06, 0.031),
        )
        for number, seconds, *expected in table:
            with self.subTest(number=number, seconds=seconds):
                batch = self._take((number, seconds), supplier_trunk=self.supplier)
                self.assertEqual(self._rows(batch), [tuple(expected)])
                charged = expected[0] == "rated"
                self.assertEqual(
                    (batch.rated, batch.zero_rated), (charged, not charged)
                )
        self.assertWhole()

    def test_a_blocked_or_unknown_number_stays_free(self):
        batch = self._take(("447700900123", None), ("33123456789", None))
        self.assertEqual({row[4] for row in self._rows(batch)}, {0})
        self.assertEqual((batch.rated, batch.zero_rated), (0, 2))

    def test_figures_count_attempts_calls_seconds_and_money_apart(self):
        self._take(
            ("442071234567", None), ("442071234567", None), ("442071234567", 90)
        )
        summary = self.env["voip.usage.summary"].search(
            [("account_id", "=", self.account.id)]
        )
        self.assertEqual(len(summary), 1)
        self.assertEqual(
            (summary.attempts, summary.calls, summary.units, summary.seconds),
            (3, 1, 1, 90),
        )
        self.assertEqual(summary.amount, 0.096)
        self.assertEqual(self.account.wallet_id.unbilled, 0.096)

    def test_fees_are_on_the_line_of_their_destination_or_on_their_own(self):
        self._take(*[("442071234567", None)] * 1000, ("493012345678", None))
        invoice = self._run(self.account)
        line = invoice.invoice_line_ids
        self.assertEqual(line.name, "UK (attempts: 1000)")
        self.assertEqual(
            (line.price_subtotal, line.voip_calls, line.voip_seconds), (2, 0, 0)
        )
        self.assertBooks(self.account)
        later = self._create_account(deck_id=self.deck.id, mode="postpaid")
        trunk = self._create_trunk(later)
        self._take(*[("442071234567", None)] * 500, ("442071234567", 600), trunk=trunk)
        line = self._run(later).invoice_line_ids
        self.assertEqual(line.name, "UK")
        # 501 fees of 0.002 and 10 minutes at 0.06.
        self.assertEqual(line.voip_amount, 1.602)
        self.assertEqual(
            (line.price_subtotal, line.voip_calls, line.voip_seconds), (1.6, 1, 600)
        )
        self.assertBooks(later)

    def test_a_tax_on_minutes_or_calls_takes_none_where_there_are_none(self):
        taxes = self.env["account.tax"].create(
            [
                {"name": "5 %", "amount": 5, "type_tax_use": "sale"},
                {"name": "0.10 each", "amount": 0.1, "amount_type": "fixed",
                 "type_tax_use": "sale"},
            ]
        )  # fmt: skip
        self.env["voip.service"].search([]).product_id.taxes_id = taxes
        for calls, untaxed, tax in (
            ([("442071234567", None)] * 1000, 2, 0.1),
            ([("442071234567", 0)] * 1000, 2, 0.1),
            ([("442071234567", 60)] * 10, 0.62, 1.03),
        ):
            with self.subTest(calls=calls[0]):
                account = self._create_account(deck_id=self.deck.id, mode="postpaid")
                self._take(*calls, trunk=self._create_trunk(account))
                estimate = account.wallet_id.unbilled_tax
                invoice = self._run(account)
                self.assertEqual(
                    (invoice.amount_untaxed, invoice.amount_tax), (untaxed, tax)
                )
                self.assertAlmostEqual(estimate, tax, 2)
                self.assertBooks(account)

    def test_free_attempts_alone_make_no_line(self):
        self._take(("493012345678", None), supplier_trunk=self.supplier)
        run = self.env["voip.billing.run"].create(
            {
                "cutoff": datetime(2026, 11, 5, 12),
                "invoice_date": date(2026, 11, 5),
                "account_ids": [(6, 0, self.account.ids)],
            }
        )
        run.action_run()
        self.assertFalse(run.move_ids)

    def test_fees_are_credited_with_the_calls_that_are_chosen(self):
        self._take(*[("442071234567", None)] * 5, *[("442071234567", 60)] * 5)
        invoice = self._run(self.account)
        usage = self._usage(invoice)
        self.assertEqual(len(usage), 10)
        calls = usage.filtered("answered")
        # All calls, but not the fees of the attempts.
        plan = self._wizard(invoice, scope="calls", usage_ids=calls.ids)._plan()
        self.assertEqual(
            [(str(part.amount), str(part.exact.normalize()), part.calls, part.whole)
             for part in plan],
            [("0.31", "0.31", 5, False)],
        )
        credit = self._credit(
            invoice, scope="calls", usage_ids=(usage - calls).ids, outcome="next"
        )
        line = credit.note_id.invoice_line_ids
        self.assertEqual((line.voip_calls, line.price_subtotal), (0, 0.01))
        again = self.env["voip.usage.summary"].search(
            [("account_id", "=", self.account.id), ("move_line_id", "=", False)]
        )
        self.assertEqual(
            (sum(again.mapped("attempts")), sum(again.mapped("calls"))), (5, 0)
        )
        self.assertEqual(sum(again.mapped("amount")), 0.01)
        self.assertBooks(self.account)

    def test_a_whole_invoice_of_fees_is_credited_and_invoiced_again(self):
        self._take(*[("442071234567", None)] * 500)
        invoice = self._run(self.account)
        credit = self._credit(invoice, scope="whole", outcome="now")
        self.assertEqual(credit.note_id.amount_untaxed, 1)
        self.assertEqual(credit.again_id.amount_untaxed, 1)
        self.assertBooks(self.account)

    def test_an_undone_batch_gives_the_fees_back(self):
        batch = self._take(("442071234567", None), supplier_trunk=self.supplier)
        batch.action_undo()
        self.assertEqual(self.account.wallet_id.unbilled, 0)
        self.assertEqual(
            [row[0] for row in self._rows(batch)], ["rated", "reversal"]
        )
        self.assertWhole()

    def test_only_a_fee_needs_an_exchange_rate(self):
        other = self.env["res.currency"].create({"name": "XTS", "symbol": "X"})
        deck = self._create_deck(
            [{"prefix": "44", "attempt_fee": "0.002"}, {"prefix": "49"}],
            currency_id=other.id,
        )
        account = self._create_account(deck_id=deck.id, mode="postpaid")
        trunk = self._create_trunk(account)
        batch = self._take(
            ("442071234567", None), ("493012345678", None), trunk=trunk
        )
        self.assertEqual((batch.rated, batch.zero_rated, batch.in_error), (0, 1, 1))
        self.assertEqual(batch.error_ids.code, "no_exchange_rate")
        self.env["res.currency.rate"].create(
            {"currency_id": other.id, "name": "2026-10-01", "rate": 0.5,
             "company_id": self.env.company.id}
        )  # fmt: skip
        batch.error_ids.action_rate_again()
        self.assertEqual([row[4] for row in self._rows(batch)], [0, 0.004])
        self.assertEqual((batch.rated, batch.zero_rated), (1, 1))
        line = self._run(account).invoice_line_ids
        self.assertEqual(line.voip_amount, 0.004)
        notes = line.move_id._voip_exchange_notes()
        self.assertEqual(len(notes), 1)
        self.assertIn("1 XTS = 2 ", notes[0][1][0])
        self.assertWhole()

    def test_the_first_price_is_charged_from_load_to_usage(self):
        deck = self._create_deck(
            [{"prefix": "44", "price_per_minute": "0.60", "first_price": "1.20",
              "initial_increment": 30, "next_increment": 6}]
        )  # fmt: skip
        account = self._create_account(deck_id=deck.id, mode="postpaid")
        batch = self._take(("442071234567", 32), trunk=self._create_trunk(account))
        self.assertEqual([row[3:5] for row in self._rows(batch)], [(36, 0.66)])

    def test_a_quote_tells_the_fee(self):
        quote = self.env["voip.rate.deck"].quote(
            account=self.account.code, called="442071234567", seconds=60
        )
        self.assertEqual(quote["amount"], "0.062")
        self.assertEqual(
            (quote["rate"]["attempt_fee"], quote["rate"]["first_price"]),
            ("0.002", None),
        )
        self.assertEqual(Decimal(quote["steps"][-1]["value"]), Decimal("0.062"))
