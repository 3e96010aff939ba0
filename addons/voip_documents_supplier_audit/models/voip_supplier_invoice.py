"""Files of an audited invoice by their templates; the letter's way to the supplier."""

from datetime import UTC
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.voip_documents.models.way_on import leads_to_template

from .facts import REFUSED
from .supplier_kind import DECIDED


class VoipSupplierInvoice(models.Model):
    _name = "voip.supplier.invoice"
    _inherit = ["voip.supplier.invoice", "voip.mailed"]

    _delivery_field = "supplier_invoice_id"

    has_refused = fields.Boolean(
        compute="_compute_has_refused", help="A line is disputed or rejected."
    )

    # === COMPUTE METHODS === #

    @api.depends("line_ids.decision")
    def _compute_has_refused(self):
        mine = [("invoice_id", "in", self.ids), ("decision", "in", REFUSED)]
        found = self.env["voip.supplier.invoice.line"]._read_group(mine, ["invoice_id"])
        refused = {invoice.id for [invoice] in found}
        for invoice in self:
            invoice.has_refused = invoice._origin.id in refused

    # === ACTION METHODS === #

    def action_make_variance_report(self):
        """Make PDF, XLSX and CSV of the comparison, keep them, and show them."""
        return self._make_documents("variance")

    def action_make_dispute_letter(self):
        """Make PDF, XLSX and CSV of what is not accepted, keep them, and show them."""
        return self._make_documents("dispute")

    @leads_to_template
    def action_send_dispute_letter(self):
        """Make the letter and put it into the outbox, for the supplier.

        :raises UserError: the invoice is not decided, or nobody receives it
        """
        self.env["voip.delivery"].check_access("write")
        self.env["voip.document"].check_access("create")
        self.check_access("read")
        self.ensure_one()
        if self.state not in DECIDED:
            raise UserError(
                self.env._(
                    "Invoice %s is not decided: decide it before the letter leaves.",
                    self.number,
                )
            )
        self.env["voip.delivery"]._queue_dispute(self)
        return self._shown_deliveries()

    def action_view_deliveries(self):
        return self._shown_deliveries()

    # === BUSINESS METHODS === #

    @leads_to_template
    def _make_documents(self, kind):
        documents = self.env["voip.document"]
        documents.check_access("create")
        self.check_access("read")
        self.ensure_one()
        subject = self.env["voip.document.kind"]._of(kind)._of_invoice(self)
        documents = documents._made_all(kind, subject)
        return documents._shown([("id", "in", documents.ids)])

    def _decided_on(self):
        """The day of the decision in the invoice's zone as ISO text; "" without one."""
        if not self.decided_at:
            return ""
        local = self.decided_at.replace(tzinfo=UTC).astimezone(ZoneInfo(self.tz))
        return local.date().isoformat()


    def _dispute_contacts(self):
        """The supplier's addresses for invoices, else the supplier."""
        children = self.partner_id.child_ids.filtered(
            lambda one: one.type == "invoice" and one.email
        )
        return children or self.partner_id
