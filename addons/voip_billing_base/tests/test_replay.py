"""A click whose answer was lost is sent again: what it did is done once."""

from odoo.exceptions import UserError
from odoo.tests import HttpCase, JsonRpcException, tagged
from odoo.tools import mute_logger

from .books_common import BooksCommon


@tagged("post_install", "-at_install")
class TestReplay(BooksCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.write({"login": "replay", "password": "replay-the-click"})

    def setUp(self):
        super().setUp()
        self.authenticate("replay", "replay-the-click")
        self.env.flush_all()

    def _call(self, model, method, *args, **context):
        company = self.env.company
        context = {"allowed_company_ids": company.ids, **context}
        return self.make_jsonrpc_request(
            f"/web/dataset/call_kw/{model}/{method}",
            {
                "model": model,
                "method": method,
                "args": args,
                "kwargs": {"context": context},
            },
            timeout=120,
        )

    def _click(self, model, method, values, **context):
        """Save a dialog and press its button twice; both answers."""
        number = self._call(model, "create", values, **context)
        answers = [self._call(model, method, [number]) for _click in range(2)]
        self.env.invalidate_all()
        return answers

    def _payments(self):
        return self.env["account.payment"].search(
            [("partner_id", "=", self.customer.id)]
        )

    def test_register_payment_pays_once_and_opens_what_it_paid(self):
        account = self._account()
        moves = self._invoice(100) | self._invoice(60)
        for grouped, count in ((True, 1), (False, 2)):
            with self.subTest(grouped=grouped):
                before = self._payments()
                answers = self._click(
                    "account.payment.register",
                    "action_create_payments",
                    {"payment_date": str(self._day), "group_payment": grouped},
                    active_model="account.move",
                    active_ids=moves.ids,
                )
                self.assertEqual(answers[0], answers[1])
                made = self._payments() - before
                self.assertEqual(len(made), count)
                if count == 1:
                    self.assertEqual(answers[1]["res_id"], made.id)
                self.assertEqual(moves.mapped("amount_residual"), [0, 0])
                self.assertWallets((account, 0))
            moves = self._invoice(100) | self._invoice(60)
        self.assertWallets((account, -160))

    def test_what_a_payment_register_has_paid_is_not_told_to_it(self):
        self._account()
        invoice = self._invoice(100)
        payment = self._loose(1)
        wizard = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        )
        register = wizard.create({"payment_date": self._day})
        with self.assertRefused(Exception, "voip_payment_ids"):
            register.write({"voip_payment_ids": [(6, 0, payment.ids)]})

    def test_a_top_up_is_made_once(self):
        account = self._account()
        values = {
            "account_id": account.id,
            "amount": 25,
            "journal_id": self.bank.id,
        }
        answers = self._click("voip.topup.wizard", "action_topup", values)
        self.assertEqual(len(self._payments()), 1)
        self.assertEqual(answers[1]["res_id"], self._payments().id)
        self.assertWallets((account, 25))

    def _dialogs(self, account, invoice):
        """(model, button, values, other values, context) of dialogs about money."""
        values = {"account_id": account.id, "amount": 10, "journal_id": self.bank.id}
        yield "voip.topup.wizard", "action_topup", values, {"amount": 25}, {}
        values = {"payment_date": str(self._day), "amount": 30}
        context = {"active_model": "account.move", "active_ids": invoice.ids}
        model, button = "account.payment.register", "action_create_payments"
        yield model, button, values, {"amount": 40}, context
        values = {
            "account_ids": [(6, 0, account.ids)],
            "state": "blocked",
            "reason": "Fraud",
        }
        model = "voip.account.state.wizard"
        yield model, "action_apply", values, {"state": "active"}, {}

    def test_other_figures_in_a_dialog_that_is_done_are_refused_and_say_why(self):
        account = self._account()
        for model, method, values, change, context in self._dialogs(
            account, self._invoice(100)
        ):
            with self.subTest(model):
                number = self._call(model, "create", values, **context)
                self._call(model, method, [number])
                paid = self._payments()
                refused = self.assertRefused(JsonRpcException, "UserError")
                with mute_logger("odoo.http"), refused:
                    self._call(model, "web_save", [number], change, {})
                self.env.invalidate_all()
                dialog = self.env[model].browse(number)
                with self.assertRefused(UserError, "has done its work already: .+ "):
                    dialog.write(change)
                self.assertEqual(self._payments(), paid)
        self.assertEqual(account.state, "blocked")
        self.assertEqual(sorted(self._payments().mapped("amount")), [10, 30])

    def test_an_account_is_closed_and_paid_back_once(self):
        account = self._account()
        self._loose(40)
        before = self._payments()
        answers = self._click(
            "voip.account.state.wizard",
            "action_apply",
            {
                "account_ids": [(6, 0, account.ids)],
                "state": "closed",
                "reason": "Contract ended",
                "money": "refund",
                "journal_id": self.bank.id,
            },
        )
        made = self._payments() - before
        self.assertEqual(len(made), 1)
        self.assertEqual([answer["res_id"] for answer in answers], [made.id] * 2)
        self.assertWallets((account, 0))
        event = [("event", "=", "account_state"), ("res_id", "=", account.id)]
        self.assertEqual(self.env["voip.audit"].search_count(event), 1)
