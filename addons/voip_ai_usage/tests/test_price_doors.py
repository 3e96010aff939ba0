"""Prices come by the door, end those before them, and tell what a session costs."""

from datetime import timedelta

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged

from .common import AiCommon


@tagged("post_install", "-at_install")
class TestPriceDoors(AiCommon):
    def _row(self, **values):
        return {
            "provider": "openai",
            "model": "gpt-4o",
            "kind": "input",
            "price_per_1000": "0.005",
            "cost_per_1000": "0.0025",
            "currency": self.env.company.currency_id.name,
            "effective_from": str(self.since),
            **values,
        }

    def _load(self, *rows, **values):
        return self.env["voip.ai.price"].load(list(rows), **values)

    def test_prices_begin_and_end_those_before_them(self):
        self.assertEqual(
            self._load(self._row()),
            {"new": 2, "changed": 0, "unchanged": 0, "errors": [], "applied": True},
        )
        self.assertEqual(self._load(self._row())["unchanged"], 2)
        later = str(self.since + timedelta(days=10))
        row = self._row(price_per_1000="0.006", effective_from=later)
        self.assertEqual(self._load(row, dry_run=True)["changed"], 1)
        answer = self._load(row)
        self.assertEqual((answer["changed"], answer["unchanged"]), (1, 1))
        prices = self.env["voip.ai.price"].search(
            [("side", "=", "sale")], order="effective_from"
        )
        self.assertRecordValues(
            prices,
            [
                {"price": 0.005, "effective_to": self.since + timedelta(days=9)},
                {"price": 0.006, "effective_to": False},
            ],
        )

    def test_an_error_applies_nothing_and_is_named(self):
        for message, values in (
            ("provider: 'nobody' is unknown", {"provider": "nobody"}),
            ("kind: 'video' is none of", {"kind": "video"}),
            ("model is missing", {"model": ""}),
            ("currency is missing", {"currency": None}),
            ("currency: 'XXQ' is unknown", {"currency": "XXQ"}),
            ("'size' is no field", {"size": 1}),
            ("account: 'nobody' is unknown", {"account": "nobody"}),
            ("is not 0 to 1,000,000", {"price_per_1000": "-1"}),
            ("is no number", {"price_per_1000": "1,5"}),
            ("more than 8 decimals", {"price_per_1000": "0.123456789"}),
            ("speech_to_text is priced per minute", {"kind": "speech_to_text"}),
            ("is no day", {"effective_from": "01/02/2026"}),
            ("there is a price beside it", {"markup_percent": "5"}),
        ):
            with self.subTest(message):
                answer = self._load(self._row(), self._row(**values))
                self.assertFalse(answer["applied"])
                (error,) = answer["errors"]
                self.assertEqual(error["index"], 1)
                self.assertIn(message, error["message"])
        self.assertFalse(self.env["voip.ai.price"].search([]))

    def test_an_account_own_price_is_in_its_currency(self):
        other = self.env["res.currency"].create({"name": "YYA", "symbol": "y"})
        row = self._row(account="ai-1", currency="YYA", cost_per_1000=None)
        (error,) = self._load(row)["errors"]
        self.assertIn("currency: account ai-1 is in", error["message"])
        with self.assertRefused(ValidationError, "in that currency"):
            self._price("input", 1, account_id=self.account.id, currency_id=other.id)
        row["currency"] = self.account.currency_id.name
        self.assertTrue(self._load(row)["applied"])

    def test_a_call_that_makes_no_sense_is_refused(self):
        load = self.env["voip.ai.price"].load
        for values, words in (
            ({"prices": {}}, "must be a list"),
            ({"prices": [self._row()], "dry_run": 1}, "must be true or false"),
            ({"prices": [self._row()], "dry_run": []}, "must be a list of names"),
        ):
            with self.subTest(words), self.assertRefused(UserError, words):
                load(**values)

    def test_a_model_that_is_new_is_made(self):
        self._load(self._row(model="gpt-5"))
        model = self.env["voip.ai.model"].search([("code", "=", "gpt-5")])
        self.assertEqual(model.provider_id, self.provider)

    def test_a_mark_up_is_for_all_of_a_provider(self):
        mark_up = {"provider": "openai", "model": "*", "kind": "*"}
        self._load(
            {**mark_up, "markup_percent": "25", "effective_from": str(self.since)},
            self._row(price_per_1000=None),
            self._row(price_per_1000=None, kind="output", cost_per_1000="0.01"),
        )
        answer = self.Session.quote(
            account="ai-1", model="gpt-4o", tokens={"input": 1000, "output": 1000}
        )
        self.assertEqual((answer["amount"], answer["cost"]), ("0.015625", "0.0125"))

    def test_only_managers_load_and_only_staff_ask(self):
        """Who sees prices and costs may ask for them, as of calls and of events."""
        user = new_test_user(
            self.env, "ai-user", groups="voip_billing_base.group_voip_user"
        )
        viewer = new_test_user(
            self.env, "ai-view", groups="voip_billing_base.group_voip_viewer"
        )
        other = new_test_user(self.env, "ai-other", groups="base.group_user")
        with self.assertRaises(AccessError):
            self.env["voip.ai.price"].with_user(user).load([])
        with self.assertRaises(AccessError):
            self.Session.with_user(other).quote(account="ai-1")
        self._usual_prices()
        answer = self.Session.with_user(viewer).quote(
            account="ai-1", model="gpt-4o", tokens={"input": 100, "input.cached": 40}
        )
        self.assertEqual(answer["amount"], "0.0004")
        self.assertEqual(answer["currency"], self.env.company.currency_id.name)
        self.assertEqual(
            [(s["kind"], s["units"], s["unit_price"]) for s in answer["steps"]],
            [("input", 60, "0.005"), ("input.cached", 40, "0.0025")],
        )

    def test_a_quote_says_what_is_wrong(self):
        answer = self.Session.quote(account="ai-1", model="x", tokens={"input": 1})
        self.assertEqual(answer["error"]["code"], "unknown_model")
        answer = self.Session.quote(
            account="ai-1", model="gpt-4o", tokens={"input": 1, "input.audio": 2}
        )
        self.assertEqual(answer["error"]["code"], "bad_tokens")
        with self.assertRefused(UserError, "is unknown"):
            self.Session.quote(account="nobody")

    def test_a_quote_by_the_minute_asks_for_the_seconds(self):
        self._usual_prices()
        self._subscribe(self._plan(minute_price=0.3))
        asked = {"account": "ai-1", "model": "gpt-4o", "tokens": {"input": 1000}}
        error = self.Session.quote(**asked)["error"]
        self.assertEqual(error["code"], "missing_duration")
        self.assertIn("seconds is missing", error["message"])
        self.assertNotIn("sent again", error["message"])
        self.assertEqual(self.Session.quote(**asked, seconds=60)["amount"], "0.305")

    def test_a_quote_is_what_the_session_is_charged(self):
        self._usual_prices()
        self._subscribe(self._plan(minute_price=0.3, minimum=0.5))
        tokens = {"input": 1000, "input.cached": 400, "output": 200}
        answer = self.Session.quote(
            account="ai-1", model="gpt-4o", tokens=tokens, seconds=60
        )
        self._send(self._session(1, seconds=60))
        self.assertEqual(float(answer["amount"]), self._sent(1).amount)

    def test_a_name_is_of_one_model(self):
        with self.assertRefused(ValidationError, "is a name of"):
            self.env["voip.ai.model"].create(
                {
                    "name": "Other",
                    "code": "other",
                    "aliases": "GPT-4o",
                    "provider_id": self.provider.id,
                }
            )
