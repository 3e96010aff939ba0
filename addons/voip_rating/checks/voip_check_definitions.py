"""What rating has told the database: tables, indexes, triggers, functions."""

from odoo import api, models

from odoo.addons.voip_billing_base.charge.append_only import install_append_only
from odoo.addons.voip_billing_base.checks.voip_check_definitions import script_of

from ..models.voip_trunk_lookup import NETWORK_TABLE
from ..rates.voip_rate import _TRIGGERS
from ..rates.voip_rate_deck import _TOUCH
from .voip_seal import MARK_TABLE


class VoipCheck(models.AbstractModel):
    _inherit = "voip.check"

    @api.model
    def _scripts(self):
        return [
            *super()._scripts(),
            script_of("voip_rating/sql/cdr.sql"),
            MARK_TABLE,
            NETWORK_TABLE,
            _TOUCH,
            _TRIGGERS,
        ]

    def _guard(self, cr):  # pylint: disable=missing-return
        super()._guard(cr)
        install_append_only(cr, "voip_cdr_row")
