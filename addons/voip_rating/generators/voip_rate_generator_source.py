from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.voip_billing_base.charge.exchange import lacking_rate, rate_between


class VoipRateGeneratorSource(models.Model):
    """A deck that a mark-up is put on."""

    _name = "voip.rate.generator.source"
    _inherit = ["voip.rate.generator.part"]
    _description = "VoIP Rate Mark-up Source"
    _order = "sequence, id"
    _rec_name = "deck_id"
    _check_company_auto = True

    sequence = fields.Integer(
        default=10, help="Of equal prices the one of the first source is taken."
    )
    deck_id = fields.Many2one(
        "voip.rate.deck",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        help="A supplier's deck, or one customer deck alone.",
    )
    currency_id = fields.Many2one(related="deck_id.currency_id")
    weight = fields.Integer(
        required=True,
        default=1,
        aggregator=None,
        help="Its part in an average by weights, such as its part of the traffic.",
    )

    _deck_uniq = models.UniqueIndex(
        "(generator_id, deck_id)", "The deck is a source already."
    )
    _weight_bounds = models.Constraint(
        "CHECK (weight BETWEEN 1 AND 1000000)", "A weight is 1 to 1,000,000."
    )

    @api.constrains("deck_id", "generator_id")
    def _check_source(self):
        self.generator_id._check_sources()

    def _factor(self, day):
        """Units of the generated deck's currency for one of this deck.

        :raises UserError: a currency has no exchange rate of the day or before
        """
        source, target = self.currency_id, self.generator_id.currency_id
        if lacking := lacking_rate(source, target, self.company_id, day):
            raise UserError(
                self.env._(
                    "%(currency)s has no exchange rate of %(day)s or before, which "
                    "the prices of %(deck)s need.",
                    currency=lacking.name,
                    day=day,
                    deck=self.deck_id.display_name,
                )
            )
        return rate_between(source, target, self.company_id, day)
