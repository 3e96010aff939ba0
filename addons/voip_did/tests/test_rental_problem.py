"""One account that cannot be charged holds up nobody."""

from unittest.mock import patch

from freezegun import freeze_time

from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common import NumbersCommon

DAY = "2026-03-10 12:00:00"


@tagged("post_install", "-at_install")
class TestRentalProblem(NumbersCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.boss = new_test_user(
            cls.env, "boss", groups="voip_billing_base.group_voip_manager"
        )
        cls.crown = cls.env["res.currency"].with_context(active_test=False)
        cls.crown = cls.crown.search([("name", "=", "ISK")])
        cls.crown.active = True
        cls.crown.rate_ids.unlink()
        plan = cls._plan("crown", currency_id=cls.crown.id)
        cls.foreign = cls._create_account(
            code="numbers-0", currency_id=cls.crown.id, cycle="monthly"
        )
        cls.last = cls._create_account(code="numbers-9", cycle="monthly")
        with freeze_time(DAY):
            cls._assign(cls._did("3545550001"), "2026-03-10", False, cls.foreign, plan)
            cls.mine = cls._assign(cls._did("4930555001"), "2026-03-10")
            cls.others = cls._assign(
                cls._did("4930555002"), "2026-03-10", account=cls.last
            )

    def _run(self):
        self.env.ref("voip_did.ir_cron_rental").method_direct_trigger()

    def _tasks(self):
        return self.foreign.activity_ids.filtered(lambda a: a.user_id == self.boss)

    @freeze_time(DAY)
    def test_an_account_without_a_rate_is_left_out_and_told_once(self):
        with self.enter_registry_test_mode():
            self._run()
            self._run()
        self.assertEqual([row[-1] for row in self._charges(self.mine)], [2.2])
        self.assertEqual([row[-1] for row in self._charges(self.others)], [2.2])
        self.assertIn("ISK has no exchange rate", self.foreign.rental_problem)
        self.assertEqual(len(self._tasks()), 1)
        self.assertIn("ISK has no exchange rate", self._tasks().note)

    @freeze_time(DAY)
    def test_what_was_left_is_made_good_once_the_rate_is_there(self):
        accounts = sorted((self.foreign | self.last).ids)
        assignments = self.env["voip.did.assignment"]
        company = self.env.company.id
        self.assertEqual(
            list(assignments._charge_each(company, accounts)), self.foreign.ids
        )
        self.env["res.currency.rate"].create(
            {"currency_id": self.crown.id, "name": "2026-01-01", "rate": 140.0}
        )
        self.assertEqual(assignments._charge_each(company, accounts), {})
        self.assertFalse(self.foreign.rental_problem)
        self.assertFalse(self._tasks())
        self.assertEqual(self.foreign.wallet_id.unbilled, 2.2)
        self.assertWhole()

    @freeze_time(DAY)
    @mute_logger("odoo.addons.voip_did.rental.rental_problem")
    def test_an_error_of_the_program_holds_up_nobody_either(self):
        model = type(self.env["voip.did.assignment"])
        charge = model._charge_part
        bad = self.foreign.id

        def broken(this, company, holdings, months):
            if bad in holdings.accounts:
                raise ZeroDivisionError
            return charge(this, company, holdings, months)

        with patch.object(model, "_charge_part", broken):
            found = self.env["voip.did.assignment"]._charge_each(
                self.env.company.id, sorted((self.foreign | self.last).ids)
            )
        self.assertEqual(list(found), [bad])
        self.assertIn("ZeroDivisionError", self.foreign.rental_problem)
        self.assertEqual(len(self._charges(self.others)), 1)
