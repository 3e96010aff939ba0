"""Amounts of every currency, exact."""

from datetime import date, datetime
from decimal import Decimal

from freezegun import freeze_time

from odoo import fields
from odoo.tests import tagged

from .common import VoipRatingCommon

PER_DOLLAR = {"VND": 25_000, "IDR": 16_000, "IRR": 42_000}
DAY = 86_400
DEAREST = "900000000"  # a day costs 1.296 * 10**12


class AmountsCommon(VoipRatingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.currencies = {}
        for name, rate in PER_DOLLAR.items():
            currency = cls.env.ref(f"base.{name}")
            currency.active = True
            currency.rate_ids.unlink()
            cls.env["res.currency.rate"].create(
                {
                    "name": "2020-01-01",
                    "currency_id": currency.id,
                    "company_id": cls.env.company.id,
                    "rate": rate,
                }
            )
            cls.currencies[name] = currency
        cls.currencies["USD"] = cls.env.company.currency_id
        cls.switch = cls._create_switch()
        cls.count = 0

    @classmethod
    def _customer(cls, price, deck_currency="VND", currency="VND", **values):
        """An account and the code of its trunk."""
        deck = cls._create_deck(
            rates=[{"prefix": "44", "destination": "UK", "price_per_minute": price}],
            currency_id=cls.currencies[deck_currency].id,
        )
        account = cls._create_account(
            deck_id=deck.id, currency_id=cls.currencies[currency].id, **values
        )
        return account, cls._create_trunk(account).code

    def _records(self, trunk, seconds, count=1, day="2026-10-05"):
        for _row in range(count):
            type(self).count += 1
            yield {
                "call_id": f"amount-{self.count}",
                "called": "442071234567",
                "start": f"{day}T10:00:00Z",
                "answer": f"{day}T10:00:00Z",
                "duration": str(seconds),
                "trunk": trunk,
            }

    def _ingest(self, *parts, rate_now=True):
        records = [record for part in parts for record in part]
        answer = self.env["voip.cdr"].ingest(
            switch=self.switch.code, records=records, rate_now=rate_now
        )
        return self.env["voip.cdr.batch"].browse(answer["batch"])

    def _run(self, accounts):
        run = self.env["voip.billing.run"].create(
            {
                "cutoff": datetime(2026, 11, 5, 12),
                "invoice_date": date(2026, 11, 5),
                "account_ids": [fields.Command.set(accounts.ids)],
            }
        )
        run.action_preview()
        return run

    def _exact(self, record, name):
        """A column as the database has it; a float has 15 digits."""
        self.env.flush_all()
        self.env.cr.execute(
            f"SELECT {name}::text FROM {record._table} WHERE id = %s", [record.id]
        )
        return Decimal(self.env.cr.fetchone()[0])

    def _summary(self, account):
        return self.env["voip.usage.summary"].search([("account_id", "=", account.id)])

    def _set(self, summary, **values):
        """Change a summary behind the application's back."""
        for name, value in values.items():
            self.env.cr.execute(
                f"UPDATE voip_usage_summary SET {name} = %s WHERE id = %s",
                [value, summary.id],
            )
        summary.invalidate_recordset()

    def _errors(self, batch):
        return self.env["voip.cdr.error"].search([("batch_id", "in", batch.ids)])

    def _fill(self, account, spare):
        """Leave ``spare`` until the wallet's balance is at its limit."""
        ledger = Decimal(spare) - 10**15
        self.env["voip.wallet"]._move(
            [{"account_id": account.id, "kind": "adjustment", "ledger": ledger}]
        )


@tagged("post_install", "-at_install")
@freeze_time("2026-11-10 12:00:00")
class TestAmounts(AmountsCommon):
    def test_calls_are_exact_from_the_sheet_to_the_invoice(self):
        # currency, price per minute, seconds, calls, amount of each
        table = (
            ("VND", "25000", 90, 3, "37500"),
            ("IRR", "25000.12345678", 61, 3, "25416.792181"),
            ("VND", DEAREST, 3_661, 3, "54915000000"),
            ("VND", DEAREST, DAY, 150, "1296000000000"),
            ("IRR", DEAREST, DAY, 1, "1296000000000"),
            ("IDR", "999999999.99999999", DAY, 1, "1439999999999.999986"),
        )
        for name, price, seconds, calls, amount in table:
            with self.subTest(name=name, price=price):
                account, trunk = self._customer(price, name, name)
                batch = self._ingest(self._records(trunk, seconds, calls))
                self.assertEqual((batch.rated, batch.in_error), (calls, 0))
                summary = self._summary(account)
                expected = calls * Decimal(amount)
                self.assertEqual(self._exact(summary, "amount"), expected)
                self.assertEqual(self._exact(summary, "unit_price"), Decimal(price))
                self.assertEqual(self._exact(account.wallet_id, "unbilled"), expected)
                run = self._run(account)
                self.assertEqual(self._exact(run.line_ids, "amount"), expected)
                run.action_run()
                self.assertFalse(run.line_ids.message)
                line = run.move_ids.invoice_line_ids
                self.assertEqual(self._exact(line, "voip_amount"), expected)
                self.assertEqual(self._exact(line, "voip_rate"), Decimal(price))
                self.assertIn(price.rstrip("0"), line._voip_rate_text())
                rounded = round(expected, account.currency_id.decimal_places)
                self.assertEqual(self._exact(line, "price_subtotal"), rounded)
        self.assertWhole()

    def test_conversions_are_exact_at_any_size(self):
        # deck, price, account, seconds, amount, amount in company currency
        table = (
            ("VND", "25000", "USD", 60, "1", "1"),
            ("USD", "0.01", "IRR", 60, "420", "0.01"),
            ("USD", "400000000", "VND", DAY // 60, "240000000000000", "9600000000"),
            ("IRR", DEAREST, "USD", DAY, "30857142.857143", "30857142.857143"),
        )
        for deck, price, currency, seconds, amount, company in table:
            with self.subTest(deck=deck, currency=currency):
                account, trunk = self._customer(price, deck, currency)
                batch = self._ingest(self._records(trunk, seconds))
                self.assertEqual((batch.rated, batch.in_error), (1, 0))
                summary = self._summary(account)
                for name, expected in (("amount", amount), ("amount_company", company)):
                    difference = self._exact(summary, name) - Decimal(expected)
                    # The rate of a day has 12 decimals.
                    self.assertLess(abs(difference), Decimal(expected) / 10**6)
        self.assertWhole()

    def test_a_batch_of_dear_calls_is_undone_exactly(self):
        account, trunk = self._customer(DEAREST)
        batch = self._ingest(self._records(trunk, DAY, 200))
        wallet = account.wallet_id
        self.assertEqual(self._exact(wallet, "unbilled"), 200 * 1_296 * 10**9)
        batch.action_undo()
        self.assertEqual(self._exact(wallet, "unbilled"), 0)
        self.assertWhole()

    def test_a_dear_rate_tells_its_price(self):
        account, _trunk = self._customer("999999999.99999999")
        quote = account.deck_id.quote(
            account=account.code, called="442071234567", seconds=86_400
        )
        self.assertEqual(quote["amount"], "1439999999999.999986")
        self.assertEqual(quote["rate"]["price_per_minute"], "999999999.99999999")

    def test_numbers_typed_in_are_kept_as_they_read(self):
        account, _trunk = self._customer("1")
        deck = account.deck_id
        table = (900_000_000.0, 999_999_999.5, 25_000.12345678, 2_800_001.0, 1e-8, 2.5)
        for number, price in enumerate(table):
            with self.subTest(price=price):
                rate = self.env["voip.rate"].create(
                    {
                        "deck_id": deck.id,
                        "prefix": f"55{number}",
                        "price_per_minute": price,
                    }
                )
                self.assertEqual(rate.price_per_minute, price)
                self.assertEqual(
                    self._exact(rate, "price_per_minute"), Decimal(repr(price))
                )
        limits = (562_949_953_421_313.0, 10.0**15, 0.015)
        for limit, kept in zip(limits, (limits[0], limits[1], 0.02), strict=True):
            with self.subTest(limit=limit):
                account.write({"mode": "postpaid", "credit_limit": limit})
                self.assertEqual(account.credit_limit, kept)
                self.assertEqual(
                    self._exact(account.wallet_id, "limit_amount"), Decimal(repr(kept))
                )

    def test_balances_are_shown_as_they_are(self):
        account, trunk = self._customer("25000000")
        self.env["voip.service"].search([]).product_id.taxes_id = False
        self._ingest(self._records(trunk, 60, 36))
        self.assertEqual(account.unbilled, 900_000_000)
        self.assertEqual(account.balance, -900_000_000)
        self.assertEqual(account.wallet_id.balance, -900_000_000)

    def test_only_the_record_whose_conversion_is_out_of_bounds_fails(self):
        _account, trunk = self._customer("900000000", "USD", "IRR")
        batch = self._ingest(
            self._records(trunk, 60), self._records(trunk, 3_600), [],
            self._records(trunk, 120),
        )  # fmt: skip
        self.assertEqual((batch.rated, batch.in_error), (2, 1))
        error = self._errors(batch)
        self.assertEqual((error.code, error.position), ("out_of_bounds", 2))
        self.assertIn("2268000000000000 is beyond", error.message)
        self.assertWhole()

    def test_an_exchange_rate_of_nothing_fails_its_records_alone(self):
        coin = self.env["res.currency"].create(
            {
                "name": "XTS",
                "symbol": "X",
                "rate_ids": [
                    fields.Command.create({"name": "2020-01-01", "rate": 1e-9})
                ],
            }
        )
        self.currencies["XTS"] = coin
        _odd, odd = self._customer("25000", "VND", "XTS")
        good, trunk = self._customer("25000")
        batch = self._ingest(self._records(odd, 60), self._records(trunk, 60))
        self.assertEqual((batch.rated, batch.in_error), (1, 1))
        error = self._errors(batch)
        self.assertEqual(error.code, "out_of_bounds")
        self.assertIn("exchange rate", error.message)
        self.assertEqual(self._exact(good.wallet_id, "unbilled"), 25_000)
