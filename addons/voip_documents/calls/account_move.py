"""The calls of an invoice leave as a file."""

from odoo import fields, models
from odoo.exceptions import UserError

from odoo.addons.voip_billing_base.models.voip_guard import one

from ..engine.cells import file_name
from . import calls_file

# More rows come zipped: a mail and a spreadsheet would not take them otherwise.
PLAIN_ROWS = 100_000


class AccountMove(models.Model):
    _inherit = "account.move"

    voip_has_calls = fields.Boolean(compute="_compute_voip_has_calls")

    def _compute_voip_has_calls(self):
        for move in self:
            move.voip_has_calls = bool(move.sudo().voip_period_end)

    def action_voip_download_calls(self):
        """The calls as CSV, zipped where they are many; Parquet by the context."""
        self._voip_calls_summaries()
        format_ = "parquet" if self.env.context.get("kind") == "parquet" else "csv"
        return {
            "type": "ir.actions.act_url",
            "url": f"/voip/invoice/{self.id}/calls/{format_}",
            "target": "self",
        }

    def _voip_calls_summaries(self):
        """The summaries whose usage the user may read.

        :raises UserError: there are none
        """
        self.check_access("read")
        one(self)
        self.env["voip.usage"].check_access("read")
        ids = self.sudo().invoice_line_ids.voip_summary_ids.ids
        summaries = self.env["voip.usage.summary"].search([("id", "in", ids)])
        if not summaries:
            raise UserError(
                self.env._("There are no calls behind %s.", self.display_name)
            )
        return summaries

    def _voip_calls_file(self, format_):
        """(file name, format, open file, size, SHA-256) of the calls."""
        summaries = self._voip_calls_summaries()
        rows = sum(summaries.mapped("attempts"))
        if format_ == "csv" and rows > PLAIN_ROWS:
            format_ = "zip"
        days = summaries.mapped("local_day")
        tz = self.sudo().voip_account_id.tz or "UTC"
        self.env.flush_all()
        cr = self.env.cr
        sql = calls_file.query(cr, summaries.ids, min(days), max(days), tz)
        name = file_name(f"{self.name} calls", format_)
        stem = name.removesuffix(f".{format_}")
        return name, format_, *calls_file.write(cr, sql, format_, stem)
