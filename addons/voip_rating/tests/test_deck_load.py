from datetime import datetime

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tests.common import new_test_user

from .common import VoipRatingCommon

NOW = datetime(2026, 3, 10, 12)
ALWAYS = datetime(1970, 1, 1)
DECEMBER = "2026-12-01T00:00:00Z"


def rate(prefix, price="0.01", **values):
    return {"prefix": prefix, "price_per_minute": price, **values}


@tagged("post_install", "-at_install")
class TestDeckLoad(VoipRatingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time(NOW))
        cls.deck = cls._create_deck([rate("44"), rate("447", "0.05")])

    def _counts(self, result):
        keys = (
            "new",
            "increased",
            "decreased",
            "changed",
            "unchanged",
            "closed",
            "duplicates",
        )
        return {key: result[key] for key in keys if result[key]}

    def _versions(self, prefix, deck=None):
        rates = self.env["voip.rate"].search(
            [("deck_id", "=", (deck or self.deck).id), ("prefix", "=", prefix)],
            order="effective_from",
        )
        return [(r.price_per_minute, r.effective_from, r.effective_to) for r in rates]

    def test_rows_are_counted_by_what_they_change(self):
        cases = [
            (rate("33"), {"new": 1}),
            (rate("44"), {"unchanged": 1}),
            (rate("44", "0.0100"), {"unchanged": 1}),
            (rate("44", 0.01), {"unchanged": 1}),
            (rate("+44"), {"unchanged": 1}),
            (rate(44), {"unchanged": 1}),
            (rate("44", "0.02"), {"increased": 1}),
            (rate("44", "0"), {"decreased": 1}),
            (rate("44", connect_fee="0.1"), {"increased": 1}),
            (rate("44", next_increment=60), {"increased": 1}),
            (rate("44", grace_seconds=5), {"decreased": 1}),
            (rate("44", max_charge="5"), {"decreased": 1}),
            (rate("44", blocked=True), {"changed": 1}),
            (rate("44", price_intra="0.004"), {"increased": 1}),
            (rate("44", origin_prefix="49"), {"new": 1}),
            (rate("44", effective_to="2027-01-01"), {"closed": 1, "unchanged": 1}),
        ]
        for row, expected in cases:
            with self.subTest(row=row):
                result = self.deck._load([row], dry_run=True)
                self.assertFalse(result["errors"])
                self.assertEqual(self._counts(result), expected)
                self.assertFalse(result["applied"])

    def test_dry_run_writes_nothing(self):
        before = self._versions("44")
        revision = self.deck.revision
        self.deck._load([rate("44", "0.02"), rate("33")], "full", dry_run=True)
        self.env.invalidate_all()
        self.assertEqual(self._versions("44"), before)
        self.assertEqual(self._versions("33"), [])
        self.assertEqual(len(self._versions("447")), 1)
        self.assertEqual(self.deck.revision, revision)

    def test_first_load_without_dates_is_valid_from_the_beginning(self):
        self.assertEqual(self._versions("44"), [(0.01, ALWAYS, False)])

    def test_change_is_a_new_version_that_ends_the_old_one(self):
        result = self.deck._load([rate("44", "0.02")])
        self.assertTrue(result["applied"])
        self.assertEqual(
            self._versions("44"), [(0.01, ALWAYS, NOW), (0.02, NOW, False)]
        )

    def test_future_increase_then_earlier_decrease(self):
        self.deck._load([rate("44", "0.02", effective_from=DECEMBER)])
        result = self.deck._load([rate("44", "0.005", effective_from="2026-11-15")])
        self.assertEqual(self._counts(result), {"decreased": 1})
        november, december = datetime(2026, 11, 15), datetime(2026, 12, 1)
        self.assertEqual(
            self._versions("44"),
            [
                (0.01, ALWAYS, november),
                (0.005, november, december),
                (0.02, december, False),
            ],
        )

    def test_several_versions_of_one_prefix_in_one_load(self):
        result = self.deck._load(
            [
                rate("44", "0.03", effective_from=DECEMBER),
                rate("44", "0.02"),
                rate("44", "0.02", effective_from="2026-06-01"),
            ]
        )
        self.assertEqual(self._counts(result), {"increased": 2, "unchanged": 1})
        december = datetime(2026, 12, 1)
        self.assertEqual(
            self._versions("44"),
            [(0.01, ALWAYS, NOW), (0.02, NOW, december), (0.03, december, False)],
        )

    def test_version_of_the_same_start_is_replaced_while_unused(self):
        result = self.deck._load([rate("44", "0.02", effective_from="1970-01-01")])
        self.assertEqual(self._counts(result), {"increased": 1})
        self.assertEqual(self._versions("44"), [(0.02, ALWAYS, False)])

    def test_rate_that_ends_is_prolonged_by_a_new_version(self):
        end = datetime(2026, 6, 1)
        self.deck._load([rate("44", effective_to="2026-06-01")])
        self.assertEqual(self._versions("44"), [(0.01, ALWAYS, end)])
        result = self.deck._load([rate("44")])
        self.assertEqual(self._counts(result), {"new": 1})
        self.assertEqual(
            self._versions("44"), [(0.01, ALWAYS, end), (0.01, end, False)]
        )

    def test_full_load_closes_what_is_not_mentioned(self):
        self.deck._load([rate("4479", "0.07"), rate("49", effective_from=DECEMBER)])
        result = self.deck._load([rate("44", "0.02")], "full")
        self.assertEqual(self._counts(result), {"increased": 1, "closed": 3})
        self.assertEqual(self._versions("447"), [(0.05, ALWAYS, NOW)])
        self.assertEqual(self._versions("49"), [])
        self.assertEqual(
            result["fallbacks"],
            [
                {"prefix": "447", "falls_to": "44"},
                {"prefix": "4479", "falls_to": "44"},
                {"prefix": "49", "falls_to": None},
            ],
        )

    def test_full_load_of_the_future_closes_in_the_future(self):
        self.deck._load([rate("44", "0.02", effective_from=DECEMBER)], "full")
        self.assertEqual(
            self._versions("447"), [(0.05, ALWAYS, datetime(2026, 12, 1))]
        )

    def test_equal_rows_are_duplicates_and_different_ones_conflict(self):
        result = self.deck._load([rate("33"), rate("33"), rate("34")])
        self.assertEqual(self._counts(result), {"new": 2, "duplicates": 1})
        result = self.deck._load([rate("35"), rate("35", "0.02"), rate("36")])
        self.assertEqual(
            [(e["index"], e["code"]) for e in result["errors"]], [(1, "conflict")]
        )
        self.assertFalse(result["applied"])
        self.assertEqual(self._versions("36"), [])

    def test_faulty_rows_are_named_and_nothing_is_applied(self):
        faulty = [
            ({"prefix": "44"}, "missing_field"),
            ({"price_per_minute": "1"}, "missing_field"),
            ("44", "missing_field"),
            (rate("044"), "bad_number"),
            (rate("4" * 16), "bad_number"),
            (rate("44x"), "bad_number"),
            (rate("٤٤"), "bad_number"),
            (rate(True), "bad_number"),
            (rate("44", "-1"), "bad_price"),
            (rate("44", "NaN"), "bad_price"),
            (rate("44", "1e5"), "bad_price"),
            (rate("44", "0,01"), "bad_price"),
            (rate("44", "1000000000"), "bad_price"),
            (rate("44", "0.000000001"), "bad_price"),
            (rate("44", True), "bad_price"),
            (rate("44", ["1"]), "bad_price"),
            (rate("44", initial_increment=0), "bad_duration"),
            (rate("44", next_increment="60s"), "bad_duration"),
            (rate("44", next_increment=86401), "bad_duration"),
            (rate("44", grace_seconds=3601), "bad_duration"),
            (rate("44", effective_from="yesterday"), "bad_time"),
            (rate("44", effective_from="2026-13-01"), "bad_time"),
            (rate("44", effective_to="2026-01-01"), "bad_time"),
            (rate("44", blocked="maybe"), "bad_value"),
            (rate("44", destination="a\x00b"), "bad_value"),
            (rate("44", destination="\ud800"), "bad_value"),
            (rate("44", service="NONE-SUCH"), "bad_value"),
        ]
        result = self.deck._load([row for row, _code in faulty] + [rate("39")])
        self.assertEqual(
            [(error["index"], error["code"]) for error in result["errors"]],
            [(index, code) for index, (_row, code) in enumerate(faulty)],
        )
        self.assertFalse(result["applied"])
        self.assertEqual(self._versions("39"), [])

    def test_dates_mean_the_zone_of_the_deck(self):
        deck = self._create_deck(tz="Asia/Kolkata")
        deck._load([rate("91", effective_from="2026-04-01", effective_to="2026-05-01")])
        self.assertEqual(
            self._versions("91", deck),
            [(0.01, datetime(2026, 3, 31, 18, 30), datetime(2026, 4, 30, 18, 30))],
        )

    def test_blocked_row_needs_no_price(self):
        result = self.deck._load([{"prefix": "4490", "blocked": True}])
        self.assertTrue(result["applied"])

    def test_every_price_is_kept_to_the_last_digit(self):
        self.deck._load([rate("39", "9999.99999999", connect_fee="0.00000001")])
        loaded = self.env["voip.rate"].search(
            [("deck_id", "=", self.deck.id), ("prefix", "=", "39")]
        )
        self.env.cr.execute(
            "SELECT price_per_minute::text, connect_fee::text FROM voip_rate"
            " WHERE id = %s",
            [loaded.id],
        )
        self.assertEqual(self.env.cr.fetchone(), ("9999.99999999", "0.00000001"))

    def test_destination_by_name_else_by_longest_prefix(self):
        zones = self.env["voip.destination"].create(
            [
                {
                    "name": name,
                    "code": name,
                    "company_id": self.env.company.id,
                    "prefix_ids": [(0, 0, {"prefix": prefix})],
                }
                for name, prefix in (("Elsewhere", "44"), ("Elsewhere.M", "4477"))
            ]
        )
        deck = self._create_deck()
        deck._load(
            [
                rate("44"),
                rate("44775", destination="Anything"),
                rate("33", destination="elsewhere"),
            ]
        )
        found = {r.prefix: r.destination_id for r in deck.rate_ids}
        self.assertEqual(found["44"], zones[0])
        self.assertEqual(found["44775"], zones[1])
        self.assertEqual(found["33"], zones[0])
        labels = {r.prefix: r.label for r in deck.rate_ids}
        self.assertEqual(labels, {"44": False, "44775": "Anything", "33": "elsewhere"})

    def test_a_row_without_a_name_keeps_the_name_of_what_it_ends(self):
        deck = self._create_deck()
        named = [{"destination": "UK"}, {}, {"destination": ""}, {"destination": "GB"}]
        days = [f"2026-12-0{day} 00:00:00" for day in range(1, 6)]
        for number, (day, name) in enumerate(zip(days, [*named, {}], strict=True), 1):
            row = rate("44775", f"0.{number}", effective_from=day, **name)
            result = deck._load([row])
            self.assertTrue(result["applied"], result)
        rates = deck.rate_ids.sorted("effective_from")
        self.assertEqual(rates.mapped("label"), ["UK", "UK", "UK", "GB", "GB"])
        # One that is replaced at its own start keeps it, too.
        row = rate("44775", "0.9", effective_from=days[-1])
        self.assertTrue(deck._load([row])["applied"])
        last = deck.rate_ids.sorted("effective_from")[-1]
        self.assertEqual((last.label, last.price_per_minute), ("GB", 0.9))

    def test_thousands_of_rows_in_a_bounded_number_of_queries(self):
        rows = [rate(str(prefix), f"0.{prefix}") for prefix in range(30000, 33000)]
        deck = self._create_deck()
        with self.assertQueryCount(60):
            result = deck._load(rows)
        self.assertEqual(self._counts(result), {"new": 3000})
        with self.assertQueryCount(60):
            result = deck._load(rows, "full")
        self.assertEqual(self._counts(result), {"unchanged": 3000})

    def test_revision_changes_with_the_rates(self):
        seen = {self.deck.revision}
        self.deck._load([rate("33")])
        seen.add(self.deck.revision)
        self.deck.rate_ids.filtered(lambda r: r.prefix == "44").action_close()
        self.env.invalidate_all()
        seen.add(self.deck.revision)
        self.deck.rate_ids[:1].unlink()
        self.env.invalidate_all()
        seen.add(self.deck.revision)
        self.assertEqual(len(seen), 4)

    def test_door_refuses_senseless_calls(self):
        decks = self.env["voip.rate.deck"]
        cases = [
            {"deck": "none-such", "rates": []},
            {"deck": None, "rates": []},
            {"deck": "a\x00b", "rates": []},
            {"deck": self.deck.code, "rates": None},
            {"deck": self.deck.code, "rates": {"prefix": "44"}},
            {"deck": self.deck.code, "rates": [], "mode": "replace"},
            {"deck": self.deck.code, "rates": [], "dry_run": "yes"},
            {"deck": self.deck.code, "rates": [{}] * 10_001},
        ]
        for case in cases:
            with self.subTest(deck=case["deck"]), self.assertRaises(UserError):
                decks.load(**case)

    def test_door_is_for_managers(self):
        for group in ("viewer", "user", "auditor", "switch"):
            user = new_test_user(
                self.env,
                f"load-{group}",
                groups=f"voip_billing_base.group_voip_{group}",
                company_id=self.env.company.id,
            )
            with self.subTest(group=group), self.assertRaises(AccessError):
                self.env["voip.rate.deck"].with_user(user).load(
                    self.deck.code, [rate("44")]
                )

    def test_manager_loads_and_it_is_audited(self):
        user = new_test_user(
            self.env,
            "load-manager",
            groups="voip_billing_base.group_voip_manager",
            company_id=self.env.company.id,
        )
        decks = self.env["voip.rate.deck"].with_user(user)
        result = decks.load(deck=self.deck.code, rates=[rate("44", "0.02")])
        self.assertTrue(result["applied"])
        entry = self.env["voip.audit"].search(
            [("event", "=", "deck_load")], order="id desc", limit=1
        )
        self.assertEqual(entry.res_id, self.deck.id)
        self.assertIn('"increased"', entry.data)

    def test_deck_of_another_company_is_not_found(self):
        other = self.env["res.company"].create({"name": "Other"})
        deck = self._create_deck(company_id=other.id)
        with self.assertRaises(UserError):
            self.env["voip.rate.deck"].load(deck.code, [rate("44")])

    def test_import_of_records_still_works(self):
        result = self.env["voip.rate.deck"].load(
            ["name", "code", "side", "currency_id/.id", "tz"],
            [["Imp", "imported", "customer", str(self.deck.currency_id.id), "UTC"]],
        )
        self.assertFalse(result["messages"])
        self.assertEqual(
            self.env["voip.rate.deck"].browse(result["ids"]).code, "imported"
        )

    def test_local_times_that_are_skipped_or_come_twice_are_refused(self):
        deck = self._create_deck(tz="Europe/Berlin")
        for start, words in (
            ("2026-10-25T02:30:00", "2026-10-25T00:30:00Z or 2026-10-25T01:30:00Z"),
            ("2027-03-28T02:30:00", "the clocks skip it"),
        ):
            with self.subTest(start):
                (error,) = deck._load([rate("44", effective_from=start)])["errors"]
                self.assertEqual(error["code"], "bad_time")
                self.assertIn(words, error["message"])
        for start in ("2026-10-25T02:30:00+01:00", "2026-10-25T03:00:00", "2026-10-25"):
            with self.subTest(start):
                result = deck._load([rate("44", effective_from=start)], dry_run=True)
                self.assertFalse(result["errors"])
