"""Accounts show the mails of their documents."""

from odoo import fields, models


class VoipAccount(models.Model):
    _name = "voip.account"
    _inherit = ["voip.account", "voip.mailed"]

    _delivery_field = "account_id"

    def action_view_deliveries(self):
        return self._shown_deliveries()


class VoipAccountContact(models.Model):
    _inherit = "voip.account.contact"

    kind = fields.Selection(
        selection_add=[("usage", "Usage report"), ("netting", "Netting request")],
        ondelete={"usage": "cascade", "netting": "cascade"},
    )
