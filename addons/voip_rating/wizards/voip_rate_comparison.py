"""Decks side by side: what we ask, what each supplier asks, what is left."""

from decimal import Decimal

from odoo import fields, models
from odoo.exceptions import UserError

from odoo.addons.voip_billing_base.charge.exchange import lacking_rate, rate_between
from odoo.addons.voip_billing_base.charge.planner import (
    in_memory,
    no_nested_loops,
    run_steps,
)

from ..exports import files
from ..exports.comparison import BIDS, CREATE, FILL, ROWS, STEPS

_ROW = (
    "prefix",
    "label",
    "deck",
    "price",
    "offers",
    "cost",
    "cost_deck",
    "spread",
    "margin",
    "margin_percent",
    "result",
)
_EXACT = ("price", "cost", "spread", "margin", "margin_percent")


class VoipRateComparison(models.TransientModel):
    """Which decks are compared, over which codes."""

    _name = "voip.rate.comparison"
    _inherit = ["voip.guard"]
    _description = "Compare Decks"

    sale_deck_ids = fields.Many2many(
        "voip.rate.deck",
        "voip_rate_comparison_sale",
        string="Our Decks",
        domain=[("side", "=", "customer")],
        help="Customer decks. Empty: suppliers are compared with each other.",
    )
    cost_deck_ids = fields.Many2many(
        "voip.rate.deck",
        "voip_rate_comparison_cost",
        string="Suppliers' Decks",
        domain=[("side", "=", "supplier")],
        default=lambda self: self._default_cost_decks(),
    )
    prefix = fields.Char(
        string="Code", help="This code and those that begin with it. Empty: all."
    )
    country_id = fields.Many2one(
        "res.country", help="Codes of its destinations. Empty: all."
    )
    destination_id = fields.Many2one("voip.destination", help="Its codes. Empty: all.")
    at = fields.Datetime(
        string="Valid At", required=True, default=fields.Datetime.now
    )
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        default=lambda self: self.env.company.currency_id,
        help="All prices are shown in it.",
    )
    exchange_date = fields.Date(
        string="Exchange Rates Of",
        required=True,
        default=fields.Date.context_today,
        help="The day whose exchange rates convert the decks' prices.",
    )
    line_ids = fields.One2many("voip.rate.comparison.line", "comparison_id")

    def _default_cost_decks(self):
        return self.env["voip.rate.deck"].search(
            [("side", "=", "supplier"), ("company_id", "=", self.env.company.id)]
        )

    # === CRUD METHODS === #

    def unlink(self):
        self.check_access("unlink")
        self._delete_lines()
        return super().unlink()

    # === ACTION METHODS === #

    def action_show(self):
        """The list of codes."""
        self._voip_use()
        self.ensure_one()
        self._compare()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "voip_rating.voip_rate_comparison_line_action"
        )
        return action | {
            "name": self._page_name(),
            "domain": [("comparison_id", "=", self.id)],
            "context": {
                "one_deck": len(self.sale_deck_ids) < 2,
                "no_deck": not self.sale_deck_ids,
            },
        }

    def action_download(self):
        """The comparison as a workbook."""
        self._voip_use()
        self.ensure_one()
        self._compare()
        return {
            "type": "ir.actions.act_url",
            "url": f"/voip/rate_comparison/{self.id}/comparison.xlsx",
            "target": "self",
        }

    # === BUSINESS METHODS === #

    def _compare(self):
        """Fill the lines.

        :raises UserError: there is nothing to compare, or a currency has no rate
        """
        self.env["voip.rate.deck"]._check_quote_access()
        decks = [*self.sale_deck_ids, *self.cost_deck_ids]
        if not decks:
            raise UserError(self._no_deck_text())
        self._check_prefix()
        self.env.flush_all()
        cr, params = self.env.cr, self._params(decks)
        self._delete_lines()
        cr.execute("SET LOCAL jit = off")
        with no_nested_loops(cr), in_memory(cr):
            cr.execute(CREATE)
            run_steps(cr, STEPS, params)
            cr.execute(BIDS, params)
            cr.execute(FILL, params)
        cr.execute("SET LOCAL jit TO DEFAULT")
        self.env["voip.rate.comparison.line"].invalidate_model()
        self.invalidate_recordset(["line_ids"])

    def _page_name(self):
        """Which deck of ours is compared, and of which moment."""
        at = fields.Datetime.context_timestamp(self, self.at)
        moment = f"{at:%Y-%m-%d %H:%M} {at.tzname()}"
        if len(self.sale_deck_ids) == 1:
            deck = self.sale_deck_ids.display_name
            return self.env._("%(deck)s, compared at %(at)s", deck=deck, at=moment)
        return self.env._("Decks, compared at %(at)s", at=moment)

    def _no_deck_text(self):
        if self.env["voip.rate.deck"].search_count([], limit=1):
            return self.env._("Choose the decks to compare.")
        return self.env._(
            "There is no deck yet. Make one in Rating → Decks, and bring its rates"
            " with Rating → Rate Imports."
        )

    def _delete_lines(self):
        self.env.cr.execute(
            "DELETE FROM voip_rate_comparison_line WHERE comparison_id = ANY(%s)",
            [self.ids],
        )

    def _check_prefix(self):
        code = self.prefix or ""
        if code and not (code.isascii() and code.isdigit() and len(code) <= 15):
            raise UserError(
                self.env._("%(code)s is not a code of 1 to 15 digits.", code=code)
            )

    def _params(self, decks):
        return {
            "id": self.id,
            "uid": self.env.uid,
            "now": self.at,
            "ranks": list(range(len(decks))),
            "decks": [deck.id for deck in decks],
            "factors": [self._factor(deck) for deck in decks],
            "sales": len(self.sale_deck_ids),
            "prefix": self.prefix or "",
            "country": self.country_id.id or None,
            "destination": self.destination_id.id or None,
        }

    def _factor(self, deck):
        """Units of the comparison's currency for one of the deck's."""
        source, target = deck.currency_id, self.currency_id
        company, day = deck.company_id, self.exchange_date
        if lacking := lacking_rate(source, target, company, day):
            raise UserError(
                self.env._(
                    "%(currency)s has no exchange rate of %(day)s or before, so "
                    "%(deck)s cannot be compared.",
                    currency=lacking.name,
                    day=day,
                    deck=deck.display_name,
                )
            )
        return rate_between(source, target, company, day)

    # === FILE === #

    def _file(self):
        """Bytes of a workbook: a line for each code, a column for each supplier."""
        suppliers = self._supplier_names()
        columns, labels = self._columns(suppliers)
        sheet = files.Sheet(
            labels=labels,
            words={},
            titles=self._titles(),
            tz=self.env.user.tz or "UTC",
            columns=columns,
            prices=("price", "cost", "spread", *suppliers),
        )
        return files.as_xlsx(self._rows(), sheet, "Comparison")

    def _supplier_names(self):
        """{deck id: name}, by name; with the code where two have one name."""
        decks = self.cost_deck_ids.sorted("name")
        twice = {name for name, same in decks.grouped("name").items() if len(same) > 1}
        return {
            deck.id: f"{deck.name} ({deck.code})" if deck.name in twice else deck.name
            for deck in decks
        }

    def _columns(self, suppliers):
        _, sold = self.env._, bool(self.sale_deck_ids)
        ours = {"deck": _("Our deck"), "price": _("Our price")} if sold else {}
        labels = {
            "prefix": _("Code"),
            "label": _("Destination"),
            **ours,
            **suppliers,
            "cost_deck": _("Cheapest supplier"),
            "cost": _("Cheapest"),
            "spread": _("Spread"),
        }
        if sold:
            labels |= {
                "margin": _("Margin per minute"),
                "margin_percent": _("Margin %"),
                "result": _("Result"),
            }
        return tuple(labels), labels

    def _titles(self):
        _, at = self.env._, fields.Datetime.context_timestamp(self, self.at)
        titles = [
            (_("Comparison of decks"), self.env.company.name),
            (_("Currency"), self.currency_id.name),
            (_("Valid on"), f"{at:%Y-%m-%d %H:%M:%S} {at.tzname()}"),
        ]
        decks = self.sale_deck_ids | self.cost_deck_ids
        for currency, group in decks.grouped("currency_id").items():
            if currency != self.currency_id:
                rate = f"1 {currency.name} = {self._factor(group[0]):.10g}"
                day = self.exchange_date
                titles.append(
                    (_("Exchange rate"), f"{rate} {self.currency_id.name} ({day})")
                )
        return tuple(titles)

    def _rows(self):
        line = self.env["voip.rate.comparison.line"]._fields["result"]
        words = dict(line._description_selection(self.env))
        suppliers = self.cost_deck_ids.ids
        self.env.cr.execute(ROWS, [self.id])
        for values in self.env.cr.fetchall():
            row = dict(zip(_ROW, values, strict=True))
            for name in _EXACT:
                row[name] = None if row[name] is None else Decimal(row[name])
            offers = {deck: Decimal(price) for deck, price in row["offers"] or ()}
            row |= {deck: offers.get(deck) for deck in suppliers}
            row["result"] = words.get(row["result"])
            yield row
