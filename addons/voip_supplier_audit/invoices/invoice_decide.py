"""The decision on an invoice: who may take it, until when, and what it needs."""

from decimal import Decimal

from odoo import fields, models
from odoo.exceptions import AccessError, UserError

from .figures import exact, text

# What a decision on lines reads of them, and a dispute beside.
_DECIDED_BY = ("company_id", "invoice_id")
_DISPUTED_BY = ("amount", "difference", "explanations", "found", "ours_amount")
_DISPUTED_BY += ("reason",)
APPROVERS = (
    "voip_billing_base.group_voip_manager",
    "voip_billing_base.group_voip_approver",
)


class VoipSupplierInvoice(models.Model):
    _inherit = "voip.supplier.invoice"

    # === ACTION METHODS === #

    def action_accept_within(self):
        """Accept all open lines that are within tolerance, and fees that are right."""
        self.check_access("write")
        self._open_lines([("within", "=", True)]).action_accept()

    def action_accept_rest(self):
        """Accept all open lines."""
        self.check_access("write")
        self._open_lines([]).action_accept()

    def action_dispute_above(self):
        """Dispute the part above ours of all open lines beyond tolerance."""
        self.check_access("write")
        above = [("within", "=", False), ("difference", ">", 0), ("amount", ">", 0)]
        lines = self._open_lines(above, _DISPUTED_BY)
        lines = lines.filtered(lambda line: line._is_compared())
        lines.action_dispute()
        lines.sudo()._write_found(
            {
                line.id: {"reason": line._usual_reason()}
                for line in lines
                if not line.reason
            }
        )

    def action_add_difference(self):
        """Make what the total is beside the sum of its lines a line of its own."""
        self.check_access("write")
        self._refuse_decided()
        for invoice in self:
            if invoice.sum_difference:
                invoice._add_line(
                    self.env._("Total that no line explains"), "open", found="sum"
                )

    def action_decide(self):
        """Carry out what was chosen for the lines, or put it to approval.

        :raises UserError: saying what is missing
        """
        self.check_access("write")
        self.env["account.move"].check_access("create")
        for invoice in self:
            invoice._lock()
            invoice._refuse_decided()
            if obstacle := invoice._obstacle():
                raise UserError(obstacle)
            if invoice._needs_approval():
                invoice._ask()
            else:
                invoice.sudo()._finish(self.env.user)

    def action_approve(self):
        """Carry out the decision that somebody else took.

        :raises AccessError: the user took it himself, or may not approve
        """
        self.check_access("write")
        self.env["account.move"].check_access("create")
        if not any(map(self.env.user.has_group, APPROVERS)):
            raise AccessError(
                self.env._("Billing managers and approvers approve decisions.")
            )
        for invoice in self:
            invoice._lock()
            if not invoice.waits_approval:
                raise UserError(
                    self.env._(
                        "Invoice %(number)s does not wait for approval.",
                        number=invoice.number,
                    )
                )
            if invoice.asked_id == self.env.user:
                raise AccessError(
                    self.env._(
                        "You took the decision on invoice %(number)s: somebody else"
                        " approves it.",
                        number=invoice.number,
                    )
                )
            invoice.sudo().write({"waits_approval": False, "approved_id": self.env.uid})
            invoice.sudo()._finish(invoice.asked_id)

    def action_withdraw(self):
        """Take a decision back that waits for approval."""
        self.check_access("write")
        for invoice in self:
            invoice._lock()
            if not invoice.waits_approval:
                raise UserError(
                    self.env._(
                        "Invoice %(number)s does not wait for approval.",
                        number=invoice.number,
                    )
                )
            invoice.sudo().write({"waits_approval": False, "asked_id": False})
            invoice._log("withdraw", number=invoice.number)

    # === BUSINESS METHODS === #

    def _open_lines(self, domain, names=()):
        """Lines that nobody decided.

        :param domain: of the lines
        :param names: fields that are read at once: there may be 99,000 lines
        """
        mine = [("invoice_id", "in", self.ids), ("decision", "=", "open")]
        lines = self.env["voip.supplier.invoice.line"]
        return lines.search_fetch([*mine, *domain], [*_DECIDED_BY, *names])

    def _obstacle(self):
        """What is missing for a decision, as a sentence; False: nothing."""
        if self.state != "reconciled":
            return self.env._(
                "Invoice %(number)s is not reconciled: press Reconcile first.",
                number=self.number,
            )
        if not self.line_count:
            return self.env._("Invoice %s has no lines.", self.number)
        if not self.sum_is_right:
            return self.env._(
                "The total of invoice %(number)s is %(gap)s beside the sum of its"
                " lines: press Add Difference as Line, and decide on that, too.",
                number=self.number,
                gap=text(exact(self.sum_difference)),
            )
        return (
            self._obstacle_of_lines()
            or self._obstacle_of_window()
            or self._obstacle_of_books()
        )

    def _obstacle_of_lines(self):
        lines = self.env["voip.supplier.invoice.line"]
        mine = [("invoice_id", "=", self.id)]
        is_open = [*mine, ("decision", "=", "open")]
        if count := lines.search_count(is_open):
            return self.env._(
                "%(count)s lines of invoice %(number)s are open, the first is %(line)s:"
                " accept, dispute or reject them.",
                count=count,
                number=self.number,
                line=lines.search(is_open, limit=1).display_name,
            )
        refused = [*mine, ("decision", "in", ("disputed", "rejected"))]
        mute = lines.search([*refused, ("reason", "in", (False, ""))], limit=1)
        return mute and self.env._(
            "%(line)s of invoice %(number)s is not accepted: say why.",
            line=mute.display_name,
            number=self.number,
        )

    def _obstacle_of_window(self):
        is_over = self.deadline and fields.Datetime.now() >= self.deadline
        if is_over and not (self.late_reason or "").strip():
            return self.env._(
                "The dispute window of invoice %(number)s ended on %(day)s: give the"
                " reason why it is decided now.",
                number=self.number,
                day=self.deadline,
            )
        return False

    def _needs_approval(self):
        limit = exact(self.agreement_id.sudo().four_eyes_amount)
        return bool(limit) and abs(exact(self.total)) > limit

    def _ask(self):
        self.sudo().write({"waits_approval": True, "asked_id": self.env.uid})
        sums = self._sums()
        self._log(
            "ask",
            number=self.number,
            accepted=text(sums["accepted"]),
            disputed=text(sums["disputed"]),
        )

    def _add_line(self, name, decision, found=False):
        self.ensure_one()
        lines = self.env["voip.supplier.invoice.line"].sudo()
        mine = [("invoice_id", "=", self.id)]
        last = lines.search(mine, order="sequence desc", limit=1)
        return lines.create(
            {
                "invoice_id": self.id,
                "sequence": last.sequence + 1,
                "kind": "fee",
                "name": name,
                "amount": self.sum_difference,
                "decision": decision,
                "found": found,
            }
        )

    def _finish(self, user):
        """Bills, claim and state that follow from the lines."""
        if self.sum_difference:
            self._add_line(self.env._("Rounding of printed lines"), "accepted")
        sums = self._sums()
        bills = self._make_bills()
        claim = self._make_claim()
        decisions = {group.decision for group in self._line_groups()}
        state = "accepted"
        if claim:
            state = "disputed"
        elif decisions == {"rejected"}:
            state = "rejected"
        self.env.flush_all()
        self.write(
            {
                "state": state,
                "asked_id": user.id,
                "decided_at": fields.Datetime.now(),
            }
        )
        self._log(
            "decide",
            number=self.number,
            theirs=text(exact(self.total)),
            ours=text(sums["ours"]),
            accepted=text(sums["accepted"]),
            disputed=text(sums["disputed"]),
            rejected=text(exact(self.total) - sums["accepted"] - sums["disputed"]),
            bills=bills.ids,
            reason=self.late_reason or "",
        )
        self._drop_reminders()


class VoipSupplierInvoiceLine(models.Model):
    _inherit = "voip.supplier.invoice.line"

    def _usual_reason(self):
        """A sentence for a line that is disputed without one.

        It is the cause of most money; one that makes the line cheaper is no reason.
        """
        found = self.explanations or []
        causes = [(Decimal(one["amount"]), one["text"]) for one in found]
        amount, cause = max(causes, default=(exact(0), ""), key=lambda one: one[0])
        if amount > 0:
            return cause
        figures = {"theirs": text(exact(self.amount))}
        figures["ours"] = text(exact(self.ours_amount))
        if causes:
            return self.env._(
                "Billed %(theirs)s, our records say %(ours)s.", **figures
            )
        classes = dict(self._fields["found"]._description_selection(self.env))
        return self.env._(
            "Billed %(theirs)s, our records say %(ours)s (%(found)s).",
            found=classes.get(self.found, self.env._("not explained")),
            **figures,
        )
