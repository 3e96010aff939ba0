"""Costs of numbers that cannot be counted."""

from freezegun import freeze_time
from psycopg2.errors import CheckViolation

from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common import NumbersCommon


@tagged("post_install", "-at_install")
class TestUncounted(NumbersCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.supplier = cls.env["res.partner"].create({"name": "Carrier"})

    def _held(self, number="4930555000", **values):
        values = {"supplier_id": self.supplier.id, "cost_monthly": 3.0, **values}
        return self._did(number, **values)

    def _accrue(self):
        return self.env["voip.did.cost"]._accrue(self.env.company.id)

    def _costs(self, did):
        return self.env["voip.did.cost"].search([("did_id", "=", did.id)])

    def test_a_number_is_not_held_since_the_year_26(self):
        with self.assertRaises(CheckViolation), mute_logger("odoo.sql_db"):
            self._held(held_from="0026-04-01").flush_recordset()

    def test_a_currency_without_a_rate_keeps_no_other_cost_waiting(self):
        boss = new_test_user(
            self.env, "boss", groups="voip_billing_base.group_voip_manager"
        )
        with freeze_time("2026-04-11 12:00:00"):
            strange = self._held("4930555001", held_from="2026-03-30")
            strange.cost_currency_id = self.env["res.currency"].create(
                {"name": "ZZZ", "symbol": "Z"}
            )
            did = self._held(held_from="2026-04-01")
            for _again in range(2):
                self._accrue()
                tasks = strange.supplier_id.activity_ids
                (task,) = tasks.filtered(lambda one: one.user_id == boss)
                self.assertIn("ZZZ has no exchange rate of", task.note)
            self.assertTrue(self._costs(did))
            self.assertFalse(self._costs(strange))
            self.env["res.currency.rate"].create(
                {
                    "currency_id": strange.cost_currency_id.id,
                    "name": "2026-01-01",
                    "rate": 2.0,
                }
            )
            self._accrue()
            self.assertTrue(self._costs(strange))
            self.assertFalse(strange.supplier_id.activity_ids)
        self.assertWhole()
