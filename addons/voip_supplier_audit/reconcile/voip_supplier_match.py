"""The window on paired calls: theirs beside ours, on the line that they are about."""


from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import split_every

from odoo.addons.voip_billing_base.const import MONEY, PRICE
from odoo.addons.voip_billing_base.fields import Amount, BigInteger, ExactFloat

from ..engine.classify import CLASSES
from ..invoices.figures import exact
from ..invoices.rows import codes_of
from ..invoices.voip_supplier_invoice_line import CLASSES as LABELS

FOUND = [
    *((name, label) for name, label in LABELS if name in CLASSES),
    ("effective_date", "Old price"),
    ("out_of_period", "Of no such period"),
]
# What is right, or of another period, is no difference that anybody looks at first.
RIGHT = ("equal", "rounding")
_NAMES = ",".join(CLASSES)
_VIEW = f"""
CREATE VIEW voip_supplier_match AS
SELECT m.id, i.company_id, m.invoice_id, m.line_id, m.record_id, m.usage_id,
       ('{{{_NAMES}}}'::text[])[m.class + 1] AS found, m.ambiguous,
       CASE WHEN m.record_id IS NULL THEN 'ours' WHEN m.usage_id IS NULL THEN 'theirs'
            ELSE 'both' END AS sides
  FROM voip_supplier_match_row m JOIN voip_supplier_invoice i ON i.id = m.invoice_id
"""
# What is read of either side at once.
PIECE = 1_000
_THEIRS = ("call_id", "caller", "called", "start", "duration_ms", "rate", "amount")
_OURS = ("source_ref", "caller", "called", "started_at", "duration_ms")
_OURS += ("cost_price", "cost_amount", "cost")


class VoipSupplierMatch(models.Model):
    """Read-only window on ``voip_supplier_match_row``: a record of the supplier, the
    call of ours that it is, or either of them alone."""

    _name = "voip.supplier.match"
    _description = "Paired Call"
    _inherit = ["voip.guard"]
    _auto = False
    _log_access = False
    _order = "id"
    _rec_name = "found"

    company_id = fields.Many2one("res.company", readonly=True)
    invoice_id = fields.Many2one("voip.supplier.invoice", readonly=True)
    line_id = fields.Many2one(
        "voip.supplier.invoice.line",
        string="Line",
        readonly=True,
        help="The line of the invoice that the call is about. Without one: of none.",
    )
    currency_id = fields.Many2one(related="invoice_id.currency_id")
    record_id = BigInteger(string="Supplier's Record", readonly=True, aggregator=None)
    usage_id = BigInteger(string="Usage", readonly=True, aggregator=None)
    found = fields.Selection(FOUND, string="Class", readonly=True)
    sides = fields.Selection(
        [("both", "Both"), ("theirs", "Theirs only"), ("ours", "Ours only")],
        readonly=True,
    )
    ambiguous = fields.Boolean(
        readonly=True,
        help="It may as well be another call between the same numbers: nothing is"
        " claimed of it.",
    )
    call_id = fields.Char(string="Call ID", compute="_compute_sides")
    caller = fields.Char(compute="_compute_sides")
    called = fields.Char(compute="_compute_sides")
    their_start = fields.Datetime(string="Start Theirs", compute="_compute_sides")
    our_start = fields.Datetime(string="Start Ours", compute="_compute_sides")
    their_ms = fields.Integer(
        string="Duration Theirs (ms)", compute="_compute_sides", aggregator=None
    )
    our_ms = fields.Integer(
        string="Duration Ours (ms)", compute="_compute_sides", aggregator=None
    )
    their_rate = ExactFloat(
        string="Price Theirs", compute="_compute_sides", aggregator=None, **PRICE
    )
    our_rate = ExactFloat(
        string="Price Ours", compute="_compute_sides", aggregator=None, **PRICE
    )
    their_amount = Amount(string="Theirs", compute="_compute_sides", **MONEY)
    our_amount = Amount(string="Ours", compute="_compute_sides", **MONEY)
    difference = Amount(
        compute="_compute_sides", help="Theirs minus ours, of the call.", **MONEY
    )

    def init(self):
        cr = self.env.cr
        cr.execute("DROP VIEW IF EXISTS voip_supplier_match")
        cr.execute(_VIEW)

    # === COMPUTE METHODS === #

    def _compute_sides(self):
        theirs = self._read_by_id("voip.supplier.record", "record_id", _THEIRS)
        ours = self._read_by_id("voip.usage", "usage_id", _OURS)
        for match in self:
            match._set_sides(
                theirs.get(match.record_id, {}), ours.get(match.usage_id, {})
            )

    def _read_by_id(self, model, name, names):
        """{id: values} of one side; who may read a pair may read both of its sides."""
        ids = sorted({match[name] for match in self} - {0})
        found = {}
        for piece in split_every(PIECE, ids):
            records = self.env[model].sudo().search([("id", "in", piece)])
            found |= {row["id"]: row for row in records.read(names, load=False)}
        return found

    def _set_sides(self, theirs, ours):
        cost = ours.get("cost_amount") or ours.get("cost") or 0.0
        self.call_id = theirs.get("call_id") or ours.get("source_ref")
        for name in ("caller", "called"):
            self[name] = theirs.get(name) or ours.get(name)
        self.their_start, self.our_start = theirs.get("start"), ours.get("started_at")
        self.their_ms = theirs.get("duration_ms", 0)
        self.our_ms = ours.get("duration_ms", 0)
        self.their_rate = theirs.get("rate") or 0.0
        self.our_rate = ours.get("cost_price") or 0.0
        self.their_amount, self.our_amount = theirs.get("amount", 0.0), cost
        self.difference = float(exact(self.their_amount) - exact(cost))
        if self.found == "currency":
            # Money of another currency is not shown as that of the invoice.
            self.our_rate = self.our_amount = self.difference = 0.0


class VoipSupplierInvoice(models.Model):
    _inherit = "voip.supplier.invoice"

    match_count = fields.Integer(
        string="Differing Calls", compute="_compute_match_count"
    )

    def _compute_match_count(self):
        matches = self.env["voip.supplier.match"].sudo()
        domain = [("invoice_id", "in", self.ids), ("found", "not in", RIGHT)]
        found = matches._read_group(domain, ["invoice_id"], ["__count"])
        counts = {invoice.id: count for invoice, count in found}
        for invoice in self:
            invoice.match_count = counts.get(invoice._origin.id, 0)

    # === ACTION METHODS === #

    def action_view_calls(self):
        """The calls of the invoice, theirs beside ours; those that differ first."""
        self.check_access("read")
        self.ensure_one()
        return self._shown_calls([("invoice_id", "=", self.id)], self.number)

    def _shown_calls(self, domain, name, found=None):
        """The action that lists paired calls.

        :param found: class of calls that is asked for; without it all that differ
        """
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "voip_supplier_audit.voip_supplier_match_action"
        )
        context = {} if found else {"search_default_differing": 1}
        if found:
            domain = [*domain, ("found", "=", found)]
        title = self.env._("Calls of %s", name)
        named = {"name": title, "display_name": title}
        return action | named | {"domain": domain, "context": context}


class VoipSupplierInvoiceLine(models.Model):
    _inherit = "voip.supplier.invoice.line"

    # === ACTION METHODS === #

    def action_view_calls(self):
        """The calls of the line: both sides where the supplier sent his records, else
        those of ours that are on it."""
        self.check_access("read")
        self.ensure_one()
        if self.sudo().invoice_id.record_count:
            invoice = self.invoice_id
            domain = [("line_id", "=", self.id), ("invoice_id", "=", invoice.id)]
            return invoice._shown_calls(domain, self.display_name)
        return self._shown_usage()

    def _shown_usage(self):
        """Our calls of the code, destination and days that the line is about."""
        invoice = self.invoice_id
        since, until = invoice._period_utc()
        if self.day:
            since, until = invoice._days_utc(self.day, self.day)
        domain = [
            ("supplier_id", "child_of", invoice.partner_id.id),
            ("company_id", "=", invoice.company_id.id),
            ("started_at", ">=", since),
            ("started_at", "<", until),
        ]
        if self.prefix:
            prefixes = codes_of(self.prefix) or (self.prefix,)
            domain += Domain.OR(
                [("cost_prefix", "=like", f"{prefix}%")] for prefix in prefixes
            )
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "voip_billing_base.voip_usage_action"
        )
        title = self.env._("Calls of %s", self.display_name)
        named = {"name": title, "display_name": title}
        return action | named | {"domain": domain, "context": {}}
