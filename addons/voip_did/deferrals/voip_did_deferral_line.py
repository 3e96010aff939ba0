"""What each invoice line of rental has open at a month-end."""

from odoo import fields, models

from odoo.addons.voip_billing_base.charge.append_only import install_append_only
from odoo.addons.voip_billing_base.const import MONEY
from odoo.addons.voip_billing_base.fields import Amount, Link

KINDS = [
    ("invoice", "Invoice"),
    ("credit", "Credit note"),
    ("owed", "Given back, not credited yet"),
]


class VoipDidDeferralLine(models.Model):
    """A span of days of an invoice line in a month-end, in the company's currency.

    A span is there from the first month-end at which some of it is not earned to the
    one at which all of it is.
    """

    _name = "voip.did.deferral.line"
    _inherit = ["voip.append.only"]
    _description = "Deferred Rental"
    _order = "deferral_id desc, id"
    _rec_name = "move_line_id"

    deferral_id = Link(
        "voip.did.deferral", string="Month-End", required=True, readonly=True
    )
    company_id = Link("res.company", required=True, readonly=True)
    account_id = Link("voip.account", required=True, readonly=True)
    kind = fields.Selection(KINDS, string="From", required=True, readonly=True)
    move_line_id = Link(
        "account.move.line", string="Invoice Line", required=True, readonly=True
    )
    move_id = fields.Many2one(related="move_line_id.move_id", string="Document")
    income_account_id = Link(
        "account.account", string="Income Account", required=True, readonly=True
    )
    first_day = fields.Date(string="From Day", required=True, readonly=True)
    last_day = fields.Date(string="To Day", required=True, readonly=True)
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Currency"
    )
    share = Amount(
        string="Charged",
        required=True,
        readonly=True,
        help="What the line charges for these days, without taxes.",
        **MONEY,
    )
    opening = Amount(
        required=True,
        readonly=True,
        help="Not earned at the month-end before.",
        **MONEY,
    )
    added = Amount(
        required=True, readonly=True, help="Newly charged in advance.", **MONEY
    )
    recognised = Amount(
        required=True,
        readonly=True,
        help="Earned since the month-end before, or since it was charged.",
        **MONEY,
    )
    closing = Amount(
        required=True,
        readonly=True,
        help="Of the days after the month-end; of what is given back and not credited"
        " yet: the days up to it.",
        **MONEY,
    )

    _once = models.UniqueIndex(
        "(deferral_id, kind, move_line_id, first_day, last_day)",
        "This span is in the month-end already.",
    )
    _of_account = models.Index("(account_id, deferral_id)")
    _bounds = models.Constraint(
        "CHECK (closing = opening + added - recognised AND first_day <= last_day"
        " AND closing BETWEEN LEAST(share, 0) AND GREATEST(share, 0)"
        " AND share BETWEEN -1000000000000000 AND 1000000000000000)",
        "What is deferred is between nothing and what was charged.",
    )

    def init(self):
        install_append_only(self.env.cr, self._table)
