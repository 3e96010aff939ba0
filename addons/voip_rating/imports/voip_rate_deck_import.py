"""A deck and the imports of its sheets."""

from odoo import fields, models

from odoo.addons.voip_billing_base.counts import counts_by


class VoipRateDeck(models.Model):
    _inherit = "voip.rate.deck"

    import_ids = fields.One2many("voip.rate.import", "deck_id")
    import_count = fields.Integer(compute="_compute_import_count")

    def _compute_import_count(self):
        counts = counts_by(self.env["voip.rate.import"], "deck_id", self)
        for deck in self:
            deck.import_count = counts.get(deck, 0)

    # === ACTION METHODS === #

    def action_import_rates(self):
        """A new import of a rate sheet into this deck."""
        self.check_access("write")
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Import Rates"),
            "res_model": "voip.rate.import",
            "view_mode": "form",
            "context": {"default_deck_id": self.id},
        }

    def action_view_imports(self):
        self.check_access("read")
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "voip_rating.voip_rate_import_action"
        )
        return action | {
            "domain": [("deck_id", "=", self.id)],
            "context": {"default_deck_id": self.id},
        }
