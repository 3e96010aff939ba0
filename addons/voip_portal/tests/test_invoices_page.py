"""The customer sees his invoices, and pays several of them at once."""

from odoo.tests import tagged
from odoo.tools import mute_logger

from .portal_common import PortalCommon


class InvoicesCommon(PortalCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.provider.is_published = True
        cls.invoices = cls._invoice(cls.account, 30) | cls._invoice(cls.account, 12.5)
        cls.foreign_invoice = cls._invoice(cls.foreign, 99)

    @classmethod
    def _invoice(cls, account, amount, kind="out_invoice"):
        move = cls.env["account.move"].create(
            {
                "move_type": kind,
                "partner_id": account.partner_id.id,
                "voip_account_id": account.id,
                "invoice_date": "2026-01-31",
                "currency_id": account.currency_id.id,
                "invoice_line_ids": [
                    (0, 0, {"name": "Calls", "price_unit": amount, "tax_ids": []})
                ],
            }
        )
        move.action_post()
        return move

    def setUp(self):
        super().setUp()
        self._login()


@tagged("post_install", "-at_install")
class TestInvoicesPage(InvoicesCommon):
    def _path(self, *moves):
        ids = "".join(f"&invoice={move.id}" for move in moves)
        return f"/invoices/pay?account=auto-1{ids}"

    def test_his_invoices_and_nobody_elses_are_listed(self):
        note = self._invoice(self.account, 5, "out_refund")
        text = self._get("/invoices?account=auto-1").text.replace("\ufeff", "")
        for move in self.invoices | note:
            self.assertIn(move.name, text)
        self.assertIn("-5.00", text)
        self.assertNotIn(f'value="{self.foreign_invoice.id}"', text)
        self.assertNotIn("99.00", text)
        self.invoices[0]._reverse_moves(cancel=True)
        text = self._get("/invoices?account=auto-1&only=open").text
        self.assertNotIn(f">{self.invoices[0].name}<", text)
        self.assertIn(self.invoices[1].name, text)
        self.assertIn("no invoice here yet", self._get("/invoices?account=SECOND").text)

    def test_several_are_paid_at_once(self):
        form = self._form(self._path(*self.invoices))
        self.assertEqual(float(form["data-amount"]), 42.5)
        self.assertNotIn("error", self._pay(form, flow="token", token_id=self.token.id))
        transaction = self.env["payment.transaction"].sudo().search(
            [("invoice_ids", "in", self.invoices.ids)]
        )
        self.assertEqual(transaction.invoice_ids, self.invoices)
        transaction._post_process()
        self.assertEqual(self.invoices.mapped("amount_residual"), [0, 0])
        page = self._get(f"/invoices?account=auto-1&reference={transaction.reference}")
        self.assertIn("was paid", page.text)
        # What is paid is not offered once more.
        self.assertEqual(self._get(self._path(self.invoices[0])).status_code, 404)
        self._login("stranger")
        for account in ("CANARY", "auto-1"):
            path = f"/invoices?account={account}&reference={transaction.reference}"
            self.assertEqual(self._get(path).status_code, 404)
        self.assertWhole()

    def test_what_is_not_his_is_neither_shown_nor_paid(self):
        note = self._invoice(self.account, 5, "out_refund")
        draft = self.invoices[0].copy()
        for move in (self.foreign_invoice, note, draft, draft.browse(2**30)):
            path = self._path(self.invoices[0], move)
            self.assertEqual(self._get(path).status_code, 404)
        for text in ("x", "-1", "1 or 1=1", "9" * 12):
            path = f"/invoices/pay?account=auto-1&invoice={text}"
            self.assertEqual(self._get(path).status_code, 404)
        for move in (self.foreign_invoice, draft, draft.browse(2**30)):
            path = f"/invoices/{move.id}/pdf?account=auto-1"
            self.assertEqual(self._get(path).status_code, 404)
        self.assertIn("Choose one to", self._get(self._path()).text)

    @mute_logger("odoo.http")
    def test_a_form_that_was_changed_pays_nothing(self):
        form = self._form(self._path(*self.invoices))
        route = form["data-transaction-route"]
        first, second = self.invoices.ids
        for changes in (
            {"amount": 1.0},
            {"partner_id": self.stranger.partner_id.id},
            {"access_token": "x"},
            {"custom_create_values": {"invoice_ids": []}},
            {"route": route.replace(f"-{second}", "")},
            {"route": route.replace(str(first), str(self.foreign_invoice.id))},
            {"route": route.replace("auto-1", "CANARY")},
            {"route": route.replace("auto-1", "SECOND")},
        ):
            with self.subTest(changes):
                self.assertIn("error", self._pay(form, **changes))
        found = [("invoice_ids", "in", self.invoices.ids)]
        self.assertFalse(self.env["payment.transaction"].sudo().search(found))

    def test_a_reader_sees_no_way_to_pay(self):
        self.account.right_ids = [
            (0, 0, {"partner_id": self.user.partner_id.id, "right": "reader"})
        ]
        text = self._get("/invoices?account=auto-1").text
        self.assertIn(self.invoices[0].name, text)
        self.assertNotIn("checkbox", text)
        self.assertEqual(self._get(self._path(self.invoices[0])).status_code, 404)

    def test_the_paper_of_an_invoice_is_a_file(self):
        move = self.invoices[0]
        files = self._get("/invoices?account=auto-1").text
        address = f"/my/voip/invoices/{move.id}/"
        self.assertIn(address, files)
