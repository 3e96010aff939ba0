"""Credit notes beside what else happens: accounts, rates, undone calls, what waits."""

from datetime import date, datetime

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import tagged

from .credit_common import CreditNoteCommon, credit_rates


@tagged("post_install", "-at_install")
@freeze_time("2026-11-10 12:00:00")
class TestCreditReceivable(CreditNoteCommon):
    def _moved(self, **values):
        """An invoice whose customer has another receivable account by now."""
        invoice = self._invoiced(self.tax, **values)
        due = invoice.line_ids.filtered(lambda x: x.account_type == "asset_receivable")
        other = due.account_id.copy()
        invoice.partner_id.property_account_receivable_id = other
        return invoice, due, other

    def test_a_credit_note_pays_its_invoice_whatever_account_the_customer_has(self):
        for mode in ("postpaid", "prepaid"):
            for settlement in ("receivable", "wallet"):
                with self.subTest(mode=mode, settlement=settlement):
                    invoice, due, _other = self._moved(mode=mode)
                    note = self._credit(invoice, settlement=settlement).note_id
                    open_ = 0 if settlement == "receivable" else 3.84
                    self.assertEqual(due.amount_residual, open_)
                    self.assertEqual(note.amount_residual, open_)
                    self.assertBooks(invoice.voip_account_id)

    def test_parts_taxes_and_cash_rounding_stay_on_it(self):
        invoice, due, _other = self._moved(mode="postpaid")
        for values in ({"scope": "percent", "percentage": 7}, {}):
            note = self._credit(invoice, **values).note_id
            terms = note.line_ids.filtered(lambda x: x.display_type == "payment_term")
            self.assertEqual(terms.account_id, due.account_id)
        self.assertEqual(due.amount_residual, 0)

    def test_what_is_billed_again_is_on_the_present_account(self):
        invoice, due, other = self._moved(mode="postpaid")
        cheap = self._create_deck(rates=credit_rates("0.1", "0.2"))
        wizard = self._wizard(invoice, outcome="now", deck_id=cheap.id)
        wizard.action_preview()
        self.assertIn("0.83", wizard.preview)
        wizard.action_credit()
        credit = wizard.credit_id.sudo()
        again = credit.again_id
        terms = again.line_ids.filtered(lambda x: x.display_type == "payment_term")
        self.assertEqual(terms.account_id, other)
        self.assertEqual(due.amount_residual, 0)
        self.assertEqual(credit.note_id.amount_residual, 0)
        self.assertEqual(again.amount_residual, 0.83)
        self.assertBooks(invoice.voip_account_id)


@tagged("post_install", "-at_install")
@freeze_time("2026-11-10 12:00:00")
class TestCreditDay(CreditNoteCommon):
    def test_a_credit_note_takes_no_later_exchange_rate(self):
        yen = self.env.ref("base.JPY")
        yen.active = True
        yen.rate_ids.unlink()
        rate = self.env["res.currency.rate"].create(
            {"currency_id": yen.id, "name": "2026-10-01", "rate": 150}
        )
        rates = credit_rates("33.5", "111.1")
        deck = self._create_deck(currency_id=yen.id, rates=rates)
        service = self.env.ref("voip_billing_base.service_term_intl")
        service.product_id.taxes_id = False
        account = self._create_account(deck_id=deck.id, currency_id=yen.id)
        self._calls(self._create_trunk(account), 3, "44")
        invoice = self._run(account)
        rate.name = "2026-11-08"
        for outcome in ("credited", "now"):
            values = {"date": date(2026, 11, 7), "outcome": outcome}
            wizard = self._wizard(invoice, **values)
            self.assertIn("JPY has no exchange rate of", wizard.problem)
            with self.assertRefused(UserError, "JPY has no exchange rate of"):
                wizard.action_credit()
            with self.assertRefused(UserError, "JPY has no exchange rate of"):
                wizard.action_preview()
        credit = self._credit(invoice, date=date(2026, 11, 8))
        self.assertEqual(credit.state, "done")
        self.assertBooks(account)


@tagged("post_install", "-at_install")
@freeze_time("2026-11-10 12:00:00")
class TestCreditBeside(CreditNoteCommon):
    """What waits for approval keeps its part, also against what is done at once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.voip_credit_limit = 2
        cls.approver = cls._new_user("approver", "group_voip_approver")

    def _waiting(self, invoice, **values):
        """It waits, though it is small."""
        self.env.company.voip_credit_limit = 0.01
        credit = self._credit(invoice, **values)
        self.env.company.voip_credit_limit = 2
        self.assertEqual(credit.state, "waiting")
        return credit

    def _check_kept(self, invoice, waiting, **values):
        """``values`` are refused at once, and what waits is approved afterwards."""
        wizard = self._wizard(invoice, **values)
        self.assertIn("for approval", wizard.problem)
        for press in (wizard.action_credit, wizard.action_preview):
            with self.assertRefused(UserError, "for approval"):
                press()
        self.assertFalse(invoice.reversal_move_ids)
        waiting.with_user(self.approver).action_approve()
        self.assertEqual(waiting.state, "done")
        self.assertBooks(invoice.voip_account_id)

    def test_a_chosen_call_that_waits_is_not_credited_at_once(self):
        for outcome in ("credited", "next", "now"):
            with self.subTest(outcome):
                invoice = self._invoiced()
                calls = self._usage(invoice).ids
                values = {"scope": "calls", "usage_ids": calls[:1]}
                waiting = self._waiting(invoice, **values, outcome=outcome)
                self._check_kept(invoice, waiting, **values)

    def test_a_part_of_a_line_that_waits_is_not_credited_at_once(self):
        german = [(1, "49")]
        for name, values in {
            "amount": {"scope": "amount", "amount": 0.1},
            "percent": {"scope": "percent", "percentage": 1},
            "calls": {"scope": "calls"},
            "again": {"scope": "calls", "outcome": "next"},
        }.items():
            for outcome in ("credited", "next"):
                with self.subTest(name, outcome=outcome):
                    invoice = self._invoiced(calls=german)
                    waiting = self._waiting(invoice, outcome=outcome)
                    if values["scope"] == "calls":
                        values["usage_ids"] = self._usage(invoice).ids
                    self._check_kept(invoice, waiting, **values)

    def test_calls_without_charge_that_wait_are_kept_too(self):
        self.deck = self._create_deck(rates=credit_rates("0", "1.111"))
        invoice = self._invoiced(calls=((1, "44"), (1, "49")))
        free = self._usage(invoice).filtered(lambda x: x.label == "UK")
        waiting = self._waiting(invoice, outcome="next")
        values = {"scope": "calls", "usage_ids": free[:1].ids, "outcome": "next"}
        self._check_kept(invoice, waiting, **values)

    def test_money_of_calls_that_are_to_be_rated_again_is_kept(self):
        invoice = self._invoiced()
        calls = self._usage(invoice).ids
        values = {"scope": "calls", "usage_ids": calls[:1], "outcome": "next"}
        waiting = self._waiting(invoice, **values)
        self._check_kept(invoice, waiting, scope="amount", amount=0.5)

    def test_calls_are_not_rated_again_beside_a_part_of_their_line_that_waits(self):
        for part in (
            {"scope": "amount", "amount": 0.4},
            {"scope": "percent", "percentage": 10},
        ):
            with self.subTest(part["scope"]):
                invoice = self._invoiced()
                waiting = self._waiting(invoice, **part)
                calls = self._usage(invoice).ids
                values = {"scope": "calls", "usage_ids": calls[:1], "outcome": "next"}
                self._check_kept(invoice, waiting, **values)

    def test_what_is_left_beside_it_is_credited_at_once(self):
        invoice = self._invoiced()
        british, german = (
            invoice.invoice_line_ids.filtered(lambda x, n=n: x.name == n)
            for n in ("UK", "DE")
        )
        waiting = self._waiting(invoice, scope="lines", line_ids=[(6, 0, german.ids)])
        calls = self._usage(invoice).filtered(lambda x: x.label == "UK")
        for values in (
            {"scope": "calls", "usage_ids": calls[:1].ids},
            {"scope": "amount", "amount": 0.1, "line_ids": [(6, 0, british.ids)]},
        ):
            self.assertEqual(self._credit(invoice, **values).state, "done")
        waiting.with_user(self.approver).action_approve()
        self.assertEqual(waiting.state, "done")
        self.assertBooks(invoice.voip_account_id)

    def test_what_waits_says_that_its_calls_were_undone(self):
        for whole in (True, False):
            with self.subTest(whole=whole):
                account = self._create_account(deck_id=self.deck.id)
                trunk = self._create_trunk(account)
                answer = self._calls(trunk, 2, "44")
                if not whole:
                    self._calls(trunk, 3, "44")
                waiting = self._waiting(self._run(account))
                own = waiting.with_user(self.approver)
                self.assertFalse(own.left_text)
                self.env["voip.cdr.batch"].browse(answer["batch"]).action_undo()
                self.env.invalidate_all()
                word = "Nothing is left" if whole else "left now of the"
                self.assertIn(word, own.left_text)
                if whole:
                    with self.assertRefused(UserError, "Nothing is left"):
                        own.action_approve()
                    own.action_refuse()
                else:
                    own.action_approve()
                    self.assertEqual(waiting.note_id.amount_untaxed, 1.01)
                self.assertFalse(own.left_text)
                self.assertBooks(account)


@tagged("post_install", "-at_install")
@freeze_time("2026-12-10 12:00:00")
class TestCreditUndone(CreditNoteCommon):
    """Invoices that give back calls, and what is credited of them."""

    def _with_undone(self, late):
        """An invoice with a call that was undone, before it or on it as of before."""
        account = self._create_account(deck_id=self.deck.id, mode="postpaid")
        trunk = self._create_trunk(account)
        wrong = self._calls(trunk, 1, "44")
        if late:
            self._run(account)
        else:
            self._calls(trunk, 3, "44")
        self.env["voip.cdr.batch"].browse(wrong["batch"]).action_undo()
        if late:
            self._calls(trunk, 3, "49")
            return self._run(account, datetime(2026, 12, 5, 12))
        return self._run(account)

    def test_an_undone_call_on_its_own_invoice_takes_nothing_of_what_is_left(self):
        invoice = self._with_undone(late=False)
        self.assertEqual(invoice.amount_untaxed, 1.01)
        self.assertEqual(self._plan(invoice), {"UK": 1.01})
        credit = self._credit(invoice)
        self.assertEqual(credit.note_id.amount_untaxed, 1.01)
        self.assertBooks(invoice.voip_account_id)

    def test_an_undone_call_is_left_out_of_what_is_rated_again(self):
        for outcome in ("next", "now"):
            with self.subTest(outcome):
                invoice = self._with_undone(late=False)
                credit = self._credit(invoice, outcome=outcome)
                self.assertEqual(credit.note_id.amount_untaxed, 1.01)
                if outcome == "now":
                    self.assertEqual(credit.again_id.amount_untaxed, 1.01)
                    self.assertEqual(credit.again_id.invoice_line_ids.voip_calls, 3)
                else:
                    unbilled = invoice.voip_account_id.wallet_id.unbilled
                    self.assertAlmostEqual(unbilled, 1.005, 6)
                self.assertBooks(invoice.voip_account_id)

    def test_an_undone_call_of_an_earlier_invoice_is_not_rated_again(self):
        invoice = self._with_undone(late=True)
        lines = invoice.invoice_line_ids
        self.assertEqual(sorted(lines.mapped("price_subtotal")), [-0.34, 3.33])
        back = lines.filtered(lambda x: x.price_subtotal < 0)
        for values in ({}, {"scope": "lines", "line_ids": [(6, 0, back.ids)]}):
            wizard = self._wizard(invoice, outcome="now", **values)
            self.assertRegex(wizard.problem, "UK.*gives back undone calls")
            with self.assertRefused(UserError, "UK.*gives back undone calls"):
                wizard.action_credit()
        self.assertFalse(self._wizard(invoice).problem)
        german = self._usage(invoice).filtered(lambda x: x.amount > 0)
        values = {"scope": "calls", "usage_ids": german[:2].ids, "outcome": "now"}
        credit = self._credit(invoice, **values)
        self.assertEqual(credit.note_id.amount_untaxed, 2.22)
        self.assertEqual(credit.again_id.amount_untaxed, 2.22)
        self.assertBooks(invoice.voip_account_id)

    def test_a_line_that_gives_back_and_charges_is_rated_again_by_its_calls(self):
        account = self._create_account(deck_id=self.deck.id, mode="postpaid")
        trunk = self._create_trunk(account)
        wrong = self._calls(trunk, 1, "44")
        self._run(account)
        self.env["voip.cdr.batch"].browse(wrong["batch"]).action_undo()
        # They arrive after their period was invoiced, as what is given back does.
        self._calls(trunk, 3, "44")
        invoice = self._run(account, datetime(2026, 12, 5, 12))
        self.assertEqual(invoice.invoice_line_ids.mapped("price_subtotal"), [0.67])
        with self.assertRefused(UserError, "or the calls"):
            self._credit(invoice, outcome="next")
        calls = self._usage(invoice).filtered(lambda x: x.amount > 0)
        values = {"scope": "calls", "outcome": "next"}
        self._credit(invoice, **values, usage_ids=calls[:1].ids)
        self.assertBooks(account)
