"""The machine doors of numbers."""

from datetime import timedelta
from fnmatch import fnmatchcase
from unittest.mock import patch

from freezegun import freeze_time
from psycopg2.errors import CheckViolation

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import SQL, mute_logger

from ..numbers import digits
from .common import NumbersCommon


@tagged("post_install", "-at_install")
class TestNumberDoors(NumbersCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.key = new_test_user(
            cls.env, "numbers-key", groups="voip_did.group_voip_numbers"
        )
        cls.dids = cls.env["voip.did"]
        cls.as_key = cls.dids.with_user(cls.key)

    def test_load_takes_what_is_right_and_tells_what_is_not(self):
        rows = [
            {
                "number": "+4930555000",
                "country": "DE",
                "kind": "local",
                "area": "Berlin",
            },
            {"number": "442071838750", "capabilities": ["sms"], "channels": 30},
            {"number": "030555"},
            {"number": "4930555000"},
            {"number": "4930555009", "kind": "planetary"},
            {"number": "4930555008", "cost_monthly": "0.50"},
            {"number": "4930555007", "price": "1"},
            "4930555006",
        ]
        answer = self.dids.load(numbers=rows, dry_run=True)
        self.assertEqual((answer["new"], answer["applied"]), (2, False))
        answer = self.dids.load(numbers=rows)
        self.assertEqual(
            [answer[n] for n in ("new", "updated", "unchanged")], [2, 0, 0]
        )
        self.assertEqual(
            [(e["index"], e["code"]) for e in answer["errors"]],
            [
                (2, "bad_number"),
                (3, "duplicate"),
                (4, "bad_value"),
                (5, "missing_field"),
                (6, "bad_value"),
                (7, "missing_field"),
            ],
        )
        rows[0]["area"] = "Potsdam"
        answer = self.dids.load(numbers=rows[:2])
        self.assertEqual(
            [answer[n] for n in ("new", "updated", "unchanged")], [0, 1, 1]
        )

    def test_search_finds_what_is_free_with_its_price(self):
        for number in ("4930555000", "4930554455", "442071834455"):
            self._did(number)
        self._assign(self.dids.search([("number", "=", "442071834455")]), "2026-11-01")
        for given, wanted in (
            ({}, ["4930554455", "4930555000"]),
            ({"pattern": "*4455"}, ["4930554455"]),
            ({"pattern": "5544"}, ["4930554455"]),
            ({"pattern": "49305?????"}, ["4930554455", "4930555000"]),
            ({"country": "DE", "limit": 1}, ["4930554455"]),
            ({"offset": 1}, ["4930555000"]),
        ):
            answer = self.as_key.search(**given)
            self.assertEqual([n["number"] for n in answer["numbers"]], wanted, given)
        self.assertEqual(answer["count"], 2)
        self.assertEqual(
            (answer["numbers"][0]["monthly"], answer["numbers"][0]["currency"]),
            ("3.1", "USD"),
        )
        for given in (
            {"pattern": "1 or 1"},
            {"country": "XX"},
            {"limit": 0},
            {"offset": 2**63},
            {"kind": "x"},
            {"kind": {"local": 1}},
        ):
            with self.assertRaises(UserError):
                self.as_key.search(**given)

    def test_patterns_find_what_they_say(self):
        numbers = ["4930999", "4931000", "4939999", "4940000", "9998999", "9999000"]
        for number in numbers:
            self._did(number)
        for pattern in (
            "4930*", "493*", "4939*", "4939??9", "49*99", "9*", "999*", "99990?0",
            "*99", "*9", "*000", "*?99", "*3?9*", "???????", "4930999", "*", "*?",
            "*8*", "*93*", "*3*9*", "*4?3*", "*04*", "?9*", "*7*",
        ):  # fmt: skip
            wanted = [number for number in numbers if fnmatchcase(number, pattern)]
            for many in (0, 5_000):
                few_or_many = patch.object(digits, "MANY", many)
                with self.subTest(pattern, many=many), few_or_many:
                    answer = self.as_key.search(pattern=pattern, country="DE")
                    found = [one["number"] for one in answer["numbers"]]
                    self.assertEqual((found, answer["count"]), (wanted, len(wanted)))

    def test_few_digits_are_counted_by_an_index(self):
        """Spelt another way, it would read and take apart every number."""
        rows = [{"number": f"4930{number:06d}"} for number in range(0, 10**6, 500)]
        self.dids._insert(rows)
        self.env.cr.execute("ANALYZE voip_did")
        domain = self.dids._offer_domain(None, None) + digits.counted("%45%")
        self.env.cr.execute(SQL("EXPLAIN %s", self.dids._search(domain).select()))
        plan = "\n".join(row for (row,) in self.env.cr.fetchall())
        condition = plan.partition("Index Cond:")[2].partition("Filter:")[0]
        self.assertIn("voip_did_offered_digits", plan)
        self.assertIn("strpos", condition)

    def test_the_count_is_of_all_pages(self):
        for number in ("4930555000", "4930554455", "4930556677"):
            self._did(number)
        for given, listed, count in (
            ({}, 3, 3),
            ({"limit": 3}, 3, 3),
            ({"limit": 1}, 1, 3),
            ({"limit": 2, "offset": 2}, 1, 3),
            ({"offset": 3}, 0, 3),
            ({"pattern": "*999"}, 0, 0),
        ):
            with self.subTest(given):
                answer = self.as_key.search(**given)
                self.assertEqual(len(answer["numbers"]), listed)
                self.assertEqual(answer["count"], count)

    def test_an_index_holds_all_that_a_page_asks(self):
        """Of the thousands that do not match, no row is read for its id."""
        self.env.cr.execute(
            "SELECT a.attrelid::regclass::text, array_agg(a.attname::text)"
            "  FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indexrelid"
            " WHERE i.indrelid = 'voip_did'::regclass GROUP BY 1"
        )
        columns = dict(self.env.cr.fetchall())
        asked = {"id", "company_id", "number", "kind"}
        self.assertLessEqual(asked, set(columns["voip_did_offered_anywhere"]))
        self.assertLessEqual({*asked, "country_id"}, set(columns["voip_did_offered"]))

    @freeze_time("2026-04-05 12:00:00")
    def test_reserve_assign_release(self):
        did, other = self._did(), self._create_account(code="numbers-2")
        answer = self.as_key.reserve(number="+4930555000", account="numbers-1")
        self.assertEqual(answer["reserved_until"], "2026-04-05T12:15:00Z")
        with self.assertRefused(UserError, "is not free"):
            self.as_key.reserve(number="4930555000", account="numbers-2")
        answer = self.as_key.assign(numbers=["4930555000"], account="numbers-2")
        self.assertEqual(
            (answer["assigned"], answer["errors"][0]["code"]), (0, "not_free")
        )
        for _again in range(2):
            answer = self.as_key.assign(
                numbers=["4930555000", "49"], account="numbers-1", start="2026-04-05"
            )
            self.assertEqual(answer["assigned"], 1)
            self.assertEqual(answer["errors"][0]["code"], "bad_number")
        self.assertEqual((did.account_id, other.did_count), (self.account, 0))
        self._charge()
        answer = self.as_key.release(numbers=["4930555000"], end="2026-04-05")
        self.assertEqual(answer["released"], 1)
        self.assertEqual(answer["credit"], {"USD": "2.58333334"})
        self.assertWhole()

    def test_no_number_is_kept_for_a_closed_account(self):
        gone = self._create_account(code="numbers-9")
        gone._set_state("closed", "Over.")
        until = fields.Datetime.now() + timedelta(days=1)
        with self.assertRefused(UserError, "numbers-9 is closed"):
            self._did()._reserve(gone, until)

    @freeze_time("2026-04-05 12:00:00")
    def test_staff_reserve_numbers_in_stock_and_end_that(self):
        clerk = new_test_user(self.env, "clerk", "voip_billing_base.group_voip_user")
        dids = self._did() | self._did("4930555001")
        wizards = self.env["voip.did.assign"].with_user(clerk)

        def apply(mode, numbers=dids, until="2026-04-09 08:00:00", account=None):
            values = {
                "mode": mode,
                "did_ids": [(6, 0, numbers.ids)],
                "account_id": (account or self.account).id,
                "reserved_until": until,
            }
            return wizards.create(values).action_apply()["params"]["message"]

        for until in ("2026-04-05 12:00:00", "2026-05-05 12:00:01", False):
            with self.assertRefused(UserError, "within 30 days|until when"):
                apply("reserve", until=until)
        self.assertEqual(apply("reserve"), "2 numbers reserved.")
        self.assertEqual(set(dids.mapped("state")), {"reserved"})
        self.assertEqual(dids.reserved_for_id, self.account)
        other = self._create_account(code="numbers-2")
        with self.assertRefused(UserError, "is not free"):
            apply("reserve", account=other)
        self.assertEqual(apply("unreserve", dids[0]), "1 number is free again.")
        with self.assertRefused(UserError, "is not reserved"):
            apply("unreserve")
        self.assertEqual(dids.mapped("state"), ["free", "reserved"])
        # What has run out is free, before the scheduled action has looked.
        with freeze_time("2026-04-09 08:00:00"):
            apply("reserve", until="2026-04-10 08:00:00", account=other)
        self.assertEqual(dids.reserved_for_id, other)
        events = self.env["voip.audit"].search([("res_id", "=", dids[0].id)])
        events = events.filtered(lambda x: x.event.endswith("reserved"))
        self.assertEqual(
            events.sorted("id").mapped("event"),
            ["did_reserved", "did_unreserved", "did_reserved"],
        )
        self.assertEqual(events.user_id, clerk)

    def test_a_day_is_a_day_that_can_be_read(self):
        did = self._did()
        asked = {"numbers": [did.number], "account": self.account.code}
        for name, day in (
            ("end", "9999-12-31"),
            ("start", "1969-12-31"),
            ("start", "2026-12-01T23:30:00-05:00"),
            ("start", ""),
            ("start", 20261201),
        ):
            with self.assertRefused(UserError, f"{name}: a day is YYYY-MM-DD"):
                self.as_key.assign(**asked, **{name: day})
        with self.assertRefused(UserError, "start: it is no day"):
            self.as_key.assign(**asked, start="2026-02-30")
        with self.assertRaises(CheckViolation), mute_logger("odoo.sql_db"):
            self._assign(did, "2026-12-01", "9999-12-31")

    @freeze_time("2026-04-05 12:00:00")
    def test_a_release_tells_what_its_own_numbers_give_back(self):
        did, later = self._did(), self._did("4930555001")
        self._assign(did, "2026-04-05")
        self._charge()
        self._assign(later, "2026-04-05")
        answer = self.as_key.release(numbers=[did.number])
        self.assertEqual(answer["credit"], {"USD": "2.58333334"})
        self.assertWhole()

    def test_a_refusal_tells_whether_another_number_would_do(self):
        self._did()
        asked = {"numbers": ["4930555000"], "plan": "standard"}
        doors = self.env["voip.did"]
        with self.assertRefused(UserError, "account is missing: give its code"):
            doors.assign(**asked)
        answer = doors.assign(**asked, account=self.account.code, start="2020-01-01")
        self.assertEqual(answer["errors"][0]["code"], "bad_value")
        self.assertIn("no price of the monthly rental", answer["errors"][0]["message"])
        other = self._create_account(code="numbers-2")
        self.assertEqual(doors.assign(**asked, account=other.code)["assigned"], 1)
        answer = doors.assign(**asked, account=self.account.code)
        self.assertEqual(answer["errors"][0]["code"], "not_free")

    def test_the_key_reads_nothing_else(self):
        did = self._did()
        with self.assertRaises(AccessError):
            did.with_user(self.key).read(["number"])
        with self.assertRaises(AccessError):
            self.as_key.load(numbers=[{"number": "4930555001"}])
        nobody = new_test_user(self.env, "nobody", groups="base.group_user")
        for call in (
            lambda m: m.search(),
            lambda m: m.reserve(number="4930555000", account="numbers-1"),
            lambda m: m.assign(numbers=["4930555000"], account="numbers-1"),
            lambda m: m.release(numbers=["4930555000"]),
        ):
            with self.assertRaises(AccessError):
                call(self.dids.with_user(nobody))
