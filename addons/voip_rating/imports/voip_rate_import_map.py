from odoo import api, fields, models


class VoipRateImportMap(models.Model):
    """How the columns of a header were mapped: the next file of it maps itself.

    A map is looked for by deck, then by the deck's supplier.
    """

    _name = "voip.rate.import.map"
    _inherit = ["voip.sheet.import.map"]
    _description = "VoIP Rate Sheet Map"
    _check_company_auto = True

    _map_column = "voip.rate.import.column"

    deck_id = fields.Many2one(
        "voip.rate.deck",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
        check_company=True,
    )
    company_id = fields.Many2one(
        related="deck_id.company_id", store=True, precompute=True, index=True
    )
    partner_id = fields.Many2one(related="deck_id.partner_id")
    shape = fields.Char(string="Order of dates", readonly=True)

    _mark_uniq = models.UniqueIndex(
        "(deck_id, header_mark)", "The deck has a map of this header already."
    )

    # === BUSINESS METHODS === #

    @api.model
    def _find(self, deck, header_mark):
        """The map of a header for a deck, or an empty recordset."""
        found = self._of({"deck_id": deck.id}, header_mark)
        if found or not deck.partner_id:
            return found
        partner, company = deck.partner_id.id, deck.company_id.id
        supplier = {"deck_id.partner_id": partner, "company_id": company}
        return self._of(supplier, header_mark)
