"""Who credits, who approves, and which ways lead there."""

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import html2plaintext

from .credit_common import CreditNoteCommon, credit_rates


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

    def test_a_reason_is_text_in_the_activity(self):
        invoice, reason = self._invoiced(), "<b>Out</b> <img src=x> & about"
        self._credit(invoice, scope="amount", amount=3, reason=reason)
        self.assertTrue(invoice.activity_ids)
        for note in invoice.activity_ids.mapped("note"):
            self.assertNotIn("<b>", note)
            self.assertIn(reason, html2plaintext(note))

    def test_what_waits_is_not_asked_for_again(self):
        invoice = self._invoiced()
        german = invoice.invoice_line_ids.filtered(lambda x: x.name == "DE")
        waiting = self._credit(invoice, scope="amount", amount=3, reason="Outage")
        self.assertEqual(waiting.state, "waiting")
        for values in (
            {},
            {"scope": "amount", "amount": 2.5},
            {"scope": "percent", "percentage": 95},
            {"scope": "lines", "line_ids": [(6, 0, german.ids)]},
        ):
            with self.subTest(values=values):
                wizard = self._wizard(invoice, **values)
                self.assertIn("“Outage” of", wizard.problem)
                with self.assertRefused(UserError, "waits for approval.*Outage"):
                    wizard.action_credit()
        waiting.with_user(self.accountant).action_refuse()
        wizard = self._wizard(invoice)
        self.assertFalse(wizard.problem)
        self.assertIn("until another user approves", wizard.waits_text)
        self.assertEqual(self._credit(invoice).state, "waiting")
        self.assertBooks(invoice.voip_account_id)

    def test_two_may_wait_for_what_a_line_has_left(self):
        self.env.company.voip_credit_limit = 0.01
        invoice = self._invoiced()
        first, second = (
            self._credit(invoice, scope="amount", amount=amount)
            for amount in (2.00, 1.23)
        )
        self.assertEqual({first.state, second.state}, {"waiting"})
        with self.assertRefused(UserError, "waits for approval"):
            self._credit(invoice, scope="amount", amount=0.05)
        for credit in (second, first):
            credit.with_user(self.approver).action_approve()
        self.assertEqual(
            sum(invoice.reversal_move_ids.mapped("amount_total")), invoice.amount_total
        )
        self.assertBooks(invoice.voip_account_id)

    def test_a_call_waits_once(self):
        self.env.company.voip_credit_limit = 0.01
        invoice = self._invoiced()
        calls = self._usage(invoice).ids
        self._credit(invoice, scope="calls", usage_ids=calls[:2])
        with self.assertRefused(UserError, "call waits for approval already"):
            self._credit(invoice, scope="calls", usage_ids=calls[1:2])
        self._credit(invoice, scope="calls", usage_ids=calls[2:3])

    def test_who_approves_sees_what_it_makes(self):
        invoice = self._invoiced(self.tax, mode="postpaid")
        cheap = self._create_deck(rates=credit_rates("0.1", "0.2"))
        credit = self._credit(invoice, outcome="now", deck_id=cheap.id)
        own = credit.with_user(self.approver)
        self.assertEqual((own.net, own.tax, own.total), (3.23, 0.61, 3.84))
        words = (
            "Rated again and invoiced at once",
            "Pays what is open",
            "UK",
            "3.23",
            "0.61",
            "3.84",
            "0.83",
            "Wallet of",
            "Wallet afterwards",
        )
        for word in words:
            self.assertIn(word, own.preview)
        self._topup(invoice.voip_account_id, 50)
        self.assertNotIn("46.16", own.preview)
        own.action_preview()
        self.assertIn("46.16", own.preview)
        self.assertIn("49.17", own.preview)
        self.assertEqual(own.state, "waiting")
        self.assertFalse(invoice.reversal_move_ids)
        with self.assertRaises(AccessError):
            credit.with_user(self.accountant).action_preview()
        own.action_approve()
        self.assertEqual((own.net, own.total), (3.23, 3.84))
        with self.assertRaisesRegex(UserError, "decided already"):
            own.action_preview()
        self.assertBooks(invoice.voip_account_id)

    def test_what_waited_too_long_credits_no_more_than_is_left(self):
        invoice = self._invoiced()
        waiting = self._credit(invoice, scope="amount", amount=3)
        # The calls to DE.
        self.env["voip.cdr.batch"].search([], order="id desc", limit=1).action_undo()
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
        choices = self._choices(user)
        self.assertEqual(choices["scope"], ["whole", "lines", "percent", "amount"])
        self.assertEqual(choices["outcome"], ["credited"])
        choices = self._choices(self.accountant)
        self.assertIn("calls", choices["scope"])
        self.assertEqual(choices["outcome"], ["credited", "next", "now"])
        with self.assertRaises(AccessError):
            self._credit(invoice, user, outcome="now")
        wizard = self._wizard(invoice, user)
        wizard.action_preview()
        self.assertNotIn("Wallet", wizard.preview)
        self.assertEqual(self._credit(invoice, user).state, "done")
        self.assertBooks(invoice.voip_account_id)

    def _choices(self, user):
        """{field: values} that the wizard offers."""
        wizard = self.env["voip.credit.wizard"].with_user(user)
        fields = wizard.get_views([(False, "form")])["models"][wizard._name]["fields"]
        return {
            name: [value for value, _label in fields[name]["selection"]]
            for name in ("scope", "outcome")
        }

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
        half = {"scope": "percent", "percentage": 50}
        for tax, values in (
            (self.tax, {}),
            (self.tax, half),
            (self._included_tax(), half),
        ):
            taxed = self._invoiced(tax)
            wizard = self._wizard(taxed, **values)
            sums = (wizard.planned_net, wizard.planned_tax, wizard.planned)
            note = self._credit(taxed, **values).note_id
            said = (note.amount_untaxed, note.amount_tax, note.amount_total)
            self.assertEqual([round(x, 6) for x in sums], [round(x, 6) for x in said])
        wizard.scope = "lines"
        self.assertEqual(wizard.problem, "Choose the lines that it is about.")

    def test_the_paper_of_a_credit_note_names_calls_period_and_reason(self):
        note = self._credit(self._invoiced(self.tax)).note_id
        html, _kind = self.env["ir.actions.report"]._render_qweb_html(
            "account.account_invoices", note.ids, {"report_type": "pdf"}
        )
        page = html.decode()
        for words in ("Wrong rate", "10/31/2026", "0.3350", "1.1110", "Minutes"):
            self.assertIn(words, page)
