"""What an event would cost is what it costs then."""

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .test_event_price import EventPriceCommon


@tagged("post_install", "-at_install")
class TestEventQuote(EventPriceCommon):
    def _quote(self, **values):
        given = {"account": self.account.code, "event_type": self.sms.code, **values}
        return self.Event.quote(**given)

    def test_a_quote_is_what_the_event_costs_then(self):
        self._price(0.05, free_units=2, tiers=[(11, 0.03)], tiering="progressive")
        self._price(0.01, part="carrier_fee", carrier="att")
        said = {"carrier": "ATT"}
        for number, units, wanted in (
            # 2 free, 3 at 0.05; then 5 at 0.05 and 5 at 0.03; each with its fee.
            (1, 5, "0.20000000"),
            (2, 10, "0.50000000"),
        ):
            # Of the events' own time: now is another month where one has just begun.
            at = f"{self.at.isoformat()}Z"
            quote = self._quote(units=units, metadata=said, at=at)
            self.assertEqual(quote["amount"], wanted)
            self._send(self._event(number, units=units, metadata=said))
            event = self._sent(number)
            self.assertEqual(event.amount, float(quote["amount"]))
            self.assertEqual(quote["steps"], event.explanation.split("\n"))
        self.assertEqual(quote["currency"], self.account.currency_id.name)
        self.assertWhole()

    def test_a_quote_keeps_nothing(self):
        self._price(0.05, free_units=2)
        before = self._quote(units=3)
        self.assertEqual(self._quote(units=3), before)
        self.assertEqual(before["amount"], "0.05000000")
        self.assertFalse(self.Event.search([]))
        self.assertFalse(self.env["voip.usage.event.volume"].search([]))
        self.assertEqual(self._unbilled(), 0)

    def test_what_is_only_counted_costs_nothing(self):
        self.sms.is_priced = False
        self.assertEqual(
            (self._quote()["amount"], self._quote()["steps"]), ("0.00000000", [])
        )

    def test_where_there_is_no_price_the_answer_says_what_to_do(self):
        for values, code, words in (
            ({}, "no_price", "Event Prices"),
            ({"account": "nobody"}, "no_account", "nobody"),
            ({"account": None}, "missing_field", "account is missing"),
            ({"event_type": "nothing"}, "unknown_event_type", "nothing"),
            ({"units": 1.5}, "bad_units", "units"),
            ({"at": "yesterday"}, "bad_time", "occurred_at"),
            ({"metadata": []}, "bad_metadata", "metadata"),
        ):
            with self.subTest(values):
                error = self._quote(**values)["error"]
                self.assertEqual(error["code"], code)
                self.assertIn(words, error["message"])

    def test_a_suppliers_cost_is_in_the_quote(self):
        costs = self._costs()
        self._price(0.05)
        self._price(0.01, pricelist_id=costs.id)
        quote = self._quote(units=3, metadata={"supplier": "carrier"})
        self.assertEqual((quote["amount"], quote["cost"]), ("0.15000000", "0.03000000"))
        self.assertEqual(quote["cost_currency"], self.env.company.currency_id.name)

    def test_only_staff_ask(self):
        for role, allowed in (("viewer", True), ("events", False), ("switch", False)):
            user = new_test_user(
                self.env,
                login=f"quote_{role}",
                groups=f"voip_billing_base.group_voip_{role}",
                company_id=self.env.company.id,
            )
            with self.subTest(role):
                ask = self.Event.with_user(user).quote
                if allowed:
                    self.assertIn("error", ask(self.account.code, self.sms.code))
                else:
                    with self.assertRaises(AccessError):
                        ask(self.account.code, self.sms.code)
