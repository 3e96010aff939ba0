from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.voip_billing_base.fields import ExactFloat

from .meanwhile import hold_calls, refuse_unseen

NO_PRICE = -1
PRICE = {"digits": (18, 8), "required": True, "aggregator": "avg"}
# Everything else of a version stays as it was created.
EDITABLE = {"effective_to", "label", "destination_id", "manual", "closing_reason"}

_TRIGGERS = """
CREATE OR REPLACE TRIGGER voip_rate_touch_insert
    AFTER INSERT ON voip_rate REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION voip_rate_deck_touch();
CREATE OR REPLACE TRIGGER voip_rate_touch_update
    AFTER UPDATE ON voip_rate REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION voip_rate_deck_touch();
CREATE OR REPLACE TRIGGER voip_rate_touch_delete
    AFTER DELETE ON voip_rate REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION voip_rate_deck_touch()
"""


class VoipRate(models.Model):
    """One version of the price of one prefix, valid while
    ``effective_from <= moment < effective_to``.

    A version is never edited: a change is a new version that ends the one before it.
    """

    _name = "voip.rate"
    _inherit = ["voip.guard"]
    _description = "VoIP Rate"
    _order = "prefix, effective_from desc, id desc"
    _rec_name = "prefix"
    _check_company_auto = True

    deck_id = fields.Many2one(
        "voip.rate.deck", required=True, ondelete="restrict", check_company=True
    )
    company_id = fields.Many2one(
        related="deck_id.company_id", store=True, precompute=True, index=True
    )
    currency_id = fields.Many2one(related="deck_id.currency_id")
    prefix = fields.Char(
        string="Code",
        required=True,
        help="What numbers begin with: 1 to 15 digits of E.164, country code first,"
        " without +. Of all codes that fit the longest counts.",
    )
    origin_prefix = fields.Char(
        string="Origin",
        help="Only for callers whose number begins so. Empty: any caller.",
    )
    destination_id = fields.Many2one(
        "voip.destination",
        compute="_compute_destination_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        check_company=True,
    )
    label = fields.Char(
        string="Name", help="The destination as the deck's author names it."
    )
    service_id = fields.Many2one(
        "voip.service", check_company=True, help="Empty: the deck's service."
    )
    price_per_minute = ExactFloat(default=0.0, **PRICE)
    price_intra = ExactFloat(
        string="Intrastate price",
        default=NO_PRICE,
        help="Both ends in one state. Empty: the price per minute.",
        **PRICE,
    )
    price_local = ExactFloat(
        string="Local price",
        default=NO_PRICE,
        help="Both ends in one local area. Empty: the price per minute.",
        **PRICE,
    )
    price_indeterminate = ExactFloat(
        string="Indeterminate price",
        default=NO_PRICE,
        help="One end unknown. Empty: the higher of the price per minute and the "
        "intrastate price.",
        **PRICE,
    )
    first_price = ExactFloat(
        string="First increment price",
        default=NO_PRICE,
        help="Price per minute of the first increment. Empty: the price per minute. "
        "Not for calls that a price of their jurisdiction is taken for.",
        **PRICE,
    )
    connect_fee = ExactFloat(default=0.0, help="Once per answered call.", **PRICE)
    min_charge = ExactFloat(
        string="Minimum charge",
        default=0.0,
        help="Least amount of an answered call, without its attempt fee.",
        **PRICE,
    )
    max_charge = ExactFloat(
        string="Maximum charge",
        default=0.0,
        help="Highest amount of an answered call, without its attempt fee. Empty: "
        "none.",
        **PRICE,
    )
    attempt_fee = ExactFloat(
        default=0.0, help="Once per call, answered or not.", **PRICE
    )
    initial_increment = fields.Integer(
        compute="_compute_from_deck",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        aggregator=None,
        help="Seconds charged at least.",
    )
    next_increment = fields.Integer(
        compute="_compute_from_deck",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        aggregator=None,
        help="Seconds of each block after the initial one.",
    )
    grace_seconds = fields.Integer(
        required=True,
        default=0,
        aggregator=None,
        help="Their meaning is set on the deck.",
    )
    effective_from = fields.Datetime(
        required=True,
        default=fields.Datetime.now,
        help="Valid from this moment on. 1970: from the beginning.",
    )
    effective_to = fields.Datetime(
        help="Valid until just before this moment; then the version that was valid "
        "before goes on. Empty: open."
    )
    continues_from = fields.Datetime(
        readonly=True,
        copy=False,
        help="The start of the version that goes on with this one, after a promotion.",
    )
    blocked = fields.Boolean(
        help="Calls are refused and go to the error queue; a shorter code is not "
        "tried."
    )
    payback = fields.Boolean(help="The amount is paid to the customer.")
    manual = fields.Boolean(
        compute="_compute_from_deck",
        store=True,
        readonly=False,
        precompute=True,
        help="An exception in a generated deck: the generator leaves it alone.",
    )

    _version_uniq = models.UniqueIndex(
        "(deck_id, prefix, COALESCE(origin_prefix, ''), effective_from)",
        "The deck has a rate for this code from this moment already.",
    )
    _prefix_digits = models.Constraint(
        "CHECK (prefix ~ '^[1-9][0-9]{0,14}$'"
        " AND COALESCE(origin_prefix, '1') ~ '^[1-9][0-9]{0,14}$')",
        "A code has 1 to 15 digits and does not begin with 0.",
    )
    _price_bounds = models.Constraint(
        "CHECK (price_per_minute BETWEEN 0 AND 999999999.99999999"
        " AND connect_fee BETWEEN 0 AND 999999999.99999999"
        " AND min_charge BETWEEN 0 AND 999999999.99999999"
        " AND max_charge BETWEEN 0 AND 999999999.99999999"
        " AND attempt_fee BETWEEN 0 AND 999999999.99999999)",
        "Prices and charges are 0 to 999,999,999.99999999; use payback to pay out.",
    )
    _jurisdiction_bounds = models.Constraint(
        "CHECK ((price_intra = -1"
        " OR price_intra BETWEEN 0 AND 999999999.99999999)"
        " AND (price_local = -1"
        " OR price_local BETWEEN 0 AND 999999999.99999999)"
        " AND (price_indeterminate = -1"
        " OR price_indeterminate BETWEEN 0 AND 999999999.99999999))",
        "Jurisdiction prices are 0 to 999,999,999.99999999, or −1 for none.",
    )
    _first_price_bounds = models.Constraint(
        "CHECK (first_price = -1 OR first_price BETWEEN 0 AND 999999999.99999999)",
        "The price of the first increment is 0 to 999,999,999.99999999, or −1 for the "
        "price per minute.",
    )
    _payback_fee = models.Constraint(
        "CHECK (attempt_fee = 0 OR payback IS NOT TRUE)",
        "A payback rate has no attempt fee.",
    )
    _increment_bounds = models.Constraint(
        "CHECK (initial_increment BETWEEN 1 AND 86400"
        " AND next_increment BETWEEN 1 AND 86400"
        " AND grace_seconds BETWEEN 0 AND 3600)",
        "Increments are 1 to 86,400 seconds, grace 0 to 3,600.",
    )
    _period_order = models.Constraint(
        "CHECK (effective_from < effective_to"
        " AND effective_from BETWEEN '1970-01-01' AND '2100-01-01')",
        "A rate must end after it begins, between 1970 and 2100.",
    )

    def init(self):
        self.env.cr.execute(_TRIGGERS)

    # === COMPUTE METHODS === #

    @api.depends("deck_id")
    def _compute_from_deck(self):
        for rate in self:
            deck = rate.deck_id
            rate.initial_increment = deck.default_initial_increment or 1
            rate.next_increment = deck.default_next_increment or 1
            rate.manual = bool(deck.generator_ids)

    @api.depends("prefix", "deck_id")
    def _compute_destination_id(self):
        for company, rates in self.grouped("company_id").items():
            prefixes = {rate.prefix for rate in rates if rate.prefix}
            found = self.env["voip.destination"]._find_by_prefix(prefixes, company)
            for rate in rates:
                rate.destination_id = found.get(rate.prefix)

    @api.depends("prefix", "label", "destination_id")
    def _compute_display_name(self):
        for rate in self:
            name = rate.label or rate.destination_id.name
            rate.display_name = f"{rate.prefix} {name}" if name else rate.prefix

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [
            {name: value for name, value in vals.items() if name != "continues_from"}
            for vals in vals_list
        ]
        rates = super().create(vals_list)
        hold_calls(rates.deck_id)
        rates._go_on()
        rates._chain_versions()
        refuse_unseen(rates.deck_id, rates.mapped("prefix"))
        rates._log("rate_add")
        return rates

    def write(self, vals):
        self.check_access("write")
        if vals.keys() - EDITABLE:
            raise UserError(
                self.env._(
                    "A rate is never edited, so that past calls stay explained. "
                    "Use New version, or close it."
                )
            )
        if "effective_to" in vals:
            hold_calls(self.deck_id)
            self._check_end(fields.Datetime.to_datetime(vals["effective_to"]))
        result = super().write(vals)
        if "effective_to" in vals:
            self._go_on()
            self._chain_versions()
            refuse_unseen(self.deck_id, self.mapped("prefix"))
            self._log("rate_close")
        return result

    def unlink(self):
        decks, prefixes = self.deck_id, self.mapped("prefix")
        hold_calls(decks)
        result = super().unlink()
        refuse_unseen(decks, prefixes)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        used = self._last_used()
        for rate in self:
            if rate.id in used:
                raise UserError(
                    self.env._(
                        "Rate %(rate)s has rated calls: close it instead.",
                        rate=rate.display_name,
                    )
                )
        self._log("rate_delete")

    def _log(self, event):
        """Write one audit record for each deck."""
        prices = self._exact_prices()
        for deck, rates in self.grouped("deck_id").items():
            data = [rate._audit_data(prices[rate.id]) for rate in rates]
            self.env["voip.audit"]._log(event, deck, {"code": deck.code, "rates": data})

    def _exact_prices(self):
        """{rate id: price per minute as text}; a float has 15 digits."""
        self.flush_recordset()
        query = SQL(
            "SELECT id, price_per_minute::numeric(18, 8)::text FROM voip_rate"
            " WHERE id = ANY(%s)",
            self.ids,
        )
        return dict(self.env.execute_query(query))

    def _audit_data(self, price):
        return {
            "prefix": self.prefix,
            "origin": self.origin_prefix or "",
            "price": price,
            "increments": f"{self.initial_increment}/{self.next_increment}",
            "from": fields.Datetime.to_string(self.effective_from),
            "to": fields.Datetime.to_string(self.effective_to) or "",
        }

    # === ACTION METHODS === #

    def action_new_version(self):
        """Open the form of a version that begins now, with the values of this one."""
        self.check_access("read")
        self.ensure_one()
        context = {
            f"default_{name}": self._fields[name].convert_to_write(self[name], self)
            for name in self._version_fields()
        }
        context["default_effective_from"] = fields.Datetime.to_string(
            fields.Datetime.now()
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("New version of %(rate)s", rate=self.display_name),
            "res_model": "voip.rate",
            "view_mode": "form",
            "target": "new",
            "context": context,
        }

    def action_close(self):
        """End the rates now; those that have not begun yet are deleted."""
        self.check_access("write")
        now = fields.Datetime.now()
        future = self.filtered(lambda rate: rate.effective_from >= now)
        future.unlink()
        current = self - future
        current.filtered(
            lambda rate: not rate.effective_to or rate.effective_to > now
        ).write({"effective_to": now})

    # === BUSINESS METHODS === #

    @api.model
    def _version_fields(self):
        return [
            "deck_id",
            "prefix",
            "origin_prefix",
            "destination_id",
            "label",
            "service_id",
            "price_per_minute",
            "price_intra",
            "price_local",
            "price_indeterminate",
            "first_price",
            "connect_fee",
            "min_charge",
            "max_charge",
            "attempt_fee",
            "initial_increment",
            "next_increment",
            "grace_seconds",
            "blocked",
            "payback",
            "manual",
        ]
