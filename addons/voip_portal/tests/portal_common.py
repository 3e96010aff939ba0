"""A customer with two accounts who logs in, and another one with his own."""

from decimal import Decimal

from odoo.tests import HttpCase, new_test_user

from odoo.addons.voip_billing_base.charge.transaction import lock_company
from odoo.addons.voip_billing_base.tests.recharge_common import RechargeCommon


class PortalCommon(RechargeCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.user = cls._customer(cls.partner, "own")
        cls.token.partner_id = cls.user.partner_id
        cls.second = cls._create_account(partner_id=cls.partner.id, code="SECOND")
        cls.other = cls.env["res.partner"].create({"name": "Canary Ltd"})
        cls.stranger = cls._customer(cls.other, "stranger")
        cls.foreign = cls._create_account(
            partner_id=cls.other.id, code="CANARY", name="Canary account"
        )
        cls.service = cls.env.ref("voip_billing_base.service_term_intl")

    @classmethod
    def _customer(cls, partner, login):
        """A portal user of a customer, as his employee."""
        user = new_test_user(
            cls.env,
            login=f"portal_{login}",
            password=f"portal_{login}",
            groups="base.group_portal",
            company_id=cls.env.company.id,
            company_ids=[(6, 0, cls.env.company.ids)],
        )
        mail = f"{login}@example.com"
        user.partner_id.write({"parent_id": partner.id, "email": mail})
        return user

    def _use(self, account, day, label, amount, tax="0", calls=1, seconds=60):
        """A usage summary of a local day."""
        self.env.flush_all()
        lock_company(self.env.cr, self.company.id)
        self.env.cr.execute(
            "INSERT INTO voip_usage_summary (company_id, account_id, payer_id,"
            " service_id, local_day, label, unit_price, currency_id, late, attempts,"
            " calls, units, seconds, amount, tax, amount_company, cost)"
            " VALUES (%s, %s, %s, %s, %s, %s, 0.01, %s, false, %s, %s, %s, %s, %s, %s,"
            " %s, 777.77)",
            [
                self.company.id, account.id, account.payer_id.id, self.service.id, day,
                label, account.currency_id.id, calls, calls, calls, seconds,
                Decimal(amount), Decimal(tax), Decimal(amount),
            ],
        )

    def _login(self, who="own"):
        self.authenticate(f"portal_{who}", f"portal_{who}")

    def _get(self, path, **more):
        self.env.flush_all()
        return self.url_open(f"/my/voip{path}", **more)
