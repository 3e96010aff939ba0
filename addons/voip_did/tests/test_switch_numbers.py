"""A switch's key and records of numbers: it reads, makes and changes none of them."""

import base64

from odoo import fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.voip_rating.calls.parties.callers import FOREIGN
from odoo.addons.voip_rating.tests.test_method_ids import TestMethodIds
from odoo.addons.voip_rating.tests.test_switch_methods import TestSwitchMethods


@tagged("post_install", "-at_install")
class TestSwitchNumbers(TestMethodIds):
    """The rules of switches and of ids, for a record of each model of numbers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        account = cls.own["account"]
        did = cls.env["voip.did"].create({"number": "4930555000"})
        price = {"fee": "monthly", "price": 1.0, "effective_from": "2020-01-01"}
        plan = cls.env["voip.did.plan"].create(
            {
                "name": "Plan",
                "code": "plan",
                "currency_id": account.currency_id.id,
                "price_ids": [(0, 0, price)],
            }
        )
        values = {"account_id": account.id, "plan_id": plan.id}
        assignment = cls.env["voip.did.assignment"].create({"did_id": did.id, **values})
        cls._topup(account, 10)
        assignment._charge_now()
        deck = cls.env["voip.rate.deck"].create(
            {"name": "In", "code": "in", "currency_id": account.currency_id.id}
        )
        cls.env["voip.did.inbound"].create({"plan_id": plan.id, "deck_id": deck.id})
        call = (1, 0, account.id, 4930555001, 0, FOREIGN)
        cls.env["voip.number.holder"]._note_callers(account.company_id, [call])
        supplier = cls.env["res.partner"].create({"name": "Carrier"})
        did.write({"supplier_id": supplier.id, "cost_monthly": 1.0})
        cls.env["voip.did.supplier"].create({"partner_id": supplier.id})
        cls.env["voip.did.cost"]._accrue(account.company_id.id)
        listed = base64.b64encode(b"Number\n4930555009\n")
        cls.env["voip.did.list"].create(
            {"supplier_id": supplier.id, "file": listed}
        ).action_check()
        cls.env["voip.did.assign"].create({"did_ids": [(6, 0, did.ids)], **values})
        cls.env["voip.did.block"]._make("4930555010", "10", {})
        assignment._suspend("staff", "Asked for.")
        cls.env["voip.did.port"].create({"did_ids": [(6, 0, did.ids)]})
        file = base64.b64encode(b"number,country\n4930555030,DE\n")
        sheet = cls.env["voip.did.import"].create({"file": file})
        sheet.action_preview()
        cls.env["voip.did.block.make"].create({"number": "4930555020"})
        cls._close_month(account)

    @classmethod
    def _close_month(cls, account):
        """A month-end with a line; no invoice is needed for it to be guarded."""
        cls.env.flush_all()
        company, line = account.company_id, cls.env["account.move.line"].search([])[:1]
        liability = cls.env["account.account"].create(
            {"code": "DEF", "name": "Def", "account_type": "liability_current"}
        )
        company.voip_deferral_account_id = liability
        deferrals = cls.env["voip.did.deferral"]
        deferrals._close(company.id, fields.Date.to_date("2026-05-31"))
        cls.env.cr.execute(
            "INSERT INTO voip_did_deferral_line (deferral_id, company_id, account_id,"
            " kind, move_line_id, income_account_id, first_day, last_day, share,"
            " opening, added, recognised, closing)"
            " VALUES (%s, %s, %s, 'invoice', %s, %s, '2026-06-01', '2026-06-30',"
            " 0, 0, 0, 0, 0)",
            [deferrals.search([])[:1].id, company.id, account.id, line.id,
             liability.id],
        )  # fmt: skip

    def test_each_model_of_numbers_has_a_record(self):
        for name in sorted(self.env.registry):
            model = self.env[name]
            if model._original_module == "voip_did" and not model._abstract:
                self.assertTrue(model.sudo().search([], limit=1), name)

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.models")
    def test_methods(self):
        TestSwitchMethods.test_a_switch_is_refused_every_method_that_is_no_door_of_its_own(
            self
        )

    def test_what_odoo_gives(self):
        TestSwitchMethods.test_a_switch_learns_and_changes_nothing_by_what_odoo_gives_a_model(
            self
        )

    def test_ids(self):
        TestMethodIds.test_ids_that_name_no_record_are_refused_with_a_sentence(self)
