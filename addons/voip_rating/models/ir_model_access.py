from odoo import models


class IrModelAccess(models.Model):
    _inherit = "ir.model.access"

    def _get_allowed_models(self, mode="read"):
        # A switch reads nothing, not even what every user may read: it only calls the
        # methods made for switches.
        if self.env.user._is_switch():
            return frozenset()
        return super()._get_allowed_models(mode)
