from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged
from odoo.tests.common import new_test_user

from .common import VoipRatingCommon

AT = "2026-03-10T12:00:00Z"


@tagged("post_install", "-at_install")
class TestQuote(VoipRatingCommon):
    def _quote(self, sold_by, called="442079460000", **values):
        return self.env["voip.rate.deck"].quote(
            **{"deck": sold_by.code, "called": called, "at": AT, **values}
        )

    def test_worked_amounts(self):
        cases = [
            # price, initial, next, connect fee, seconds, billed, amount
            ("1.00", 30, 6, "0.15", 32, 36, "0.75"),
            ("0.0085", 1, 1, "0", 47, 47, "0.006658"),
            ("0.05", 60, 60, "0", 61, 120, "0.1"),
            ("0.05", 60, 60, "0", "0.4", 60, "0.05"),
            ("0.05", 1, 1, "0.15", 0, 0, "0.15"),
            ("0", 1, 1, "0", 100, 100, "0"),
        ]
        for price, initial, following, fee, seconds, billed, amount in cases:
            with self.subTest(price=price, seconds=seconds):
                deck = self._create_deck(
                    [
                        {
                            "prefix": "44",
                            "price_per_minute": price,
                            "initial_increment": initial,
                            "next_increment": following,
                            "connect_fee": fee,
                        }
                    ]
                )
                quote = self._quote(deck, seconds=seconds)
                self.assertEqual(quote["billed_seconds"], billed)
                self.assertEqual(quote["amount"], amount)

    def test_formulas_of_the_deck_decide_the_billed_seconds(self):
        cases = [
            # seconds, initial, next, A, B, C
            (7, 1, 1, 7, 7, 7),
            (31, 30, 6, 36, 36, 36),
            (75, 30, 6, 78, 78, 78),
            (59, 60, 60, 60, 60, 60),
            (61, 60, 60, 120, 120, 120),
            (61, 60, 1, 61, 61, 61),
            (11, 10, 6, 16, 12, 12),
            (21, 20, 6, 26, 24, 24),
            (26, 25, 8, 33, 32, 32),
            (31, 30, 18, 48, 36, 36),
            (5, 10, 30, 10, 10, 30),
            (1, 30, 18, 30, 30, 36),
        ]
        for seconds, initial, following, *expected in cases:
            rates = [
                {
                    "prefix": "44",
                    "initial_increment": initial,
                    "next_increment": following,
                }
            ]
            deck = self._create_deck(rates)
            for formula, billed in zip("ABC", expected, strict=True):
                with self.subTest(seconds=seconds, formula=formula):
                    deck.formula = formula
                    quote = self._quote(deck, seconds=seconds)
                    self.assertEqual(quote["billed_seconds"], billed)

    def test_answer_tells_rate_steps_cost_and_margin(self):
        deck = self._create_deck(
            [
                {"prefix": "44", "price_per_minute": "0.02", "destination": "UK"},
                {"prefix": "447", "price_per_minute": "0.05", "destination": "M"},
            ]
        )
        dear = self._create_deck(
            [{"prefix": "4", "price_per_minute": "0.03"}], side="supplier"
        )
        partner = self.env["res.partner"].create({"name": "Cheap Carrier"})
        values = {"side": "supplier", "partner_id": partner.id}
        cheap = self._create_deck(
            [{"prefix": "44", "price_per_minute": "0.016"}], **values
        )
        quote = self._quote(deck, "+44 20 7946 0000")
        said = quote["amount"], quote["currency"]
        self.assertEqual(said, ("0.02", deck.currency_id.name))
        self.assertEqual(
            quote["rate"],
            {
                "prefix": "44",
                "destination": "UK",
                "price_per_minute": "0.02",
                "first_price": None,
                "connect_fee": "0",
                "attempt_fee": "0",
                "initial_increment": 1,
                "next_increment": 1,
                "effective_from": "1970-01-01T00:00:00Z",
            },
        )
        self.assertEqual(quote["steps"][-1]["value"], "0.02")
        cost = [quote["cost"][name] for name in ("supplier", "deck", "amount")]
        self.assertEqual(cost, ["Cheap Carrier", cheap.code, "0.016"])
        margin = quote["margin"], quote["margin_percent"]
        self.assertEqual(margin, ("0.004", "20.00"))
        quote = self._quote(deck, supplier_deck=dear.code)
        margin = quote["margin"], quote["margin_percent"]
        self.assertEqual(margin, ("-0.01", "-50.00"))

    def test_no_supplier_deck_means_no_cost_and_not_zero(self):
        deck = self._create_deck([{"prefix": "44"}])
        quote = self._quote(deck)
        self.assertIsNone(quote["cost"])
        self.assertIsNone(quote["margin"])

    def test_cost_in_another_currency_is_converted_at_the_day(self):
        company = self.env.company
        other = self.env["res.currency"].create({"name": "XTS", "symbol": "X"})
        self.env["res.currency.rate"].create(
            [
                {
                    "currency_id": other.id,
                    "company_id": company.id,
                    "name": day,
                    "rate": rate,
                }
                for day, rate in (("2026-03-01", 2), ("2026-03-11", 4))
            ]
        )
        deck = self._create_deck([{"prefix": "44", "price_per_minute": "0.02"}])
        cost = self._create_deck(
            [{"prefix": "44", "price_per_minute": "0.02"}],
            side="supplier",
            currency_id=other.id,
        )
        quote = self._quote(deck, supplier_deck=cost.code)
        self.assertEqual(quote["cost"]["amount"], "0.02")
        self.assertEqual(quote["cost"]["amount_converted"], "0.01")
        self.assertEqual(quote["margin_percent"], "50.00")
        # A first rate in the future does not count.
        before = {"at": "2026-02-28T12:00:00Z"}
        quote = self._quote(deck, supplier_deck=cost.code, **before)
        self.assertEqual(quote["error"]["code"], "no_exchange_rate")

    def test_a_cost_without_exchange_rate_is_unknown_and_named_and_the_sale_told(self):
        other = self.env["res.currency"].create({"name": "XTS", "symbol": "X"})
        deck = self._create_deck([{"prefix": "44", "price_per_minute": "0.02"}])
        supplier = {"side": "supplier", "currency_id": other.id}
        cost = self._create_deck([{"prefix": "44"}], **supplier)
        self._create_deck([{"prefix": "33"}], **supplier)
        account = self._create_account(
            deck_id=deck.id, currency_id=deck.currency_id.id
        )
        for values in ({}, {"deck": None, "account": account.code}):
            with self.subTest(**values):
                quote = self._quote(deck, **values)
                self.assertEqual(quote["amount"], "0.02")
                self.assertIsNone(quote["cost"])
                self.assertIsNone(quote["margin"])
                [unknown] = quote["unknown_costs"]
                self.assertEqual(
                    (unknown["deck"], unknown["code"]), (cost.code, "no_exchange_rate")
                )
                self.assertIn("XTS", unknown["message"])
        wizard = self.env["voip.rate.quote"].create(
            {"deck_id": deck.id, "called": "442079460000", "at": AT[:10]}
        )
        wizard.action_explain()
        self.assertIn(cost.code, wizard.result)
        self.assertNotIn("No supplier deck", wizard.result)
        # Another supplier's cost is known; the unknown one stays named.
        cheap = self._create_deck([{"prefix": "44"}], side="supplier")
        quote = self._quote(deck)
        self.assertEqual(quote["cost"]["deck"], cheap.code)
        self.assertEqual(len(quote["unknown_costs"]), 1)
        quote = self._quote(deck, supplier_deck=cost.code)
        self.assertEqual(quote["error"]["code"], "no_exchange_rate")

    def test_version_at_the_moment_decides(self):
        deck = self._create_deck([{"prefix": "44", "price_per_minute": "0.02"}])
        deck._load(
            [
                {
                    "prefix": "44",
                    "price_per_minute": "0.03",
                    "effective_from": "2026-03-10T13:00:00+01:00",
                }
            ]
        )
        self.assertEqual(self._quote(deck, at="2026-03-10T11:59:59Z")["amount"], "0.02")
        self.assertEqual(self._quote(deck, at="2026-03-10T12:00:00Z")["amount"], "0.03")

    def test_deleted_code_falls_to_the_shorter_one(self):
        deck = self._create_deck(
            [
                {"prefix": "44", "price_per_minute": "0.02"},
                {"prefix": "4479", "price_per_minute": "0.05"},
            ]
        )
        self.assertEqual(self._quote(deck, "447911123456")["amount"], "0.05")
        deck._load([{"prefix": "44", "price_per_minute": "0.02"}], "full")
        with freeze_time("2030-01-01"):
            quote = self._quote(deck, "447911123456", at=None)
        self.assertEqual(quote["amount"], "0.02")

    def test_questions_without_answer_say_why(self):
        blocked = {"prefix": "4490", "blocked": True}
        deck = self._create_deck([{"prefix": "44"}, blocked])
        account = self._create_account()
        cases = [
            ({"deck": "none-such"}, "no_deck"),
            ({"deck": "a\x00b"}, "no_deck"),
            ({"deck": ["44"]}, "no_deck"),
            ({"deck": None, "account": "\ud800"}, "no_account"),
            ({"called": True}, "bad_number"),
            ({"at": True}, "bad_time"),
            ({"seconds": True}, "bad_duration"),
            ({"deck": None, "account": "none-such"}, "no_account"),
            ({"deck": None, "account": account.code}, "no_deck"),
            ({"called": "33123456"}, "no_rate"),
            ({"called": "4490123456"}, "blocked"),
            ({"called": "44x"}, "bad_number"),
            ({"called": None}, "bad_number"),
            ({"called": "911"}, "short_code"),
            ({"caller": ["442079460000"]}, "bad_number"),
            ({"caller": 442079460000.0}, "bad_number"),
            ({"at": "yesterday"}, "bad_time"),
            ({"seconds": "NaN"}, "bad_duration"),
            ({"seconds": -1}, "bad_duration"),
            ({"supplier_deck": "none-such"}, "no_deck"),
        ]
        for values, code in cases:
            with self.subTest(**values):
                quote = self._quote(deck, **values)
                self.assertIn("error", quote)
                self.assertEqual(quote["error"]["code"], code)
                self.assertTrue(quote["error"]["message"])

    def test_a_call_that_no_record_could_be_of_has_no_price(self):
        deck = self._create_deck([{"prefix": "44"}], tz="Europe/London")
        longest = self.env.company.voip_cdr_max_hours * 3600
        for values, code in (
            ({"at": 0}, "bad_time"),
            ({"at": 0.0}, "bad_time"),
            ({"at": "0"}, "bad_time"),
            ({"at": "2026-03-29 01:30:00"}, "bad_time"),
            ({"at": "2026-03-29 00:59:59"}, None),
            ({"at": "2026-03-29 02:00:00"}, None),
            ({"at": "2026-03-29T01:30:00Z"}, None),
            ({"at": "2026-10-25 01:30:00"}, None),
            ({"seconds": longest}, None),
            ({"seconds": f"{longest}.001"}, "bad_duration"),
        ):
            with self.subTest(**values):
                quote = self._quote(deck, **values)
                self.assertEqual(quote.get("error", {}).get("code"), code)

    def test_a_jurisdiction_has_the_price_that_its_record_pays(self):
        prices = {"price_per_minute": "0.03", "price_intra": "0.06"}
        deck = self._create_deck(
            [{"prefix": "1", "price_local": "0.01", **prices}], side="customer"
        )
        trunk = self._create_trunk(self._create_account(deck_id=deck.id))
        switch, called = self._create_switch(), "12025550123"
        day = self.env.cr.now().date()
        for name, amount in (
            ("", "0.03"),
            ("inter", "0.03"),
            ("intra", "0.06"),
            ("local", "0.01"),
            ("indeterminate", "0.06"),
        ):
            record = {
                "call_id": f"j-{name}",
                "called": called,
                "start": f"{day}T00:00:00Z",
                "answered": True,
                "duration": 60,
                "trunk": trunk.code,
                "jurisdiction": name,
            }
            with self.subTest(name):
                quote = self._quote(deck, called, jurisdiction=name)
                self.assertEqual(quote["amount"], amount)
                answer = self.env["voip.cdr"].ingest(
                    switch.code, [record], rate_now=True
                )
                self.assertEqual(answer["rated"], 1, answer)
                usage = self.env["voip.usage"].search(
                    [("batch_id", "=", answer["batch"])]
                )
                self.assertEqual(usage.amount, float(amount))
        quote = self._quote(deck, called, jurisdiction=" intra ")
        self.assertEqual(quote, self._quote(deck, called, jurisdiction="intra"))
        quote = self._quote(deck, called, jurisdiction="state")
        self.assertEqual(quote["error"]["code"], "missing_field")

    def test_account_uses_its_own_or_its_parents_deck(self):
        retail = self._create_deck([{"prefix": "44", "price_per_minute": "0.02"}])
        special = self._create_deck([{"prefix": "44", "price_per_minute": "0.01"}])
        parent = self._create_account(deck_id=retail.id)
        child = self._create_account(parent_id=parent.id)
        grandchild = self._create_account(parent_id=child.id)

        def amount():
            return self._quote(retail, deck=None, account=grandchild.code)["amount"]

        self.assertEqual(amount(), "0.02")
        child.deck_id = special
        self.assertEqual(amount(), "0.01")

    def test_door_is_for_people_who_may_see_costs(self):
        deck = self._create_deck([{"prefix": "44"}])
        user = new_test_user(
            self.env,
            "quote-viewer",
            groups="voip_billing_base.group_voip_viewer",
            company_id=self.env.company.id,
        )
        decks = self.env["voip.rate.deck"]
        quote = decks.with_user(user).quote(deck=deck.code, called="442079460000")
        self.assertEqual(quote["amount"], "0.01")
        for group in ("base.group_portal", "voip_billing_base.group_voip_switch"):
            user = new_test_user(
                self.env, f"quote-{group}", groups=group, company_id=self.env.company.id
            )
            with self.subTest(group=group), self.assertRaises(AccessError):
                decks.with_user(user).quote(deck=deck.code, called="442079460000")

    def test_senseless_call_is_refused(self):
        with self.assertRaises(UserError):
            self.env["voip.rate.deck"].quote(called="442079460000")

    def test_wizard_shows_the_steps(self):
        deck = self._create_deck([{"prefix": "44", "price_per_minute": "0.02"}])
        account = self._create_account(deck_id=deck.id)
        form = Form(self.env["voip.rate.quote"])
        form.account_id = account
        form.called = "+442079460000"
        wizard = form.save()
        self.assertEqual(wizard.deck_id, deck)
        wizard.action_explain()
        self.assertIn("0.02", wizard.result)
        self.assertIn("Longest matching code", wizard.result)
        # Of the database, which nobody knows by number.
        self.assertNotIn(f">{deck.rate_ids.id}<", wizard.result)
        wizard.called = "<script>33"
        wizard.action_explain()
        self.assertNotIn("<script", wizard.result)
