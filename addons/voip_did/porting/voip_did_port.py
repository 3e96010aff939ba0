"""Orders to port numbers in or out: dates, states, reasons."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

STATES = [
    ("requested", "Requested"),
    ("confirmed", "Confirmed"),
    ("done", "Done"),
    ("refused", "Refused"),
    ("cancelled", "Cancelled"),
]
OPEN = ("requested", "confirmed")
TERMS = {"did_ids", "direction", "company_id"}


class VoipDidPort(models.Model):
    """Some numbers, where they come from or go to, and when.

    A number is in one open order at most. An order out that is done ends what the
    numbers were assigned for, with that day.
    """

    _name = "voip.did.port"
    _inherit = ["mail.thread", "mail.activity.mixin", "voip.guard"]
    _description = "Porting of Numbers"
    _order = "id desc"
    _check_company_auto = True

    name = fields.Char(
        string="Reference", copy=False, tracking=True, help="The order's, at the other."
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    direction = fields.Selection(
        [("in", "In"), ("out", "Out")], required=True, default="in", tracking=True
    )
    did_ids = fields.Many2many(
        "voip.did", string="Numbers", required=True, check_company=True
    )
    did_count = fields.Integer(string="Count", compute="_compute_did_count")
    carrier = fields.Char(
        string="Other Carrier", tracking=True, help="Who gives or takes the numbers."
    )
    state = fields.Selection(
        STATES,
        required=True,
        readonly=True,
        default="requested",
        copy=False,
        tracking=True,
        group_expand=True,
    )
    requested_on = fields.Date(
        required=True, default=fields.Date.context_today, copy=False, tracking=True
    )
    agreed_on = fields.Date(
        string="Agreed For",
        copy=False,
        tracking=True,
        help="The day of porting that both carriers agreed on.",
    )
    done_on = fields.Date(
        copy=False,
        tracking=True,
        help="The day on which they went over. Out: the last day at their account.",
    )
    reason = fields.Text(
        copy=False, tracking=True, help="Why it was refused or cancelled."
    )

    _dates = models.Constraint(
        "CHECK (agreed_on >= requested_on AND done_on >= requested_on)",
        "Numbers are not ported before that was requested.",
    )

    # === COMPUTE METHODS === #

    @api.depends("did_ids", "direction")
    def _compute_display_name(self):
        words = dict(self._fields["direction"]._description_selection(self.env))
        for order in self:
            if not order.did_ids:
                order.display_name = self.env._("New")
                continue
            count = len(order.did_ids)
            more = f" … ({count})" if count > 1 else ""
            names = order.did_ids[:1].display_name + more
            order.display_name = f"{words.get(order.direction, '')}: {names}"

    @api.depends("did_ids")
    def _compute_did_count(self):
        for order in self:
            order.did_count = len(order.did_ids)

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        orders = super().create(vals_list)
        for order in orders:
            order._refuse_numbers()
        orders.did_ids._note_porting()
        return orders

    def write(self, vals):
        terms = (TERMS | {"agreed_on", "requested_on", "done_on"}) & vals.keys()
        if terms and not self.env.su and any(one.state not in OPEN for one in self):
            raise UserError(self.env._("The order is closed: make another one."))
        before = self.did_ids
        result = super().write(vals)
        if terms:
            for order in self.filtered(lambda one: one.state in OPEN):
                order._refuse_numbers()
            (before | self.did_ids)._note_porting()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Orders stay, as history: cancel it instead."))

    # === ACTION METHODS === #

    def action_confirm(self):
        """The other carrier agreed on the day."""
        self.check_access("write")
        for order in self:
            order._refuse_state("requested")
            if not order.agreed_on:
                raise UserError(self.env._("Say for which day it is agreed."))
            order._refuse_early_use()
            order._go("confirmed")

    def action_done(self):
        """The numbers went over; without a day today."""
        self.check_access("write")
        for order in self:
            order._refuse_state(*OPEN)
            day = order.done_on or fields.Date.context_today(self)
            if day > fields.Date.context_today(self):
                raise UserError(self.env._("A porting is done on its day, not before."))
            order.done_on = day
            if order.direction == "out":
                order._give_away(day)
            order._go("done")

    def action_refuse(self):
        """The other carrier refused."""
        self._end("refused")

    def action_cancel(self):
        """It is not wanted any more."""
        self._end("cancelled")

    # === BUSINESS METHODS === #

    def _end(self, state):
        self.check_access("write")
        for order in self:
            order._refuse_state(*OPEN)
            if not (order.reason or "").strip():
                raise UserError(self.env._("State the reason."))
            order._go(state)

    def _go(self, state):
        """The one way a state changes."""
        before = self.state
        self.sudo().write({"state": state})
        self.did_ids._note_porting()
        said = {"before": before, "after": state, "reason": self.reason or ""}
        for did in self.did_ids:
            self.env["voip.audit"]._log("did_ported", did, {**said, **self._terms()})

    def _terms(self):
        return {
            "direction": self.direction,
            "carrier": self.carrier or "",
            "agreed_on": str(self.agreed_on or ""),
            "done_on": str(self.done_on or ""),
        }

    def _refuse_state(self, *states):
        if self.state not in states:
            words = dict(self._fields["state"]._description_selection(self.env))
            raise UserError(
                self.env._("The order is %s already.", words[self.state].lower())
            )

    def _refuse_numbers(self):
        """:raises UserError: a number cannot be ported so"""
        dids = self.did_ids
        if not dids:
            raise UserError(self.env._("Choose the numbers that are ported."))
        dids._refuse_parts()
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT FROM voip_did WHERE id = ANY(%s) ORDER BY id FOR UPDATE", [dids.ids]
        )
        others = self.sudo().search(
            [
                ("did_ids", "in", dids.ids),
                ("state", "in", OPEN),
                ("id", "!=", self.id),
            ]
        )
        for did in dids & others.did_ids:
            raise UserError(
                self.env._("%s is in another open order.", did.display_name)
            )
        for did in dids.filtered(lambda did: did.state == "returned"):
            raise UserError(self.env._("%s is back at the supplier.", did.display_name))
        self._refuse_early_use()

    def _refuse_early_use(self):
        """:raises UserError: a number that comes in is promised for a day before"""
        if self.direction != "in" or not self.agreed_on:
            return
        for one in self.sudo().did_ids.assignment_ids:
            is_over = one.date_end and one.date_end < one._today()
            if one.date_start < self.agreed_on and not is_over:
                raise UserError(
                    self.env._(
                        "%(number)s is promised to %(account)s from %(day)s on, before"
                        " it is here: let that begin later.",
                        number=one.did_id.display_name,
                        account=one.account_id.code,
                        day=format_date(self.env, one.date_start),
                    )
                )

    def _give_away(self, day):
        """End what the numbers are assigned for; ``day`` is the last one."""
        assignments = self.sudo().did_ids.assignment_ids
        for one in assignments.filtered(lambda one: one.date_start > day):
            raise UserError(
                self.env._(
                    "%(number)s is promised to %(account)s from %(day)s on: end that"
                    " first.",
                    number=one.did_id.display_name,
                    account=one.account_id.code,
                    day=format_date(self.env, one.date_start),
                )
            )
        using = assignments.filtered(lambda one: not one.date_end or one.date_end > day)
        if using:
            using.date_end = day
            using._charge_now()
        gone = day + timedelta(days=1)
        self.did_ids.sudo().write({"returned_on": gone})
