"""The wallet's estimated tax follows what the invoice would compute now."""

from datetime import date, datetime

from freezegun import freeze_time

from odoo.tests import tagged

from .common import VoipRatingCommon

CRON = "voip_billing_base.ir_cron_renew_tax"


@tagged("post_install", "-at_install")
@freeze_time("2026-11-10 12:00:00")
class TestTaxRenewal(VoipRatingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tax = cls._tax(amount=20)
        cls.other = cls._tax(amount=5)
        cls.service = cls.env.ref("voip_billing_base.service_term_intl")
        cls.product = cls.service.product_id
        cls.product.taxes_id = cls.tax
        deck = cls._create_deck(rates=[{"prefix": "44", "price_per_minute": "1"}])
        cls._create_switch(code="renewal")
        cls.partner = cls.env["res.partner"].create(
            {"name": "Customer", "country_id": cls.env.ref("base.us").id}
        )
        cls.account = cls._create_account(deck_id=deck.id, partner_id=cls.partner.id)
        cls.child = cls._create_account(
            name="Child",
            deck_id=deck.id,
            partner_id=cls.partner.id,
            parent_id=cls.account.id,
            consolidated_billing=True,
        )
        for account in cls.account | cls.child:
            cls._create_trunk(code=f"renewal{account.id}", account_id=account.id)
        cls._charge(cls.account | cls.child)
        cls.position = cls.env["account.fiscal.position"].create({"name": "Position"})
        cls.other.write(
            {
                "fiscal_position_ids": cls.position.ids,
                "original_tax_ids": cls.tax.ids,
            }
        )
        cls.env.flush_all()
        cls.env.cr.precommit.data.clear()
        cls._triggers().unlink()

    @classmethod
    def _charge(cls, accounts):
        records = [
            {
                "call_id": f"{account.id}-{number}",
                "called": "442071234567",
                "start": f"2026-10-0{number}T10:00:00Z",
                "answer": f"2026-10-0{number}T10:00:00Z",
                "duration": "300",
                "trunk": f"renewal{account.id}",
            }
            for account in accounts
            for number in range(1, 6)
        ]
        cls.env["voip.cdr"].ingest(switch="renewal", records=records, rate_now=True)

    @classmethod
    def _tax(cls, **values):
        return cls.env["account.tax"].create(
            {"name": f"Tax {values['amount']}", "type_tax_use": "sale", **values}
        )

    @classmethod
    def _triggers(cls):
        cron = cls.env.ref(CRON)
        return cls.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])

    def _renew(self):
        with self.enter_registry_test_mode():
            self.env.ref(CRON).method_direct_trigger()
        self.env.invalidate_all()

    def _change_tax(self):
        self.tax.amount = 5

    def _change_product(self):
        self.product.taxes_id = self.other

    def _change_service(self):
        product = self.product.copy()
        product.taxes_id = self.other
        self.env.cr.precommit.data.clear()
        self._triggers().unlink()
        self.service.product_id = product

    def _change_position_of_account(self):
        self.account.fiscal_position_id = self.position

    def _change_position_of_partner(self):
        self.partner.property_account_position_id = self.position

    def _change_position(self):
        self.position.write(
            {"auto_apply": True, "country_id": self.env.ref("base.us").id}
        )

    def _change_address(self):
        self._change_position()
        self.position.country_id = self.env.ref("base.fr")
        self.env.cr.precommit.data.clear()
        self._triggers().unlink()
        self.partner.country_id = self.env.ref("base.fr")

    def _change_delivery(self):
        self._change_position()
        self.position.country_id = self.env.ref("base.fr")
        self.env.cr.precommit.data.clear()
        self._triggers().unlink()
        self.env["res.partner"].create(
            {
                "name": "Plant",
                "type": "delivery",
                "parent_id": self.partner.id,
                "country_id": self.env.ref("base.fr").id,
            }
        )

    def test_a_change_of_taxes_positions_or_addresses_renews_the_estimate(self):
        wallet = self.account.wallet_id
        changes = [name for name in vars(TestTaxRenewal) if name.startswith("_change")]
        self.assertEqual((wallet.unbilled, wallet.unbilled_tax), (50, 10))
        for name in changes:
            with self.subTest(name):
                savepoint = self.env.cr.savepoint()
                self.env.cr.precommit.data.clear()
                getattr(self, name)()
                self.assertEqual(len(self._triggers()), 1)
                self._renew()
                self.assertEqual((wallet.unbilled, wallet.unbilled_tax), (50, 2.5))
                self.assertWhole()
                entry = wallet.entry_ids[0]
                self.assertEqual(entry.tax_delta, -7.5)
                self._renew()
                self.assertEqual(wallet.entry_ids[0], entry)
                savepoint.close(rollback=True)
                self.env.registry.clear_cache()

    def test_the_renewed_estimate_is_the_tax_of_the_invoice(self):
        self._change_tax()
        self._renew()
        balance = self.account.wallet_id.balance
        run = self.env["voip.billing.run"].create(
            {"cutoff": datetime(2026, 11, 5), "invoice_date": date(2026, 11, 5)}
        )
        run.action_run()
        self.assertEqual(self.account.wallet_id.balance, balance)
        self.assertWhole()

    def test_other_customers_and_other_fields_renew_nothing(self):
        stranger = self.env["res.partner"].create({"name": "Stranger", "zip": "1"})
        stranger.country_id = self.env.ref("base.fr")
        self.partner.comment = "No address"
        self.tax.description = "No rate"
        self.assertFalse(self._triggers())
