"""A billing run waits for records that have no price yet."""

from datetime import timedelta

from odoo import models


class VoipBillingRun(models.Model):
    _inherit = "voip.billing.run"

    def _unrated(self):
        count, sentence = super()._unrated()
        waiting = self.env["voip.cdr.batch"].search_count(
            [
                ("company_id", "=", self.company_id.id),
                ("state", "in", ("waiting", "failed")),
            ]
        )
        # Errors of the last day cannot belong to a period that is closed everywhere.
        errors = self.env["voip.cdr.error"].search_count(
            [
                ("company_id", "=", self.company_id.id),
                ("state", "=", "open"),
                "|",
                ("start", "=", False),
                ("start", "<", self.cutoff - timedelta(hours=14)),
            ]
        )
        if not waiting and not errors:
            return count, sentence
        own = self.env._(
            "%(errors)s records in the error queue and %(waiting)s batches are not"
            " rated yet.",
            errors=errors,
            waiting=waiting,
        )
        return count + waiting + errors, f"{sentence} {own}".strip()
