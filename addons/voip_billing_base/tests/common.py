"""Accounts and money for the tests of the suite."""

from odoo.addons.account.tests.common import AccountTestInvoicingCommon


class VoipBillingCommon(AccountTestInvoicingCommon):
    """A company with books, and factories."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.group_ids |= cls.env.ref("voip_billing_base.group_voip_admin")

    @classmethod
    def _create_account(cls, **values):
        """An account of a new partner, unless one is given."""
        if "partner_id" not in values:
            partner = cls.env["res.partner"].create({"name": "Customer"})
            values["partner_id"] = partner.id
        return cls.env["voip.account"].create(
            {"name": "Account", "tz": "UTC", **values}
        )

    @classmethod
    def _topup(cls, account, amount):
        """Top up as staff do."""
        wizard = cls.env["voip.topup.wizard"].create(
            {
                "account_id": account.id,
                "amount": amount,
                "journal_id": cls.company_data["default_journal_bank"].id,
            }
        )
        wizard.action_topup()
        return wizard.payment_id

    def assertWhole(self):
        """All invariants hold."""
        broken = [r for r in self.env["voip.check"].run() if r["violations"]]
        self.assertEqual(broken, [])
