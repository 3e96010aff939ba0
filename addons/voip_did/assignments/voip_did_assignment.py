"""Assignments of numbers to accounts, day by day, never two at once."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date


class VoipDidAssignment(models.Model):
    """A number at an account, from its first to its last day in the account's zone."""

    _name = "voip.did.assignment"
    _inherit = ["voip.guard"]
    _description = "Number Assignment"
    _order = "date_start desc, id desc"
    _rec_name = "did_id"
    _check_company_auto = True
    _voip_internal = (
        "due_on",
        "is_continued",
        "looked_for",
        "settled_until",
        "unpaid_since",
        "unpaid_told",
    )

    did_id = fields.Many2one(
        "voip.did",
        string="Number",
        required=True,
        index=True,
        check_company=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one(related="did_id.company_id", store=True, index=True)
    account_id = fields.Many2one(
        "voip.account",
        required=True,
        index=True,
        check_company=True,
        ondelete="restrict",
    )
    plan_id = fields.Many2one(
        "voip.did.plan",
        required=True,
        index=True,
        check_company=True,
        ondelete="restrict",
    )
    date_start = fields.Date(
        string="From", required=True, default=fields.Date.context_today
    )
    date_end = fields.Date(
        string="To", help="The last day. Empty: until it is given back."
    )
    settled_until = fields.Date(
        string="Charged For Good Until",
        help="The months before are charged and looked at no more.",
    )
    charge_ids = fields.One2many("voip.did.charge", "assignment_id")
    charge_count = fields.Integer(compute="_compute_charge_count")

    _dates_in_order = models.Constraint(
        "CHECK (date_end >= date_start)", "The last day is not before the first one."
    )
    # A day of the year 10000, which a quarantine reaches, cannot be read.
    _dates_bounds = models.Constraint(
        "CHECK (date_start >= '1970-01-01'"
        " AND COALESCE(date_end, date_start) < '2200-01-01')",
        "Days of an assignment are of the years 1970 to 2199.",
    )
    # int4range: gist compares integers only with an extension.
    _no_overlap = models.Constraint(
        "EXCLUDE USING gist (int4range(did_id, did_id, '[]') WITH &&,"
        " daterange(date_start, date_end, '[]') WITH &&)",
        "The number is at another account on some of these days.",
    )
    _of_account = models.Index("(account_id, plan_id, date_start)")

    # === COMPUTE METHODS === #

    @api.depends("did_id", "account_id")
    def _compute_display_name(self):
        for one in self:
            one.display_name = (
                f"{one.did_id.display_name} – {one.account_id.code or ''}"
            )

    def _compute_charge_count(self):
        groups = self.env["voip.did.charge"]._read_group(
            [("assignment_id", "in", self.ids)], ["assignment_id"], ["__count"]
        )
        counts = {one.id: count for one, count in groups}
        for one in self:
            one.charge_count = counts.get(one.id, 0)

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        self.check_access("create")
        self._lock_dids(vals_list)
        found = super().create(vals_list)
        found._refuse_unfit()
        found._refuse_billed_start()
        found.did_id._settle()
        for one in found:
            self.env["voip.audit"]._log("did_assigned", one.did_id, one._terms())
        return found

    def _lock_dids(self, vals_list):
        """Hold the numbers: two that insert at once would wait for one another in the
        index of the constraint."""
        ids = [vals.get("did_id") for vals in vals_list if isinstance(vals, dict)]
        ids = [number for number in ids if type(number) is int and number < 2**31]
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT FROM voip_did WHERE id = ANY(%s) ORDER BY id FOR UPDATE", [ids]
        )

    def write(self, vals):
        fixed = {"did_id", "account_id", "plan_id", "date_start"} & vals.keys()
        if fixed and any(one.sudo().charge_ids for one in self):
            raise UserError(
                self.env._(
                    "The rental is charged: end this assignment and make another one."
                )
            )
        before = {one: one._terms() for one in self}
        result = super().write(vals)
        if fixed or "date_end" in vals:
            self._refuse_unfit()
            self._reopen([said["end"] for said in before.values()])
            self.did_id._settle()
            for one, said in before.items():
                data = {"before": said, "after": one._terms()}
                self.env["voip.audit"]._log("did_changed", one.did_id, data)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_charged(self):
        for one in self:
            if one.sudo().charge_ids:
                raise UserError(
                    self.env._("The rental is charged: end this assignment instead.")
                )
            self.env["voip.audit"]._log("did_unassigned", one.did_id, one._terms())

    def unlink(self):
        dids = self.did_id
        result = super().unlink()
        dids._settle()
        return result

    def _terms(self):
        return {
            "account": self.account_id.code,
            "plan": self.plan_id.code,
            "start": str(self.date_start),
            "end": str(self.date_end) if self.date_end else "",
        }

    def _refuse_unfit(self):
        """:raises ValidationError: naming what does not go together"""
        for one in self.sudo():
            if one.account_id.state == "closed":
                raise ValidationError(
                    self.env._("Account %s is closed.", one.account_id.code)
                )
            if one.account_id.currency_id != one.plan_id.currency_id:
                raise ValidationError(
                    self.env._(
                        "Plan %(plan)s is in %(currency)s, account %(account)s in"
                        " %(own)s: choose a plan in the account's currency.",
                        plan=one.plan_id.name,
                        currency=one.plan_id.currency_id.name,
                        account=one.account_id.code,
                        own=one.account_id.currency_id.name,
                    )
                )
            one._refuse_unpriced()
            if one.did_id.returned_on and (
                not one.date_end or one.date_end >= one.did_id.returned_on
            ):
                raise ValidationError(
                    self.env._(
                        "%(number)s goes back to the supplier on %(day)s.",
                        number=one.did_id.display_name,
                        day=format_date(self.env, one.did_id.returned_on),
                    )
                )

    def _refuse_unpriced(self):
        """:raises ValidationError: the plan has no price for the number on its first
        day: it would be given away"""
        did = self.did_id
        line = self.plan_id._timeline(
            "monthly", did.kind, did.country_id.id, self.account_id.id, 1
        )
        if not line or line[0][0] > self.date_start:
            raise ValidationError(
                self.env._(
                    "Plan %(plan)s has no price of the monthly rental of %(number)s on"
                    " %(day)s.",
                    plan=self.plan_id.name,
                    number=did.display_name,
                    day=format_date(self.env, self.date_start),
                )
            )

    def _refuse_billed_start(self):
        """A new assignment does not reach back more than a year.

        :raises ValidationError: it does
        """
        today = fields.Date.context_today(self)
        for one in self:
            if (today - one.date_start).days > 366:
                raise ValidationError(
                    self.env._(
                        "From %s is more than a year ago.",
                        format_date(self.env, one.date_start),
                    )
                )

    def _reopen(self, ends):
        """Have months looked at again that another last day changes."""
        for one, end in zip(self.sudo(), ends, strict=True):
            days = [day for day in (fields.Date.to_date(end), one.date_end) if day]
            if one.settled_until and days and min(days) < one.settled_until:
                # That day is not settled: nothing after it would be looked at.
                one.settled_until = min(days) - timedelta(days=1)
        self.sudo().filtered("due_on").due_on = False

    # === BUSINESS METHODS === #

    @api.model
    def _current_domain(self):
        today = fields.Date.context_today(self)
        return [
            ("date_start", "<=", today),
            "|",
            ("date_end", "=", False),
            ("date_end", ">=", today),
        ]

    def _today(self):
        self.ensure_one()
        return self.account_id._did_today()

    def _is_current(self):
        self.ensure_one()
        today = self._today()
        return self.date_start <= today and not (
            self.date_end and self.date_end < today
        )

    # === ACTION METHODS === #

    def action_view_charges(self):
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "voip_did.voip_did_charge_action"
        )
        return {**action, "domain": [("assignment_id", "in", self.ids)], "context": {}}
