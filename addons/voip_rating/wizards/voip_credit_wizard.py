"""Calls that are credited are rated again by billing users."""

from odoo import api, models
from odoo.exceptions import AccessError

from ..models.voip_credit import AGAIN


class VoipCreditWizard(models.TransientModel):
    _inherit = "voip.credit.wizard"

    def _terms(self):
        return (*super()._terms(), "deck_id")

    @api.model
    def _hidden_choices(self):
        hidden = super()._hidden_choices()
        if not self.env.user.has_group("voip_billing_base.group_voip_user"):
            hidden["outcome"] = set(AGAIN)
        return hidden

    def _check_terms(self):
        super()._check_terms()
        if self.outcome not in AGAIN:
            return
        if not self.env.user.has_group("voip_billing_base.group_voip_user"):
            raise AccessError(
                self.env._("Calls are rated again by billing users only.")
            )
        self.deck_id.check_access("read")
