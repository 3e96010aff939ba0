"""An invoice of a supplier: what came, what it should be, what was decided."""

from odoo import api, fields, models

from odoo.addons.base.models.res_partner import _tz_get
from odoo.addons.voip_billing_base.const import MONEY
from odoo.addons.voip_billing_base.fields import Amount

from ..agreements import terms
from .figures import ZERO, exact, is_within, percent, printed_slack, text

STATES = [
    ("imported", "Imported"),
    ("reconciled", "Reconciled"),
    ("accepted", "Accepted"),
    ("rejected", "Rejected"),
    ("disputed", "Disputed"),
    ("settled", "Settled"),
]
OPEN_STATES = ("imported", "reconciled")
# What people may still write on an invoice that is decided.
FREE = {"note", "message_main_attachment_id"}


class VoipSupplierInvoice(models.Model):
    """What a supplier invoiced for a period, line by line.

    It is imported, reconciled with our own records, and decided line by line. What is
    decided never changes any more: the database refuses it.
    """

    _name = "voip.supplier.invoice"
    _inherit = ["mail.thread", "mail.activity.mixin", "voip.finite"]
    _description = "Supplier Invoice"
    _order = "date desc, id desc"
    _rec_name = "number"
    _check_company_auto = True

    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.company,
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Supplier",
        required=True,
        index=True,
        check_company=True,
        ondelete="restrict",
        domain="[('parent_id', '=', False)]",
    )
    number = fields.Char(required=True, help="As the supplier printed it.")
    state = fields.Selection(
        STATES,
        required=True,
        readonly=True,
        copy=False,
        default="imported",
        index=True,
        tracking=True,
    )
    date = fields.Date(required=True, default=fields.Date.context_today)
    received_on = fields.Date(
        string="Received", required=True, default=fields.Date.context_today
    )
    period_start = fields.Date(
        string="Period from", required=True, default=fields.Date.context_today
    )
    period_end = fields.Date(
        string="Period to",
        required=True,
        default=fields.Date.context_today,
        help="The last day.",
    )
    tz = fields.Selection(
        _tz_get,
        string="Time zone",
        compute="_compute_tz",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        help="In which its days are counted. From the agreement.",
    )
    currency_id = fields.Many2one(
        "res.currency",
        compute="_compute_currency_id",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
    )
    total = Amount(required=True, tracking=True, **MONEY)
    agreement_id = fields.Many2one(
        "voip.supplier.agreement",
        compute="_compute_agreement_id",
        store=True,
        precompute=True,
        index="btree_not_null",
        compute_sudo=True,
    )
    pdf = fields.Binary(string="PDF", attachment=True, copy=False)
    pdf_name = fields.Char(copy=False)
    note = fields.Text()
    line_ids = fields.One2many("voip.supplier.invoice.line", "invoice_id", copy=True)
    line_count = fields.Integer(compute="_compute_sums")
    lines_total = Amount(string="Sum of Lines", compute="_compute_sums", **MONEY)
    sum_difference = Amount(
        compute="_compute_sums",
        help="The total minus the sum of the lines.",
        **MONEY,
    )
    sum_is_right = fields.Boolean(
        compute="_compute_sums",
        help="The total is the sum of the lines, as far as printed figures tell.",
    )
    ours_unbilled = Amount(
        string="Ours Without a Line",
        readonly=True,
        copy=False,
        help="What our records cost that no line of the invoice is about.",
        **MONEY,
    )
    unbilled_cells = fields.Json(readonly=True, copy=False)
    ours_total = Amount(string="Ours", compute="_compute_sums", **MONEY)
    difference = Amount(
        compute="_compute_sums", help="Theirs minus ours, of usage.", **MONEY
    )
    difference_percent = fields.Float(
        string="Difference (%)", compute="_compute_sums", digits=(12, 2)
    )
    is_within = fields.Boolean(
        string="Within Agreement",
        compute="_compute_sums",
        help="The difference is within what is agreed for a whole invoice.",
    )
    is_other_currency = fields.Boolean(compute="_compute_is_other_currency")
    accepted_total = Amount(string="Accepted", compute="_compute_sums", **MONEY)
    disputed_total = Amount(string="Disputed", compute="_compute_sums", **MONEY)
    deadline = fields.Datetime(
        string="Window Ends",
        compute="_compute_deadline",
        store=True,
        index="btree_not_null",
        compute_sudo=True,
        help="Until then differences can be disputed.",
    )
    days_left = fields.Integer(compute="_compute_days_left")
    told_days = fields.Integer(readonly=True, copy=False, default=0, aggregator=None)
    content_mark = fields.Char(readonly=True, copy=False)
    record_count = fields.Integer(
        readonly=True, copy=False, aggregator=None, string="Call Records"
    )
    asked_id = fields.Many2one(
        "res.users", string="Decided by", readonly=True, copy=False
    )
    approved_id = fields.Many2one(
        "res.users", string="Approved by", readonly=True, copy=False
    )
    waits_approval = fields.Boolean(readonly=True, copy=False)
    decided_at = fields.Datetime(readonly=True, copy=False)
    late_reason = fields.Text(
        string="Reason After the Window",
        copy=False,
        help="Why something is disputed although the window is over.",
    )
    bill_id = fields.Many2one(
        "account.move",
        string="Audited Bill",
        readonly=True,
        copy=False,
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
        help="The vendor bill that was in the books already and is audited here.",
    )
    move_ids = fields.One2many("account.move", "voip_supplier_invoice_id")
    move_count = fields.Integer(compute="_compute_move_count")
    claim_ids = fields.One2many("voip.supplier.claim", "invoice_id", readonly=True)
    is_open = fields.Boolean(compute="_compute_is_open")

    _number_uniq = models.UniqueIndex(
        "(company_id, partner_id, number)",
        "This invoice of the supplier is here already.",
    )
    _period = models.Constraint(
        "CHECK (period_start <= period_end AND period_end - period_start <= 1100)",
        "The period ends before it begins, or is longer than three years.",
    )

    # === COMPUTE METHODS === #

    @api.depends("partner_id", "period_start", "company_id")
    def _compute_agreement_id(self):
        for invoice in self:
            agreed = invoice.agreement_id
            if invoice.state in OPEN_STATES and invoice.partner_id:
                agreed = self.env["voip.supplier.agreement"]._of(
                    invoice.partner_id, invoice.period_start, invoice.company_id
                )
            invoice.agreement_id = agreed

    @api.depends("agreement_id")
    def _compute_tz(self):
        for invoice in self:
            agreed = invoice.agreement_id.sudo().tz
            invoice.tz = invoice._kept("tz", agreed) or self.env.user.tz or "UTC"

    @api.depends("agreement_id", "company_id")
    def _compute_currency_id(self):
        for invoice in self:
            agreed = invoice.agreement_id.sudo().currency_id
            kept = invoice._kept("currency_id", agreed)
            company = invoice.company_id or self.env.company
            invoice.currency_id = kept or company.currency_id

    def _kept(self, name, agreed):
        """What is agreed while an invoice is typed; what it has once it is saved."""
        return self[name] or agreed if self._origin else agreed or self[name]

    @api.depends("date", "received_on", "agreement_id", "tz")
    def _compute_deadline(self):
        for invoice in self:
            agreed = invoice.agreement_id
            first = invoice.date
            if agreed.dispute_from == "received":
                first = invoice.received_on
            invoice.deadline = bool(agreed and first) and terms.window_end(
                first, agreed.dispute_days, agreed.tz
            )

    @api.depends("deadline")
    def _compute_days_left(self):
        now = fields.Datetime.now()
        for invoice in self:
            invoice.days_left = (
                terms.days_left(
                    invoice.deadline, now, invoice.agreement_id.sudo().tz or "UTC"
                )
                if invoice.deadline
                else 0
            )

    @api.depends(
        "agreement_id",
        "line_ids.amount",
        "line_ids.decision",
        "line_ids.disputed_amount",
        "line_ids.kind",
        "line_ids.ours_amount",
        "ours_unbilled",
        "state",
        "total",
    )
    def _compute_sums(self):
        for invoice in self:
            sums = invoice._sums()
            agreed = invoice.agreement_id.sudo()
            decimals = agreed.amount_decimals if agreed else 2
            slack = printed_slack(
                sums["count"], decimals, invoice.currency_id.decimal_places
            )
            gap = exact(invoice.total) - sums["lines"]
            invoice.line_count = sums["count"]
            invoice.lines_total = float(sums["lines"])
            invoice.sum_difference = float(gap)
            invoice.sum_is_right = abs(gap) <= slack
            invoice.ours_total = float(sums["ours"])
            difference = sums["usage"] - sums["ours"] if invoice._has_ours() else 0
            invoice.difference = float(difference)
            invoice.difference_percent = float(percent(difference, sums["ours"]))
            invoice.is_within = is_within(
                exact(difference),
                sums["ours"],
                exact(agreed.invoice_percent),
                exact(agreed.invoice_absolute),
            )
            invoice.accepted_total = float(sums["accepted"])
            invoice.disputed_total = float(sums["disputed"])

    @api.depends("currency_id", "agreement_id")
    def _compute_is_other_currency(self):
        for invoice in self:
            agreed = invoice.agreement_id.sudo().currency_id
            invoice.is_other_currency = agreed and agreed != invoice.currency_id

    @api.depends("state")
    def _compute_is_open(self):
        for invoice in self:
            invoice.is_open = invoice.state in OPEN_STATES

    def _compute_move_count(self):
        for invoice in self:
            invoice.move_count = len(invoice.sudo().move_ids)

    def _has_ours(self):
        return self.state != "imported"

    def _sums(self):
        """Exact sums: lines, those that ours are beside, ours, accepted, disputed; and
        how many lines there are."""
        compared = self.env["voip.supplier.invoice.line"]._compared_kinds()
        sums = dict.fromkeys(("lines", "usage", "accepted", "disputed"), ZERO)
        sums |= {"count": 0, "ours": exact(self.ours_unbilled)}
        for group in self._line_groups():
            sums["count"] += group.count
            sums["lines"] += group.amount
            sums["ours"] += group.ours
            if group.kind in compared:
                sums["usage"] += group.amount
            if group.decision in ("accepted", "disputed"):
                sums["accepted"] += group.amount - group.disputed
            if group.decision == "disputed":
                sums["disputed"] += group.disputed
        return sums

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        invoices = super().create(vals_list)
        for invoice in invoices.sudo():
            company = invoice.partner_id.commercial_partner_id
            if invoice.partner_id != company:
                invoice.partner_id = company
            invoice._log(
                "import", number=invoice.number, total=text(exact(invoice.total))
            )
        return invoices

    def write(self, vals):
        if not self.env.su and set(vals) - FREE:
            self.check_access("write")
            self._refuse_decided()
        moved = self.browse()
        if "state" in vals:
            has_ours = vals["state"] != "imported"
            moved = self.filtered(lambda invoice: invoice._has_ours() != has_ours)
        result = super().write(vals)
        # Of the state their differences need this alone: a decision computes none.
        moved.line_ids.modified(["amount"])
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_decided(self):
        self._refuse_decided()
        for invoice in self:
            invoice._forget_records()

    # === ACTION METHODS === #

    def action_view_records(self):
        """The call records that the supplier sent with the invoice."""
        self.check_access("read")
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "voip_supplier_audit.voip_supplier_record_action"
        )
        return action | {"domain": [("invoice_id", "=", self.id)], "context": {}}

    def action_view_moves(self):
        """The bills, debit notes and credit notes of the invoice."""
        self.check_access("read")
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Bills of %(number)s", number=self.number),
            "res_model": "account.move",
            "view_mode": "list,form",
            "domain": [("voip_supplier_invoice_id", "=", self.id)],
            "context": {"create": False},
        }

    def action_view_lines(self):
        """The lines, ours beside theirs."""
        self.check_access("read")
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "voip_supplier_audit.voip_supplier_invoice_line_action"
        )
        return action | {"domain": [("invoice_id", "=", self.id)], "context": {}}

    # === BUSINESS METHODS === #

    def _lock(self):
        """Lock the invoice for the rest of the transaction and read it afresh."""
        self.ensure_one()
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT FROM voip_supplier_invoice WHERE id = %s FOR UPDATE", [self.id]
        )
        self.invalidate_recordset(flush=False)

    def _log(self, event, **data):
        self.env["voip.audit"]._log(f"supplier_invoice_{event}", self, data)
