"""Amounts of every currency, exact; who is out of bounds holds up nobody else."""

import csv
import io
from datetime import date, datetime
from decimal import Decimal

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import UserError
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
            account=account.code, called="442071234567", seconds=360_000
        )
        self.assertEqual(quote["amount"], "5999999999999.99994")
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


@tagged("post_install", "-at_install")
@freeze_time("2026-11-10 12:00:00")
class TestOutOfBounds(AmountsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.good, cls.good_trunk = cls._customer("25000")
        cls.dear, cls.dear_trunk = cls._customer(DEAREST)

    def assertOnlyDearFails(self, batch, good, dear):
        """``good`` calls of one account are charged, ``dear`` of the other are not."""
        self.assertEqual((batch.state, batch.rated), ("done", good))
        errors = self._errors(batch)
        self.assertEqual(len(errors), dear)
        self.assertEqual(set(errors.mapped("code")), {"out_of_bounds"})
        sentence = errors[0].message
        self.assertIn(self.dear.code, sentence)
        self.assertIn("beyond 1,000,000,000,000,000", sentence)
        self.assertEqual(self._exact(self.good.wallet_id, "unbilled"), good * 25_000)

    def test_a_summary_at_its_limit_fails_its_account_alone(self):
        first = self._ingest(self._records(self.dear_trunk, DAY, 400))
        self.assertEqual(first.rated, 400)
        batch = self._ingest(
            self._records(self.good_trunk, 60, 2),
            self._records(self.dear_trunk, DAY, 400),
            self._records(self.good_trunk, 60),
        )
        self.assertOnlyDearFails(batch, good=3, dear=400)
        self.assertEqual(
            self._exact(self.dear.wallet_id, "unbilled"), 400 * 1_296 * 10**9
        )
        self.assertWhole()

    def test_a_sum_of_one_batch_beyond_every_limit_fails_its_account_alone(self):
        batch = self._ingest(
            self._records(self.dear_trunk, DAY, 900),
            self._records(self.good_trunk, 60),
        )
        self.assertOnlyDearFails(batch, good=1, dear=900)
        self.assertFalse(self._summary(self.dear))
        self.assertWhole()

    def test_a_wallet_at_its_limit_fails_its_accounts_alone(self):
        child, child_trunk = self._customer(
            "25000", parent_id=self.dear.id, pay_by_parent=True
        )
        self._fill(self.dear, spare=30_000)
        batch = self._ingest(
            self._records(child_trunk, 60, 2), self._records(self.good_trunk, 60)
        )
        self.assertOnlyDearFails(batch, good=1, dear=2)
        self.assertFalse(self._summary(child))
        self._ingest(self._records(child_trunk, 60))
        self.assertEqual(self._exact(self.dear.wallet_id, "unbilled"), 25_000)

    def test_what_failed_is_rated_again_once_there_is_room(self):
        self._fill(self.dear, spare=10)
        batch = self._ingest(
            self._records(self.dear_trunk, 60), self._records(self.good_trunk, 60)
        )
        self.assertOnlyDearFails(batch, good=1, dear=1)
        error = self._errors(batch)
        error.action_rate_again()
        self.assertEqual((error.state, error.code), ("open", "out_of_bounds"))
        self._fill(self.dear, spare=2 * 10**15 - 20)
        error.action_rate_again()
        self.assertEqual((error.state, batch.rated), ("fixed", 2))

    def test_in_a_group_the_batches_before_the_limit_are_charged_whole(self):
        self._fill(self.dear, spare=1_500_000_000)
        batches = self.env["voip.cdr.batch"]
        for _batch in range(2):
            batches += self._ingest(
                self._records(self.dear_trunk, 60),
                self._records(self.good_trunk, 60),
                rate_now=False,
            )
        batches._work()
        self.assertEqual(batches.mapped("rated"), [2, 1])
        self.assertEqual(self._errors(batches).code, "out_of_bounds")
        self.assertEqual(self._exact(self.good.wallet_id, "unbilled"), 50_000)

    def test_a_file_charges_everyone_else(self):
        self._fill(self.dear, spare=10)
        for good in (3, 21_000):
            with self.subTest(good=good):
                batch = self._upload(
                    *self._records(self.good_trunk, 60, good),
                    *self._records(self.dear_trunk, 60, 2),
                )
                self.assertEqual(batch.accepted, good + 2)
                self.assertOnlyDearFails(batch, good=good, dear=2)
                batch.action_undo()

    def _upload(self, *records):
        stream = io.StringIO()
        writer = csv.DictWriter(stream, records[0])
        writer.writeheader()
        writer.writerows(records)
        batch = self.env["voip.cdr.batch"]._take_file(
            self.switch, stream.getvalue().encode(), "calls.csv"
        )
        batch._work()
        return batch

    def test_an_undo_out_of_bounds_says_so(self):
        batch = self._ingest(self._records(self.dear_trunk, 60))
        for unbilled in (-(10**15) // 2, -(10**15) // 2 - 5):
            self.env["voip.wallet"]._move(
                [{"account_id": self.dear.id, "kind": "usage", "unbilled": unbilled}]
            )
        with self.assertRaisesRegex(UserError, self.dear.code):
            batch.action_undo()

    # === BILLING === #

    def _bill(self, *accounts):
        return self._run(self.env["voip.account"].union(*accounts))

    def _line(self, run, account):
        return run.line_ids.filtered(lambda line: line.account_id == account)

    def test_more_seconds_than_32_bits_are_invoiced(self):
        self._ingest(self._records(self.good_trunk, 60))
        seconds, calls = 2**40 + 1, 2**31
        self._set(self._summary(self.good), seconds=seconds, calls=calls)
        run = self._bill(self.good)
        self.assertEqual((run.line_ids.seconds, run.line_ids.calls), (seconds, calls))
        run.action_run()
        line = run.move_ids.invoice_line_ids
        self.assertEqual((line.voip_seconds, line.voip_calls), (seconds, calls))
        summary = self._summary(self.good)
        self.assertEqual(summary.read(["seconds"])[0]["seconds"], seconds)
        self.assertEqual(summary.export_data(["seconds"])["datas"], [[seconds]])
        domain = [("id", "=", summary.id)]
        groups = summary.formatted_read_group(domain, [], ["seconds:sum"])
        self.assertEqual(groups[0]["seconds:sum"], seconds)
        self.assertEqual(summary.search_count([("seconds", "=", seconds)]), 1)

    def test_sums_no_line_can_hold_are_an_error_of_their_line(self):
        self._ingest(
            self._records(self.good_trunk, 60),
            self._records(self.dear_trunk, 60, day="2026-10-06"),
            self._records(self.dear_trunk, 60),
        )
        for summary in self._summary(self.dear):
            self._set(summary, seconds=2**62)
        run = self._bill(self.dear, self.good)
        dear, good = self._line(run, self.dear), self._line(run, self.good)
        self.assertEqual((dear.state, good.state), ("error", "pending"))
        self.assertIn("the seconds would be 9,223,372,036,854,775,808", dear.message)
        run.action_run()
        self.assertEqual((dear.state, good.state), ("error", "invoiced"))
        self.assertIn("the seconds would be", dear.message)
        self.assertFalse(self._summary(self.dear).move_line_id)

    def test_an_invoice_that_odoo_cannot_count_is_an_error_of_its_line(self):
        # 2**48 dong are 281,474,976,710,656; a day is 1,296,000,000,000.
        parts = [
            self._records(self.dear_trunk, DAY, 45, day=f"2026-10-{day:02}")
            for day in range(1, 6)
        ]
        self._ingest(self._records(self.good_trunk, 60), *parts)
        run = self._bill(self.dear, self.good)
        run.action_run()
        dear, good = self._line(run, self.dear), self._line(run, self.good)
        self.assertEqual((dear.state, good.state), ("error", "invoiced"))
        self.assertIn(
            "VND, taxes included, is beyond 281,474,976,710,656", dear.message
        )

    def test_the_largest_invoice_is_exact(self):
        self.env["voip.service"].search([]).product_id.taxes_id = False
        self._ingest(self._records(self.dear_trunk, DAY))
        summary = self._summary(self.dear)
        for amount, state in ((2**48 - 1, "invoiced"), (2**48 + 1, "error")):
            with self.subTest(amount=amount):
                self._set(summary, amount=amount, tax=0)
                run = self._bill(self.dear)
                with self.env.cr.savepoint() as savepoint:
                    run.action_run()
                    self.assertEqual(run.line_ids.state, state, run.line_ids.message)
                    if state == "invoiced":
                        move = run.move_ids
                        self.assertEqual(self._exact(move, "amount_total"), amount)
                        line = move.invoice_line_ids
                        self.assertEqual(self._exact(line, "price_unit"), amount)
                    savepoint.close(rollback=True)
