from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError

_TABLE = Markup(
    '<table class="table table-sm"><thead><tr><th>{title}</th><th class="text-end">'
    "{total}</th></tr></thead><tbody>{rows}</tbody></table>"
)
_ROW = Markup('<tr><td>{text}</td><td class="text-end">{value}</td></tr>')
_COMPARISON = Markup(
    '<table class="table table-sm"><thead><tr><th>Side</th><th>Deck</th>'
    '<th>Code</th><th>Destination</th><th class="text-end">Per minute</th>'
    '<th class="text-end">First Increment</th><th class="text-end">Connect</th>'
    '<th class="text-end">Attempt</th><th>Increments</th>'
    '<th class="text-end">Amount</th><th></th></tr></thead>'
    "<tbody>{rows}</tbody></table>"
)
_COMPARED = Markup(
    "<tr><td>{side}</td><td>{deck}</td><td>{prefix}</td><td>{destination}</td>"
    '<td class="text-end">{price} {currency}</td>'
    '<td class="text-end">{first_price}</td><td class="text-end">{connect_fee}</td>'
    '<td class="text-end">{attempt_fee}</td><td>{increments}</td>'
    '<td class="text-end">{amount}</td><td>{note}</td></tr>'
)


class VoipRateQuote(models.TransientModel):
    """Why this price? Shows every step from the number to the amount and margin."""

    _name = "voip.rate.quote"
    _inherit = ["voip.guard"]
    _description = "Why This Price?"

    direction = fields.Selection(
        [("outbound", "Outbound"), ("inbound", "Inbound")],
        required=True,
        default="outbound",
        help="Inbound: who has the called number pays, by its inbound price.",
    )
    account_id = fields.Many2one("voip.account")
    deck_id = fields.Many2one(
        "voip.rate.deck",
        compute="_compute_deck_id",
        store=True,
        readonly=False,
        help="The account's deck, or any other.",
    )
    supplier_deck_id = fields.Many2one(
        "voip.rate.deck",
        domain=[("side", "=", "supplier")],
        help="For the cost. Empty: the cheapest one.",
    )
    called = fields.Char(string="Called number", required=True)
    caller = fields.Char(string="Calling number")
    at = fields.Datetime(
        string="Call Time", required=True, default=fields.Datetime.now
    )
    seconds = fields.Float(string="Duration (s)", digits=(9, 3), default=60)
    jurisdiction = fields.Selection(
        [
            ("inter", "Interstate"),
            ("intra", "Intrastate"),
            ("local", "Local"),
            ("indeterminate", "Indeterminate"),
        ],
        help="As the call's record has it. Empty: the price per minute.",
    )
    result = fields.Html(readonly=True, sanitize=True)

    @api.depends("account_id")
    def _compute_deck_id(self):
        for wizard in self:
            if wizard.account_id:
                wizard.deck_id = wizard.account_id._customer_deck()

    def action_explain(self):
        self._voip_use()
        self.ensure_one()
        inbound = self.direction == "inbound"
        if not (self.deck_id or inbound):
            raise UserError(self.env._("Choose a deck, or an account with one."))
        company = (self.account_id or self.deck_id).company_id or self.env.company
        quote = self.deck_id.with_company(company).quote(
            account=self.account_id.code if inbound else None,
            deck=None if inbound else self.deck_id.code,
            direction=self.direction,
            called=self.called,
            caller=self.caller,
            at=self.at.isoformat() + "Z",
            seconds=self.seconds,
            supplier_deck=self.supplier_deck_id.code,
            jurisdiction=self.jurisdiction,
        )
        self.sudo().result = self._render(quote)
        return self._again()

    def action_compare(self):
        """One number over all decks, cheapest first on each side."""
        self._voip_use()
        self.ensure_one()
        rows = self.env["voip.rate.deck"]._compare(
            self.called,
            self.caller,
            self.at.isoformat() + "Z",
            self.seconds,
            self.jurisdiction,
        )
        lines = Markup().join(
            _COMPARED.format(**row, note=row["error"] or "") for row in rows
        )
        self.sudo().result = _COMPARISON.format(rows=lines)
        return self._again()

    def _again(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Why this price?"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    def _render(self, quote):
        if "error" in quote:
            return Markup('<p class="text-danger">{}</p>').format(
                quote["error"]["message"]
            )
        sale = self._render_table(
            self.env._("Price by %(deck)s", deck=quote["deck"]), quote, quote["rate"]
        )
        return sale + self._render_cost(quote) + self._render_unknown(quote)

    def _render_cost(self, quote):
        cost = quote["cost"]
        if not cost:
            if quote["unknown_costs"]:
                return Markup()
            return Markup("<p>{}</p>").format(
                self.env._("No supplier deck has this number.")
            )
        bought = self._render_table(
            self.env._("Cost by %(supplier)s", supplier=cost["supplier"]), cost, cost
        )
        margin = self.env._(
            "Margin %(margin)s %(currency)s (%(percent)s %%)",
            margin=quote["margin"],
            currency=quote["currency"],
            percent=quote["margin_percent"] or "–",
        )
        return bought + Markup("<p><b>{}</b></p>").format(margin)

    def _render_unknown(self, quote):
        """The supplier decks whose cost is not known, and why."""
        return Markup().join(
            Markup('<p class="text-warning">{}</p>').format(
                self.env._(
                    "Cost by %(supplier)s (%(deck)s) is unknown: %(why)s",
                    supplier=unknown["supplier"],
                    deck=unknown["deck"],
                    why=unknown["message"],
                )
            )
            for unknown in quote["unknown_costs"]
        )

    def _render_table(self, title, side, rate):
        # The version of the rate is told by its period: its id is for programs.
        rows = Markup().join(
            _ROW.format(
                text=step["text"],
                value="" if step["step"] == "rate" else step["value"],
            )
            for step in side["steps"]
        )
        return _TABLE.format(
            title=f"{title}: {rate['destination']}",
            total=f"{side['amount']} {side['currency']}",
            rows=rows,
        )
