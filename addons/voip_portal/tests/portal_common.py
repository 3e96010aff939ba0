"""A customer with two accounts who logs in, and another one with his own."""

import json
import re
from decimal import Decimal

from lxml import html

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

    def _post(self, path, **form):
        """Send a form of a page, with the token that the page has."""
        page = self._get(path).text
        found = re.search(r'csrf_token: "([^"]+)"', page)
        return self._get(path, data={"csrf_token": found[1], **form})

    def _form(self, path):
        """Values of the payment form as a page has them."""
        page = self._get(path)
        self.assertEqual(page.status_code, 200)
        form = html.fromstring(page.text).xpath("//form[@id='o_payment_form']")
        self.assertTrue(form, "a form to pay with")
        return dict(form[0].attrib)

    def _pay(self, form, route=None, **changes):
        """Ask for a transaction as the form does."""
        params = {
            "provider_id": self.provider.id,
            "payment_method_id": self.provider.payment_method_ids[:1].id,
            "token_id": None,
            "amount": float(form["data-amount"]),
            "currency_id": int(form["data-currency-id"]),
            "partner_id": int(form["data-partner-id"]),
            "flow": "direct",
            "tokenization_requested": False,
            "landing_route": form["data-landing-route"],
            "access_token": form["data-access-token"],
            "reference_prefix": form["data-reference-prefix"],
            **changes,
        }
        self.env.flush_all()
        answer = self.url_open(
            route or form["data-transaction-route"],
            data=json.dumps({"jsonrpc": "2.0", "method": "call", "params": params}),
            headers={"Content-Type": "application/json"},
        )
        return answer.json()

    def _routes(self, module):
        """Addresses under /my/voip that a module serves, and all that any serves."""
        rules = {
            rule.rule: rule.endpoint.__module__
            for rule in self.env["ir.http"].routing_map().iter_rules()
            if rule.rule.startswith("/my/voip")
        }
        mine = f"odoo.addons.{module}."
        return {rule for rule, place in rules.items() if place.startswith(mine)}, {
            *rules
        }
