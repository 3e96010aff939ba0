"""A usage report on the screen, and as a file."""

import base64

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError


class VoipUsageWizard(models.TransientModel):
    """Whose usage, of which days; the report itself."""

    _name = "voip.usage.wizard"
    _inherit = ["voip.document.wizard"]
    _description = "Usage Report"
    _check_company_auto = True
    _kind = "usage"

    account_id = fields.Many2one(
        "voip.account",
        string="Account",
        required=True,
        check_company=True,
        help="With the accounts below it.",
    )
    company_id = fields.Many2one(related="account_id.company_id")
    date_from = fields.Date(
        string="From",
        required=True,
        default=lambda self: fields.Date.context_today(self) + relativedelta(day=1),
    )
    date_to = fields.Date(string="To", required=True, default=fields.Date.context_today)
    preview_pdf = fields.Text(compute="_compute_preview")
    preview_fault = fields.Char(compute="_compute_preview")

    @api.depends("account_id", "date_from", "date_to")
    def _compute_preview(self):
        for wizard in self:
            wizard.preview_pdf = wizard.preview_fault = False
            if not (wizard.account_id and wizard.date_from and wizard.date_to):
                continue
            try:
                content = wizard._file("pdf")[1]
                wizard.preview_pdf = base64.b64encode(content).decode()
            except UserError as error:
                wizard.preview_fault = str(error)

    @api.onchange("account_id")
    def _onchange_account_id(self):
        self._take_today_of(self.account_id)

    # === ACTION METHODS === #

    def action_send(self):
        """Mail the report to the account's contacts for it."""
        self._voip_use()
        self.ensure_one()
        return self._queue("_queue_usage", 2, account=self.account_id)

    # === BUSINESS METHODS === #

    def _subject(self):
        kind = self.env["voip.document.kind"]._of("usage")
        return kind._of_account(self.account_id, self.date_from, self.date_to)
