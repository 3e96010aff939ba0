"""What is decided stays as it is."""

from odoo import models
from odoo.exceptions import UserError

from .voip_supplier_invoice import OPEN_STATES


class VoipSupplierInvoice(models.Model):
    _inherit = "voip.supplier.invoice"

    def _stay_open(self):
        """Refuse what is decided, and have a decision of this moment begin again.

        The invoice is written, not only locked: who decides, and has read its lines
        already, would not see what changes now.

        :raises UserError: as :meth:`_refuse_decided`
        """
        self._refuse_decided()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE voip_supplier_invoice SET write_uid = write_uid WHERE id = ANY(%s)",
            [self.ids],
        )

    def _refuse_decided(self):
        """:raises UserError: the invoice is decided, or waits for approval"""
        states = dict(self._fields["state"]._description_selection(self.env))
        for invoice in self.sudo():
            if invoice.state not in OPEN_STATES:
                raise UserError(
                    self.env._(
                        "Invoice %(number)s is %(state)s: what was decided stays.",
                        number=invoice.number,
                        state=states[invoice.state].lower(),
                    )
                )
            if invoice.waits_approval:
                raise UserError(
                    self.env._(
                        "Invoice %(number)s waits for approval: take its decision back"
                        " before you change it.",
                        number=invoice.number,
                    )
                )
