"""Invoice lines that add up rated usage."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..const import MONEY, PRICE
from ..fields import Amount, BigInteger, ExactFloat

OWN = (
    "voip_ledger_amount",
    "voip_value",
    "voip_calls",
    "voip_seconds",
    "voip_rate",
    "voip_amount",
)
FROZEN = {"price_unit", "quantity", "discount", "product_id", "currency_id"}


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

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._voip_refuse_own(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._voip_refuse_own(vals)
        if FROZEN & vals.keys():
            self._voip_refuse_change()
        return super().write(vals)

    @api.model
    def _voip_refuse_own(self, vals):
        """What usage and wallets say is not typed in."""
        if not self.env.su and any(vals.get(name) for name in OWN):
            raise AccessError(
                self.env._("Usage and wallet figures of a line are not edited.")
            )

    def _voip_refuse_change(self):
        self.env.cr.execute(
            "SELECT FROM voip_usage_summary WHERE move_line_id = ANY(%s) LIMIT 1",
            [self.ids],
        )
        if self.env.cr.rowcount:
            raise UserError(
                self.env._(
                    "A line that adds up rated usage cannot be edited. Press Credit "
                    "Note on its invoice: what is wrong is credited, never edited."
                )
            )

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
