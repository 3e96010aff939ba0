"""Credit of a usage invoice by staff."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..charge.transaction import in_money
from ..notice import notice

TERMS = (
    "scope",
    "usage_ids",
    "percentage",
    "amount",
    "reason",
    "outcome",
    "settlement",
    "date",
)

KEPT = ("reason", "outcome", "settlement")


class VoipCreditWizard(models.TransientModel):
    """Asks what is credited, why, and what becomes of usage and money."""

    _name = "voip.credit.wizard"
    _description = "Credit Usage Invoice"
    _inherit = ["voip.once", "voip.credit.terms"]

    move_id = fields.Many2one(ondelete="cascade")
    calls_text = fields.Char(string="Calls", compute="_compute_planned")
    planned_net = fields.Monetary(string="Before Tax", compute="_compute_planned")
    planned_tax = fields.Monetary(string="Tax", compute="_compute_planned")
    planned = fields.Monetary(
        string="With Tax",
        compute="_compute_planned",
        help="What the credit note comes to.",
    )
    problem = fields.Char(compute="_compute_planned")
    waits_text = fields.Char(compute="_compute_planned")
    less_text = fields.Char(compute="_compute_planned")
    ahead_text = fields.Char(compute="_compute_ahead_text")
    preview = fields.Html(compute="_compute_preview", store=True)
    credit_id = fields.Many2one("voip.credit", string="Made", readonly=True)

    # === COMPUTE METHODS === #

    @api.depends(lambda self: ("move_id", "line_ids", *self._terms()))
    def _compute_preview(self):
        """What was previewed holds until another choice is made."""
        self.preview = False

    @api.depends(
        "move_id",
        "scope",
        "line_ids",
        "usage_ids",
        "percentage",
        "amount",
        "outcome",
        "date",
    )
    def _compute_planned(self):
        for wizard in self:
            chosen = len(wizard.usage_ids or ())
            wizard.calls_text = self.env._("Chosen calls: %s", chosen)
            wizard.problem = wizard.waits_text = wizard.less_text = False
            sums = (0.0, 0.0, 0.0)
            try:
                if wizard.move_id and wizard._is_filled():
                    sums = wizard._plan_sums()
            except UserError as error:
                wizard.problem = str(error)
            wizard.planned_net, wizard.planned_tax, wizard.planned = sums

    @api.depends("date")
    def _compute_ahead_text(self):
        today = fields.Date.context_today(self)
        for wizard in self:
            days = (wizard.date - today).days if wizard.date else 0
            wizard.ahead_text = days > 0 and self.env._(
                "It is dated %s days ahead: the wallet has it at once, the books then.",
                days,
            )

    def _is_filled(self):
        """Whether how much is credited was typed already."""
        typed = {"percent": "percentage", "amount": "amount"}
        return self.scope not in typed or bool(self[typed[self.scope]])

    def _plan_sums(self):
        """(net, tax, total) of what is chosen.

        :raises UserError: it cannot be credited, or not beside what waits
        """
        parts = self._plan()
        self._refuse_waiting(parts)
        sums = self._totals(parts)
        self.less_text = self._less_text({part.line: part.amount for part in parts})
        if self._waits(sums[2]):
            company = self.company_id
            self.waits_text = self.env._(
                "It waits until another user approves it: more than %s of the invoice"
                " would be credited.",
                company.currency_id.format(company.sudo().voip_credit_limit),
            )
        return sums

    @api.model
    def fields_get(self, allfields=None, attributes=None):
        """Only choices that the user may carry out are offered."""
        self.browse().check_access("read")
        result = super().fields_get(allfields, attributes)
        for name, hidden in self._hidden_choices().items():
            if "selection" in result.get(name, ()):
                choices = result[name]["selection"]
                result[name]["selection"] = [x for x in choices if x[0] not in hidden]
        return result

    @api.model
    def _hidden_choices(self):
        """{field: values} that the user may not choose; modules add theirs."""
        viewer = self.env.user.has_group("voip_billing_base.group_voip_viewer")
        return {} if viewer else {"scope": {"calls"}}

    # === ACTION METHODS === #

    def action_choose_calls(self):
        """The calls of the invoice, to select some and press Credit Note."""
        self.check_access("read")
        self.ensure_one()
        action = self.move_id.action_voip_view_usage()
        # What is filled in already comes back with the chosen calls.
        kept = {f"default_{name}": self[name] for name in KEPT}
        context = {**action.get("context", {}), **kept}
        return action | {"target": "current", "context": context}

    def action_preview(self):
        """What would be made, without making it."""
        self._check_terms()
        viewer = self.env.user.has_group("voip_billing_base.group_voip_viewer")
        savepoint = self.env.cr.savepoint()
        try:
            credit = self._new_credit()
            credit._refuse_waiting(credit._plan())
            preview = credit._carry_out_shown(wallet=viewer)
        finally:
            savepoint.close(rollback=True)
        self.env.invalidate_all()
        self.sudo().preview = preview
        return self._open_again()

    def action_credit(self):
        """Credit, or ask for approval; a second click finds what the first made."""
        self._check_terms()
        return in_money(self, lambda wizard: wizard._credit_once())

    def _open_again(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Credit Note"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
        }

    # === BUSINESS METHODS === #

    def _check_terms(self):
        """Rights of the user on what the wizard names."""
        self.check_access("read")
        self.ensure_one()
        self.move_id.check_access("write")
        self.line_ids.check_access("read")
        if self.move_id.company_id not in self.env.companies:
            raise AccessError(
                self.env._("%s is of another company.", self.move_id.display_name)
            )
        if self.create_uid != self.env.user:
            raise AccessError(self.env._("This credit is asked for by another user."))

    def _new_credit(self):
        values = self._convert_to_write({name: self[name] for name in self._terms()})
        credit = self.env["voip.credit"].sudo()
        return credit.create(
            {
                **values,
                "move_id": self.move_id.id,
                "line_ids": [(6, 0, self.line_ids.ids)],
                "asked_by_id": self.env.uid,
            }
        )

    def _terms(self):
        """Names of what a credit takes over; modules add theirs."""
        return TERMS

    def _made(self):
        credit = self.credit_id
        if not credit:
            return False
        total = credit.currency_id.format(credit.total)
        if credit.note_id:
            return f"{credit.note_id.name} ({total})"
        return self.env._("%s wait for approval", total)

    def _credit_once(self):
        self.env.cr.execute(
            "SELECT credit_id FROM voip_credit_wizard WHERE id = %s FOR UPDATE",
            [self.id],
        )
        self.invalidate_recordset(["credit_id"], flush=False)
        if not self.credit_id:
            credit = self._new_credit()
            credit._apply()
            self.sudo().credit_id = credit
        credit = self.credit_id.sudo()
        if credit.note_id:
            return credit.note_id._voip_form_action()
        return notice(
            self.env._(
                "%(total)s wait for approval by another user: open Credits of Usage on"
                " the invoice.",
                total=credit.currency_id.format(credit.total),
            ),
            "warning",
        )
