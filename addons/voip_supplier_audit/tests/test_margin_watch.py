"""Margin alerts: found in usage, once of each cause, closed when the margin is back."""

from datetime import date
from decimal import Decimal

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from odoo.addons.voip_rating.tests.common import VoipRatingCommon

NOON = "2026-10-05 12:00:00"


class MarginCommon(VoipRatingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.switch = cls._create_switch()
        cls.deck = cls._create_deck(
            rates=[
                {"prefix": "44", "destination": "UK", "price_per_minute": "0.01"},
                {"prefix": "49", "destination": "DE", "price_per_minute": "0.05"},
            ],
            decimals=4,
        )
        cost = cls._create_deck(
            side="supplier",
            partner_id=cls.env["res.partner"].create({"name": "Carrier"}).id,
            rates=[
                {"prefix": "44", "destination": "UK", "price_per_minute": "0.012"},
                {"prefix": "49", "destination": "DE", "price_per_minute": "0.01"},
            ],
        )
        cls.supplier = cls._create_supplier_trunk(cost)
        cls.account = cls._create_account(deck_id=cls.deck.id)
        cls.trunk = cls._create_trunk(cls.account)
        cls.manager = new_test_user(
            cls.env,
            login="margin_manager",
            groups="voip_billing_base.group_voip_manager",
            email="rates@example.com",
        )
        cls.alerts = cls.env["voip.margin.alert"]
        cls.count = 0

    def _sell(self, prefix="44", number=3, day="2026-10-05", trunk=None, seconds=60):
        records = []
        for _call in range(number):
            type(self).count += 1
            records.append(
                {
                    "call_id": f"margin-{self.count}",
                    "called": f"{prefix}2071234567",
                    "start": f"{day}T10:00:{self.count % 60:02}Z",
                    "duration": str(seconds),
                    "answered": seconds > 0,
                    "trunk": (trunk or self.trunk).code,
                    "supplier_trunk": self.supplier.code,
                }
            )
        answer = self.env["voip.cdr"].ingest(
            switch=self.switch.code, records=records, rate_now=True
        )
        self.assertEqual(answer["rated"], number, answer)

    def _watch(self):
        return self.alerts.sudo()._watch(self.env.company)

    def _alert(self, label="UK", account=None):
        account = account or self.account
        domain = [("label", "=", label), ("account_id", "=", account.id)]
        return self.alerts.search(domain)


@tagged("post_install", "-at_install")
@freeze_time(NOON)
class TestMarginWatch(MarginCommon):
    def test_what_is_sold_too_low_is_an_alert_with_the_restoring_price(self):
        self._sell("44")
        self._sell("49")
        self.assertEqual(self._watch(), self._alert())
        self.assertFalse(self._alert("DE"), "80 % are enough")
        alert = self._alert()
        expected = {
            "state": "open",
            "deck_id": self.deck.id,
            "day": date(2026, 10, 5),
            "calls": 3,
            "minutes": 3.0,
            "sale": 0.03,
            "cost": 0.036,
            "margin": -0.006,
            "margin_percent": -20.0,
            "threshold": 15.0,
            # 0.012 / 0.85 = 0.01411…
            "price_text": "44: 0.01 → 0.0142 USD",
        }
        self.assertRecordValues(alert, [expected])
        line = alert.line_ids
        self.assertRecordValues(
            line, [{"prefix": "44", "price": 0.01, "restoring_price": 0.0142}]
        )
        self.assertEqual(line.rate_id.deck_id, self.deck)

    def test_calls_rated_at_the_restoring_price_have_the_margin(self):
        self.env.company.voip_overhead_minute = 0.0007
        self.env.company.voip_overhead_percent = 2.5
        self._sell("44", 2, seconds=73)
        self._watch()
        restoring = self._alert().line_ids.restoring_price
        for price, low in ((restoring, False), (restoring - 0.0001, True)):
            deck = self._create_deck(
                decimals=4,
                rates=[
                    {
                        "prefix": "44",
                        "destination": "UK",
                        "price_per_minute": f"{price:.4f}",
                    }
                ],
            )
            account = self._create_account(deck_id=deck.id)
            trunk = self._create_trunk(account)
            self._sell("44", 2, trunk=trunk, seconds=73)
            self._watch()
            self.assertEqual(bool(self._alert(account=account)), low, price)

    def test_a_second_look_repeats_nothing(self):
        self._sell("44")
        self.assertEqual(len(self._watch()), 1)
        before = self._alert().read()[0]
        self.assertFalse(self._watch())
        alert = self._alert()
        self.assertEqual(len(alert.line_ids), 1)
        after = alert.read()[0]
        self.assertEqual(
            {k: v for k, v in before.items() if k != "line_ids"},
            {k: v for k, v in after.items() if k != "line_ids"},
        )

    def test_it_is_updated_by_the_next_day_and_closed_when_the_margin_is_back(self):
        self._sell("44")
        self._watch()
        alert = self._alert()
        with freeze_time("2026-10-06 12:00:00"):
            self._sell("44", 5, "2026-10-06")
            self._watch()
            self.assertEqual((alert.day, alert.calls), (date(2026, 10, 6), 5))
            self.assertEqual(alert.first_day, date(2026, 10, 5))
            self.assertEqual(len(alert.line_ids), 2)
        with freeze_time("2026-10-07 12:00:00"):
            self.deck._load(
                [
                    {
                        "prefix": "44",
                        "destination": "UK",
                        "price_per_minute": "0.02",
                        "effective_from": "2026-10-07T00:00:00Z",
                    }
                ]
            )
            self._sell("44", 2, "2026-10-07")
            self._watch()
            self.assertEqual(alert.state, "closed")
            self.assertIn("40.0 %", alert.closed_reason)
            self.assertFalse(alert.price_text)
        with freeze_time("2026-10-20 12:00:00"):
            self.deck._load(
                [
                    {
                        "prefix": "44",
                        "destination": "UK",
                        "price_per_minute": "0.011",
                        "effective_from": "2026-10-20T00:00:00Z",
                    }
                ]
            )
            self._sell("44", 2, "2026-10-20")
            self.assertEqual(self._watch(), alert, "the same alert, open again")
            self.assertEqual(alert.first_day, date(2026, 10, 20))

    def test_it_is_closed_when_there_are_no_calls_any_more(self):
        self._sell("44")
        self._watch()
        with freeze_time("2026-10-20 12:00:00"):
            self._watch()
        alert = self._alert()
        self.assertEqual(alert.state, "closed")
        self.assertIn("2026-10-05", alert.closed_reason)

    def test_undone_calls_have_no_margin(self):
        self._sell("44")
        self._watch()
        batch = self.env["voip.cdr.batch"].search([], order="id desc", limit=1)
        batch.action_undo()
        self._watch()
        self.assertEqual(self._alert().state, "closed")
        self.assertFalse(self._alert().line_ids)

    def test_the_narrowest_threshold_applies(self):
        rules = self.env["voip.margin.rule"]
        self._sell("49")  # margin 80 %
        rules.create({"deck_id": self.deck.id, "threshold": 85})
        self.assertTrue(self._watch())
        self.assertEqual(self._alert("DE").threshold, 85)
        rules.create({"account_id": self.account.id, "threshold": 80})
        self._watch()
        self.assertEqual(self._alert("DE").state, "closed", "exactly 80 % are enough")
        both = {"account_id": self.account.id, "deck_id": self.deck.id}
        rules.create({**both, "threshold": 81})
        self._watch()
        self.assertEqual(self._alert("DE").state, "open")
        with self.assertRefused(UserError, "supplier's deck"):
            rules.create({"deck_id": self.supplier.deck_id.id, "threshold": 1})

    def test_two_decks_with_one_price_are_two_causes(self):
        """One of them is a loss and one earns, in the same summaries."""
        other = self._create_deck(
            rates=[{"prefix": "44", "destination": "UK", "price_per_minute": "0.01"}],
            decimals=4,
        )
        trunk = self._create_trunk(self.account, deck_id=other.id)
        self._sell("44", 2)
        self._sell("44", 4, trunk=trunk)
        self._watch()
        found = {alert.deck_id: alert.calls for alert in self._alert()}
        self.assertEqual(found, {self.deck: 2, other: 4})

    def test_a_deck_in_another_currency_gets_its_price_in_that(self):
        currency = self.setup_other_currency("CHF", rates=[("2020-01-01", 2.0)])
        deck = self._create_deck(
            rates=[{"prefix": "44", "destination": "UK", "price_per_minute": "0.02"}],
            decimals=4,
            currency_id=currency.id,
        )
        account = self._create_account(deck_id=deck.id)
        self._sell("44", 1, trunk=self._create_trunk(account))
        self._watch()
        alert = self._alert(account=account)
        # 0.02 CHF are 0.01, the cost is 0.012 / 0.85 = 0.014117…, 0.02824 CHF.
        self.assertAlmostEqual(alert.sale, 0.01, 8)
        self.assertEqual(alert.price_text, "44: 0.02 → 0.0283 CHF")
        self.assertEqual(alert.deck_currency_id, currency)

    def test_a_manager_accepts_it_until_a_day(self):
        self._sell("44")
        self._watch()
        alert = self._alert()
        wizard = self.env["voip.margin.accept"].with_user(self.manager)
        dialog = wizard.create(
            {
                "alert_ids": [(6, 0, alert.ids)],
                "reason": "Traffic promised",
                "until": "2026-10-06",
            }
        )
        dialog.action_apply()
        dialog.action_apply()
        self.assertEqual(alert.state, "accepted")
        self.assertEqual(alert.accepted_by_id, self.manager)
        audits = self.env["voip.audit"].search([("event", "=", "margin_accepted")])
        self.assertEqual(audits.mapped("res_id"), alert.ids)
        self.assertIn("Traffic promised", audits.summary)
        self.assertFalse(self._watch())
        self.assertEqual(alert.state, "accepted")
        with freeze_time("2026-10-07 12:00:00"):
            self.assertEqual(self._watch(), alert)
            self.assertFalse(alert.accepted_reason)
        with self.assertRefused(UserError, "a later day"):
            alert.with_user(self.manager)._accept("x", date(2026, 10, 1))

    def test_others_do_not_accept(self):
        self._sell("44")
        self._watch()
        user = new_test_user(
            self.env, login="margin_user", groups="voip_billing_base.group_voip_user"
        )
        viewer = new_test_user(
            self.env, login="margin_view", groups="voip_billing_base.group_voip_viewer"
        )
        alert = self._alert()
        with self.assertRefused(AccessError, "billing managers"):
            alert.with_user(user).action_accept()
        with self.assertRefused(AccessError, "billing users"):
            alert.browse().with_user(viewer).action_watch()
        self.assertTrue(alert.with_user(viewer).read())
        alert.browse().with_user(user).action_watch()

    def test_one_click_leads_to_calls_rates_and_comparison(self):
        self._sell("44", 4)
        self._sell("49", 2)
        self._watch()
        alert = self._alert().with_user(self.manager)
        calls = alert.env["voip.usage"].search(alert.action_view_usage()["domain"])
        self.assertEqual(len(calls), 4)
        amounts = (Decimal(str(amount)) for amount in calls.mapped("amount"))
        self.assertEqual(sum(amounts), Decimal("0.04"))
        rates = alert.env["voip.rate"].search(alert.action_view_rates()["domain"])
        self.assertEqual(rates.mapped("prefix"), ["44"])
        compared = alert.action_compare()
        lines = alert.env[compared["res_model"]].search(compared["domain"])
        self.assertEqual(lines.mapped("prefix"), ["44"])

    def test_the_schedule_mails_the_managers_once(self):
        self._sell("44")
        mails = self.env["mail.mail"]
        with self.enter_registry_test_mode():
            cron = self.env.ref("voip_supplier_audit.ir_cron_margin_watch")
            cron.method_direct_trigger()
            domain = [("email_to", "ilike", "rates@example.com")]
            mail = mails.search(domain)
            self.assertIn("44: 0.01 → 0.0142", mail.body_html)
            cron.method_direct_trigger()
            self.assertEqual(mails.search(domain), mail)
