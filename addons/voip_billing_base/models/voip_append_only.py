"""Models whose rows are made by SQL only and never change."""

from odoo import api, models
from odoo.exceptions import UserError


class VoipAppendOnly(models.AbstractModel):
    """Refuses create, write and unlink through the ORM, for the superuser too."""

    _name = "voip.append.only"
    _inherit = ["voip.guard"]
    _description = "Append-only Records"
    _log_access = False

    @api.model_create_multi
    def create(self, vals_list):  # pylint: disable=method-required-super
        raise UserError(self._refusal())

    def write(self, vals):  # pylint: disable=method-required-super
        raise UserError(self._refusal())

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self._refusal())

    def _refusal(self):
        return self.env._(
            "%(model)s: records are made by what happens and never changed.",
            model=self._description,
        )
