"""Usage events are charged: by the price that fits, once, and back to the cent."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

from odoo.exceptions import UserError
from odoo.tests import tagged

from .test_event import EventCommon


class EventPriceCommon(EventCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account.write({"mode": "postpaid", "credit_limit": 10**6})
        cls.sms = cls.env.ref("voip_billing_base.event_type_sms_outbound")
        cls.sms.is_priced = True
        cls.pricelist = cls.env["voip.event.pricelist"].create(
            {"name": "Standard", "code": "std", "is_default": True}
        )
        cls.first = cls.at.date().replace(day=1) - relativedelta(months=3)

    def _price(self, amount, **values):
        tiers = values.pop("tiers", ())
        given = {
            "pricelist_id": self.pricelist.id,
            "type_id": self.sms.id,
            "price": amount,
            "effective_from": self.first,
            "tier_ids": [(0, 0, {"from_unit": n, "price": p}) for n, p in tiers],
        }
        return self.env["voip.event.price"].create(given | values)

    def _costs(self):
        """A list of what a supplier asks for."""
        supplier = self.env["res.partner"].create({"name": "Carrier"})
        return self.env["voip.event.pricelist"].create(
            {
                "name": "Carrier",
                "code": "carrier",
                "side": "cost",
                "supplier_id": supplier.id,
            }
        )

    def _send(self, *events):
        self.Event.record(list(events))
        self._count()

    def _local(self, *when, tz="Asia/Kolkata"):
        """ISO time of a local moment."""
        moment = datetime(*when, tzinfo=ZoneInfo(tz)).astimezone(UTC)
        return moment.isoformat()

    def _sent(self, number):
        found = self.Event.sudo().search([("event_ref", "=", f"e-{number}")])
        return self.Event.browse(found.ids)

    def _charges(self, number):
        """[(part, word, units, unit price, amount)] of an event, in order."""
        return [
            (c.part, c.word, c.units, c.unit_price, c.amount)
            for c in self.env["voip.usage.event.charge"].search(
                [("event_id", "=", self._sent(number).id)]
            )
        ]

    def _unbilled(self, account=None):
        self.env.invalidate_all()
        return (account or self.account).wallet_id.unbilled


@tagged("post_install", "-at_install")
class TestEventPrices(EventPriceCommon):
    def test_an_event_is_charged_to_wallet_summary_and_usage(self):
        price = self._price(0.05)
        self._send(self._event(1, units=3), self._event(2))
        self.assertEqual(
            self._charges(1), [("usage", False, 3, 0.05, 0.15)]
        )
        self.assertEqual(self._unbilled(), 0.2)
        event = self._sent(1)
        self.assertRecordValues(
            event, [{"state": "counted", "is_priced": True, "amount": 0.15}]
        )
        self.assertIn("3 × 0.05 = 0.15", event.explanation)
        self.assertIn("Standard", event.explanation)
        usage = self.env["voip.usage"].search(event.action_view_usage()["domain"])
        self.assertRecordValues(
            usage,
            [{"units": 3, "amount": 0.15, "source_ref": "e-1", "label": price.label}],
        )
        self.assertEqual(usage.service_id.code, "SMS")
        self.assertEqual(self._days()[0][3:], (2, 4))
        self.assertWhole()
        # Sent and counted again, nothing more is charged.
        self._send(self._event(1, units=3))
        self.assertEqual(self._unbilled(), 0.2)

    def test_without_a_price_it_is_an_error_and_never_free(self):
        self._send(self._event(1), self._event(2, event_type="email_sent"))
        self.assertEqual(self._sent(1).error, "no_price")
        self.assertIn("no price of sms_outbound", self._sent(1).message)
        self.assertFalse(self._sent(2).error)
        self.assertIn("only counted", self._sent(2).explanation)
        self.pricelist.is_default = False
        self._send(self._event(3))
        self.assertEqual(self._sent(3).error, "no_pricelist")
        self.account.event_pricelist_id = self.pricelist
        self._price(0.05, effective_from=self.at.date() + timedelta(days=2))
        (self._sent(1) + self._sent(3)).action_again()
        self.assertEqual(self._sent(1).error, "no_price")
        self._price(0.04, effective_to=self.at.date() + timedelta(days=1))
        (self._sent(1) + self._sent(3)).action_again()
        self.assertEqual(self._unbilled(), 0.08)
        self.assertWhole()

    def test_price_fee_and_surcharge_are_parts_that_are_shown(self):
        self._price(0.05)
        self._price(0.02, campaign="spring")
        self._price(0.003, part="carrier_fee", carrier="AT&T")
        self._price(0.001, part="surcharge", prefix="+1 ")
        to = {"to": "+1 (212) 555-0100", "carrier": "at&t"}
        self._send(
            self._event(1, units=2, metadata=to),
            self._event(2, metadata=to | {"campaign": "Spring"}),
            self._event(3, metadata={"to": "4930123456"}),
        )
        self.assertEqual(
            sorted(self._charges(1)),
            [
                ("carrier_fee", False, 2, 0.003, 0.006),
                ("surcharge", False, 2, 0.001, 0.002),
                ("usage", False, 2, 0.05, 0.1),
            ],
        )
        self.assertIn(("usage", False, 1, 0.02, 0.02), self._charges(2))
        self.assertEqual(self._charges(3), [("usage", False, 1, 0.05, 0.05)])
        self.assertIn("Carrier fee", self._sent(1).explanation)
        self.assertEqual(round(self._unbilled(), 8), 0.108 + 0.024 + 0.05)
        self.assertWhole()
        self._invoiced(
            {
                "SMS messages: SMS sent": 0.15,
                "SMS messages: SMS sent, carrier fee": 0.01,
                "SMS messages: SMS sent, surcharge": 0.0,
            }
        )

    def _invoiced(self, wanted):
        """Bill, and look for lines by name; others may be there."""
        run = self.env["voip.billing.run"].create(
            {
                "account_ids": self.account.ids,
                "cutoff": self.env.cr.now() + timedelta(days=62),
            }
        )
        run.action_run()
        lines = {line.name: line.price_subtotal for line in run.move_ids.line_ids}
        for name, amount in wanted.items():
            with self.subTest(name):
                self.assertEqual(lines.get(name), amount, lines)
        self.assertEqual(self._unbilled(), 0)
        self.assertWhole()
        return run

    def test_tiers_count_the_units_of_the_accounts_own_month(self):
        self._price(0.1, tiering="progressive", tiers=[(11, 0.05)])
        first = self.first + relativedelta(months=1)
        before = first - timedelta(days=1)
        day = (before.year, before.month, before.day)
        new = (first.year, first.month, first.day)
        self._send(
            self._event(1, units=10, occurred_at=self._local(*day, 23, 59, 58)),
            self._event(2, units=1, occurred_at=self._local(*day, 23, 59, 59)),
            self._event(3, units=11, occurred_at=self._local(*new, 0, 0, 0)),
        )
        self.assertEqual(self._charges(1), [("usage", False, 10, 0.1, 1)])
        self.assertEqual(self._charges(2), [("usage", False, 1, 0.05, 0.05)])
        self.assertEqual(
            self._charges(3),
            [("usage", False, 10, 0.1, 1), ("usage", False, 1, 0.05, 0.05)],
        )
        volumes = self.env["voip.usage.event.volume"].search([], order="month")
        self.assertEqual(volumes.mapped("units"), [11, 11])
        self.assertWhole()

    def test_the_hour_that_comes_twice_is_of_its_month_all_the_same(self):
        """Clocks go back in Azores on the last Sunday of October: 1:00 to 0:00."""
        berlin = self._create_account(
            code="events-dst", tz="Atlantic/Azores", mode="postpaid", credit_limit=100
        )
        year = self.at.year if self.at.month > 10 else self.at.year - 1
        sunday = max(
            datetime(year, 10, n) for n in range(25, 32)
            if datetime(year, 10, n).weekday() == 6
        )  # fmt: skip
        price = self._price(
            1, tiering="progressive", tiers=[(3, 0.5)],
            effective_from=datetime(year, 10, 1).date(),
        )  # fmt: skip
        utc = sunday.replace(tzinfo=UTC)
        moments = [utc + timedelta(minutes=m) for m in (30, 90, 150)]
        self._send(
            *(
                self._event(n, account="events-dst", occurred_at=moment.isoformat())
                for n, moment in enumerate(moments)
            )
        )
        self.assertEqual(self._unbilled(berlin), 2.5)
        volume = self.env["voip.usage.event.volume"].search(
            [("price_id", "=", price.id)]
        )
        self.assertEqual(
            (volume.month, volume.units), (datetime(year, 10, 1).date(), 3)
        )

    def test_whole_volume_and_free_units(self):
        self._price(
            0.1, tiering="whole", tiers=[(5, 0.05), (9, 0.01)], free_units=2
        )
        self._send(*(self._event(n, units=3) for n in (1, 2, 3)))
        self.assertEqual(
            self._charges(1),
            [("usage", False, 1, 0.1, 0.1), ("usage", "included", 2, 0, 0)],
        )
        self.assertEqual(
            self._charges(2),
            [("usage", False, 3, 0.05, 0.15), ("usage", "volume", 0, 0.05, -0.05)],
        )
        # All 9, less 2 that are free, at the price of the last one.
        self.assertEqual(round(self._unbilled(), 8), 0.07)
        self.assertIn("units before come to the price", self._sent(2).explanation)
        self.assertIn("(after 3 units of the month)", self._sent(2).explanation)
        self.assertWhole()

    def test_a_price_for_a_thousand_tokens_by_model_and_kind(self):
        tokens = self.env.ref("voip_billing_base.event_type_ai_tokens")
        tokens.is_priced = True
        for kind, amount in (("input", 0.15), ("output", 0.6)):
            self._price(
                amount, type_id=tokens.id, model="small", kind=kind, per=1000
            )
        told = {"model": "small", "kind": "output"}
        self._send(
            self._event(1, event_type="ai_tokens", units=1, metadata=told),
            self._event(2, event_type="ai_tokens", units=1234567, metadata=told),
            self._event(3, event_type="ai_tokens", units=1, metadata={"model": "x"}),
        )
        self.assertEqual(self._charges(1)[0][4], 0.0006)
        self.assertEqual(self._charges(2)[0][4], 740.7402)
        self.assertEqual(self._sent(3).error, "no_price")
        self.assertWhole()

    def test_the_suppliers_price_is_the_cost(self):
        costs = self._costs()
        supplier = costs.supplier_id
        self._price(0.05)
        self._price(0.01, pricelist_id=costs.id)
        self._price(
            0.002, pricelist_id=costs.id, part="carrier_fee", carrier="att"
        )
        named = {"supplier": "carrier", "carrier": "att"}
        self._send(
            self._event(1, units=2, metadata=named),
            self._event(2),
            self._event(3, metadata={"supplier": "nobody"}),
        )
        usage = self.env["voip.usage"].search(
            self._sent(1).action_view_usage()["domain"]
        )
        self.assertRecordValues(
            usage,
            [{"cost": 0.024, "cost_price": 0.01, "supplier_id": supplier.id}],
        )
        self.assertIn("costs 0.024", self._sent(1).explanation)
        self.assertEqual(self._sent(3).error, "no_cost_price")
        costs.is_default = True
        self._send(self._event(4))
        charges = self.env["voip.usage.event.charge"].search([], order="id")
        self.assertEqual(charges.mapped("cost"), [0.024, 0, 0.01])
        with self.assertRefused(UserError, "has charged"):
            costs.price_ids.filtered(lambda price: price.part == "usage").price = 0.02
        self.assertWhole()

    def test_a_suppliers_fee_that_was_paid_stays_as_it_is(self):
        costs = self._costs()
        self._price(0.05)
        self._price(0.01, pricelist_id=costs.id)
        fees = {
            part: self._price(
                0.002, pricelist_id=costs.id, part=part, carrier=carrier
            )
            for part, carrier in (("carrier_fee", "att"), ("surcharge", "att"))
        }
        unused = self._price(
            0.003, pricelist_id=costs.id, part="surcharge", carrier="other"
        )
        named = {"supplier": "carrier", "carrier": "att"}
        self._send(self._event(1, units=2, metadata=named))
        for part, fee in fees.items():
            with self.subTest(part):
                with self.assertRefused(UserError, "has charged"):
                    fee.price = 0.02
                with self.assertRefused(UserError, "has charged"):
                    fee.carrier = "other-2"
                with self.assertRefused(UserError, "has charged"):
                    fee.unlink()
        unused.price = 0.004
        # Taken back and priced again they are known, too.
        self._sent(1).action_price_again()
        charges = self.env["voip.usage.event.charge"].search([])
        self.assertEqual(len(charges), 3)
        for charge in charges:
            self.assertEqual(charge.cost_carrier_fee_id, fees["carrier_fee"])
            self.assertEqual(charge.cost_surcharge_id, fees["surcharge"])
        self.assertWhole()

    def test_what_nothing_can_hold_is_an_error_alone(self):
        self._price(1_000_000)
        other = self._create_account(code="events-2", mode="postpaid")
        self._send(
            self._event(1, units=10**9),
            self._event(2, units=10**9),
            self._event(3, account="events-2"),
        )
        states = [self._sent(n).error for n in (1, 2, 3)]
        self.assertEqual(states, ["out_of_bounds", "out_of_bounds", False])
        self.assertEqual(self._unbilled(other), 1_000_000)
        self.assertWhole()

    def test_a_currency_without_a_rate_is_an_error(self):
        foreign = self.env["res.currency"].create({"name": "XTS", "symbol": "x"})
        account = self._create_account(
            code="events-x", currency_id=foreign.id, mode="postpaid"
        )
        self.pricelist.copy({"code": "xts", "currency_id": foreign.id})
        pricelist = self.env["voip.event.pricelist"].search([("code", "=", "xts")])
        self._price(1, pricelist_id=pricelist.id)
        self._send(self._event(1, account="events-x"))
        self.assertEqual(self._sent(1).error, "no_exchange_rate")
        self.env["res.currency.rate"].create(
            {"currency_id": foreign.id, "name": self.first, "rate": 4}
        )
        self._sent(1).action_again()
        summary = self.env["voip.usage.summary"].search(
            [("account_id", "=", account.id)]
        )
        self.assertRecordValues(summary, [{"amount": 1, "amount_company": 0.25}])
        self.assertWhole()
