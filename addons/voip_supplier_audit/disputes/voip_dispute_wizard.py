"""Opening a dispute."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.voip_billing_base.credits.voip_credit import LOCK_SQL

from .voip_dispute import LIVE, TERMS, USER

# More are disputed by their line.
MOST_CALLS = 1_000
TAKEN = (*TERMS, "raised_by", "raised_on")
# Of a rated call and of the disputed one alike.
CALL = (
    "started_at",
    "caller",
    "called",
    "label",
    "duration_seconds",
    "billed_seconds",
    "amount",
    "cost",
)


class VoipDisputeWizard(models.TransientModel):
    """Asks what a customer disputes, and why."""

    _name = "voip.dispute.wizard"
    _inherit = ["voip.once", "voip.credit.terms"]
    _description = "Open Dispute"

    move_id = fields.Many2one(ondelete="cascade")
    reason = fields.Char(string="Claim", help="What the customer says is wrong.")
    raised_by = fields.Char(help="Who complained, and how: name, mail, ticket.")
    raised_on = fields.Date(
        required=True,
        default=fields.Date.context_today,
        help="The day the complaint came in.",
    )
    evidence_ids = fields.Many2many(
        "ir.attachment", string="Evidence", check_company=True
    )
    calls_text = fields.Char(string="Calls", compute="_compute_planned")
    planned_net = fields.Monetary(string="Before Tax", compute="_compute_planned")
    planned_tax = fields.Monetary(string="Tax", compute="_compute_planned")
    planned = fields.Monetary(
        string="Disputed", compute="_compute_planned", help="With tax."
    )
    problem = fields.Char(compute="_compute_planned")
    dispute_id = fields.Many2one(
        "voip.dispute", string="Made", readonly=True, check_company=True
    )

    # === COMPUTE METHODS === #

    @api.depends(
        "move_id", "scope", "line_ids", "usage_ids", "percentage", "amount", "date"
    )
    def _compute_planned(self):
        typed = {"percent": "percentage", "amount": "amount"}
        for wizard in self:
            wizard.calls_text = self.env._(
                "Chosen calls: %s", len(wizard.usage_ids or ())
            )
            wizard.problem, sums = False, (0.0, 0.0, 0.0)
            filled = wizard.scope not in typed or wizard[typed[wizard.scope]]
            try:
                if wizard.move_id and filled:
                    sums = wizard._totals(wizard._plan_disputed())
            except UserError as error:
                wizard.problem = str(error)
            wizard.planned_net, wizard.planned_tax, wizard.planned = sums

    # === ACTION METHODS === #

    def action_open(self):
        """Open the dispute; a second click shows what the first one made."""
        self._check_terms()
        self._open_once()
        return {
            "type": "ir.actions.act_window",
            "res_model": "voip.dispute",
            "res_id": self.dispute_id.id,
            "views": [(False, "form")],
        }

    # === BUSINESS METHODS === #

    def _open_once(self):
        """Open the dispute, unless it is open; the right to was checked.

        :return: the dispute
        :raises UserError: what is chosen cannot be disputed
        """
        # Written, not only locked: who began before would not see the other dispute.
        self.env.flush_all()
        self.env.cr.execute(LOCK_SQL, [self.move_id.invoice_line_ids.ids])
        self.env.cr.execute(
            "UPDATE voip_dispute_wizard SET write_uid = write_uid WHERE id = %s",
            [self.id],
        )
        if not self.dispute_id:
            self.sudo().dispute_id = self._open()
        return self.dispute_id

    def _made(self):
        return self.dispute_id.display_name if self.dispute_id else False

    def _check_terms(self):
        self._voip_use()
        self.ensure_one()
        self.move_id.check_access("read")
        if self.move_id.company_id not in self.env.companies:
            raise AccessError(
                self.env._("%s is of another company.", self.move_id.display_name)
            )
        if not self.env.user.has_group(USER):
            raise AccessError(
                self.env._("Disputes are opened and decided by billing users.")
            )

    def _plan_disputed(self):
        """Parts of the invoice that are disputed.

        :raises UserError: too many calls, or another dispute is about the same
        """
        if self.scope == "calls" and len(self._chosen_calls()) > MOST_CALLS:
            raise UserError(
                self.env._(
                    "At most %(most)s calls are disputed one by one. Dispute their"
                    " invoice line instead.",
                    most=f"{MOST_CALLS:,}",
                )
            )
        parts = self._plan()
        self._refuse_disputed(parts)
        return parts

    def _refuse_disputed(self, parts):
        domain = [("move_id", "=", self.move_id._origin.id), ("state", "in", LIVE)]
        others = self.env["voip.dispute"].sudo().search(domain, order="id")
        if not others:
            return
        lines = self.env["account.move.line"].union(*(part.line for part in parts))
        lefts = {line: abs(x.left) for line, x in self._lefts(lines).items()}
        for other in others:
            if self.scope == other.scope == "calls":
                if set(self._chosen_calls()) & set(other._chosen_calls()):
                    raise self._disputed_already(other)
                continue
            held = other._held_by_line()
            for part in parts:
                lefts[part.line.id] -= abs(held.get(part.line.id, 0))
                if part.line.id in held and abs(part.amount) > lefts[part.line.id]:
                    raise self._disputed_already(other)

    def _disputed_already(self, other):
        return UserError(
            self.env._(
                "“%(claim)s” of %(user)s disputes the same already. Choose what it"
                " leaves, or decide that one first.",
                claim=other.reason,
                user=other.asked_by_id.name,
            )
        )

    def _open(self):
        parts = self._plan_disputed()
        net, tax, total = self._totals(parts)
        values = self._convert_to_write({name: self[name] for name in TAKEN})
        dispute = self.env["voip.dispute"].sudo()
        dispute = dispute.create(
            {
                **values,
                "line_ids": [(6, 0, self.line_ids.ids)],
                "evidence_ids": [(6, 0, self.evidence_ids.ids)],
                "asked_by_id": self.env.uid,
                "net": net,
                "tax": tax,
                "total": total,
                "held": {str(part.line.id): str(part.amount) for part in parts},
                "call_ids": self._prepare_calls(),
            }
        )
        self.evidence_ids.sudo().write(
            {"res_model": "voip.dispute", "res_id": dispute.id}
        )
        dispute._match()
        dispute._stop_followup()
        dispute._log_dispute(
            "dispute_opened",
            raised_by=self.raised_by or "",
            dispute_calls=dispute.call_count,
        )
        return dispute

    def _prepare_calls(self):
        """Commands that make the disputed calls as they were rated."""
        if self.scope != "calls":
            return []
        domain = [("id", "in", self._chosen_calls())]
        calls = self.env["voip.usage"].sudo().search(domain)
        return [
            (
                0,
                0,
                {
                    **{name: call[name] for name in CALL},
                    "usage_id": call.id,
                    "call_id": call.source_ref,
                    "currency_id": call.currency_id.id,
                    "supplier_id": call.supplier_id.id,
                },
            )
            for call in calls
        ]
