"""A prepaid wallet that cannot pay: grace, notice, suspension, release, payment."""

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from .common import NumbersCommon


def day(number, month=4):
    return freeze_time(f"2026-{month:02}-{number:02} 12:00:00")


@tagged("post_install", "-at_install")
class TestUnpaid(NumbersCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.boss = new_test_user(
            cls.env, "boss", groups="voip_billing_base.group_voip_manager"
        )
        with day(1):
            cls.prepaid = cls._create_account(
                code="prepaid-1", mode="prepaid", cycle="monthly"
            )
            cls.prepaid.partner_id.email = "pays@example.com"
        cls.rule = cls._plan("rule", 3.0, grace_days=3, release_days=10)

    def _run(self):
        assignments = self.env["voip.did.assignment"]
        company = self.prepaid.company_id
        problems = assignments._charge_each(company.id, self.prepaid.ids)
        self.assertFalse(problems)
        assignments._pursue_unpaid(company)
        self.env.flush_all()

    def _mails(self):
        return self.env["mail.mail"].search(
            [("recipient_ids", "in", self.prepaid.partner_id.ids)]
        )

    def _rent(self, **values):
        did = self._did(**values)
        return self._assign(did, "2026-04-01", account=self.prepaid, plan=self.rule)

    def test_what_the_wallet_can_pay_is_paid_oldest_first(self):
        with day(1):
            self._topup(self.prepaid, 7.0)
            ones = [self._rent(number=f"493055500{n}") for n in range(3)]
            self._run()
        self.assertEqual([len(self._charges(one)) for one in ones], [1, 1, 0])
        self.assertEqual([bool(one.unpaid_since) for one in ones], [False, False, True])
        self.assertEqual(round(self.prepaid.available, 8), 0.1)
        self.assertWhole()

    def test_grace_notice_suspension_release(self):
        with day(1):
            one = self._rent()
            self._run()
            self._run()
            self.assertEqual(str(one.unpaid_since), "2026-04-01")
            self.assertEqual((one.did_id.state, len(self._mails())), ("assigned", 1))
            self.assertIn("+4930555000", self._mails().body_html)
            self.assertIn("within 3 days", self._mails().body_html)
            tasks = self.prepaid.activity_ids.filtered(lambda a: a.user_id == self.boss)
            self.assertEqual(len(tasks), 1)
        with day(3):
            self._run()
            self.assertFalse(one.is_suspended)
        with day(4):
            self._run()
            self.assertEqual((one.is_suspended, one.did_id.state), (True, "suspended"))
        with day(13):
            self._run()
            self.assertFalse(one.date_end)
        with day(14):
            self._run()
            self.assertEqual(str(one.date_end), "2026-04-13")
            self.assertEqual(len(self._mails()), 2)
        with day(15):
            one.did_id._cron_settle()
            self.assertEqual(one.did_id.state, "quarantined")
            self._topup(self.prepaid, 10.0)
            self._run()
        # Three days of grace.
        self.assertEqual([row[3:] for row in self._charges(one)], [(3, 0.3)])
        self.assertFalse(one.unpaid_since)
        self.assertWhole()

    def test_the_customer_reads_it_in_his_language(self):
        self.env["res.lang"]._activate_lang("ro_RO")
        self.env.ref("base.module_voip_did")._update_translations(["ro_RO"])
        self.prepaid.partner_id.lang = "ro_RO"
        with day(1):
            self._rent()
            self._run()
        with day(4):
            self._run()
        with day(14):
            self._run()
        unpaid, taken = self._mails().sorted("id")
        self.assertIn("nu acoperă chiria", unpaid.subject)
        for text in ("nu acoperă chiria", "(termen în zile: 3)", "retras: 10."):
            self.assertIn(text, unpaid.body_html)
        self.assertIn("au fost retrase", taken.subject)
        self.assertIn("nu a fost plătită", taken.body_html)

    def test_paying_in_between_ends_it(self):
        with day(1):
            one = self._rent()
            self._run()
        with day(6):
            self._run()
            self.assertTrue(one.is_suspended)
        with day(11):
            self._topup(self.prepaid, 10.0)
            self._run()
            self.assertEqual((one.is_suspended, one.did_id.state), (False, "assigned"))
            self.assertFalse(one.unpaid_since)
            self.assertFalse(self.prepaid.activity_ids)
        # 30 days less the 6th to the 10th.
        self.assertEqual([row[3:] for row in self._charges(one)], [(25, 2.5)])
        with day(1, 5):
            self._run()
            self.assertEqual(len(self._charges(one)), 2)
        self.assertWhole()

    def test_paying_within_the_grace_costs_every_day(self):
        with day(1):
            one = self._rent()
            self._run()
        with day(3):
            self._topup(self.prepaid, 3.44)
            self._run()
            self.assertTrue(one.unpaid_since)
            # The estimated tax counts: 15 %.
            self._topup(self.prepaid, 0.01)
            self._run()
            self.assertFalse(one.unpaid_since)
        self.assertEqual([row[3:] for row in self._charges(one)], [(30, 3.0)])

    def test_a_plan_may_charge_suspended_days(self):
        self.rule.charges_suspended = True
        with day(1):
            one = self._rent()
            self._run()
        with day(6):
            self._run()
            self.assertTrue(one.is_suspended)
        with day(11):
            self._topup(self.prepaid, 10.0)
            self._run()
        self.assertFalse(one.is_suspended)
        self.assertEqual([row[3:] for row in self._charges(one)], [(30, 3.0)])

    def test_a_month_that_was_left_is_not_forgotten(self):
        with day(1):
            one = self._rent()
        self.rule.grace_days = 365
        for month in (4, 5, 6):
            with day(2, month):
                self._run()
        with day(3, 6):
            self._topup(self.prepaid, 10.35)
            self._run()
        self.assertEqual([row[-1] for row in self._charges(one)], [3.0, 3.0, 3.0])
        self.assertWhole()

    def test_a_block_is_paid_whole_or_not_at_all(self):
        block = self.env["voip.did.block"]._make("4930555010", "10", {})
        with day(1):
            self._topup(self.prepaid, 9.0)
            self.env["voip.did"].assign(
                numbers=block.did_ids.mapped("number"),
                account="prepaid-1",
                plan="rule",
                start="2026-04-01",
            )
            self._run()
            self.assertEqual(self.prepaid.available, 9.0)
        with day(4):
            self._run()
            self.assertEqual(set(block.did_ids.mapped("state")), {"suspended"})
        with day(14):
            self._run()
            ends = set(map(str, block.did_ids.assignment_ids.mapped("date_end")))
            self.assertEqual(ends, {"2026-04-13"})
        self.assertWhole()


@tagged("post_install", "-at_install")
class TestMoves(NumbersCommon):
    def _wizard(self, did, mode, **values):
        wizard = self.env["voip.did.assign"].create(
            {"did_ids": [(6, 0, did.ids)], "mode": mode, **values}
        )
        return wizard.action_apply()

    def test_a_wizard_says_what_it_did_to_how_many(self):
        plan = self._plan("p", 3.0)
        dids = self._did("4930555001") | self._did("4930555002")
        where = {"account_id": self.account.id, "plan_id": plan.id}
        other = self._create_account(code="numbers-2", cycle="monthly")
        said = []
        with day(1):
            for did in dids, dids[0]:
                action = self._wizard(did, "assign", date_start="2026-04-01", **where)
                said.append(action["params"]["message"])
            self._charge()
        with day(10):
            for did, mode, values in (
                (dids, "suspend", {"reason": "Abuse."}),
                (dids, "resume", {}),
                (dids[0], "release", {"date_end": "2026-04-20"}),
                (dids[1], "move", {**where, "account_id": other.id}),
            ):
                values = {"date_start": "2026-04-21", **values}
                said.append(self._wizard(did, mode, **values)["params"]["message"])
            with self.assertRefused(UserError, "1 number does not go:\n.4930555002"):
                self._wizard(dids[1], "assign", date_start="2026-04-01", **where)
        self.assertEqual(
            said,
            [
                "2 numbers assigned.",
                "1 number assigned.",
                "2 numbers suspended.",
                "2 numbers work again.",
                "1 number released. Given back: 1.00 USD.",
                "1 number moved.",
            ],
        )

    def test_staff_suspend_and_the_days_cost_nothing(self):
        with day(1):
            one = self._assign(self._did(), "2026-04-01", plan=self._plan("p", 3.0))
            self._charge()
        with day(11):
            with self.assertRefused(UserError, "State the reason"):
                self._wizard(one.did_id, "suspend")
            self._wizard(one.did_id, "suspend", reason="Abuse.")
            self.assertEqual(one.did_id.state, "suspended")
        with day(16):
            self._wizard(one.did_id, "resume")
            self.assertEqual(one.did_id.state, "assigned")
        amounts = [
            (turn, paid, amount) for _m, _f, turn, paid, amount in self._charges(one)
        ]
        self.assertEqual(amounts, [(1, 30, 3.0), (2, 10, -2.0), (3, 25, 1.5)])
        self.assertWhole()

    def test_suspended_and_working_again_on_one_day_costs_the_day(self):
        with day(1):
            one = self._assign(self._did(), "2026-04-01", plan=self._plan("p", 3.0))
            self._charge()
            self._wizard(one.did_id, "suspend", reason="A mistake.")
            self._wizard(one.did_id, "resume")
        self.assertEqual(sum(row[-1] for row in self._charges(one)), 3.0)
        self.assertFalse(one.suspension_ids)

    def test_a_move_in_mid_month_knows_no_quarantine(self):
        other = self._create_account(code="numbers-2", cycle="monthly")
        plan = self._plan("p", 3.0, setup=5.0)
        with day(1):
            one = self._assign(self._did(), "2026-04-01", plan=plan)
            self._charge()
        with day(20):
            values = {"account_id": other.id, "plan_id": plan.id}
            one.date_end = "2026-04-25"
            for start, words in (
                ("2026-04-01", "came to its account on 04/01/2026: move it on a later"),
                ("2026-04-26", "04/25/2026: move it on that day at the latest"),
            ):
                with self.assertRefused(UserError, words):
                    self._wizard(one.did_id, "move", date_start=start, **values)
            one.date_end = False
            self._wizard(one.did_id, "move", date_start="2026-04-21", **values)
            two = one.did_id.assignment_ids - one
            self.assertEqual(one.did_id.account_id, self.account)
        with day(21):
            self._charge(other)
            one.did_id.invalidate_recordset(["account_id"])
            self.assertEqual(one.did_id.account_id, other)
        self.assertEqual(sum(row[-1] for row in self._charges(one)), 7.0)
        self.assertEqual(sum(row[-1] for row in self._charges(two)), 6.0)
        self.assertWhole()

    def test_another_plan_from_a_day_on_asks_no_second_setup(self):
        plan, dear = self._plan("p", 3.0, setup=5.0), self._plan("dear", 6.0, setup=9.0)
        with day(1):
            one = self._assign(self._did(), "2026-04-01", plan=plan)
            self._charge()
        with day(15):
            values = {"account_id": self.account.id, "plan_id": dear.id}
            self._wizard(one.did_id, "move", date_start="2026-04-16", **values)
        with day(16):
            self._charge()
        two = one.did_id.assignment_ids - one
        self.assertEqual(
            [(fee, amount) for _m, fee, _t, _d, amount in self._charges(two)],
            [("monthly", 3.0)],
        )
        self.assertEqual(sum(row[-1] for row in self._charges(one)), 6.5)
        self.assertWhole()
