"""Plans: fees, minutes, lines, what is included, and who never connected."""

from datetime import timedelta

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from ..checks.voip_witness import CHARGES, PLANS, PRICES, SESSIONS, SUBSCRIPTIONS
from .common import AiCommon

DISMISSED = "state = 'dismissed', note = 'x'"


@tagged("post_install", "-at_install")
class TestPlan(AiCommon):
    def _fees(self, subscription, month=None):
        charges = self.env["voip.ai.charge"].search(
            [("subscription_id", "=", subscription.id)]
            + ([("month", "=", month)] if month else [])
        )
        return [(str(c.month), c.kind, c.amount) for c in charges]

    def test_a_fixed_fee_and_a_price_per_minute(self):
        """120 minutes at 0.56 and a fee of 800.00 are 867.20."""
        plan = self._plan(monthly_fee=800, minute_price=0.56)
        subscription = self._subscribe_month(plan)
        first = subscription.date_start
        only = {"model": None, "prompt_tokens": None, "cached_tokens": None,
                "completion_tokens": None}  # fmt: skip
        self._send(
            *(self._session(n, seconds=1200, **only) for n in range(6)),
        )
        subscription._charge_fees(self.env.company.id)
        month = self.env["voip.ai.month"].search([("month", "=", first)])
        self.assertRecordValues(
            month,
            [
                {
                    "sessions": 6,
                    "minutes": 120.0,
                    "fee_amount": 800.0,
                    "minute_amount": 67.2,
                    "token_amount": 0.0,
                    "amount": 867.2,
                }
            ],
        )
        self.assertEqual(self._unbilled(), 867.2)
        # Again charges nothing.
        subscription._charge_fees(self.env.company.id)
        self.assertEqual(self._unbilled(), 867.2)
        self.assertWhole()

    def test_a_start_in_a_month_that_is_over_warns_of_what_is_charged(self):
        plan = self._plan(monthly_fee=30)
        today = self.at.date()
        over = today.replace(day=1) - timedelta(days=1)
        for start in (over, today):
            one = self.env["voip.ai.subscription"].new(
                {
                    "account_id": self.account.id,
                    "plan_id": plan.id,
                    "date_start": start,
                }
            )
            warned = one._onchange_past()
            self.assertEqual(bool(warned), start == over)
        saved = self._subscribe(plan)
        self.assertIsNone(saved._onchange_past())
        one = saved.new({"account_id": self.account.id, "plan_id": plan.id})
        one.date_start = self.since.replace(day=1)
        told = one._onchange_past()["warning"]["message"]
        saved.date_start = one.date_start
        saved._charge_fees(self.env.company.id)
        total = sum(amount for *_rest, amount in self._fees(saved))
        self.assertIn(plan.currency_id.format(total), told)

    def test_an_end_within_the_month_gives_back_its_days(self):
        plan = self._plan(monthly_fee=300, slot_price=10, included_slots=2)
        first = self.since.replace(day=1)
        subscription = self._subscribe(plan, first, slots=5)
        subscription._charge_fees(self.env.company.id)
        self.assertEqual(
            self._fees(subscription, first),
            [(str(first), "fee", 300.0), (str(first), "slots", 30.0)],
        )
        months = len({month for month, *_rest in self._fees(subscription)})
        last = first + timedelta(days=14)
        subscription.date_end = last
        subscription._charge_fees(self.env.company.id)
        days = ((first + timedelta(days=32)).replace(day=1) - first).days
        total = sum(amount for *_rest, amount in self._fees(subscription))
        self.assertAlmostEqual(total, 330 * 15 / days, 6)
        self.assertGreater(months, 1)
        self.assertWhole()

    def test_included_tokens_and_minutes_are_used_up_first(self):
        self._usual_prices()
        plan = self._plan(
            included_tokens=1500, included_minutes=2, minute_price=0.6,
            initial_increment=60, next_increment=60,
        )  # fmt: skip
        self._subscribe(plan)
        self._send(self._session(1, seconds=61), self._session(2, seconds=1))
        self.assertEqual(
            self._charges(1),
            [
                ("input", "included", 600, 0.0),
                ("input.cached", "included", 400, 0.0),
                ("output", "included", 200, 0.0),
                ("minute", "included", 120, 0.0),
            ],
        )
        self.assertEqual(
            self._charges(2),
            [
                ("input", "included", 300, 0.0),
                ("input", "", 300, 0.0015),
                ("input.cached", "", 400, 0.001),
                ("output", "", 200, 0.004),
                ("minute", "", 60, 0.6),
            ],
        )
        self.assertIn("(after 1,200 units of the month)", self._sent(2).explanation)
        # What is counted by the second says so: it is no 60 minutes.
        self.assertIn("Minutes: 60 s × 0.6 / 60 = 0.6", self._sent(2).explanation)
        self.assertWhole()
        # What the first one leaves the second one uses: both are priced again.
        self._send(
            self._session(1, seconds=61, prompt_tokens=400, completion_tokens=0,
                          revision=1)
        )  # fmt: skip
        self.assertEqual(self._sent(2).amount, 0.6 + 0.002 * 1)
        self.assertWhole()

    def test_a_month_and_a_model_lead_to_what_they_are_made_of(self):
        self._usual_prices()
        everything = self._price(False, 0.0, pricing="markup", markup_percent=20,
                                 model_id=False)  # fmt: skip
        fees = self._subscribe_month(self._plan(monthly_fee=800))
        self._send(self._session(1))
        fees._charge_fees(self.env.company.id)
        own = [("account_id", "=", self.account.id)]
        month = self.env["voip.ai.month"].search(own)
        charges = self.env["voip.ai.charge"].search(
            month.action_view_charges()["domain"]
        )
        self.assertLess({"fee", "input"}, set(charges.mapped("kind")))
        self.assertAlmostEqual(sum(charges.mapped("amount")), month.amount, 6)
        prices = self.env["voip.ai.price"].search(
            self.model.action_view_prices()["domain"]
        )
        self.assertIn(everything, prices)
        self.assertEqual(len(prices), 7)

    def test_a_minimum_per_session(self):
        self._usual_prices()
        self._subscribe(self._plan(minimum=0.05))
        self._send(self._session(1))
        self.assertEqual(self._charges(1)[-1], ("minimum", "", 1, 0.042))
        self.assertEqual(self._sent(1).amount, 0.05)

    def test_a_call_that_never_connected_costs_us_and_perhaps_the_customer(self):
        self._usual_prices()
        plan = self._plan(charges_unconnected=False, minimum=1)
        self._subscribe(plan)
        self._send(self._session(1, connected=False), self._session(2, connected=True))
        first, second = self._sent(1), self._sent(2)
        self.assertEqual((first.amount, first.cost), (0.0, 0.004))
        self.assertEqual(second.amount, 1.0)
        self.assertEqual({word for _k, word, *_r in self._charges(1)}, {"not_charged"})
        month = self.env["voip.ai.month"].search([])
        self.assertEqual((month.sessions, month.connected), (2, 1))
        self.assertWhole()

    def test_minutes_without_a_duration_are_an_error(self):
        self._usual_prices()
        self._subscribe(self._plan(minute_price=0.1))
        self._send(self._session(1))
        self.assertEqual(self._sent(1).error, "missing_duration")
        self._send(self._session(1, seconds=60, revision=1))
        self.assertEqual(self._sent(1).amount, 0.108)

    def test_a_plan_that_has_charged_keeps_its_terms(self):
        plan = self._plan(monthly_fee=1)
        subscription = self._subscribe(plan)
        subscription._charge_fees(self.env.company.id)
        with self.assertRefused(UserError, "keeps its terms"):
            plan.monthly_fee = 2
        plan.name = "Other"
        with self.assertRefused(UserError, "give it an end"):
            subscription.date_start = self.since + timedelta(days=1)

    def test_a_fee_without_an_exchange_rate_stops_no_other(self):
        there = self.env["res.currency"].create({"name": "XAT", "symbol": "X"})
        account = self._create_account(
            code="ai-2", mode="postpaid", cycle="monthly", currency_id=there.id
        )
        plan = self._plan("far", monthly_fee=50, currency_id=there.id)
        far = self._subscribe_month(plan, account_id=account.id)
        near = self._subscribe_month(self._plan(monthly_fee=7))
        first = far.date_start
        totals = (far | near)._charge_fees(self.env.company.id)
        self.assertEqual(list(totals), [self.account.id])
        self.assertEqual((far.lacks_rate, near.lacks_rate), (True, False))
        run = self.env["voip.billing.run"].create(
            {"account_ids": account.ids, "cutoff": first + timedelta(days=62)}
        )
        self.assertIn("whose fee has no exchange rate", run._unrated()[1])
        # A rate of later than the fee's day is none of its.
        rate = {"currency_id": there.id, "rate": 2.0, "company_id": False}
        self.env["res.currency.rate"].create(
            {**rate, "name": first + timedelta(days=1)}
        )
        self.assertFalse(far._charge_fees(self.env.company.id))
        self.env["res.currency.rate"].create({**rate, "name": first})
        totals = far._charge_fees(self.env.company.id)
        self.assertEqual((totals[account.id], far.lacks_rate), (50, False))
        self.assertWhole()

    def test_an_account_whose_plan_goes_on_is_not_closed(self):
        first = self.at.date() - timedelta(days=1)
        one = self._subscribe(self._plan(monthly_fee=0), first)
        with self.assertRefused(UserError, "give it an end"):
            self.account._set_state("closed", "Left")
        one.date_end = first
        self.account._set_state("closed", "Left")
        with self.assertRefused(ValidationError, "is closed"):
            self._subscribe(one.plan_id, self.at.date())
        # Days that are added, or lines, would have nobody to pay them.
        for values in ({"date_end": False}, {"slots": 3}):
            with self.assertRefused(ValidationError, "is closed"):
                one.write(values)

    def test_fees_are_charged_and_given_back_before_an_account_is_closed(self):
        yesterday = self.at.date() - timedelta(days=1)
        one = self._subscribe(self._plan(monthly_fee=300), yesterday)
        one._charge_fees(self.env.company.id)
        one.date_end = yesterday
        with self.assertRefused(UserError, "not charged or given back yet"):
            self.account._set_state("closed", "Left")
        one._charge_fees(self.env.company.id)
        with self.assertRefused(UserError, "usage that is not invoiced"):
            self.account._set_state("closed", "Left")
        self.assertWhole()

    def test_rounding_is_the_plans(self):
        self._price("input", 0.0015, "cost")
        self._price("input", 0.0015)
        self._price("output", 0, "cost")
        self._price("output", 0)
        for rounding, wanted in (("up", 0.01), ("down", 0.0), ("half_up", 0.0)):
            with self.subTest(rounding):
                account = self._create_account(code=rounding, mode="postpaid")
                plan = self._plan(rounding, decimals=2, rounding=rounding)
                self._subscribe(plan, account_id=account.id)
                self._send(self._session(rounding, account=rounding))
                self.assertEqual(self._charges(rounding)[0][3], wanted)

    def test_whatever_is_changed_by_nobody_is_found(self):
        self._usual_prices()
        self._subscribe_month(
            self._plan(minute_price=0.5, monthly_fee=3, included_tokens=10)
        )._charge_fees(self.env.company.id)
        self._send(self._session(1, seconds=60), self._session(2, model="nobody"))
        self._witness()
        self.assertWhole()
        charged = "UPDATE voip_ai_session SET {} WHERE state = 'charged'"
        for name, tamper in (
            ("ai_parts", charged.format("parts = jsonb_set(parts, '{0,units}', '7')")),
            ("ai_parts", charged.format("parts = '[]'")),
            (
                "ai_parts",
                "UPDATE voip_ai_session SET state = 'charged', error = NULL,"
                " local_day = started_at::date WHERE state = 'error'",
            ),
            ("ai_month", charged.format("seconds = 7")),
            ("ai_charged", "DELETE FROM voip_ai_session WHERE state = 'charged'"),
            ("same_ai_sessions", "DELETE FROM voip_ai_session WHERE state = 'error'"),
            ("ai_dismissed", charged.replace("charged", "error").format(DISMISSED)),
            ("ai_volume", "UPDATE voip_ai_volume SET units = units + 1"),
            ("ai_volume", "DELETE FROM voip_ai_volume"),
            ("ai_month", "UPDATE voip_ai_month SET cost = cost + 1"),
            ("same_ai_charges", "UPDATE voip_ai_charge SET unit_price = 7"),
            ("same_ai_prices", "UPDATE voip_ai_price SET price = 7"),
            ("same_ai_plans", "UPDATE voip_ai_plan SET minute_price = 7"),
            ("same_ai_plans", "UPDATE voip_ai_plan SET included_tokens = NULL"),
            (
                "same_ai_subscriptions",
                "UPDATE voip_ai_subscription SET date_start = date_start + 1",
            ),
        ):
            with self.subTest(tamper=tamper), self.env.cr.savepoint() as savepoint:
                self.env.cr.execute("SET LOCAL session_replication_role = replica")
                self.env.cr.execute(tamper)
                found = self.env["voip.check"].sudo().run()
                self.assertIn(name, [one["name"] for one in found if one["violations"]])
                savepoint.rollback()

    def _witness(self):
        """What the scheduled action does, in this transaction."""
        for span in (CHARGES, SESSIONS):
            self.env["voip.witness"]._witness(span, 0, 2**40)
        for records in (PRICES, PLANS, SUBSCRIPTIONS):
            self.env.cr.execute(records.take_sql())
