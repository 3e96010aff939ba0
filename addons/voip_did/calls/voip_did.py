"""What calls to a number cost."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

VIEWER = "voip_billing_base.group_voip_viewer"


class VoipDid(models.Model):
    _inherit = "voip.did"

    cost_deck_id = fields.Many2one(
        "voip.rate.deck",
        string="Inbound Cost",
        check_company=True,
        ondelete="restrict",
        index="btree_not_null",
        domain="[('side', '=', 'supplier')]",
        tracking=True,
        groups=VIEWER,
        help="The supplier's deck for calls to the number. Empty: that of the supplier"
        " trunk by which a call came in.",
    )
    cost_by = fields.Selection(
        [("called", "Called number"), ("caller", "Caller's number")],
        string="Inbound Cost By",
        tracking=True,
        groups=VIEWER,
        help="The number by which that deck is asked, as the supplier bills. Empty: the"
        " one that the inbound price is by.",
    )

    @api.constrains("cost_deck_id")
    def _check_cost_deck(self):
        for did in self.sudo():
            if did.cost_deck_id and did.cost_deck_id.side != "supplier":
                raise ValidationError(
                    self.env._(
                        "%s is a customer's deck: choose one of a supplier.",
                        did.cost_deck_id.display_name,
                    )
                )
