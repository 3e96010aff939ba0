"""Numbers that come and go: dates, states, what becomes of who has them."""

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged

from .common import NumbersCommon


@tagged("post_install", "-at_install")
class TestPorting(NumbersCommon):
    def _order(self, dids, direction="in", **values):
        return self.env["voip.did.port"].create(
            {"did_ids": [(6, 0, dids.ids)], "direction": direction, **values}
        )

    def test_a_number_that_comes_in_is_promised_from_its_day_on(self):
        with freeze_time("2026-04-05 12:00:00"):
            did = self._did()
            order = self._order(did, carrier="Telco")
            self.assertEqual((did.state, did.porting), ("porting_in", "in"))
            with self.assertRefused(ValidationError, "not agreed yet"):
                self._assign(did, "2026-05-01")
            with self.assertRefused(UserError, "for which day"):
                order.action_confirm()
            order.agreed_on = "2026-04-20"
            order.action_confirm()
            with self.assertRefused(ValidationError, "from the agreed day on"):
                self._assign(did, "2026-04-19")
            one = self._assign(did, "2026-04-20")
            with self.assertRefused(UserError, "before it is here"):
                order.agreed_on = "2026-04-21"
        with freeze_time("2026-04-20 12:00:00"):
            order.action_done()
            self.assertEqual((order.state, str(order.done_on)), ("done", "2026-04-20"))
            self.assertEqual((did.state, did.porting), ("assigned", False))
            self.assertEqual(did.account_id, one.account_id)
            with self.assertRefused(UserError, "is done already"):
                order.action_done()

    def test_a_number_that_comes_in_is_not_promised_for_some_days_before(self):
        with freeze_time("2026-04-05 12:00:00"):
            did = self._did()
            self._assign(did, "2026-03-01", "2026-03-31")
            one = self._assign(did, "2026-04-10", "2026-05-31")
            for values in ({"agreed_on": "2026-04-20"}, {"agreed_on": "2026-07-01"}):
                with self.assertRefused(UserError, "before it is here"):
                    self._order(did, **values)
            one.unlink()
            self._order(did, agreed_on="2026-04-20")

    def test_porting_out_ends_what_is_in_use_on_the_day(self):
        plan = self._plan("p", 3.0)
        with freeze_time("2026-04-01 12:00:00"):
            did = self._did()
            one = self._assign(did, "2026-04-01", plan=plan)
            self._charge()
            order = self._order(did, "out", agreed_on="2026-04-10")
            order.action_confirm()
            self.assertEqual((did.state, one.date_end), ("porting_out", False))
            order.done_on = "2026-04-10"
            with self.assertRefused(UserError, "not before"):
                order.action_done()
        with freeze_time("2026-04-10 12:00:00"):
            order.action_done()
        self.assertEqual(str(one.date_end), "2026-04-10")
        self.assertEqual(sum(row[-1] for row in self._charges(one)), 1.0)
        self.assertEqual(str(did.returned_on), "2026-04-11")
        with freeze_time("2026-04-11 12:00:00"):
            did._cron_settle()
            self.assertEqual(did.state, "returned")
            self.assertEqual(self._charge(), {})
            with self.assertRefused(UserError, "back at the supplier"):
                self._order(did)
        self.assertWhole()

    @freeze_time("2026-04-05 12:00:00")
    def test_one_open_order_a_number_and_reasons_for_its_end(self):
        did = self._did()
        order = self._order(did, "out")
        with self.assertRefused(UserError, "in another open order"):
            self._order(did)
        answer = did.assign(
            numbers=[did.number], account=self.account.code, plan=self.plan.code
        )
        self.assertEqual(
            [error["message"] for error in answer["errors"]],
            [f"+{did.number} is in an open order of porting out: cancel that first."],
        )
        with self.assertRefused(UserError, "State the reason"):
            order.action_refuse()
        order.reason = "The customer's name differs."
        order.action_refuse()
        self.assertEqual((order.state, did.state), ("refused", "free"))
        with self.assertRefused(UserError, "is closed"):
            order.agreed_on = "2026-05-01"
        with self.assertRefused(UserError, "stay, as history"):
            order.sudo().unlink()
        events = self.env["voip.audit"].sudo().search([("event", "=", "did_ported")])
        self.assertIn("name differs", str(events[:1].data))
        self._order(did, "out")
        self.assertEqual(did.port_count, 2)

    @freeze_time("2026-04-05 12:00:00")
    def test_a_promise_for_later_stops_a_porting_out(self):
        did = self._did()
        order = self._order(did, "out")
        order.reason = "Later."
        order.action_cancel()
        self._assign(did, "2026-05-01")
        order = self._order(did, "out")
        with self.assertRefused(UserError, "end that first"):
            order.action_done()

    def test_what_orders_say_is_written_by_nobody_else(self):
        clerk = new_test_user(
            self.env, "clerk", groups="voip_billing_base.group_voip_user"
        )
        clerk.company_ids = clerk.company_id = self.env.company
        did = self._did()
        with self.assertRaises(AccessError):
            did.with_user(clerk).porting = "out"
        order = self._order(did)
        with self.assertRaises(AccessError):
            order.with_user(clerk).state = "done"
        block = self.env["voip.did.block"]._make("4930555010", "10", {})
        with self.assertRefused(UserError, "choose the whole block"):
            self._order(block.did_ids[0])
        self._order(block.did_ids, "out")
        self.assertEqual(block.state, "porting_out")
