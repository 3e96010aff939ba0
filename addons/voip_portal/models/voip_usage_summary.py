"""Pages ask for the summaries of one account, invoiced or not."""

from odoo import models


class VoipUsageSummary(models.Model):
    _inherit = "voip.usage.summary"

    _account_day = models.Index("(account_id, local_day)")
