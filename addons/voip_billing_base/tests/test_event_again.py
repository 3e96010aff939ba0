"""Prices of events keep their rules, and charges are taken back to the cent."""

from datetime import timedelta

from odoo.exceptions import UserError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .test_event_price import EventPriceCommon


@tagged("post_install", "-at_install")
class TestEventPriceRules(EventPriceCommon):
    @mute_logger("odoo.sql_db")
    def test_two_prices_of_the_same_never_count_on_one_day(self):
        self._price(1, carrier="att", effective_to=self.first)
        day = self.first + timedelta(days=1)
        self._price(2, carrier="ATT", effective_from=day)
        self._price(3, carrier="other")
        for values in ({"effective_to": day}, {"effective_from": day}):
            with self.assertRaises(Exception), self.env.cr.savepoint():  # noqa: B017
                self._price(4, carrier="Att ", **values)
                self.env.flush_all()

    def test_volume_is_of_whole_months_and_of_customers(self):
        day = self.first + timedelta(days=1)
        for words, values in (
            ("first day", {"free_units": 1, "effective_from": day}),
            ("last one", {"free_units": 1, "effective_to": day}),
            ("tiers need", {"tiering": "whole"}),
            ("tiers need", {"tiers": [(2, 1)]}),
            ("customers pay", {"free_units": 1, "part": "surcharge"}),
        ):
            with self.assertRefused(ValidationError, words):
                self._price(1, **values)

    def test_a_price_that_has_charged_is_ended_and_not_edited(self):
        price = self._price(1)
        self._send(self._event(1))
        tomorrow = self.at.date() + timedelta(days=1)
        for attempt in (
            lambda: price.write({"price": 2}),
            lambda: price.write({"effective_to": self.first}),
            price.unlink,
            lambda: self.pricelist.write({"currency_id": self.ref("base.CHF")}),
        ):
            with self.assertRefused(UserError, "has charged"):
                attempt()
        price.effective_to = tomorrow
        self._price(2, effective_from=tomorrow + timedelta(days=1))

    def test_an_account_has_a_list_of_its_currency(self):
        chf = self.env.ref("base.CHF")
        foreign = self.env["voip.event.pricelist"].create(
            {"name": "x", "code": "x", "currency_id": chf.id}
        )
        with self.assertRefused(UserError, "for customers in"):
            self.account.event_pricelist_id = foreign


@tagged("post_install", "-at_install")
class TestEventsAgain(EventPriceCommon):
    def _again(self, *numbers):
        events = self.Event.browse([self._sent(n).id for n in numbers])
        return events.action_price_again()

    def test_priced_again_the_wallet_is_right_and_twice_changes_nothing(self):
        price = self._price(0.05, effective_to=self.at.date() + timedelta(days=1))
        self._send(self._event(1, units=3), self._event(2))
        price.pricelist_id.is_default = False
        dear = self.env["voip.event.pricelist"].create(
            {"name": "Dear", "code": "dear", "is_default": True}
        )
        self._price(1, pricelist_id=dear.id)
        for _turn in range(2):
            self._again(1)
            self.assertEqual(self._unbilled(), 3.05)
            self.assertEqual(self._sent(1).amount, 3)
        self.assertIn("Taken back", self._sent(1).explanation)
        self.assertEqual(self._days()[0][3:], (2, 4))
        self.assertWhole()

    def test_events_of_the_same_volume_go_with_it(self):
        self._price(0.1, tiering="whole", tiers=[(5, 0.05)])
        self._send(*(self._event(n, units=3) for n in (1, 2, 3)))
        self.assertEqual(round(self._unbilled(), 8), 0.45)
        other = self._create_account(code="events-2", mode="postpaid")
        self._send(self._event(4, account="events-2"))
        told = self._again(2)["params"]["message"]
        self.assertEqual(told, "3 events were priced again.")
        self.assertEqual(round(self._unbilled(), 8), 0.45)
        self.assertEqual(self._unbilled(other), 0.1)
        self.assertWhole()

    def test_an_invoice_stays_and_the_difference_is_late(self):
        price = self._price(0.5, effective_to=self.at.date() + timedelta(days=1))
        self._send(self._event(1), self._event(2))
        run = self.env["voip.billing.run"].create(
            {
                "account_ids": self.account.ids,
                "cutoff": self.env.cr.now() + timedelta(days=62),
            }
        )
        run.action_run()
        invoice = run.move_ids
        self.assertEqual(invoice.amount_untaxed, 1)
        self.pricelist.is_default = False
        cheap = self.env["voip.event.pricelist"].create(
            {"name": "Cheap", "code": "cheap", "is_default": True}
        )
        self._price(0.2, pricelist_id=cheap.id)
        self._again(1)
        self.assertEqual(invoice.amount_untaxed, 1)
        self.assertEqual(round(self._unbilled(), 8), -0.3)
        self.assertTrue(price)
        self.assertWhole()

    def test_a_type_that_is_charged_from_now_on_charges_what_was_counted(self):
        self._price(0.05)
        self.sms.is_priced = False
        self._send(self._event(1))
        self.assertEqual(self._unbilled(), 0)
        self.sms.is_priced = True
        self._again(1)
        self.assertEqual(self._unbilled(), 0.05)
        self.sms.is_priced = False
        self._again(1)
        self.assertEqual(self._unbilled(), 0)
        self.assertWhole()

    def test_only_managers_take_back(self):
        self._price(0.05)
        self._send(self._event(1))
        clerk = new_test_user(
            self.env, "clerk", groups="voip_billing_base.group_voip_user"
        )
        with self.assertRefused(UserError, "Only a billing manager"):
            self._sent(1).with_user(clerk).action_price_again()

    def test_a_run_charges_what_waits_and_stops_what_has_no_price(self):
        self._price(0.05, prefix="49")
        cutoff = self.env.cr.now() + timedelta(days=62)
        self.Event.record(
            [
                self._event(1, metadata={"to": "491"}),
                self._event(2, account="nobody"),
            ]
        )
        values = {"account_ids": self.account.ids, "cutoff": cutoff}
        run = self.env["voip.billing.run"].create(values)
        run.action_preview()
        self.assertEqual(run.line_ids.amount, 0.05)
        self._send(self._event(3, metadata={"to": "33"}))
        run.action_run()
        self.assertEqual(run.line_ids.state, "stopped")
        self.assertIn("1 usage events without a price", run.line_ids.message)
        self._price(0.03)
        self._sent(3).action_again()
        run.action_run()
        self.assertEqual(run.line_ids.state, "invoiced")
        self.assertEqual(run.move_ids.amount_untaxed, 0.08)
        self.assertWhole()
