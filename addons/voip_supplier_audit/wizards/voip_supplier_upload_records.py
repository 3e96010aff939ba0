"""Call records of a supplier's invoice from a file."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.voip_billing_base.notice import notice
from odoo.addons.voip_billing_base.reader.workbook import BadFile

from .voip_supplier_upload import content_of, of_another

SHOWN = 5


class VoipSupplierUploadRecords(models.TransientModel):
    """Reads a file in any format of call records, and what each call costs."""

    _name = "voip.supplier.upload.records"
    _inherit = ["voip.guard"]
    _description = "Supplier's Call Records from a File"

    invoice_id = fields.Many2one("voip.supplier.invoice", required=True)
    file = fields.Binary(
        string="File", required=True, help="CSV, TXT, JSON, also in gzip, or XLSX."
    )
    file_name = fields.Char()
    format_id = fields.Many2one(
        "voip.cdr.format", help="What the file is. Empty: generic, as in the API."
    )
    amount_name = fields.Char(
        string="Column of Amounts", required=True, default="amount"
    )
    rate_name = fields.Char(string="Column of Rates", default="rate")
    prefix_name = fields.Char(string="Column of Codes", default="prefix")
    warning = fields.Char(compute="_compute_warning")

    # === COMPUTE METHODS === #

    @api.depends("file", "invoice_id")
    def _compute_warning(self):
        for wizard in self:
            wizard.warning = of_another(wizard)

    # === ACTION METHODS === #

    def action_read(self):
        """Take the records in and say how many."""
        self._voip_use()
        self.ensure_one()
        invoice = self.invoice_id
        invoice.check_access("write")
        invoice._lock()
        invoice._refuse_decided()
        try:
            result, stored, duplicates = invoice.sudo()._take_file(
                content_of(self),
                self.file_name or "",
                self.format_id._compiled() if self.format_id else None,
                {
                    "amount": self.amount_name,
                    "rate": self.rate_name,
                    "prefix": self.prefix_name,
                },
                self.format_id.tz,
            )
        except BadFile as error:
            raise UserError(
                self.env._(
                    "%(file)s: %(why)s. Mend the file and upload it again.",
                    file=self.file_name or self.env._("The file"),
                    why=str(error),
                )
            ) from error
        return notice(
            self._told(result, stored, duplicates),
            "warning" if result.faulty else "success",
        )

    def _told(self, result, stored, duplicates):
        """A sentence about what was read."""
        text = self.env._(
            "%(stored)s records taken, %(duplicates)s were there, %(faulty)s refused.",
            stored=stored,
            duplicates=duplicates,
            faulty=result.faulty,
        )
        reasons = [
            self.env._("Line %(line)s: %(why)s.", line=line, why=why)
            for line, why in result.faults[:SHOWN]
        ]
        return " ".join([text, *reasons])
