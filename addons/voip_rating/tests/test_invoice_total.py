"""An invoice adds up, however prices, taxes and sums are rounded."""

from datetime import date, datetime
from itertools import product

from odoo.tests import tagged

from .common import VoipRatingCommon

CURRENCIES = (("USD", "1.10"), ("JPY", "11"), ("KWD", "1.105"))
METHODS = ("round_per_line", "round_globally")
# (percent, in the price)
TAXES = (((5, True),), ((5, False),), ((7, True), (5, False)), ())


@tagged("post_install", "-at_install")
class TestInvoiceTotal(VoipRatingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_switch(code="total")
        cls.product = cls.env.ref("voip_billing_base.service_term_intl").product_id
        cls.taxes = {
            (percent, included): cls.env["account.tax"].create(
                {
                    "name": f"{percent} {included}",
                    "amount": percent,
                    "type_tax_use": "sale",
                    "price_include_override": (
                        "tax_included" if included else "tax_excluded"
                    ),
                }
            )
            for percent, included in {tax for taxes in TAXES for tax in taxes}
        }
        cls.accounts = {
            name: cls._of_currency(name, price) for name, price in CURRENCIES
        }

    @classmethod
    def _of_currency(cls, name, price):
        currency = cls.env["res.currency"].with_context(active_test=False)
        currency = currency.search([("name", "=", name)])
        currency.active = True
        if currency != cls.env.company.currency_id and not currency.rate_ids:
            cls.env["res.currency.rate"].create(
                {"currency_id": currency.id, "name": "2020-01-01", "rate": 1.37}
            )
        deck = cls._create_deck(
            currency_id=currency.id,
            rates=[
                {"prefix": prefix, "destination": prefix, "price_per_minute": price}
                for prefix in ("44", "49", "33")
            ],
        )
        account = cls._create_account(
            deck_id=deck.id, currency_id=currency.id, mode="postpaid"
        )
        cls._create_trunk(code=f"total-{name}", account_id=account.id)
        return account

    def _invoice(self, month):
        start = f"2026-{month:02}-05T10:00:00Z"
        answer = self.env["voip.cdr"].ingest(
            switch="total",
            records=[
                {
                    "call_id": f"{month}-{name}-{called}",
                    "called": f"{called}2071234567",
                    "start": start,
                    "answer": start,
                    "duration": "60",
                    "trunk": f"total-{name}",
                }
                for name in self.accounts
                for called in ("44", "49", "33")
            ],
            rate_now=True,
        )
        run = self.env["voip.billing.run"].create(
            {
                "cutoff": datetime(2026, month + 1, 5, 12),
                "invoice_date": date(2026, month + 1, 5),
                "account_ids": [a.id for a in self.accounts.values()],
            }
        )
        run.action_run()
        self.assertEqual(run.invoiced_count, len(self.accounts), run.line_ids)
        return run.move_ids, self.env["voip.cdr.batch"].browse(answer["batch"])

    def test_every_way_of_rounding_adds_up(self):
        for month, (method, taxes) in enumerate(product(METHODS, TAXES), 1):
            with self.subTest(method=method, taxes=taxes):
                self.env.company.tax_calculation_rounding_method = method
                self.product.taxes_id = [self.taxes[tax].id for tax in taxes]
                invoices, _batch = self._invoice(month)
                self.assertEqual(len(invoices.invoice_line_ids), 9)
                self.assertWhole()

    def test_prices_that_hold_a_tax_are_rounded_once_for_all_lines(self):
        self.env.company.tax_calculation_rounding_method = "round_globally"
        self.product.taxes_id = self.taxes[5, True]
        invoices, batch = self._invoice(1)
        invoice = invoices.filtered(lambda m: m.currency_id.name == "USD")
        self.assertEqual(invoice.amount_total, 3.3)
        self.assertEqual(invoice.amount_untaxed, 3.14)
        self.assertEqual(invoice.invoice_line_ids.mapped("price_subtotal"), [1.05] * 3)
        self.assertWhole()
        batch.action_undo()
        run = self.env["voip.billing.run"].create(
            {"cutoff": datetime(2026, 3, 5, 12), "invoice_date": date(2026, 3, 5)}
        )
        run.action_run()
        self.assertEqual(set(run.move_ids.mapped("move_type")), {"out_refund"})
        self.assertWhole()

    def test_a_total_that_is_no_sum_of_its_lines_is_found(self):
        ways = enumerate(product(METHODS, (True, False)), 1)
        for month, (method, included) in ways:
            self.env.company.tax_calculation_rounding_method = method
            self.product.taxes_id = self.taxes[5, included]
            invoices, _batch = self._invoice(month)
            for name, amount in (("amount_untaxed", 0.01), ("price_subtotal", 2.5)):
                table = "account_move" if name[0] == "a" else "account_move_line"
                record = invoices if name[0] == "a" else invoices.invoice_line_ids
                with self.subTest(method=method, included=included, name=name):
                    savepoint = self.env.cr.savepoint()
                    self.env.cr.execute(
                        f"UPDATE {table} SET {name} = {name} + %s WHERE id = %s",
                        [amount, record[0].id],
                    )
                    broken = {
                        check["name"]: check["violations"]
                        for check in self.env["voip.check"].sudo().run()
                    }
                    savepoint.close(rollback=True)
                    self.assertEqual(broken["invoice_total"], 1)
