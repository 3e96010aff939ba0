"""A deck and the mark-up that makes its rates."""

from odoo import api, fields, models


class VoipRateDeck(models.Model):
    _inherit = "voip.rate.deck"

    generator_ids = fields.One2many("voip.rate.generator", "deck_id")
    waiting_import_id = fields.Many2one(
        "voip.rate.import",
        string="Waiting Preview",
        compute="_compute_waiting",
        help="Generated rates that are not applied yet.",
    )
    is_late = fields.Boolean(
        compute="_compute_waiting", help="A source changed since the last generation."
    )
    generator_problem = fields.Char(compute="_compute_waiting")

    @api.depends("generator_ids.import_ids.state", "generator_ids.seen")
    def _compute_waiting(self):
        for deck in self:
            generator = deck.generator_ids
            deck.waiting_import_id = generator.waiting_import_id
            deck.is_late = bool(generator and generator.is_late)
            deck.generator_problem = generator.problem

    # === ACTION METHODS === #

    def action_generator(self):
        """The mark-up of this deck, a new one where it has none."""
        self.check_access("read")
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Mark-up"),
            "res_model": "voip.rate.generator",
            "res_id": self.generator_ids.id,
            "view_mode": "form",
            "context": {"default_deck_id": self.id},
        }

    def action_view_waiting(self):
        """Generated rates that wait to be applied."""
        self.check_access("read")
        self.ensure_one()
        return self.waiting_import_id._open()
