"""A usage invoice is the invoice that an accountant would have typed."""

from contextlib import contextmanager
from datetime import date, datetime
from itertools import product
from random import Random

from freezegun import freeze_time

from odoo.fields import Command
from odoo.tests import Form, tagged

from .common import VoipRatingCommon

DAY = date(2026, 11, 5)
COMPARED_MOVE = (
    "amount_tax",
    "amount_total",
    "amount_untaxed",
    "commercial_partner_id",
    "currency_id",
    "fiscal_position_id",
    "invoice_cash_rounding_id",
    "invoice_currency_rate",
    "invoice_date_due",
    "invoice_incoterm_id",
    "invoice_payment_term_id",
    "invoice_user_id",
    "journal_id",
    "narration",
    "partner_bank_id",
    "partner_id",
    "partner_shipping_id",
    "preferred_payment_method_line_id",
)
COMPARED_LINE = (
    "account_id",
    "amount_currency",
    "analytic_distribution",
    "balance",
    "currency_id",
    "currency_rate",
    "date_maturity",
    "discount_date",
    "display_type",
    "partner_id",
    "price_subtotal",
    "price_total",
    "product_id",
    "product_uom_id",
    "tax_base_amount",
    "tax_ids",
    "tax_line_id",
    "tax_tag_ids",
)


@tagged("post_install", "-at_install")
@freeze_time("2026-11-10 12:00:00")
class TestInvoiceTyped(VoipRatingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("fr_FR")
        cls.company = cls.env.company
        cls.deck = cls._create_deck(
            rates=[
                {"prefix": "44", "destination": "UK", "price_per_minute": "1.1"},
                {"prefix": "49", "destination": "DE", "price_per_minute": "0.333"},
            ]
        )
        cls.switch = cls._create_switch(code="typed")
        cls.partner = cls.env["res.partner"].create(
            {
                "name": "Customer",
                "is_company": True,
                "country_id": cls.env.ref("base.us").id,
            }
        )
        cls.account = cls._create_account(
            deck_id=cls.deck.id, partner_id=cls.partner.id
        )
        cls.trunk = cls._create_trunk(code="typed1", account_id=cls.account.id)
        cls.service = cls.env.ref("voip_billing_base.service_term_intl")
        cls.product = cls.service.product_id
        cls.count = 0
        cls.accountant = cls.env["res.users"].create(
            {
                "name": "Accountant",
                "login": "typed accountant",
                "lang": "en_US",
                "group_ids": [(6, 0, cls.env.ref("account.group_account_invoice").ids)],
                "company_id": cls.company.id,
                "company_ids": [(6, 0, cls.company.ids)],
            }
        )

    # === What is typed, and what the run makes === #

    def _call(self, called="442071234567", duration="60", start="2026-10-05"):
        type(self).count += 1
        start = f"{start}T10:00:00Z"
        return self.env["voip.cdr"].ingest(
            switch="typed",
            records=[
                {
                    "call_id": f"typed-{self.count}",
                    "called": called,
                    "start": start,
                    "answer": start,
                    "duration": duration,
                    "trunk": "typed1",
                }
            ],
            rate_now=True,
        )

    def _invoice(self, month=11):
        run = self.env["voip.billing.run"].create(
            {
                "cutoff": datetime(2026, month, 5, 12),
                "invoice_date": DAY,
                "account_ids": [(6, 0, self.account.ids)],
            }
        )
        run.action_run()
        self.assertEqual(run.line_ids.mapped("message"), [False])
        return run.move_ids

    def _type(self, invoice, price=None):
        """The invoice as an accountant types it: partner, date, products, prices."""
        move = self.env["account.move"].with_user(self.accountant)
        form = Form(move.with_context(default_move_type=invoice.move_type))
        form.partner_id = invoice.partner_id
        form.invoice_date = invoice.invoice_date
        if form.journal_id != invoice.journal_id:
            form.journal_id = invoice.journal_id
        if form.currency_id != self.account.currency_id:
            form.currency_id = self.account.currency_id
        if not form.invoice_payment_term_id:
            form.invoice_date_due = invoice.invoice_date
        for line in invoice.invoice_line_ids.sorted("sequence"):
            with form.invoice_line_ids.new() as typed:
                typed.product_id = line.product_id
                typed.quantity = line.quantity
                typed.price_unit = price or line.price_unit
        typed = form.save()
        typed.with_context(validate_analytic=True).action_post()
        return typed.sudo()

    def assertTyped(self, invoice, **typing):
        typed = self._type(invoice, **typing)
        for name in COMPARED_MOVE:
            if name == "invoice_user_id" and typed[name] == self.accountant:
                continue  # nobody sells to the customer: whoever made it
            self.assertEqual(invoice[name], typed[name], name)
        ours, theirs = (m.line_ids.sorted(order_key) for m in (invoice, typed))
        self.assertEqual(len(ours), len(theirs))
        for one, other in zip(ours, theirs, strict=True):
            for name in COMPARED_LINE:
                self.assertEqual(one[name], other[name], name)
        self.assertWhole()
        return typed

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

    def test_a_run_makes_the_invoice_that_an_accountant_types(self):
        account, cases = self.account, vars(TestInvoiceTyped)
        for name in (name for name in cases if name.startswith("_set_")):
            self.account = account
            with self.subTest(name), self._undone():
                getattr(self, name)()
                for called in ("442071234567", "4930123456", "4930123456"):
                    self._call(called, "90")
                self.assertTyped(self._invoice())

    def test_settings_together_make_the_typed_invoice_too(self):
        chance = Random(7)
        names = [name for name in vars(TestInvoiceTyped) if name.startswith("_set_")]
        names.remove("_set_currency")  # the other one sets it too
        account = self.account
        for _number in range(12):
            some = chance.sample(names, 5)
            self.account = account
            with self.subTest(some), self._undone():
                for name in some:
                    getattr(self, name)()
                for called, duration in (("442071", "90"), ("4930", "61")):
                    self._call(called, duration)
                self.assertTyped(self._invoice())

    def test_a_credit_note_is_the_one_that_an_accountant_types(self):
        settings = (self._set_nothing, self._set_payment_term, self._set_included_tax)
        for storno, setting in product((False, True), settings):
            with self.subTest(storno=storno, setting=setting.__name__), self._undone():
                self.company.account_storno = storno
                setting()
                answer = self._call(duration="180")
                self._invoice()
                self.env["voip.cdr.batch"].browse(answer["batch"]).action_undo()
                note = self._invoice(month=12)
                self.assertEqual(note.move_type, "out_refund")
                self.assertTyped(note)

    @contextmanager
    def _undone(self):
        savepoint = self.env.cr.savepoint()
        try:
            yield
        finally:
            savepoint.rollback()
            savepoint.close(rollback=False)
            self.env.registry.clear_cache()

    def test_an_account_has_its_own_terms_first(self):
        self._set_payment_term()
        self.account.payment_term_id = self.pay_terms_a
        self._call()
        self.assertEqual(self._invoice().invoice_payment_term_id, self.pay_terms_a)

    def test_an_invoice_is_due_on_its_day_where_nobody_gave_a_term(self):
        self._call()
        self.assertEqual(self._invoice().invoice_date_due, DAY)

    def test_lines_speak_the_customers_language(self):
        self.partner.lang = "fr_FR"
        self.service.with_context(lang="fr_FR").name = "Appels internationaux"
        self.service.unit = "unit"
        self._call()
        name = self._invoice().invoice_line_ids.name
        self.assertEqual(name, "Appels internationaux: UK")

    def test_a_tax_in_the_price_that_is_mapped_away_is_taken_off_price_and_wallet(self):
        tax = self._tax(amount=10, price_include_override="tax_included")
        self.product.taxes_id = tax
        position = self._position()
        self._tax(
            amount=0,
            fiscal_position_ids=position.ids,
            original_tax_ids=tax.ids,
        )
        self.partner.property_account_position_id = position
        self._call(duration="180")
        wallet = self.account.wallet_id
        self.assertEqual((wallet.unbilled, wallet.unbilled_tax), (3.3, -0.3))
        self.product.lst_price = 3.3
        invoice = self._invoice()
        self.assertEqual(invoice.amount_total, 3.0)
        self.assertEqual(wallet.balance, -3.0)
        self.assertTyped(invoice)
        line = invoice.invoice_line_ids
        self.assertEqual(
            line.price_unit,
            self.product._get_tax_included_unit_price(
                self.company,
                invoice.currency_id,
                DAY,
                "sale",
                fiscal_position=position,
            ),
        )

    def test_a_tax_of_a_minute_counts_minutes_in_wallet_and_invoice(self):
        self.product.taxes_id = self._tax(amount_type="fixed", amount=0.07)
        for duration in ("60", "90", "45"):
            self._call(duration=duration)
        wallet = self.account.wallet_id
        minutes = wallet.unbilled / 1.1
        self.assertAlmostEqual(wallet.unbilled_tax, 0.07 * minutes, 5)
        before = wallet.balance
        invoice = self._invoice()
        self.assertAlmostEqual(invoice.invoice_line_ids.quantity, minutes, 2)
        self.assertAlmostEqual(wallet.balance, before, delta=0.01)
        self.assertAlmostEqual(wallet.balance, -invoice.amount_total, 2)
        self.assertTyped(invoice)

    def test_a_mandatory_plan_without_distribution_is_said_on_the_accounts_line(self):
        self._analytic("mandatory")
        self._call()
        run = self.env["voip.billing.run"].create(
            {"cutoff": datetime(2026, 11, 5, 12), "invoice_date": DAY}
        )
        run.action_run()
        line = run.line_ids.filtered(lambda x: x.account_id == self.account)
        self.assertEqual(line.state, "error")
        self.assertIn("100% analytic distribution", line.message)
        self.assertWhole()

    def test_in_the_background_the_invoice_is_of_who_made_the_run(self):
        self._call()
        run = self.env["voip.billing.run"].create(
            {"cutoff": datetime(2026, 11, 5, 12), "invoice_date": DAY}
        )
        run.with_user(self.env.ref("base.user_root")).action_run()
        self.assertEqual(run.move_ids.invoice_user_id, self.env.user)


def order_key(line):
    return line.display_type, line.balance, line.price_unit, line.account_id.id
