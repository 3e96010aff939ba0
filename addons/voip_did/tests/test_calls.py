"""Calls to and from numbers, from the switch to usage, error queue and invoice."""

from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import NumbersCommon

TOLL_FREE = "18005550100"
# What is rated instead of the called number.
RATED = {
    (TOLL_FREE, "+442071838750"): "442071838750",
    (TOLL_FREE, "anonymous"): "999900",
}


@tagged("post_install", "-at_install")
class TestCalls(NumbersCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = fields.Date.today()
        cls.since = cls.today - timedelta(days=20)
        cls.switch = cls._create_switch(code="did-sw", tz="UTC")
        cls.outbound = cls._create_deck([{"prefix": "44", "price_per_minute": "0.60"}])
        cls.account.deck_id = cls.outbound
        cls.trunk = cls._create_trunk(cls.account, code="did-trunk")
        cls.inbound = cls._create_deck(
            [
                {"prefix": "49", "price_per_minute": "0.06"},
                {
                    "prefix": "49",
                    "origin_prefix": "4917",
                    "price_per_minute": "0.12",
                },
            ]
        )
        cls.toll_free = cls._create_deck(
            [
                {"prefix": "1", "price_per_minute": "0.30"},
                {"prefix": "44", "price_per_minute": "1.20"},
                {"prefix": "999900", "price_per_minute": "2.40"},
            ]
        )
        cls.plan.inbound_ids = [
            (0, 0, {"deck_id": cls.inbound.id}),
            (
                0,
                0,
                {
                    "kind": "toll_free",
                    "deck_id": cls.toll_free.id,
                    "by_caller": True,
                    "unknown_as": "999900",
                },
            ),
        ]
        cls.did = cls._did()
        cls.calls = 0

    def _record(self, called="+4930555000", hour=12, day=0, **values):
        type(self).calls += 1
        at = self.today - timedelta(days=5 - day)
        return {
            "call_id": f"call-{self.calls}",
            "caller": "+4989123456",
            "called": called,
            "start": f"{at}T{hour:02}:00:00Z",
            "answered": True,
            "duration": "60",
            "direction": "inbound",
            **values,
        }

    def _rate(self, *records):
        """The usage of records that are sent together, in their order."""
        answer = self.env["voip.cdr"].ingest(
            switch="did-sw", records=list(records), rate_now=True
        )
        batch = self.env["voip.cdr.batch"].browse(answer["batch"])
        self.errors = self.env["voip.cdr.error"].search(
            [("batch_id", "=", batch.id)], order="position"
        )
        return self.env["voip.usage"].search([("batch_id", "=", batch.id)], order="id")

    def _amounts(self, *records):
        usage = self._rate(*records)
        self.assertFalse(self.errors, self.errors.mapped("message"))
        by_call = {one.source_ref: one for one in usage}
        return [
            (by_call[r["call_id"]].account_id.code, by_call[r["call_id"]].amount)
            for r in records
        ]

    # === Inbound === #

    def test_the_account_of_the_number_pays_by_the_callers_origin(self):
        self._assign(self.did, self.since)
        found = self._amounts(
            self._record(),
            self._record(caller="+491701234567"),
            self._record(caller="anonymous"),
            self._record(called="004930555000"),
            self._record(trunk="did-trunk", lrn="447700900000"),
            self._record(account="numbers-1"),
        )
        prices = [0.06, 0.12, 0.06, 0.06, 0.06, 0.06]
        self.assertEqual(found, [("numbers-1", price) for price in prices])
        self.assertWhole()

    def test_toll_free_calls_cost_their_owner_the_callers_price(self):
        self._assign(self._did(TOLL_FREE, kind="toll_free"), self.since)
        found = self._amounts(
            self._record(TOLL_FREE, caller="+12125550100"),
            self._record(TOLL_FREE, caller="+442071838750"),
            self._record(TOLL_FREE, caller="anonymous"),
        )
        self.assertEqual([price for _a, price in found], [0.30, 1.20, 2.40])
        self.plan.inbound_ids.filtered("kind").unknown_as = False
        self._rate(self._record(TOLL_FREE, caller="anonymous"))
        self.assertEqual(self.errors.code, "no_rate")
        self.assertIn("unknown callers", self.errors.message)

    def test_a_number_that_moves_is_paid_by_who_has_it_at_the_time(self):
        moved = self.today - timedelta(days=4)
        other = self._create_account(code="numbers-2", tz="Asia/Tokyo")
        self.account.tz = "America/New_York"
        self._assign(self.did, self.since, moved - timedelta(days=1))
        self._assign(self.did, moved, account=other)
        found = self._amounts(
            self._record(day=0, hour=14), self._record(day=0, hour=15)
        )
        # Midnight in Tokyo is 15:00 in UTC.
        self.assertEqual([code for code, _p in found], ["numbers-1", "numbers-2"])

    def test_a_sub_account_pays_for_its_own_number(self):
        sub = self._create_account(
            code="numbers-sub",
            parent_id=self.account.id,
            partner_id=self.account.partner_id.id,
        )
        self._assign(self.did, self.since, account=sub)
        found = self._amounts(self._record(), self._record(trunk="did-trunk"))
        self.assertEqual([code for code, _p in found], ["numbers-sub"] * 2)

    def test_the_most_specific_inbound_price_counts(self):
        own = self._create_deck([{"prefix": "49", "price_per_minute": "0.03"}])
        values = {"account_id": self.account.id, "deck_id": own.id}
        self.plan.inbound_ids = [(0, 0, values)]
        other = self._create_account(code="numbers-2")
        self._assign(self.did, self.since)
        self._assign(self._did("4930555001"), self.since, account=other)
        found = self._amounts(self._record(), self._record("4930555001"))
        self.assertEqual(found, [("numbers-1", 0.03), ("numbers-2", 0.06)])

    def test_the_cost_is_of_the_numbers_own_deck(self):
        supplier = self.env["res.partner"].create({"name": "Number Carrier"})
        deck = self._create_deck(
            [{"prefix": "4930", "price_per_minute": "0.02"}],
            side="supplier",
            partner_id=supplier.id,
        )
        self.did.cost_deck_id = deck
        self._assign(self.did, self.since)
        usage = self._rate(self._record())
        self.assertEqual((usage.cost, usage.supplier_id), (0.02, supplier))

    def test_the_supplier_may_bill_by_another_number_than_the_customer_pays(self):
        supplier = self.env["res.partner"].create({"name": "Number Carrier"})
        deck = self._create_deck(
            [
                {"prefix": "1800", "price_per_minute": "0.02"},
                {"prefix": "44", "price_per_minute": "0.07"},
                {"prefix": "999900", "price_per_minute": "0.09"},
            ],
            side="supplier",
            partner_id=supplier.id,
        )
        free = self._did(TOLL_FREE, kind="toll_free", cost_deck_id=deck.id)
        self._assign(free, self.since)
        for by, caller, cost in (
            (False, "+442071838750", 0.07),
            ("called", "+442071838750", 0.02),
            ("called", "anonymous", 0.02),
            ("caller", "+442071838750", 0.07),
            ("caller", "anonymous", 0.09),
        ):
            with self.subTest(by=by, caller=caller):
                free.cost_by = by
                record = self._record(called=TOLL_FREE, caller=caller)
                usage = self._rate(record)
                price = 1.2 if caller[0] == "+" else 2.4
                self.assertEqual((usage.amount, usage.cost), (price, cost))
                quote = self.env["voip.rate.deck"].quote(
                    called=TOLL_FREE, caller=caller, at=record["start"], seconds=60,
                    direction="inbound",
                )  # fmt: skip
                self.assertEqual(float(quote["cost"]["amount"]), cost)
                told = {step["step"] for step in quote["cost"]["steps"]}
                self.assertEqual("rated" in told, by != "called")

    def test_a_cost_by_callers_waits_where_the_caller_is_not_known(self):
        deck = self._create_deck(
            [{"prefix": "49", "price_per_minute": "0.02"}], side="supplier"
        )
        self.did.write({"cost_deck_id": deck.id, "cost_by": "caller"})
        self._assign(self.did, self.since)
        self.assertEqual(self._rate(self._record()).cost, 0.02)
        self.assertFalse(self._rate(self._record(caller="anonymous")))
        self.assertEqual(self.errors.code, "no_rate")
        self.assertIn("for an unknown caller, by which calls to", self.errors.message)

    def test_what_nobody_has_waits_with_its_reason(self):
        other = self._create_account(code="numbers-2")
        self._assign(self._did("4930555001"), self.since, account=other)
        records = [
            self._record(),
            self._record("4930999999"),
            self._record("4930555001", account="numbers-1"),
            self._record("4930555001", trunk="did-trunk"),
        ]
        self.assertFalse(self._rate(*records))
        for error, words in zip(
            self.errors,
            (
                "was at no account at the time",
                "not in the inventory",
                "was at account numbers-2",
                "was at account numbers-2",
            ),
            strict=True,
        ):
            self.assertEqual(error.code, "no_account")
            self.assertIn(words, error.message)
        self._assign(self.did, self.since)
        self.errors[0].action_rate_again()
        self.assertEqual(self.errors[0].state, "fixed")

    def test_a_plan_without_inbound_price_and_a_closed_account_are_named(self):
        self.plan.inbound_ids.filtered(lambda one: not one.kind).unlink()
        self._assign(self.did, self.since)
        self._rate(self._record())
        self.assertEqual(self.errors.code, "no_deck")
        self.assertIn("no inbound price", self.errors.message)

    def test_a_number_of_the_customers_own_is_rated_by_his_trunk(self):
        found = self._amounts(self._record("442071838750", trunk="did-trunk"))
        self.assertEqual(found, [("numbers-1", 0.60)])

    def test_the_number_of_another_company_is_nobodys(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self.did.company_id = company
        self._rate(self._record())
        self.assertIn("not in the inventory", self.errors.message)

    def test_quote_explains_the_price_that_intake_takes(self):
        self._assign(self.did, self.since)
        self._assign(self._did(TOLL_FREE, kind="toll_free"), self.since)
        decks = self.env["voip.rate.deck"]
        for called, caller in (
            ("4930555000", "+491701234567"),
            (TOLL_FREE, "+442071838750"),
            (TOLL_FREE, "anonymous"),
        ):
            record = self._record(called, caller=caller)
            usage = self._rate(record)
            quote = decks.quote(
                called=called,
                caller=caller,
                at=record["start"],
                direction="inbound",
            )
            self.assertEqual(float(quote["amount"]), usage.amount)
            self.assertIsNone(quote["cost"])
            steps = {step["step"]: step["value"] for step in quote["steps"]}
            shown = caller.strip("+").replace("anonymous", "unknown")
            self.assertEqual(
                (steps["called"], steps["holder"], steps["caller"]),
                (called, "numbers-1", shown),
            )
            self.assertEqual(steps.get("rated"), RATED.get((called, caller)))
        quote = decks.quote(called="4930999999", direction="inbound")
        self.assertEqual(quote["error"]["code"], "no_account")
        with self.assertRaises(UserError):
            decks.quote(called="4930555000", direction="sideways")

    def test_why_this_price_finds_the_holder(self):
        self._assign(self.did, self.since)
        wizard = self.env["voip.rate.quote"].create(
            {"called": "+4930555000", "direction": "inbound"}
        )
        wizard.action_explain()
        for words in ("0.06", "4930555000", "numbers-1", "Account that has the number"):
            self.assertIn(words, wizard.result)

    def test_inbound_calls_have_invoice_lines_of_their_own(self):
        self._assign(self.did, self.since)
        self._rate(self._record(), self._record("442071838750", trunk="did-trunk"))
        summaries = self.env["voip.usage.summary"].search(
            [("account_id", "=", self.account.id)]
        )
        directions = sorted((s.facets or {}).get("direction", "") for s in summaries)
        self.assertEqual(directions, ["inbound", "inbound"])
        self.assertEqual(len(summaries), 2)
        self.assertWhole()

    # === Callers === #

    def _out(self, caller, **values):
        values = {"trunk": "did-trunk", "direction": "outbound", **values}
        return self._record("442071838750", caller=caller, **values)

    def test_callers_are_accepted_noted_and_refused_as_the_account_says(self):
        other = self._create_account(code="numbers-2")
        self._assign(self.did, self.since)
        self._assign(self._did("4930555001"), self.since, account=other)
        self._did("4930555002")
        one_way = self._did("4930555003", two_way=False)
        self._assign(one_way, self.since)
        callers = [
            "4930555000",
            "4930555001",
            "4930555002",
            "4930555003",
            "33123456789",
        ]
        records = [self._out(caller) for caller in [*callers, "anonymous", ""]]
        self.assertEqual(len(self._amounts(*records)), 7)
        notes = self.env["voip.did.caller"]
        self.assertFalse(notes.search([("account_id", "=", self.account.id)]))
        self.account.write({"caller_of_others": "flag", "caller_foreign": "flag"})
        self._amounts(*[self._out(caller) for caller in [*callers, "anonymous", ""]])
        found = notes.search([("account_id", "=", self.account.id)], order="caller")
        self.assertEqual(
            [(one.caller, one.why, one.holder_id.code) for one in found],
            [
                ("33123456789", "foreign", False),
                ("4930555001", "of_others", "numbers-2"),
                ("4930555002", "of_others", False),
                ("4930555003", "foreign", "numbers-1"),
            ],
        )
        self.account.write({"caller_of_others": "refuse", "caller_foreign": "accept"})
        self.assertEqual(len(self._rate(*[self._out(c) for c in callers])), 3)
        self.assertEqual(self.errors.mapped("code"), ["caller_refused"] * 2)
        self.assertIn("is not a number of account numbers-1", self.errors[0].message)
        self.assertWhole()

    def test_numbers_of_the_family_are_own_numbers(self):
        sub = self._create_account(
            code="numbers-sub",
            parent_id=self.account.id,
            partner_id=self.account.partner_id.id,
        )
        self._assign(self.did, self.since, account=sub)
        self.account.caller_of_others = "refuse"
        self.account.caller_foreign = "refuse"
        self.assertEqual(len(self._amounts(self._out("4930555000"))), 1)

    def test_a_number_of_before_is_no_own_number_now(self):
        self._assign(self.did, self.since, self.today - timedelta(days=6))
        self.account.caller_of_others = "refuse"
        self._rate(self._out("4930555000"))
        self.assertEqual(self.errors.code, "caller_refused")
