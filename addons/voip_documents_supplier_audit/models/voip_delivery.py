"""Dispute letters go out by the outbox."""

from odoo import api, fields, models

TEXT = "voip_documents_supplier_audit.mail_template_dispute_letter"


class VoipDelivery(models.Model):
    _inherit = "voip.delivery"

    kind = fields.Selection(
        selection_add=[("dispute", "Dispute Letter")],
        ondelete={"dispute": lambda mails: mails._leave_kind()},
    )
    supplier_invoice_id = fields.Many2one(
        "voip.supplier.invoice",
        readonly=True,
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
    )

    _once_dispute = models.UniqueIndex(
        "(supplier_invoice_id, lang) WHERE supplier_invoice_id IS NOT NULL"
        " AND resend_of_id IS NULL AND state <> 'cancelled'",
        "The dispute of this invoice has a mail already: send that one again.",
    )

    # === BUSINESS METHODS === #

    @api.model
    def _queue_dispute(self, invoice):
        """Mails of a decided invoice's letter, with its files.

        :raises UserError: nobody receives it, or it is queued already
        """
        account = self.env["voip.account"]
        about = {"supplier_invoice_id": invoice.id}
        self._refuse_queued("dispute", invoice.company_id, account, about)
        people = self._reachable(
            invoice.company_id, invoice._dispute_contacts(), invoice
        )
        kind = self.env["voip.document.kind"]._of("dispute")
        files = self.env["voip.document"]._made_all(
            "dispute", kind._of_invoice(invoice)
        )
        values = {
            "company_id": invoice.company_id.id,
            "partner_id": invoice.partner_id.id,
            "document_ids": [(6, 0, files.ids)],
            **about,
        }
        return self._queue_mails("dispute", people, values)

    def _text(self):
        return (TEXT, self) if self.kind == "dispute" else super()._text()

    def _overtaken(self):
        invoice = self.supplier_invoice_id
        if invoice.state != "settled":
            return super()._overtaken()
        return self.env._(
            "Invoice %s is settled: this mail does not go.", invoice.number
        )

    def _again(self):
        return {**super()._again(), "supplier_invoice_id": self.supplier_invoice_id.id}

    def _document_name(self):
        return self.supplier_invoice_id.number or super()._document_name()
