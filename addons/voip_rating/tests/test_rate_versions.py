import re
from datetime import date, datetime, timedelta

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from odoo.addons.voip_billing_base.charge.transaction import ensure_partitions

from ..sheets.compare import USED
from .common import VoipRatingCommon

NOW = datetime(2026, 3, 10, 12)
DECEMBER = "2026-12-01T00:00:00Z"


def rate(prefix, price="0.01", **values):
    return {"prefix": prefix, "price_per_minute": price, **values}


@tagged("post_install", "-at_install")
class TestRateVersions(VoipRatingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time(NOW))
        cls.deck = cls._create_deck([rate("44"), rate("447", "0.05")])
        cls.rate = cls.deck.rate_ids.filtered(lambda r: r.prefix == "44")

    def test_terms_are_never_edited(self):
        for name, value in (
            ("price_per_minute", 0.02),
            ("prefix", "45"),
            ("effective_from", NOW),
            ("next_increment", 60),
            ("blocked", True),
        ):
            with self.subTest(field=name), self.assertRaises(UserError):
                self.rate.write({name: value})

    def test_new_version_ends_the_one_before(self):
        action = self.rate.action_new_version()
        new = (
            self.env["voip.rate"]
            .with_context(**action["context"])
            .create({"price_per_minute": 0.02})
        )
        self.assertEqual(new.prefix, "44")
        self.assertEqual(new.effective_from, NOW)
        self.assertEqual(self.rate.effective_to, NOW)

    def test_version_in_between_ends_at_the_next(self):
        later = self.env["voip.rate"].create(
            [
                {
                    "deck_id": self.deck.id,
                    "prefix": "44",
                    "price_per_minute": price,
                    "effective_from": NOW + timedelta(days=days),
                }
                for price, days in ((0.03, 20), (0.02, 10))
            ]
        )
        self.assertEqual(later[1].effective_to, later[0].effective_from)
        self.assertEqual(self.rate.effective_to, later[1].effective_from)
        self.assertFalse(later[0].effective_to)

    def test_defaults_come_from_the_deck(self):
        deck = self._create_deck(default_initial_increment=30, default_next_increment=6)
        new = self.env["voip.rate"].create(
            {"deck_id": deck.id, "prefix": "44", "price_per_minute": 0}
        )
        self.assertEqual((new.initial_increment, new.next_increment), (30, 6))

    def test_closing_ends_a_rate_now_and_drops_a_future_one(self):
        self.deck._load([rate("33", effective_from=DECEMBER)])
        rates = self.deck.rate_ids.filtered(lambda r: r.prefix != "447")
        rates.action_close()
        self.assertEqual(rates.exists(), self.rate)
        self.assertEqual(self.rate.effective_to, NOW)

    def test_unused_rate_may_be_deleted(self):
        self.assertFalse(self.rate._is_used())
        self.rate.unlink()
        self.assertEqual(len(self.deck.rate_ids), 1)

    def test_deck_with_rates_keeps_its_currency(self):
        other = self.env["res.currency"].create({"name": "XTS", "symbol": "X"})
        with self.assertRaises(UserError):
            self.deck.currency_id = other
        self.deck.currency_id = self.deck.currency_id

    @mute_logger("odoo.sql_db")
    def test_database_refuses_prices_out_of_bounds(self):
        for price in ("-0.01", "1000000000", "NaN"):
            with self.subTest(price=price), self.assertRaises(Exception) as caught:
                with self.env.cr.savepoint():
                    self.env.cr.execute(
                        "UPDATE voip_rate SET price_per_minute = %s WHERE id = %s",
                        [price, self.rate.id],
                    )
            self.assertIn("voip_rate", str(caught.exception))


@tagged("post_install", "-at_install")
class TestUsedRates(VoipRatingCommon):
    """A rate that has rated a call stays as it was for that call."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time(NOW))
        cls.deck = cls._create_deck([rate("44"), rate("447", "0.05")])
        cls.cost_deck = cls._create_deck([rate("44", "0.004")], side="supplier")
        cls.switch = cls._create_switch()
        account = cls._create_account(deck_id=cls.deck.id)
        cls.trunk = cls._create_trunk(account)
        cls.supplier_trunk = cls._create_supplier_trunk(cls.cost_deck)
        cls._call("442079460000", "2026-03-10T10:00:00Z")
        cls.rate = cls.deck.rate_ids.filtered(lambda r: r.prefix == "44")

    @classmethod
    def _call(cls, called, start, **values):
        record = {
            "call_id": start,
            "called": called,
            "start": start,
            "duration": "60",
            "answered": True,
            "trunk": cls.trunk.code,
            "supplier_trunk": cls.supplier_trunk.code,
            **values,
        }
        answer = cls.env["voip.cdr"].ingest(
            switch=cls.switch.code, records=[record], rate_now=True
        )
        assert answer["rated"] == 1, answer

    def test_rates_of_sale_and_cost_are_used(self):
        self.assertTrue(self.rate._is_used())
        self.assertTrue(self.cost_deck.rate_ids._is_used())
        self.assertFalse((self.deck.rate_ids - self.rate)._is_used())

    def test_used_rate_is_not_deleted(self):
        for used in (self.rate, self.cost_deck.rate_ids):
            with self.subTest(deck=used.deck_id.side), self.assertRaises(UserError):
                used.unlink()

    def test_used_rate_ends_only_after_its_last_call(self):
        with self.assertRaises(UserError):
            self.rate.effective_to = datetime(2026, 3, 10, 10)
        self.rate.effective_to = datetime(2026, 3, 10, 10, 0, 1)

    def test_late_change_prices_from_its_start_and_keeps_the_version_used(self):
        result = self.deck._load([rate("44", "0.02", effective_from="2026-03-01")])
        self.assertTrue(result["applied"])
        new = self.deck.rate_ids.filtered(lambda r: r.prefix == "44") - self.rate
        self.assertEqual(self.rate.effective_to, datetime(2026, 3, 10, 10, 0, 1))
        self.assertEqual(new.effective_from, datetime(2026, 3, 1))
        quote = self.env["voip.rate.deck"].quote(
            deck=self.deck.code, called="442079460000", at="2026-03-05T00:00:00Z"
        )
        self.assertEqual(quote["amount"], "0.02")

    def test_no_later_load_ends_a_version_before_its_last_call(self):
        self.deck._load([rate("44", "0.02", effective_from="2026-03-01")])
        end = datetime(2026, 3, 10, 10, 0, 1)
        with freeze_time("2026-06-01 12:00:00"):
            for row in (
                rate("44", "0.03", effective_from="2026-07-01"),
                rate("44", "0.04"),
                rate("44", "0.05", effective_from="2026-02-01"),
                rate("447", "0.06"),
            ):
                for mode in ("partial", "full"):
                    with self.subTest(row=row, mode=mode):
                        self.assertTrue(self.deck._load([row], mode)["applied"])
                        self.assertEqual(self.rate.effective_to, end)
            self.env["voip.rate"].create(
                {
                    "deck_id": self.deck.id,
                    "prefix": "44",
                    "price_per_minute": 1,
                    "effective_from": "2026-01-01 00:00:00",
                }
            )
            self.assertEqual(self.rate.effective_to, end)
        self.assertEqual(self._dates_violated(), 0)

    def _dates_violated(self):
        found = self.env["voip.check"].sudo().run()
        return {row["name"]: row["violations"] for row in found}["rate_dates"]

    def test_the_check_sees_a_call_outside_the_dates_of_its_rate(self):
        self.assertEqual(self._dates_violated(), 0)
        for versions, change in (
            (self.rate, "effective_to = '2026-03-10 10:00:00'"),
            (self.rate, "effective_from = '2026-03-20 00:00:00'"),
            (self.cost_deck.rate_ids, "effective_to = '2026-03-10 09:00:00'"),
        ):
            with self.subTest(change), self.env.cr.savepoint() as savepoint:
                self.env.cr.execute(
                    f"UPDATE voip_rate SET {change} WHERE id = %s", [versions.id]
                )
                self.assertEqual(self._dates_violated(), 1)
                savepoint.rollback()

    def test_a_return_that_rated_calls_stays_until_the_last_one(self):
        self._use_a_return()
        row = rate("33", "0.02", effective_from="2026-02-20")
        self.assertTrue(self.deck._load([row])["applied"])
        self._expect_prices()

    def test_it_stays_when_the_increase_is_typed_too(self):
        self._use_a_return()
        values = rate("33", "0.02", effective_from="2026-02-20")
        self.env["voip.rate"].create({**values, "deck_id": self.deck.id})
        self._expect_prices()

    def _use_a_return(self):
        dates = {"effective_from": "2026-03-01", "effective_to": "2026-03-05"}
        for deck in (self.deck, self.cost_deck):
            deck._load([rate("33", effective_from="2026-02-01")])
        self.deck._load([rate("33", "0.005", **dates)])
        self._call("33142000000", "2026-03-08T10:00:00Z")

    def _expect_prices(self):
        for moment, amount in (
            ("2026-02-19", "0.01"),
            ("2026-02-20", "0.02"),
            ("2026-03-03", "0.005"),
            ("2026-03-08", "0.01"),
            ("2026-03-09", "0.02"),
            ("2026-12-09", "0.02"),
        ):
            quote = self.env["voip.rate.deck"].quote(
                deck=self.deck.code, called="33142000000", at=f"{moment}T00:00:00Z"
            )
            with self.subTest(moment):
                self.assertEqual(quote["amount"], amount)
        self.assertEqual(self._dates_violated(), 0)

    def test_version_used_is_not_replaced(self):
        row = rate("44", "0.02", effective_from="1970-01-01")
        result = self.deck._load([rate("33"), row])
        self.assertEqual(
            [(error["index"], error["code"]) for error in result["errors"]],
            [(1, "conflict")],
        )
        self.assertFalse(result["applied"])
        self.assertEqual(self.rate.exists(), self.rate)

    def test_a_call_that_rang_before_the_version_began_uses_it(self):
        at = "2026-03-09T00:00:00Z"
        self.deck._load([rate("33", effective_from=at)])
        self.cost_deck._load([rate("33", effective_from=at)])
        start, answer = "2026-03-08T23:59:30Z", "2026-03-09T00:00:10Z"
        self._call("33142000000", start, answer=answer)
        for deck in (self.deck, self.cost_deck):
            version = deck.rate_ids.filtered(lambda r: r.prefix == "33")
            with self.subTest(deck.side):
                self.assertTrue(version._is_used())
                with self.assertRaises(UserError):
                    version.unlink()
                result = deck._load([rate("33", "0.02", effective_from=at)])
                self.assertEqual([e["code"] for e in result["errors"]], ["conflict"])
                self.assertEqual(version.exists(), version)

    # === MONTHS OF USAGE READ === #

    def _months_read(self, query):
        """Partitions of usage in the plan of a query."""
        plan = "\n".join(
            row[0] for row in self.env.execute_query(SQL("EXPLAIN %s", query))
        )
        return sorted(set(re.findall(r"voip_usage_row_(\d{6})\b", plan)))

    def test_only_the_months_of_a_version_are_asked_whether_it_is_used(self):
        days = [date(2026, month, 1) for month in range(3, 8)]
        ensure_partitions(self.env, "voip_usage_row", days)
        self.deck._load(
            [
                rate("49", effective_from=start, effective_to=end)
                for start, end in (("2026-04-20", "2026-05-10"), ("2026-05-10", None))
            ]
        )
        later, earlier = self.deck.rate_ids.filtered(lambda r: r.prefix == "49")
        # versions, only calls since, months
        for versions, since, months in (
            (earlier, None, ["202604", "202605"]),
            (earlier, datetime(2026, 5, 2), ["202605"]),
            (later, None, ["202605", "202606", "202607"]),
            (earlier | later, None, ["202604", "202605", "202606", "202607"]),
            (earlier | self.rate, datetime(2026, 7, 1), ["202607"]),
        ):
            with self.subTest(versions=versions, since=since):
                query = versions._last_used_query(since)
                self.assertEqual(self._months_read(query), months)

    def test_a_sheet_asks_from_its_first_change_on(self):
        days = [date(2026, month, 1) for month in range(3, 6)]
        ensure_partitions(self.env, "voip_usage_row", days)
        self.deck._stage_open()
        query = SQL(USED, deck=self.deck.id, since=datetime(2026, 4, 1))
        self.assertEqual(self._months_read(query), ["202604", "202605"])
