"""Credit notes of usage: every scope, outcome and settlement, to the last cent."""

from datetime import date, datetime
from itertools import product

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .common import VoipRatingCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-11-10 12:00:00")
class CreditNoteCommon(VoipRatingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.deck = cls._create_deck(rates=_rates("0.335", "1.111"))
        cls.switch = cls._create_switch()
        cls.accountant = cls._new_user("accountant", "group_voip_user")
        cls.tax = cls.env["account.tax"].create(
            {"name": "19 %", "amount": 19, "type_tax_use": "sale"}
        )
        cls.count = 0

    @classmethod
    def _new_user(cls, login, group):
        return new_test_user(
            cls.env,
            login=f"credit_{login}",
            groups=f"voip_billing_base.{group}",
            company_id=cls.env.company.id,
            company_ids=[(6, 0, cls.env.company.ids)],
        )

    def _invoiced(self, taxes=None, calls=((3, "44"), (2, "49")), **values):
        """A usage invoice of a new account, of calls of a minute each."""
        service = self.env.ref("voip_billing_base.service_term_intl")
        service.product_id.taxes_id = taxes or self.env["account.tax"]
        account = self._create_account(deck_id=self.deck.id, **values)
        trunk = self._create_trunk(account)
        for number, prefix in calls:
            self._calls(trunk, number, prefix)
        return self._run(account)

    def _calls(self, trunk, number, prefix):
        records = []
        for _call in range(number):
            type(self).count += 1
            records.append(
                {
                    "call_id": f"credited-{self.count}",
                    "called": f"{prefix}2071234567",
                    "start": f"2026-10-05T10:00:{self.count % 60:02}Z",
                    "duration": "60",
                    "trunk": trunk.code,
                }
            )
        answer = self.env["voip.cdr"].ingest(
            switch=self.switch.code, records=records, rate_now=True
        )
        self.assertEqual(answer["rated"], number, answer)
        return answer

    def _run(self, account, cutoff=datetime(2026, 11, 5, 12)):
        run = self.env["voip.billing.run"].create(
            {
                "cutoff": cutoff,
                "invoice_date": cutoff.date(),
                "account_ids": [(6, 0, account.ids)],
            }
        )
        run.action_run()
        self.assertEqual(run.state, "done", run.line_ids.mapped("message"))
        return run.move_ids

    def _plan(self, invoice, **values):
        """{name of the line: amount} that a credit would take."""
        parts = self._wizard(invoice, **values)._plan()
        return {part.line.name: float(part.amount) for part in parts}

    def _included_tax(self):
        self.env.company.tax_calculation_rounding_method = "round_per_line"
        values = {"name": "in", "price_include_override": "tax_included"}
        return self.tax.copy(values)

    def _wizard(self, invoice, user=None, **values):
        wizard = self.env["voip.credit.wizard"].with_user(user or self.accountant)
        return wizard.create({"move_id": invoice.id, "reason": "Wrong rate", **values})

    def _credit(self, invoice, user=None, **values):
        """The credit as the wizard makes it, by an accountant."""
        wizard = self._wizard(invoice, user, **values)
        wizard.action_credit()
        return wizard.credit_id.sudo()

    def _usage(self, invoice):
        action = invoice.action_voip_view_usage()
        return self.env["voip.usage"].search(action["domain"], order="id")

    def assertBooks(self, account):
        """All invariants hold, and the wallet is what is open on the receivable."""
        self.env.flush_all()
        self.assertWhole()
        lines = self.env["account.move.line"].search(
            [
                ("partner_id", "=", account.partner_id.id),
                ("account_type", "=", "asset_receivable"),
                ("parent_state", "=", "posted"),
            ]
        )
        open_ = -sum(lines.mapped("amount_residual_currency"))
        self.assertAlmostEqual(account.wallet_id.ledger_balance, open_, 6)


def _rates(british, german):
    return [
        {"prefix": "44", "destination": "UK", "price_per_minute": british},
        {"prefix": "49", "destination": "DE", "price_per_minute": german},
    ]


SCOPES = {
    "whole": {},
    "lines": {"lines": 1},
    "calls": {"calls": 1},
    "percent": {"percentage": 33.3},
    "amount": {"amount": 1.01},
}


@tagged("post_install", "-at_install")
@freeze_time("2026-11-10 12:00:00")
class TestCreditNote(CreditNoteCommon):
    def _values(self, invoice, scope):
        values = {"scope": scope, **SCOPES[scope]}
        if values.pop("lines", 0):
            values["line_ids"] = [(6, 0, invoice.invoice_line_ids[0].ids)]
        if values.pop("calls", 0):
            values["usage_ids"] = self._usage(invoice)[:2].ids
        return values

    def _check_credit(self, invoice, scope, outcome, settlement):
        account = invoice.voip_account_id
        before = account.wallet_id.balance
        paid = invoice.amount_residual == 0
        credit = self._credit(
            invoice,
            outcome=outcome,
            settlement=settlement,
            **self._values(invoice, scope),
        )
        note = credit.note_id
        self.assertEqual((credit.state, note.state), ("done", "posted"))
        self.assertEqual(note.move_type, "out_refund")
        self.assertEqual(note.reversed_entry_id, invoice)
        self.assertEqual(note.voip_span_end, date(2026, 10, 31))
        lines = note.invoice_line_ids
        self.assertTrue(lines.voip_credited_line_id <= invoice.invoice_line_ids)
        for line in lines:
            credited = line.voip_credited_line_id
            self.assertGreater(line.voip_counted, 0)
            self.assertEqual(line.voip_rate, credited.voip_rate)
            self.assertEqual(line.tax_ids, credited.tax_ids)
            calls = self.env["voip.usage"].search(
                line.with_user(self.accountant).action_voip_view_usage()["domain"]
            )
            self.assertEqual(len(calls), line.voip_counted)
        if settlement == "receivable" and not paid:
            left = invoice.amount_total - note.amount_total
            self.assertAlmostEqual(invoice.amount_residual, left, 6)
        elif outcome == "credited":
            self.assertEqual(note.amount_residual, note.amount_total)
        if outcome == "credited":
            self.assertAlmostEqual(
                account.wallet_id.balance, before + note.amount_total, 6
            )
        if outcome == "now" and scope in ("whole", "lines"):
            # The same calls at the same price come to the same.
            self.assertEqual(credit.again_id.amount_total, note.amount_total)
            self.assertEqual(credit.again_id.state, "posted")
            self.assertAlmostEqual(account.wallet_id.balance, before, 6)
        self.assertBooks(account)
        return credit

    def test_each_scope_outcome_and_settlement_keeps_the_books(self):
        for scope, outcome, settlement, mode in product(
            SCOPES,
            ("credited", "next", "now"),
            ("receivable", "wallet"),
            ("postpaid", "prepaid"),
        ):
            if scope in ("percent", "amount") and outcome != "credited":
                continue
            with self.subTest(
                scope=scope, outcome=outcome, settlement=settlement, mode=mode
            ):
                invoice = self._invoiced(self.tax, mode=mode)
                if mode == "prepaid":
                    self._topup(invoice.voip_account_id, 100)
                    self.env["voip.billing.document"]._settle_prepaid(invoice)
                    self.assertEqual(invoice.amount_residual, 0)
                self._check_credit(invoice, scope, outcome, settlement)

    def test_taxes_in_the_price_and_foreign_currencies_keep_the_books(self):
        included = self._included_tax()
        foreign = self.setup_other_currency("EUR")
        for taxes, currency, scope, outcome in (
            (included, self.env.company.currency_id, "percent", "credited"),
            (included, self.env.company.currency_id, "whole", "now"),
            (self.tax, foreign, "amount", "credited"),
            (self.tax, foreign, "calls", "now"),
            (included, foreign, "whole", "now"),
        ):
            with self.subTest(tax=taxes.name, currency=currency.name, scope=scope):
                values = {"currency_id": currency.id, "mode": "postpaid"}
                invoice = self._invoiced(taxes, **values)
                self.assertEqual(invoice.currency_id, currency)
                self._check_credit(invoice, scope, outcome, "receivable")

    def test_parts_never_come_to_more_than_the_line(self):
        invoice = self._invoiced()
        german, british = invoice.invoice_line_ids.sorted("name")
        self.assertEqual((german.price_unit, british.price_unit), (2.22, 1.01))
        line = [(6, 0, british.ids)]
        self._credit(invoice, scope="amount", amount=0.5, line_ids=line)
        self._credit(invoice, scope="percent", percentage=50, line_ids=line)
        for values in (
            {"scope": "amount", "amount": 0.01, "line_ids": line},
            {"scope": "amount", "amount": 2.23},
            {"scope": "percent", "percentage": 1, "line_ids": line},
            {"scope": "percent", "percentage": 1},
            {"scope": "lines", "line_ids": line},
            {"scope": "calls", "usage_ids": self._usage(invoice)[:1].ids},
        ):
            with self.subTest(values=values), self.assertRaises(UserError):
                self._credit(invoice, **values)
        self.assertEqual(self._plan(invoice), {"DE": 2.22})
        self._credit(invoice)
        with self.assertRaisesRegex(UserError, "Nothing is left"):
            self._credit(invoice)
        self.assertBooks(invoice.voip_account_id)

    def test_calls_are_credited_once_and_their_cents_never_pass_the_line(self):
        invoice = self._invoiced()
        calls = self._usage(invoice).filtered(lambda x: x.label == "UK")
        notes = [
            self._credit(invoice, scope="calls", usage_ids=call.ids).note_id
            for call in calls
        ]
        # 0.335 each: 0.34, 0.34 and what is left of 1.01.
        self.assertEqual([note.amount_total for note in notes], [0.34, 0.34, 0.33])
        with self.assertRaisesRegex(UserError, "already"):
            self._credit(invoice, scope="calls", usage_ids=calls[:1].ids)
        other = self._usage(self._invoiced())[:1]
        with self.assertRaisesRegex(UserError, "only calls"):
            self._credit(invoice, scope="calls", usage_ids=other.ids)
        shown = notes[0].with_user(self.accountant).action_voip_view_usage()
        self.assertEqual(self.env["voip.usage"].search(shown["domain"]), calls[:1])
        self.assertBooks(invoice.voip_account_id)

    def test_taxes_of_parts_never_come_to_more_than_the_invoice(self):
        for tax in (self._included_tax(), self.tax):
            invoice = self._invoiced(tax, calls=((1, "44"), (1, "49")))
            total = 0.0
            while invoice.voip_credit_count < 40:
                left = sum(self._plan(invoice).values())
                self._credit(invoice, scope="amount", amount=min(left, 0.13))
                invoice.invalidate_recordset()
                total = sum(invoice.reversal_move_ids.mapped("amount_total"))
                self.assertLessEqual(round(total, 2), invoice.amount_total)
                if left <= 0.13:
                    break
            self.assertAlmostEqual(total, invoice.amount_total, 6)
            self.assertBooks(invoice.voip_account_id)

    def test_calls_are_billed_again_at_another_price_in_one_step(self):
        invoice = self._invoiced(self.tax, mode="postpaid")
        cheap = self._create_deck(rates=_rates("0.1", "0.2"))
        values = {"outcome": "now", "deck_id": cheap.id}
        wizard = self._wizard(invoice, **values)
        moves = self.env["account.move"].search_count([])
        wizard.action_preview()
        self.assertIn("0.83", wizard.preview)  # (3 × 0.1 + 2 × 0.2) × 1.19
        self.assertIn("-", wizard.preview)
        self.assertEqual(self.env["account.move"].search_count([]), moves)
        wizard.scope = "lines"
        self.assertFalse(wizard.preview, "it was of other choices")
        wizard.scope = "whole"
        wizard.action_credit()
        credit = wizard.credit_id
        self.assertEqual(credit.again_id.amount_untaxed, 0.7)
        self.assertEqual(credit.again_id.invoice_line_ids.mapped("voip_calls"), [2, 3])
        self.assertEqual(credit.again_id.voip_span_end, date(2026, 10, 31))
        self.assertEqual(invoice.amount_residual, 0)
        account = invoice.voip_account_id
        self.assertAlmostEqual(account.wallet_id.balance, -0.83, 6)
        self.assertBooks(account)
        # What was billed again can be credited again.
        self._credit(credit.again_id, outcome="now", deck_id=self.deck.id)
        self.assertAlmostEqual(account.wallet_id.balance, -invoice.amount_total, 6)
        self.assertBooks(account)

    def test_released_calls_wait_for_the_next_invoice(self):
        invoice = self._invoiced()
        account = invoice.voip_account_id
        self._credit(invoice, outcome="next")
        self.assertAlmostEqual(account.wallet_id.unbilled, 3.227, 6)
        self.assertBooks(account)
        again = self._run(account, datetime(2026, 12, 5, 12))
        self.assertEqual(again.amount_total, invoice.amount_total)
        self.assertBooks(account)

    def test_what_was_credited_in_part_is_not_rated_again(self):
        invoice = self._invoiced()
        self._credit(invoice, scope="percent", percentage=10)
        for values in (
            {"scope": "whole"},
            {"scope": "percent", "percentage": 5},
            {"scope": "amount", "amount": 0.1},
            {"scope": "calls", "usage_ids": self._usage(invoice)[:1].ids},
        ):
            with self.subTest(values=values), self.assertRaises(UserError):
                self._credit(invoice, outcome="now", **values)
        self.assertBooks(invoice.voip_account_id)

    def test_calls_that_find_no_price_any_more_stop_the_credit(self):
        invoice = self._invoiced()
        deck = self._create_deck(rates=_rates("0.1", "0.2")[:1])
        with self.assertRaisesRegex(UserError, "2 calls cannot be rated.*no rate"):
            self._credit(invoice, outcome="now", deck_id=deck.id)
        self.assertFalse(invoice.reversal_move_ids)
        self.assertBooks(invoice.voip_account_id)

    def test_a_batch_is_undone_neither_before_nor_after_its_credit_twice(self):
        account = self._create_account(deck_id=self.deck.id)
        answer = self._calls(self._create_trunk(account), 2, "44")
        batch = self.env["voip.cdr.batch"].browse(answer["batch"])
        invoice = self._run(account)
        with self.env.cr.savepoint() as savepoint:
            batch.action_undo()
            for outcome in ("credited", "now"):
                with self.assertRaises(UserError):
                    self._credit(invoice, outcome=outcome)
            savepoint.rollback()
        self.env.invalidate_all()
        self._credit(invoice, outcome="now")
        with self.assertRaisesRegex(UserError, "credited twice"):
            batch.action_undo()
        self.assertBooks(account)

    def test_calls_of_a_sealed_month_are_taken_back_beside_what_is_sealed(self):
        invoice = self._invoiced(self.tax)
        self.env["voip.seal"]._seal(self.env.company, date(2026, 10, 1))
        sealed = invoice.invoice_line_ids.voip_summary_ids
        self.assertTrue(all(sealed.mapped("seal_id")))
        credit = self._credit(invoice, outcome="now")
        self.assertEqual(sealed.move_id, invoice)
        self.assertFalse(any(credit.note_id.line_ids.voip_summary_ids.mapped("seal_id")))
        self.assertBooks(invoice.voip_account_id)
        self.env["voip.seal"]._seal(self.env.company, date(2026, 10, 1))
        self.assertBooks(invoice.voip_account_id)

    def test_a_record_that_staff_corrected_is_rated_again_as_corrected(self):
        account = self._create_account(deck_id=self.deck.id)
        trunk = self._create_trunk(account)
        record = {
            "call_id": "corrected",
            "called": "442071234567",
            "start": "2026-10-05T10:00:00Z",
            "duration": "60",
            "trunk": "nobody",
        }
        answer = self.env["voip.cdr"].ingest(
            switch=self.switch.code, records=[record], rate_now=True
        )
        batch = self.env["voip.cdr.batch"].browse(answer["batch"])
        batch.error_ids.fix_trunk = trunk.code
        batch.error_ids.action_rate_again()
        self._calls(trunk, 1, "44")
        invoice = self._run(account)
        self.assertEqual(invoice.invoice_line_ids.voip_calls, 2)
        credit = self._credit(invoice, outcome="now")
        self.assertEqual(credit.again_id.amount_total, invoice.amount_total)
        self.assertBooks(account)

    def test_lines_of_a_sub_account_keep_their_section(self):
        account = self._create_account(deck_id=self.deck.id)
        child = self._create_account(
            partner_id=account.partner_id.id,
            parent_id=account.id,
            consolidated_billing=True,
            deck_id=self.deck.id,
        )
        self._calls(self._create_trunk(account), 1, "44")
        self._calls(self._create_trunk(child), 1, "49")
        invoice = self._run(account)
        lines = invoice.invoice_line_ids.filtered(lambda x: x.name == "DE")
        values = {"scope": "lines", "line_ids": [(6, 0, lines.ids)]}
        credit = self._credit(invoice, outcome="now", **values)
        names = [child.display_name, "DE"]
        self.assertEqual(credit.note_id.invoice_line_ids.mapped("name"), names)
        self.assertEqual(credit.again_id.invoice_line_ids.mapped("name"), ["DE"])
        self.assertBooks(account)


@tagged("post_install", "-at_install")
@freeze_time("2026-11-10 12:00:00")
class TestCreditApproval(CreditNoteCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.voip_credit_limit = 2
        cls.approver = cls._new_user("approver", "group_voip_approver")
        cls.manager = cls._new_user("manager", "group_voip_manager")

    def test_a_credit_above_the_limit_waits_for_a_second_person(self):
        invoice = self._invoiced(self.tax, mode="postpaid")
        credit = self._credit(invoice, self.manager, outcome="now")
        self.assertEqual((credit.state, credit.asked_by_id), ("waiting", self.manager))
        self.assertFalse(invoice.reversal_move_ids)
        self.assertEqual(credit.total, invoice.amount_total)
        self.assertBooks(invoice.voip_account_id)
        with self.assertRaisesRegex(UserError, "another user"):
            credit.with_user(self.manager).action_approve()
        with self.assertRaises(AccessError):
            credit.with_user(self.accountant).action_approve()
        self.assertTrue(credit.with_user(self.approver).can_decide)
        self.assertFalse(credit.with_user(self.manager).can_decide)
        credit.with_user(self.approver).action_approve()
        self.assertEqual((credit.state, credit.decided_by_id), ("done", self.approver))
        self.assertEqual(credit.note_id.amount_total, invoice.amount_total)
        with self.assertRaisesRegex(UserError, "decided already"):
            credit.with_user(self.approver).action_approve()
        trail = self.env["voip.audit"].search(
            [("res_id", "=", invoice.id), ("event", "=", "credit_note")]
        )
        self.assertEqual(trail.user_id, self.approver)
        self.assertIn(self.manager.login, trail.data)
        self.assertIn(self.approver.login, trail.data)
        self.assertBooks(invoice.voip_account_id)

    def test_small_credits_of_one_invoice_add_up_to_the_limit(self):
        invoice = self._invoiced()
        values = {"scope": "amount", "amount": 1.5}
        self.assertEqual(self._credit(invoice, **values).state, "done")
        self.assertEqual(self._credit(invoice, **values).state, "waiting")
        self.assertBooks(invoice.voip_account_id)

    def test_what_waited_too_long_credits_no_more_than_is_left(self):
        invoice = self._invoiced()
        waiting = self._credit(invoice, scope="amount", amount=3)
        self._credit(invoice, scope="amount", amount=1)
        with self.assertRaisesRegex(UserError, "left to credit"):
            waiting.with_user(self.approver).action_approve()
        self.assertEqual(waiting.state, "waiting")
        waiting.with_user(self.accountant).action_refuse()
        self.assertEqual(waiting.state, "refused")
        with self.assertRaises(UserError):
            waiting.with_user(self.approver).action_approve()
        self.assertBooks(invoice.voip_account_id)

    def test_a_credit_is_decided_by_its_buttons_only(self):
        credit = self._credit(self._invoiced())
        for user in (self.accountant, self.approver, self.manager):
            with self.subTest(user.login):
                own = credit.with_user(user)
                with self.assertRaises(AccessError):
                    own.write({"state": "done"})
                with self.assertRaises(AccessError):
                    own.copy()
                with self.assertRaises(UserError):
                    own.unlink()


@tagged("post_install", "-at_install")
@freeze_time("2026-11-10 12:00:00")
class TestCreditDoors(CreditNoteCommon):
    def test_odoos_own_reversal_leads_into_the_wizard(self):
        invoice = self._invoiced()
        own = invoice.with_user(self.accountant)
        action = own.action_reverse()
        self.assertEqual(action["res_model"], "voip.credit.wizard")
        self.assertEqual(action["context"], {"default_move_id": invoice.id})
        reversal = self.env["account.move.reversal"].with_user(self.accountant)
        context = {"active_model": "account.move", "active_ids": invoice.ids}
        with self.assertRaisesRegex(UserError, "press Credit Note"):
            reversal.with_context(**context).default_get(["move_ids"])
        values = {"move_ids": [(6, 0, invoice.ids)]}
        made = reversal.create({**values, "journal_id": invoice.journal_id.id})
        for method in ("refund_moves", "modify_moves", "reverse_moves"):
            with self.assertRaisesRegex(UserError, "press Credit Note"):
                getattr(made, method)()

    def test_a_credit_note_of_usage_stays_as_posted(self):
        note = self._credit(self._invoiced()).note_id.with_user(self.accountant)
        for attempt in ("button_draft", "button_cancel", "action_reverse"):
            with self.subTest(attempt), self.assertRaises(UserError):
                getattr(note, attempt)()
        self.assertFalse(note.show_reset_to_draft_button)
        for record, values in (
            (note, {"voip_span_end": False}),
            (note, {"voip_credit_id": False}),
            (note.invoice_line_ids, {"voip_credited_line_id": False}),
        ):
            with self.subTest(values=values), self.assertRaises(AccessError):
                record.write(values)

    def test_an_accountant_without_voip_groups_credits_and_rates_nothing_again(self):
        invoice = self._invoiced(self.tax)
        user = new_test_user(
            self.env,
            login="credit_plain",
            groups="account.group_account_invoice",
            company_id=self.env.company.id,
        )
        with self.assertRaises(AccessError):
            self._credit(invoice, user, outcome="now")
        self.assertEqual(self._credit(invoice, user).state, "done")
        self.assertBooks(invoice.voip_account_id)

    def test_a_wizard_is_private_and_of_its_company(self):
        invoice = self._invoiced()
        wizard = self._wizard(invoice)
        other = self._new_user("other", "group_voip_admin")
        for attempt in ("action_credit", "action_preview"):
            with self.subTest(attempt), self.assertRaises(AccessError):
                getattr(wizard.with_user(other), attempt)()
        company = self.setup_other_company()["company"]
        stranger = new_test_user(
            self.env,
            login="credit_stranger",
            groups="voip_billing_base.group_voip_admin",
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )
        with self.assertRaises(AccessError):
            self._credit(invoice, stranger)
        viewer = self._new_user("viewer", "group_voip_viewer")
        with self.assertRaises(AccessError):
            self._credit(invoice, viewer)

    def test_a_second_click_finds_the_credit_of_the_first(self):
        invoice = self._invoiced()
        wizard = self._wizard(invoice, scope="amount", amount=1)
        action = wizard.action_credit()
        self.assertEqual(wizard.action_credit()["res_id"], action["res_id"])
        self.assertEqual(len(invoice.reversal_move_ids), 1)

    def test_chosen_calls_open_the_wizard(self):
        invoice = self._invoiced()
        calls = self._usage(invoice)[:2].with_user(self.accountant)
        context = calls.action_credit()["context"]
        self.assertEqual(context["default_move_id"], invoice.id)
        self.assertEqual(context["default_usage_ids"], calls.ids)
        both = calls | self._usage(self._invoiced())[:1].with_user(self.accountant)
        with self.assertRaisesRegex(UserError, "one usage invoice"):
            both.action_credit()

    def test_the_wizard_says_what_is_credited_or_what_is_in_the_way(self):
        invoice = self._invoiced()
        wizard = self._wizard(invoice, scope="percent", percentage=50)
        self.assertEqual((wizard.planned, wizard.problem), (1.62, False))
        wizard.scope = "lines"
        self.assertEqual(wizard.problem, "Choose the lines to credit.")

    def test_the_paper_of_a_credit_note_names_calls_period_and_reason(self):
        note = self._credit(self._invoiced(self.tax)).note_id
        html, _kind = self.env["ir.actions.report"]._render_qweb_html(
            "account.account_invoices", note.ids, {"report_type": "pdf"}
        )
        page = html.decode()
        for words in ("Wrong rate", "10/31/2026", "0.3350", "1.1110", "Minutes"):
            self.assertIn(words, page)
