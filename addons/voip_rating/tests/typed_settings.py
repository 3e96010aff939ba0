"""Settings that change an invoice, each made by a method ``_set_…``."""

from odoo.fields import Command


class TypedSettings:
    """For a test with an ``account`` of ``partner``, its ``trunk``, a ``product``."""

    def _tax(self, **values):
        return self.env["account.tax"].create(
            {
                "name": f"Tax {len(self.env['account.tax'].search([]))}",
                "amount": 20,
                "type_tax_use": "sale",
                "country_id": self.company.account_fiscal_country_id.id,
                **values,
            }
        )

    def _position(self, **values):
        return self.env["account.fiscal.position"].create(
            {"name": "Position", "company_id": self.company.id, **values}
        )

    def _contact(self, **values):
        return self.env["res.partner"].create(
            {
                "name": values.get("type"),
                "parent_id": self.partner.id,
                "country_id": self.partner.country_id.id,
                **values,
            }
        )

    # === Settings === #

    def _set_nothing(self):
        pass

    def _set_payment_term(self):
        self.partner.property_payment_term_id = self.pay_terms_b

    def _set_early_discount(self):
        term = self.env["account.payment.term"].create(
            {
                "name": "2 % in 7 days",
                "early_discount": True,
                "discount_days": 7,
                "discount_percentage": 2,
                "early_pay_discount_computation": "mixed",
                "line_ids": [
                    Command.create(
                        {"value": "percent", "value_amount": 100, "nb_days": 30}
                    )
                ],
            }
        )
        self.partner.property_payment_term_id = term

    def _set_invoice_contact(self):
        self._contact(type="invoice", lang="fr_FR")

    def _set_delivery_abroad(self):
        france = self.env.ref("base.fr")
        self._contact(type="delivery", country_id=france.id)
        position = self._position(auto_apply=True, country_id=france.id)
        self._tax(
            amount=5,
            fiscal_position_ids=position.ids,
            original_tax_ids=self.product.taxes_id.ids,
        )

    def _set_position_of_partner(self):
        position = self._position()
        income = self.company_data["default_account_revenue"]
        receivable = self.company_data["default_account_receivable"]
        position.account_ids = [
            Command.create({"account_src_id": old.id, "account_dest_id": old.copy().id})
            for old in (income, receivable)
        ]
        self.partner.property_account_position_id = position

    def _set_taxes_of_income_account(self):
        self.product.taxes_id = False
        income = self.product.product_tmpl_id.get_product_accounts()["income"]
        income.tax_ids = self._tax(amount=7)

    def _set_included_tax(self):
        self.product.taxes_id = self._tax(
            amount=5, price_include_override="tax_included"
        )

    def _set_included_tax_in_a_group(self):
        self.product.taxes_id = self._tax(
            amount_type="group",
            children_tax_ids=[
                Command.link(
                    self._tax(amount=5, price_include_override="tax_included").id
                ),
                Command.link(self._tax(amount=3).id),
            ],
        )

    def _set_tax_on_tax(self):
        self.product.taxes_id = self._tax(
            amount=5, include_base_amount=True, sequence=1
        ) | self._tax(amount=20, sequence=2)

    def _set_round_globally(self):
        self.company.tax_calculation_rounding_method = "round_globally"

    def _set_round_included_globally(self):
        self._set_round_globally()
        self._set_included_tax()

    def _set_tax_of_a_minute(self):
        self.product.taxes_id |= self._tax(amount_type="fixed", amount=0.07)

    def _set_analytic_model(self):
        self.env["account.analytic.distribution.model"].create(
            {
                "partner_id": self.partner.id,
                "analytic_distribution": {self._analytic("mandatory").id: 100},
            }
        )

    def _analytic(self, applicability="optional"):
        plan = self.env["account.analytic.plan"].create(
            {"name": "Plan", "default_applicability": applicability}
        )
        return self.env["account.analytic.account"].create(
            {"name": "Analytic", "plan_id": plan.id, "company_id": False}
        )

    def _set_seller(self):
        self.partner.user_id = self.accountant

    def _set_company_terms(self):
        parameter = self.env["ir.config_parameter"].sudo()
        parameter.set_param("account.use_invoice_terms", True)
        self.company.invoice_terms = "Pay in time"
        self.company.incoterm_id = self.env.ref("account.incoterm_EXW")
        self.partner.lang = "fr_FR"
        self.company.with_context(lang="fr_FR").invoice_terms = "Payez à temps"

    def _set_bank(self):
        self.env["res.partner.bank"].create(
            {
                "acc_number": "BE68539007547034",
                "partner_id": self.company.partner_id.id,
                "allow_out_payment": True,
            }
        )

    def _set_receivable(self):
        receivable = self.company_data["default_account_receivable"]
        self.partner.property_account_receivable_id = receivable.copy()

    def _set_currency(self):
        currency = self.env.ref("base.CHF")
        currency.active = True
        for day, rate in (("2026-01-01", 0.9), ("2026-11-05", 0.8123)):
            self.env["res.currency.rate"].create(
                {
                    "currency_id": currency.id,
                    "company_id": self.company.id,
                    "name": day,
                    "rate": rate,
                }
            )
        self._move_to(currency)

    def _set_currency_and_journal(self):
        self._set_currency()
        self.env["account.journal"].create(
            {
                "name": "Sales CHF",
                "code": "SCHF",
                "type": "sale",
                "currency_id": self.env.ref("base.CHF").id,
            }
        )

    def _move_to(self, currency):
        deck = self._create_deck(
            currency_id=currency.id,
            rates=[
                {"prefix": "44", "destination": "UK", "price_per_minute": "1.1"},
                {"prefix": "49", "destination": "DE", "price_per_minute": "0.333"},
            ],
        )
        account = self._create_account(
            deck_id=deck.id, partner_id=self.partner.id, currency_id=currency.id
        )
        self.trunk.account_id = account
        self.account = account
