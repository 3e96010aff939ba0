from odoo import fields, models
from odoo.exceptions import UserError

from odoo.addons.voip_billing_base.reader.header import plain
from odoo.addons.voip_billing_base.reader.values import BadCell

from ..sheets.row import DATES, PRICES
from .columns import LABELS, UTC_WORDS
from .lines import CODES


class VoipRateImportColumn(models.Model):
    """A column of a rate sheet and what it is."""

    _name = "voip.rate.import.column"
    _inherit = ["voip.sheet.import.column", "voip.rate.import.part"]
    _description = "VoIP Rate Sheet Column"
    _order = "place, id"
    _rec_name = "header"

    company_id = fields.Many2one(index=True)
    target = fields.Selection(
        list(LABELS.items()), string="Is", help="Empty: the column is not read."
    )

    # === BUSINESS METHODS === #

    def _in_utc(self):
        """Fields whose column says that its moments are UTC."""
        return {
            column.target
            for column in self
            if column.target in DATES and UTC_WORDS & _words(column.header)
        }

    def _refuse_currency(self, money):
        """:raises UserError: the name of a price says another currency"""
        for column in self:
            if column.target in PRICES:
                try:
                    money.refuse(column.header or "")
                except BadCell as error:
                    raise UserError(
                        self.env._(
                            "Column %(letter)s: %(reason)s.",
                            letter=column.letter,
                            reason=str(error),
                        )
                    ) from error

    def _refuse_missing(self, found):
        named = {*CODES, "destination"} & set(found)
        if "price_per_minute" not in found or not named:
            raise UserError(
                self.env._(
                    "Say which column is the Price per minute and which one is the "
                    "Code (or the Destination, where the sheet has no codes)."
                )
            )


def _words(name):
    return set(plain(name or "").split())
