"""Invoice lines that add up rated usage."""

from odoo import api, fields, models

from ..const import MONEY, PRICE
from ..fields import Amount, BigInteger, ExactFloat


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    voip_service_id = fields.Many2one("voip.service", string="Service", copy=False)
    voip_calls = BigInteger(
        string="Calls of Usage",
        copy=False,
        help="Sum of the usage summaries, below zero where calls were taken back.",
    )
    voip_seconds = BigInteger(string="Billed Seconds", copy=False)
    voip_counted = BigInteger(
        string="Calls",
        compute="_compute_voip_counted",
        help="Calls as the document counts them: a credit note counts what it credits.",
    )
    voip_minutes = fields.Float(
        string="Minutes", digits=(16, 2), compute="_compute_voip_counted"
    )
    voip_rate = ExactFloat(
        string="Rate",
        **PRICE,
        copy=False,
        help="Price per minute or unit.",
    )
    voip_amount = Amount(
        string="Exact Amount",
        **MONEY,
        copy=False,
        help="Exact sum of the usage; the line shows it rounded once.",
    )
    voip_late = fields.Boolean(
        string="Late",
        copy=False,
        help="Usage of an earlier period that arrived after its invoice.",
    )
    voip_summary_ids = fields.One2many(
        "voip.usage.summary",
        "move_line_id",
        string="Usage Summaries",
        groups="voip_billing_base.group_voip_viewer",
    )

    @api.depends("voip_calls", "voip_seconds", "move_id.move_type")
    def _compute_voip_counted(self):
        for line in self:
            sign = -1 if line.move_id.move_type == "out_refund" else 1
            line.voip_counted = sign * line.voip_calls
            line.voip_minutes = sign * line.voip_seconds / 60.0

    def _voip_rate_text(self):
        """The rate with the decimals it has, four at least.

        The currency follows where the deck counts in another than the document.
        """
        self.flush_recordset(["voip_rate"])
        self.env.cr.execute(RATE_SQL, [self.id])
        text = self.env.cr.fetchone()[0].rstrip("0")
        whole, _point, decimals = text.partition(".")
        text = f"{whole}.{decimals.ljust(4, '0')}"
        self.env.cr.execute(RATE_CURRENCY_SQL, [self.id])
        currency = self.env["res.currency"].browse(self.env.cr.fetchone())
        if currency and currency != self.currency_id:
            text += f" {currency.name}"
        return text

    # === ACTION METHODS === #

    def action_voip_view_usage(self):
        """The calls behind this line, one click away."""
        return self._voip_usage_action()

    def _voip_usage_action(self):
        self.check_access("read")
        summaries = self.voip_summary_ids
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "voip_billing_base.voip_usage_action"
        )
        action["domain"] = [("summary_id", "in", summaries.ids)]
        action["context"] = {}
        return action


# A float cannot hold every price.
RATE_SQL = """
SELECT COALESCE(voip_rate, 0)::numeric(18, 8)::text FROM account_move_line WHERE id = %s
"""
RATE_CURRENCY_SQL = """
SELECT deck_currency_id FROM voip_usage_summary
 WHERE move_line_id = %s AND deck_currency_id IS NOT NULL LIMIT 1
"""
