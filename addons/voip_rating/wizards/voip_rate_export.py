from odoo import fields, models
from odoo.exceptions import UserError


class VoipRateExport(models.TransientModel):
    """Which rates of a deck leave as a file, and in which form."""

    _name = "voip.rate.export"
    _inherit = ["voip.guard"]
    _description = "Export Rates"

    deck_id = fields.Many2one("voip.rate.deck", required=True)
    kind = fields.Selection(
        [("xlsx", "XLSX"), ("csv", "CSV")],
        string="File",
        required=True,
        default="xlsx",
    )
    what = fields.Selection(
        [
            ("moment", "The rates that are valid at one moment"),
            ("future", "Valid and future rates, as an import takes them"),
        ],
        string="Rates",
        required=True,
        default="moment",
    )
    at = fields.Datetime(
        string="Valid At",
        required=True,
        default=fields.Datetime.now,
        help="The rates that are valid at this moment; it may lie in the future.",
    )
    since = fields.Datetime(
        string="Compare With",
        help="Each line says whether it is new, an increase, a decrease, unchanged or "
        "closed since then, with the old price. Empty: no comparison.",
    )

    def action_download(self):
        """The file."""
        self._voip_use()
        self.ensure_one()
        url = f"/voip/rate_deck/{self.deck_id.id}/rates.{self.kind}"
        if self.what == "moment":
            if self.since and self.since >= self.at:
                raise UserError(
                    self.env._("Compare with a moment before the one of the rates.")
                )
            url += f"?at={self.at.isoformat()}"
            if self.since:
                url += f"&since={self.since.isoformat()}"
        return {"type": "ir.actions.act_url", "url": url, "target": "self"}
