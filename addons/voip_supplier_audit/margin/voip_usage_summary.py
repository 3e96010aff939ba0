"""Summaries of a span of days are found without reading those of all times."""

from odoo import models


class VoipUsageSummary(models.Model):
    _inherit = "voip.usage.summary"

    # Rows come in the order of their days, but for late ones.
    _days = models.Index("USING brin (local_day)")
