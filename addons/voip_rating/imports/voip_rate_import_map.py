from odoo import api, fields, models

from .columns import LABELS, letters


class VoipRateImportMap(models.Model):
    """How the columns of a header were mapped: the next file of it maps itself.

    A map is looked for by deck, then by the deck's supplier.
    """

    _name = "voip.rate.import.map"
    _inherit = ["voip.guard"]
    _description = "VoIP Rate Sheet Map"
    _order = "write_date desc, id desc"
    _rec_name = "header"
    _check_company_auto = True

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
    header = fields.Char(readonly=True, help="The names of the columns.")
    header_mark = fields.Char(required=True, readonly=True)
    columns = fields.Json(readonly=True)
    columns_text = fields.Char(
        string="What Is Read",
        compute="_compute_columns_text",
        help="By column of the sheet.",
    )
    mark = fields.Char(string="Decimal mark", readonly=True)
    shape = fields.Char(string="Order of dates", readonly=True)

    _mark_uniq = models.UniqueIndex(
        "(deck_id, header_mark)", "The deck has a map of this header already."
    )

    @api.depends("columns")
    def _compute_columns_text(self):
        for known in self:
            places = sorted((known.columns or {}).items(), key=lambda x: int(x[0]))
            known.columns_text = ", ".join(
                f"{letters(int(place))}: {LABELS.get(target, target)}"
                for place, target in places
            )

    # === BUSINESS METHODS === #

    @api.model
    def _find(self, deck, header_mark):
        """The map of a header for a deck, or an empty recordset."""
        domain = [("header_mark", "=", header_mark)]
        found = self.search([*domain, ("deck_id", "=", deck.id)], limit=1)
        if not found and deck.partner_id:
            of_supplier = [
                ("deck_id.partner_id", "=", deck.partner_id.id),
                ("company_id", "=", deck.company_id.id),
            ]
            found = self.search([*domain, *of_supplier], limit=1)
        return found

    @api.model
    def _remember(self, deck, values):
        """Keep a map; ``values`` hold ``header_mark`` and what was chosen."""
        known = self.search(
            [("deck_id", "=", deck.id), ("header_mark", "=", values["header_mark"])]
        )
        if known:
            known.sudo().write(values)
        else:
            self.sudo().create({**values, "deck_id": deck.id})
