"""A netting: what is set off, how far it has got, who may change it."""

from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.voip_billing_base.charge.exchange import refuse_unconverted
from odoo.addons.voip_billing_base.models.voip_guard import changed
from odoo.addons.voip_billing_base.notice import notice

from ..context.figures import amount_of
from .document import context_of
from .figures import ZERO, Pair, net

STATES = [
    ("draft", "Draft"),
    ("requested", "Requested"),
    ("countered", "Countered"),
    ("agreed", "Agreed"),
    ("posted", "Posted"),
    ("cancelled", "Cancelled"),
]
# Items and rates are chosen in these.
OPEN_STATES = ("draft", "countered")
SEQUENCE = "voip.netting"


class VoipNetting(models.Model):
    """Open items of one partner with one company, set off against each other.

    Items and rates are chosen in draft, fixed when the partner is asked, and posted as
    they were agreed on, or not at all.
    """

    _name = "voip.netting"
    _description = "Netting"
    _inherit = ["mail.thread", "mail.activity.mixin", "voip.finite"]
    _order = "id desc"
    _check_company_auto = True

    name = fields.Char(string="Number", readonly=True, copy=False)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.company,
    )
    partner_id = fields.Many2one(
        "res.partner",
        required=True,
        index=True,
        check_company=True,
        ondelete="restrict",
        domain="[('parent_id', '=', False)]",
        help="Who is both customer and supplier; contacts stand for their company.",
    )
    state = fields.Selection(
        STATES,
        required=True,
        readonly=True,
        copy=False,
        default="draft",
        index=True,
        tracking=True,
    )
    due_until = fields.Date(
        string="Due until",
        default=fields.Date.context_today,
        help="Items that are due later are proposed as left out. Empty: all are taken.",
    )
    date = fields.Date(
        string="Posting Date",
        copy=False,
        help="Date of the journal entries, whose exchange rates are used. Empty: the"
        " day on which it is posted.",
    )
    line_ids = fields.One2many("voip.netting.line", "netting_id", string="Items")
    rate_ids = fields.One2many(
        "voip.netting.rate",
        "netting_id",
        string="Agreed Rates",
        help="Without a rate two currencies are not netted against each other.",
    )
    threshold = fields.Monetary(
        string="Least Amount",
        compute="_compute_threshold",
        currency_field="company_currency_id",
        help="Where less than this comes to be netted, nothing is. Set on the partner,"
        " else in the settings of the company.",
    )
    company_currency_id = fields.Many2one(related="company_id.currency_id")
    result = fields.Html(compute="_compute_result", sanitize=False)
    netted_text = fields.Char(
        string="Netted",
        compute="_compute_netted_text",
        help="What is set off of that which the partner owes, in each currency.",
    )
    warning = fields.Char(compute="_compute_warning")
    is_open = fields.Boolean(compute="_compute_is_open")

    _name_uniq = models.Constraint(
        "UNIQUE(company_id, name)", "A number of a netting is used once."
    )

    # === COMPUTE METHODS === #

    @api.depends("company_id", "partner_id")
    def _compute_threshold(self):
        for netting in self:
            partner = netting.partner_id.with_company(netting.company_id)
            own = partner.commercial_partner_id.voip_netting_threshold
            netting.threshold = own or netting.company_id.voip_netting_threshold

    @api.depends("line_ids.amount", "line_ids.withheld", "rate_ids", "state")
    def _compute_result(self):
        for netting in self:
            data = context_of(netting, self.env.lang) if netting.line_ids else None
            netting.result = data and self.env["ir.qweb"]._render(
                "voip_documents.netting_result", {"data": data}
            )

    @api.depends("line_ids.amount", "line_ids.withheld", "rate_ids")
    def _compute_netted_text(self):
        for netting in self:
            totals = netting._net().totals
            netting.netted_text = ", ".join(
                netting._currency(name).format(float(totals[name].theirs_netted))
                for name in sorted(totals)
                if totals[name].theirs_netted
            )

    @api.depends("line_ids.amount", "line_ids.withheld", "rate_ids", "state")
    def _compute_warning(self):
        for netting in self:
            asked = netting.is_open and netting.partner_id and netting._origin
            netting.warning = netting._obstacle() if asked else False

    @api.depends("state")
    def _compute_is_open(self):
        for netting in self:
            netting.is_open = netting.state in OPEN_STATES

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        nettings = super().create(vals_list)
        for netting in nettings:
            netting.sudo()._number()
        return nettings

    def write(self, vals):
        if not self.env.su:
            self.check_access("write")
            self._refuse_fixed(vals)
        result = super().write(vals)
        if "partner_id" in vals:
            for netting in self.sudo():
                partner = netting.partner_id
                if partner != partner.commercial_partner_id:
                    netting.partner_id = partner.commercial_partner_id
        if "due_until" in vals:
            for netting in self.sudo():
                netting._redate()
        return result

    def _refuse_fixed(self, vals):
        """:raises UserError: what is written is not open to changes any more"""
        if changed(self, vals, ("company_id", "partner_id")) and self.line_ids:
            raise UserError(
                self.env._("The partner is fixed: make a new netting for another one.")
            )
        names = ("due_until", "line_ids", "rate_ids", "partner_id", "company_id")
        touched = set(names) & vals.keys()
        if any(not netting.is_open for netting in self) and touched:
            self._refuse_closed()
        if "date" in vals and any(n.state in ("posted", "cancelled") for n in self):
            raise UserError(self.env._("The netting is closed."))

    def _refuse_closed(self):
        """:raises UserError: items are fixed; says what to do"""
        if closed := self.filtered(lambda netting: not netting.is_open):
            states = dict(self._fields["state"]._description_selection(self.env))
            raise UserError(
                self.env._(
                    "%(name)s is %(state)s, its items are fixed. Press Change first.",
                    name=closed[0].name,
                    state=states[closed[0].state].lower(),
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_asked(self):
        if any(n.state != "draft" or n.requested_at for n in self):
            raise UserError(
                self.env._("A netting that was asked for is kept: cancel it.")
            )

    def _number(self):
        """Number it in its company, and hold the partner's company, not a contact."""
        commercial = self.partner_id.commercial_partner_id
        sequences = self.env["ir.sequence"].with_company(self.company_id)
        domain = [("code", "=", SEQUENCE), ("company_id", "=", self.company_id.id)]
        if not sequences.search_count(domain, limit=1):
            sequences.create(
                {
                    "name": f"Netting {self.company_id.name}",
                    "code": SEQUENCE,
                    "prefix": "NET/%(year)s/",
                    "padding": 4,
                    "company_id": self.company_id.id,
                }
            )
        name = sequences.next_by_code(SEQUENCE)
        self.write({"name": name, "partner_id": commercial.id})

    # === ACTION METHODS === #

    def action_propose(self):
        """Take the partner's open items; choices that were made stay."""
        self.check_access("write")
        self.ensure_one()
        self._refuse_closed()
        self.sudo()._propose()
        if self.line_ids:
            return True
        return notice(
            self.env._("%s has no open item.", self.partner_id.display_name), "warning"
        )

    # === BUSINESS METHODS === #

    def _netting_context(self, lang=None, link=""):
        """The data of the request document, see docs/netting.md."""
        return context_of(self, lang, link)

    def _taken(self):
        return self.line_ids.filtered(lambda line: not line.withheld)

    def _net(self):
        """:class:`~.figures.Result` of what is taken; keys are ids of lines."""
        rates = self.rate_ids.sorted(lambda rate: (rate.sequence, rate.id))
        pairs = [
            Pair(rate.currency_id.name, rate.other_currency_id.name, rate._exact())
            for rate in rates
            if rate._exact()
        ]
        currencies = self.line_ids.currency_id
        places = {currency.name: currency.decimal_places for currency in currencies}
        return net([line._item() for line in self._taken()], pairs, places)

    def _currency(self, name):
        return self.line_ids.currency_id.filtered(lambda each: each.name == name)

    def _day(self):
        return self.date or fields.Date.context_today(self)

    def _worth(self, result):
        """All that is netted, in the company's currency (Decimal).

        :raises UserError: a currency has no exchange rate of the day
        """
        company, worth = self.company_id, ZERO
        for match in result.matches:
            part = match.theirs
            if match.ours.currency == company.currency_id.name:
                part = match.ours
            worth += self._company_amount(part)
        return worth

    def _company_amount(self, part):
        """A part of a match in the company's currency (Decimal), at the day's rate."""
        company, currency = self.company_id, self._currency(part.currency)
        if currency == company.currency_id:
            return part.total
        refuse_unconverted(company, currency, self._day())
        value = currency._convert(
            float(part.total), company.currency_id, company, self._day()
        )
        return Decimal(amount_of(value, company.currency_id))

    def _obstacle(self):
        """Why nothing can be asked for or posted, as a sentence; False where it can."""
        if not self.line_ids:
            return self.env._("Press Find Open Items: they become the lines below.")
        for line in self._taken().sudo():
            if reason := self._disputed_since(line):
                return self.env._(
                    "%(item)s became disputed (%(reason)s): leave it out, or press Find"
                    " Open Items, which does.",
                    item=line._title(),
                    reason=reason,
                )
        result = self._net()
        if not result.matches:
            return self.env._(
                "Nothing is netted: in no currency there are items on both sides. Take"
                " other items, or agree on an exchange rate."
            )
        try:
            worth = self._worth(result)
        except UserError as error:
            return str(error)
        least = self.threshold
        if worth < Decimal(amount_of(least, self.company_currency_id)):
            return self.env._(
                "Only %(worth)s would be netted; the least amount for %(partner)s is"
                " %(least)s.",
                worth=self.company_currency_id.format(float(worth)),
                partner=self.partner_id.display_name,
                least=self.company_currency_id.format(least),
            )
        return False

    def _refuse_obstacle(self):
        if obstacle := self._obstacle():
            raise UserError(obstacle)

    def _lock(self, *states):
        """Lock the netting, for the rest of the transaction, in one of ``states``.

        :raises UserError: it is in another one
        """
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT state FROM voip_netting WHERE id = %s FOR UPDATE",
            [self.id],
            log_exceptions=False,  # two answers at once: one is tried again
        )
        self.invalidate_recordset(flush=False)
        if self.state not in states:
            names = dict(self._fields["state"]._description_selection(self.env))
            raise UserError(
                self.env._(
                    "%(name)s is %(state)s now. Load the page again.",
                    name=self.name,
                    state=names[self.state].lower(),
                )
            )

    def _set_state(self, state, **values):
        """Move on; items of a netting that is over are free for another one."""
        user = self.env.user
        # Whoever answers by the link is no user: the program notes the new state.
        writer = self.env.ref("base.user_root") if user._is_public() else user
        self.with_user(writer).sudo().write({"state": state, **values})
        self._tell_approvers(state == "agreed")
        live = state not in ("posted", "cancelled")
        for line in self.sudo().line_ids:
            line.is_live = live and not line.withheld

    def _log(self, event, **data):
        self.env["voip.audit"]._log(f"netting_{event}", self, data)
