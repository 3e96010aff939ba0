"""Invoices to make documents of."""

from odoo.tests import new_test_user

from odoo.addons.voip_billing_base.tests.browser import whole_console
from odoo.addons.voip_billing_base.tests.common import VoipBillingCommon

from ..engine import pool


class DocumentCommon(VoipBillingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.addClassCleanup(pool.shared().close)
        cls.account = cls._create_account(mode="postpaid")
        cls.invoice = cls._create_invoice(cls.account)

    @classmethod
    def _create_invoice(cls, account, lines=None, move_type="out_invoice", **values):
        """A posted document with a section, two lines and a note."""
        tax = cls.company_data["default_tax_sale"]
        lines = lines or [
            {"display_type": "line_section", "name": "Head <office>"},
            {"name": "=Fee & more", "quantity": 3, "price_unit": 19.995},
            {"name": "Trunk", "quantity": 1, "price_unit": 1234.5},
            {"display_type": "line_note", "name": "A note"},
        ]
        plain = {"tax_ids": [(6, 0, tax.ids)]}
        commands = [
            (0, 0, line if "display_type" in line else {**plain, **line})
            for line in lines
        ]
        move = cls.env["account.move"].create(
            {
                "move_type": move_type,
                "partner_id": account.partner_id.id,
                "voip_account_id": account.id,
                "invoice_date": "2026-01-31",
                "invoice_line_ids": commands,
                **values,
            }
        )
        move.action_post()
        return move

    @classmethod
    def _create_template(cls, **values):
        return cls.env["voip.document.template"].create({"name": "Own", **values})

    def _data(self, move=None):
        """What documents of an invoice or credit note are made of."""
        move = move or self.invoice
        kind = "invoice" if move.move_type == "out_invoice" else "credit_note"
        kind = self.env["voip.document.kind"]._of(kind)
        return kind._data(kind._of_move(move))

    def _render(self, format_="pdf", move=None, **values):
        move = move or self.invoice
        kind = "invoice" if move.move_type == "out_invoice" else "credit_note"
        return self.env["voip.document"].render(kind, move.name, format_, **values)

    def _edit_by_tour(self, template, tour):
        """A manager opens ``template`` in a browser and does what ``tour`` says."""
        user = new_test_user(
            self.env,
            "template-manager",
            groups="voip_billing_base.group_voip_manager,account.group_account_invoice",
            company_id=self.env.company.id,
            company_ids=[(6, 0, self.env.company.ids)],
        )
        action = "voip_documents.voip_document_template_action"
        with whole_console():
            self.start_tour(
                f"/odoo/action-{action}/{template.id}",
                tour,
                login=user.login,
                timeout=120,
            )
        template.invalidate_recordset()
