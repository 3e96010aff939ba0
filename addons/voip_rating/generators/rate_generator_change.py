"""A source deck changed: what its mark-ups do."""

from odoo import api, models
from odoo.exceptions import UserError

from odoo.addons.voip_billing_base.charge.transaction import run_money


class VoipRateGenerator(models.Model):
    _inherit = "voip.rate.generator"

    @api.model
    def _cron_source_changes(self):
        """Preview or apply the mark-ups whose sources changed."""
        due = self.search([("on_change", "!=", "hand"), ("deck_id.active", "=", True)])
        progress = self.env["ir.cron"]._commit_progress
        progress(remaining=len(due))
        for generator in due:
            generator._follow()
            if not progress(1):
                break

    def _follow(self):
        """Do what is chosen for a source that changed; keep why it does not work."""
        if not self.source_ids or self._revisions() == (self.seen or ""):
            return
        if self._working():
            return
        company = self.with_company(self.company_id)
        try:
            # So that all calls rated up to the end are seen.
            run_money(self.env, lambda env: company.with_env(env)._follow_now())
        except UserError as error:
            self.sudo().problem = str(error)
        self.env.invalidate_all()

    def _follow_now(self):
        made = self._new_import()
        if not made._changes():
            made.unlink()
        elif self.on_change == "apply":
            made._apply()
