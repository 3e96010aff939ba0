from odoo import models


class ResUsers(models.Model):
    _inherit = "res.users"

    def _is_switch(self):
        """Whether this is a switch's user, who is not a person."""
        self.ensure_one()
        group = "voip_billing_base.group_voip_switch"
        return self.has_group(group) and not self._is_internal()

    def _self_accessible_fields(self):
        # Everybody may read and change parts of the own user; a key of a switch not.
        if self.env.user and self.env.user._is_switch():
            return frozenset(), frozenset()
        return super()._self_accessible_fields()
