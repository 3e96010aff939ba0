"""A line of a supplier's invoice: theirs, ours, why they differ, what was decided."""

from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import file_open

from odoo.addons.voip_billing_base.const import MONEY, PRICE
from odoo.addons.voip_billing_base.fields import Amount, BigInteger, ExactFloat

from .figures import exact, is_within, percent

CLASSES = [
    ("equal", "Equal"),
    ("missing_here", "Missing here"),
    ("missing_there", "Missing there"),
    ("duration", "Duration"),
    ("rate", "Rate"),
    ("rounding", "Rounding"),
    ("increments", "Increments"),
    ("time_zone", "Time zone"),
    ("period_edge", "Edge of the period"),
    ("late_increase", "Late increase"),
    ("old_rate", "Old price"),
    ("formula", "Formula"),
    ("precision", "Rounded minutes"),
    ("connect_fee", "Connect fee"),
    ("minimum", "Minimum charge"),
    ("unanswered", "Unanswered billed"),
    ("duplicate", "Charged twice"),
    ("swapped_names", "Swapped lines"),
    ("tax", "Tax"),
    ("fee", "Fee"),
    ("unknown_code", "Unknown code"),
    ("currency", "Currency"),
    ("credit", "Credit"),
    ("sum", "Sum"),
    ("other", "Not explained"),
]
DECISIONS = [
    ("open", "Open"),
    ("accepted", "Accepted"),
    ("disputed", "Disputed"),
    ("rejected", "Rejected"),
]
GIVEN = {"invoice_id", "sequence", "kind", "prefix", "name", "day", "rate"} | {
    "calls",
    "minutes",
    "amount",
}


class VoipSupplierInvoiceLine(models.Model):
    """Theirs as printed, ours as rated, and the decision on the difference."""

    _name = "voip.supplier.invoice.line"
    _inherit = ["voip.finite", "voip.currency.sums"]
    _description = "Supplier Invoice Line"
    _order = "invoice_id, sequence, id"
    _check_company_auto = True

    invoice_id = fields.Many2one(
        "voip.supplier.invoice",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
    )
    company_id = fields.Many2one(
        related="invoice_id.company_id", store=True, precompute=True, index=True
    )
    partner_id = fields.Many2one(related="invoice_id.partner_id")
    state = fields.Selection(related="invoice_id.state")
    currency_id = fields.Many2one(related="invoice_id.currency_id")
    sequence = fields.Integer(default=10, aggregator=None)
    kind = fields.Selection(
        [("usage", "Usage"), ("fee", "Fee"), ("tax", "Tax")],
        required=True,
        default="usage",
    )
    prefix = fields.Char(string="Code", help="As the supplier printed it.")
    name = fields.Char(string="Destination as Printed")
    destination_id = fields.Many2one(
        "voip.destination",
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
        help="What it is called here. A choice is remembered for the printed name.",
    )
    day = fields.Date(help="In the supplier's zone.")
    rate = ExactFloat(aggregator=None, **PRICE)
    calls = BigInteger()
    minutes = fields.Float(digits=(18, 6))
    amount = Amount(string="Theirs", required=True, **MONEY)
    ours_calls = BigInteger(readonly=True, copy=False)
    ours_minutes = fields.Float(digits=(18, 6), readonly=True, copy=False)
    ours_amount = Amount(string="Ours", readonly=True, copy=False, **MONEY)
    difference = Amount(
        compute="_compute_difference",
        store=True,
        copy=False,
        help="Theirs minus ours.",
        **MONEY,
    )
    difference_percent = fields.Float(
        string="Difference (%)",
        compute="_compute_difference",
        store=True,
        copy=False,
        digits=(12, 2),
        aggregator=None,
    )
    within = fields.Boolean(
        string="Within Tolerance", compute="_compute_difference", store=True, copy=False
    )
    is_above = fields.Boolean(
        compute="_compute_is_above",
        help="It is above ours by more than his printed figure hides.",
    )
    repeated = fields.Boolean(
        readonly=True,
        copy=False,
        help="Above ours, as on the invoices before: shown however little it is.",
    )
    found = fields.Selection(
        CLASSES, string="Class", readonly=True, copy=False, index="btree_not_null"
    )
    explanations = fields.Json(readonly=True, copy=False)
    explained = fields.Text(
        string="Why", compute="_compute_explained", help="Each cause and its money."
    )
    unexplained = Amount(
        compute="_compute_unexplained",
        store=True,
        copy=False,
        help="The difference without what is explained.",
        **MONEY,
    )
    decision = fields.Selection(
        DECISIONS, required=True, readonly=True, copy=False, default="open", index=True
    )
    disputed_amount = Amount(
        string="Disputed",
        copy=False,
        default=0.0,
        help="What is not accepted of it.",
        **MONEY,
    )
    reason = fields.Char(copy=False, help="Why it is disputed or rejected.")
    claim_id = fields.Many2one(
        "voip.supplier.claim", readonly=True, copy=False, index="btree_not_null"
    )

    _disputed_part = models.Constraint(
        "CHECK (decision = 'disputed' AND COALESCE(disputed_amount, 0) > 0"
        " AND disputed_amount <= GREATEST(amount, 0)"
        " OR decision <> 'disputed' AND COALESCE(disputed_amount, 0) = 0)",
        "Of a disputed line more than nothing and at most its amount is disputed; of"
        " others nothing.",
    )

    def init(self):
        with file_open("voip_supplier_audit/sql/lines.sql") as script:
            self.env.cr.execute(script.read())

    # === COMPUTE METHODS === #

    @api.depends("name", "prefix", "day", "kind")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for line in self:
            named = [line.name or line.prefix, line.day and str(line.day)]
            words = " ".join(filter(None, named))
            line.display_name = words or kinds.get(line.kind, "")

    @api.depends(
        "amount",
        "invoice_id.agreement_id",
        "kind",
        "ours_amount",
        "repeated",
    )
    def _compute_difference(self):
        for line in self:
            theirs, ours = exact(line.amount), exact(line.ours_amount)
            agreed = line.invoice_id.agreement_id.sudo()
            is_known = (
                line.kind in self._compared_kinds()
                and line.invoice_id.state != "imported"
            )
            gap = theirs - ours if is_known else exact(0)
            line.difference = float(gap)
            line.difference_percent = float(percent(gap, ours)) if is_known else 0.0
            # What his printed figure hides is no difference, however small the line.
            hidden = line.invoice_id._unit() / 2
            least = max(exact(agreed.line_absolute), hidden)
            line.within = not line.repeated and is_within(
                gap, ours, exact(agreed.line_percent), least
            )

    @api.depends("difference", "invoice_id.agreement_id", "repeated")
    def _compute_is_above(self):
        for line in self:
            hidden = 0 if line.repeated else line.invoice_id._unit() / 2
            line.is_above = exact(line.difference) > hidden

    @api.depends("explanations")
    def _compute_explained(self):
        for line in self:
            found = line.explanations or []
            line.explained = "\n".join(one["text"] for one in found)

    @api.depends("difference", "explanations")
    def _compute_unexplained(self):
        for line in self:
            found = [Decimal(one["amount"]) for one in line.explanations or []]
            line.unexplained = float(exact(line.difference) - sum(found))

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        if not self.env.su:
            lines.invoice_id._stay_open()
        lines.filtered(lambda line: not line.destination_id)._find_destinations()
        return lines

    def write(self, vals):
        if not self.env.su:
            self.check_access("write")
            self.invoice_id._stay_open()
        result = super().write(vals)
        if not self.env.su and vals.get("destination_id"):
            self._learn()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_decided(self):
        self.invoice_id._stay_open()

    # === ACTION METHODS === #

    def action_accept(self):
        """Accept the lines as they are."""
        self._decide("accepted")

    def action_reject(self):
        """Reject the lines: nothing of them is billed or paid."""
        self._decide("rejected")

    def action_dispute(self):
        """Dispute what the lines are above ours; all of those that ours knows nothing
        of."""
        parts = {line: line._above() for line in self._deciding()}
        self.sudo()._write_found(
            {
                line.id: {"decision": "disputed", "disputed_amount": float(part)}
                for line, part in parts.items()
            }
        )

    def action_reopen(self):
        """Take back what was chosen for the lines."""
        self._decide("open")

    # === BUSINESS METHODS === #

    @api.model
    def _compared_kinds(self):
        """Kinds of lines that have figures of ours beside them; modules add theirs."""
        return {"usage"}

    def _deciding(self):
        """The lines, whose invoices are open to a decision.

        :raises UserError: an invoice is decided, or not yet reconciled
        """
        self.check_access("write")
        self.invoice_id._stay_open()
        for invoice in self.invoice_id:
            if invoice.state == "imported":
                raise UserError(
                    self.env._(
                        "Invoice %(number)s is not reconciled yet: press Reconcile"
                        " first.",
                        number=invoice.number,
                    )
                )
        return self

    def _above(self):
        """What of the line is above ours; Decimal.

        :raises UserError: nothing is
        """
        part = min(exact(self.difference), exact(self.amount))
        if part <= 0 or not self.is_above:
            raise UserError(
                self.env._(
                    "%(line)s of invoice %(number)s is not above ours: accept it.",
                    line=self.display_name,
                    number=self.invoice_id.number,
                )
            )
        return part

    def _decide(self, decision):
        self._deciding().sudo().write({"decision": decision, "disputed_amount": 0.0})

    def _find_destinations(self):
        """Name destinations by the supplier's names, where they are known."""
        names = self.env["voip.supplier.name"].sudo()
        for invoice, lines in self.grouped("invoice_id").items():
            known = names._known(
                invoice.partner_id, invoice.company_id, lines.mapped("name")
            )
            for line in lines.sudo():
                if line.name in known:
                    line.destination_id = known[line.name]

    def _learn(self):
        names = self.env["voip.supplier.name"]
        for line in self.filtered(lambda one: one.name and one.destination_id):
            names._learn(
                line.partner_id, line.company_id, line.name, line.destination_id
            )
