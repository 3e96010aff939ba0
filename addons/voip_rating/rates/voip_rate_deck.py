from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.translate import LazyTranslate

from odoo.addons.base.models.res_partner import _tz_get
from odoo.addons.voip_billing_base.counts import counts_by

_lt = LazyTranslate(__name__)
# A sequence does not roll back: a revision never means two contents.
_TOUCH = """
CREATE SEQUENCE IF NOT EXISTS voip_rate_deck_revision_seq;
CREATE OR REPLACE FUNCTION voip_rate_deck_touch() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE voip_rate_deck
       SET revision = nextval('voip_rate_deck_revision_seq')
     WHERE id IN (SELECT deck_id FROM changed);
    RETURN NULL;
END $$;
"""
# What the rates of a deck are counted in; frozen once there are rates.
_FROZEN = ("company_id", "currency_id", "side")
FORMULAS = [
    ("A", "A: blocks after the initial increment"),
    ("B", "B: total rounded to the next increment"),
    ("C", "C: next increment over everything"),
]
# Of the amount of each call.
ROUNDINGS = [
    ("half_up", "Half up"),
    ("up", "Up"),
    ("down", "Down"),
    ("half_even", "Half to even"),
]


class VoipRateDeck(models.Model):
    """A list of rates and how they are applied, to sell by or to buy by."""

    _name = "voip.rate.deck"
    _description = "VoIP Rate Deck"
    _inherit = ["mail.thread", "voip.coded"]
    _order = "side, name, id"
    _code_noun = _lt("deck")

    name = fields.Char(tracking=True)
    code = fields.Char(
        copy=True, help="Short name for files and interfaces, unique per company."
    )
    side = fields.Selection(
        [("customer", "Customer"), ("supplier", "Supplier")],
        required=True,
        default="customer",
        index=True,
        help="Customer: prices we sell at. Supplier: prices we buy at.",
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Supplier or Customer",
        index="btree_not_null",
        check_company=True,
        help="The supplier whose prices these are, or the customer they are made for.",
    )
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        default=lambda self: self.env.company.currency_id,
        tracking=True,
    )
    tz = fields.Selection(
        _tz_get,
        string="Time zone",
        required=True,
        default=lambda self: self.env.user.tz or "UTC",
        tracking=True,
        help="Dates in files for this deck mean this zone where they state none.",
    )
    service_id = fields.Many2one(
        "voip.service",
        required=True,
        default=lambda self: self.env.ref("voip_billing_base.service_term_intl"),
        check_company=True,
        ondelete="restrict",
        help="The service (and so product, account and taxes) of its calls, where a "
        "rate does not state its own.",
    )
    default_initial_increment = fields.Integer(
        string="Initial increment", required=True, default=1, help="Seconds."
    )
    default_next_increment = fields.Integer(
        string="Next increment", required=True, default=1, help="Seconds."
    )
    decimals = fields.Integer(
        required=True,
        default=6,
        tracking=True,
        help="Each call's amount is rounded once, to this many decimals (0 to 8).",
    )
    rounding = fields.Selection(
        ROUNDINGS,
        required=True,
        default="half_up",
        tracking=True,
    )
    formula = fields.Selection(
        FORMULAS,
        required=True,
        default="A",
        tracking=True,
        help="With d seconds, initial i and next n. A: i + ceil((d − i) / n) · n. "
        "B: i, or ceil(d / n) · n above it. C: ceil(max(d, i) / n) · n.",
    )
    duration_rounding = fields.Selection(
        [("up", "Up"), ("nearest", "Nearest"), ("down", "Down")],
        required=True,
        default="up",
        tracking=True,
        help="How parts of a second become whole seconds before the increments.",
    )
    grace_kind = fields.Selection(
        [
            ("threshold", "Threshold: free up to it, else charged in full"),
            ("deduction", "Deduction: taken off the duration"),
            ("addition", "Addition: added to the duration"),
        ],
        required=True,
        default="threshold",
        tracking=True,
        help="What the grace seconds of the rates mean.",
    )
    moment = fields.Selection(
        [("answer", "Answer"), ("setup", "Set-up")],
        string="Rating Time",
        required=True,
        default="answer",
        tracking=True,
        help="The time of a call that decides which version of a rate applies.",
    )
    revision = fields.Integer(
        readonly=True,
        copy=False,
        default=0,
        aggregator=None,
        help="Changes whenever a rate of the deck changes.",
    )
    rate_ids = fields.One2many("voip.rate", "deck_id")
    rate_count = fields.Integer(
        compute="_compute_rate_count", help="Rates that have no end."
    )

    _increments_bounds = models.Constraint(
        "CHECK (default_initial_increment BETWEEN 1 AND 86400"
        " AND default_next_increment BETWEEN 1 AND 86400)",
        "Increments are 1 to 86,400 seconds.",
    )
    _decimals_bounds = models.Constraint(
        "CHECK (decimals BETWEEN 0 AND 8)", "Amounts have 0 to 8 decimals."
    )

    def init(self):
        self.env.cr.execute(_TOUCH)

    # === COMPUTE METHODS === #

    @api.depends("rate_ids")
    def _compute_rate_count(self):
        valid = ("effective_to", "=", False)
        counts = counts_by(self.env["voip.rate"], "deck_id", self, valid)
        for deck in self:
            deck.rate_count = counts.get(deck, 0)

    @api.onchange("name", "company_id")
    def _onchange_name(self):
        """Propose a code of a new deck; one that was typed stays."""
        if not self._origin and not self.code:
            self.code = self._free_code() or False

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        decks = super().create(vals_list)
        for deck, vals in zip(decks, vals_list, strict=True):
            self.env["voip.audit"]._log("deck_create", deck, deck._audit_data(vals))
        return decks

    def write(self, vals):
        for deck in self:
            deck._check_frozen(vals)
        result = super().write(vals)
        for deck in self:
            self.env["voip.audit"]._log("deck_change", deck, deck._audit_data(vals))
        return result

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        if not (default or {}).get("code"):
            for deck, vals in zip(self, vals_list, strict=True):
                vals["code"] = f"{deck.code[:59]}-copy"
        return vals_list

    def _check_frozen(self, vals):
        changed = [
            name
            for name in _FROZEN
            if name in vals
            and vals[name] != self._fields[name].convert_to_write(self[name], self)
        ]
        if changed and self.env["voip.rate"].search_count(
            [("deck_id", "=", self.id)], limit=1
        ):
            raise UserError(
                self.env._(
                    "%(deck)s has rates: its company, currency and side stay.",
                    deck=self.display_name,
                )
            )

    def _audit_data(self, vals):
        """Return what was written, as plain JSON values."""
        return {
            "code": self.code,
            **{
                name: self._fields[name].convert_to_write(self[name], self)
                for name in vals
                if name in self._fields
                and self._fields[name].type not in ("one2many", "many2many", "binary")
            },
        }

    # === ACTION METHODS === #

    def action_view_rates(self):
        self.check_access("read")
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "voip_rating.voip_rate_action"
        )
        return action | {
            "domain": [("deck_id", "=", self.id)],
            "context": {"default_deck_id": self.id, "search_default_open": 1},
        }

    def action_quote(self):
        self.check_access("read")
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "voip_rating.voip_rate_quote_action"
        )
        return action | {"context": {"default_deck_id": self.id}}
