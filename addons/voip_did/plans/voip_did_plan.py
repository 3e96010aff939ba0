"""Plans: how rental is charged, and the prices."""

from odoo import api, fields, models
from odoo.exceptions import UserError

AUDITED = (
    "advance",
    "prorate",
    "gives_back",
    "quarantine_days",
    "currency_id",
    "grace_days",
    "release_days",
    "charges_suspended",
)


class VoipDidPlan(models.Model):
    """Terms and prices of numbers, in one currency."""

    _name = "voip.did.plan"
    _inherit = ["mail.thread", "voip.guard"]
    _description = "Number Plan"
    _order = "is_default desc, name, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True, tracking=True)
    code = fields.Char(required=True, tracking=True)
    active = fields.Boolean(default=True, tracking=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    is_default = fields.Boolean(
        string="Default", help="For who names no plan, and for prices in searches."
    )
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        tracking=True,
        default=lambda self: self.env.company.currency_id,
        help="Accounts in another currency cannot have this plan.",
    )
    service_id = fields.Many2one(
        "voip.service",
        required=True,
        check_company=True,
        ondelete="restrict",
        default=lambda self: self.env.ref(
            "voip_billing_base.service_did", raise_if_not_found=False
        ),
        help="What invoices book the rental by.",
    )
    advance = fields.Selection(
        [("advance", "In advance"), ("arrears", "In arrears")],
        string="Charged",
        required=True,
        default="advance",
        tracking=True,
        help="In advance: on the first day of each month. In arrears: on the day after"
        " its last one, or after the number's last day.",
    )
    prorate = fields.Selection(
        [("day", "By the day"), ("whole", "Whole months only")],
        string="Parts of Months",
        required=True,
        default="day",
        tracking=True,
    )
    gives_back = fields.Boolean(
        string="Credit Unused Days",
        default=True,
        tracking=True,
        help="Days that were charged in advance are credited when a number is given"
        " back before.",
    )
    quarantine_days = fields.Integer(
        string="Quarantine (days)",
        default=30,
        required=True,
        tracking=True,
        aggregator=None,
        help="How long a number is not offered after somebody had it.",
    )
    price_ids = fields.One2many("voip.did.price", "plan_id", copy=True)
    assignment_count = fields.Integer(compute="_compute_assignment_count")

    _code_uniq = models.Constraint(
        "UNIQUE (company_id, code)", "There is a plan with this code already."
    )
    _one_default = models.UniqueIndex(
        "(company_id) WHERE is_default", "Another plan is the default one."
    )
    _quarantine_bounds = models.Constraint(
        "CHECK (quarantine_days BETWEEN 0 AND 3650)",
        "A quarantine is 0 to 3,650 days long.",
    )

    # === COMPUTE METHODS === #

    def _compute_assignment_count(self):
        groups = self.env["voip.did.assignment"]._read_group(
            [("plan_id", "in", self.ids)], ["plan_id"], ["__count"]
        )
        counts = {plan.id: count for plan, count in groups}
        for plan in self:
            plan.assignment_count = counts.get(plan.id, 0)

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        plans = super().create(vals_list)
        for plan in plans:
            terms = {name: ["", str(plan[name])] for name in AUDITED}
            self.env["voip.audit"]._log("did_plan_new", plan, terms)
        return plans

    def write(self, vals):
        kept = [name for name in AUDITED if name in vals]
        before = {plan: {name: plan[name] for name in kept} for plan in self.sudo()}
        if "currency_id" in vals:
            self._refuse_used()
        result = super().write(vals)
        for plan, said in before.items():
            changes = {
                n: [str(v), str(plan[n])] for n, v in said.items() if v != plan[n]
            }
            if changes:
                self.env["voip.audit"]._log("did_plan", plan, changes)
        if "quarantine_days" in vals:
            self.env["voip.did"].sudo()._settle_all()
        return result

    def _refuse_used(self):
        assignments = self.env["voip.did.assignment"].sudo()
        if assignments.search_count([("plan_id", "in", self.ids)], limit=1):
            raise UserError(
                self.env._("Numbers are rented by this plan: make another one instead.")
            )

    # === BUSINESS METHODS === #

    @api.model
    def _default_plan(self):
        """The default plan of the current company, or none."""
        company = [("company_id", "=", self.env.company.id)]
        return self.search([*company, ("is_default", "=", True)], limit=1)

    @api.model
    def _plan_for(self, account):
        """The plan that ``account`` gets unless another is chosen, or none.

        That of its numbers; else the default one, else the only one, in its currency.
        """
        if not account:
            return self._default_plan()
        assignments = self.env["voip.did.assignment"]
        latest = [("account_id", "=", account.id), *assignments._current_domain()]
        plan = assignments.search(latest, order="date_start desc, id desc", limit=1)
        if plan.plan_id.active:
            return plan.plan_id
        fits = self.search(
            [
                ("company_id", "=", account.company_id.id),
                ("currency_id", "=", account.currency_id.id),
            ],
            limit=2,
        )
        return fits if len(fits) == 1 else fits.filtered("is_default")

    @api.model
    def _today(self):
        return fields.Date.context_today(self)

    def _charged_until(self, fee):
        """The last day that a fee of this plan is charged for, or None.

        A month that the run has looked at counts, also where its rental was free.
        """
        self.env.flush_all()
        self.env.cr.execute(UNTIL_SQL, {"plan": self.id, "fee": fee})
        return self.env.cr.fetchone()[0]

    def _timeline(self, fee, kind, country_id, account_id, count):
        """What a fee costs from which day on.

        :param count: numbers of the account, of which the tier is found
        :return: [(date, price as float)], the days ascending; empty: no such fee
        """
        self.ensure_one()
        found = self.price_ids.filtered(
            lambda p: (
                p.fee == fee
                and p.kind in (False, kind)
                and p.country_id.id in (False, country_id)
                and p.account_id.id in (False, account_id)
                and p.min_numbers <= count
            )
        )
        days = sorted(set(found.mapped("effective_from")))
        return [(day, self._price_at(found, day)) for day in days]

    def _price_at(self, prices, day):
        began = prices.filtered(lambda p: p.effective_from <= day)
        best = max(
            began,
            key=lambda p: (p.specific, p.effective_from, p.min_numbers),
        )
        return best.price


UNTIL_SQL = """
SELECT max(day) FROM (
    SELECT max(through) FROM voip_did_charge WHERE plan_id = %(plan)s AND fee = %(fee)s
     UNION ALL
    SELECT max(GREATEST(s.settled_until,
                        CASE WHEN p.advance = 'advance' AND s.date_start < s.due_on
                             THEN LEAST(s.due_on - 1, s.date_end) END))
      FROM voip_did_assignment s JOIN voip_did_plan p ON p.id = s.plan_id
     WHERE p.id = %(plan)s AND %(fee)s = 'monthly'
) x (day)
"""
