"""An invoice that says nobody where to pay says so to who posts it."""

from odoo.tests import new_test_user, tagged

from .common import DocumentCommon


@tagged("post_install", "-at_install")
class TestBankAccount(DocumentCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.partner_id.bank_ids.unlink()
        cls.invoice.partner_bank_id = False

    def _add_bank(self):
        return self.env["res.partner.bank"].create(
            {
                "acc_number": "DE89370400440532013000",
                "partner_id": self.env.company.partner_id.id,
            }
        )

    def test_an_invoice_of_a_company_without_a_bank_says_so(self):
        self.assertIn("has no bank account", self.invoice.voip_bank_hint)
        asked = self.invoice.action_voip_name_bank()
        self.assertEqual(asked["res_model"], "res.partner.bank")
        self.assertEqual(
            asked["context"]["default_partner_id"], self.env.company.partner_id.id
        )

    def test_who_may_not_add_one_has_no_button_that_only_refuses(self):
        clerk = new_test_user(
            self.env,
            "clerk",
            groups="account.group_account_invoice,voip_billing_base.group_voip_user",
            company_id=self.env.company.id,
            company_ids=[(6, 0, self.env.company.ids)],
        )
        self.assertFalse(self.invoice.with_user(clerk).voip_can_name_bank)
        self._add_bank()
        self.env.invalidate_all()
        self.assertTrue(self.invoice.with_user(clerk).voip_can_name_bank)

    def test_one_posted_before_is_told_the_account_and_its_papers_with_it(self):
        bank = self._add_bank()
        self.invoice.invalidate_recordset(["voip_bank_hint"])
        self.assertIn("names no bank account", self.invoice.voip_bank_hint)
        self.assertEqual(self._data(self.invoice)["payment"]["number"], "")
        self.invoice.action_voip_name_bank()
        self.assertEqual(self.invoice.partner_bank_id, bank)
        self.assertFalse(self.invoice.voip_bank_hint)
        number = self._data(self.invoice)["payment"]["number"]
        self.assertEqual(number, bank.acc_number)

    def test_what_asks_for_no_money_says_nothing(self):
        credit = self._create_invoice(self.account, move_type="out_refund")
        credit.partner_bank_id = False
        other = self.invoice.copy({"voip_account_id": False})
        self.assertFalse(credit.voip_bank_hint)
        self.assertFalse(other.voip_bank_hint)

    def test_templates_that_ask_for_money_name_the_company(self):
        template = self._create_template(account_id=self.account.id)
        self.assertIn(self.env.company.name, template.bank_hint)
        self._add_bank()
        template.invalidate_recordset(["bank_hint"])
        self.assertFalse(template.bank_hint)
