"""A usage invoice is the invoice that an accountant would have typed."""

from contextlib import contextmanager
from datetime import date, datetime
from itertools import product
from random import Random

from freezegun import freeze_time

from odoo.tests import Form, tagged

from odoo.addons.voip_billing_base.tests.turns import in_turn

from .common import VoipRatingCommon
from .typed_settings import TypedSettings

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
class TestInvoiceTyped(TypedSettings, VoipRatingCommon):
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

    def test_a_run_makes_the_invoice_that_an_accountant_types(self):
        account, cases = self.account, vars(TypedSettings)
        names = [name for name in cases if name.startswith("_set_")]
        for name in in_turn(names, 2):
            self.account = account
            with self.subTest(name), self._undone():
                getattr(self, name)()
                for called in ("442071234567", "4930123456", "4930123456"):
                    self._call(called, "90")
                self.assertTyped(self._invoice())

    def test_settings_together_make_the_typed_invoice_too(self):
        names = [name for name in vars(TypedSettings) if name.startswith("_set_")]
        names.remove("_set_currency")  # the other one sets it too
        account = self.account
        for number in in_turn(range(12), 4):
            some = Random(number).sample(names, 5)
            self.account = account
            with self.subTest(some), self._undone():
                for name in some:
                    getattr(self, name)()
                for called, duration in (("442071000", "90"), ("4930000", "61")):
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

    def test_an_invoice_is_made_out_to_the_invoice_and_delivery_addresses(self):
        addresses = {kind: self._contact(type=kind) for kind in ("invoice", "delivery")}
        self._call()
        invoice = self._invoice()
        self.assertEqual(invoice.partner_id, addresses["invoice"])
        self.assertEqual(invoice.partner_shipping_id, addresses["delivery"])
        receivable = invoice.line_ids.filtered("voip_account_id")
        self.assertEqual(receivable.partner_id, self.partner)
        self.assertWhole()

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
