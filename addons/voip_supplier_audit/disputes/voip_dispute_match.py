"""Disputed calls beside what the suppliers who carried them say."""

from odoo import fields, models

from odoo.addons.voip_billing_base.const import MONEY
from odoo.addons.voip_billing_base.fields import Amount

# As the usual tolerance of an agreement on durations.
SECONDS = 5


class VoipDisputeCall(models.Model):
    _inherit = "voip.dispute.call"

    verdict = fields.Selection(
        [
            ("unknown", "No records"),
            ("same", "Confirmed"),
            ("differs", "Other duration"),
            ("missing", "Not there"),
        ],
        string="Supplier's Records",
        readonly=True,
        default="unknown",
        help="By call id, in the call records that came with the supplier's invoices."
        f" Another duration: more than {SECONDS} s from ours.",
    )
    their_seconds = fields.Float(
        string="Supplier's Duration (s)", digits=(12, 3), readonly=True
    )
    their_amount = Amount(
        string="Supplier's Charge",
        readonly=True,
        help="In the currency of the supplier's invoice.",
        **MONEY,
    )
    supplier_invoice_id = fields.Many2one(
        "voip.supplier.invoice",
        readonly=True,
        check_company=True,
        ondelete="set null",
        help="The invoice whose records have the call, or should have it.",
    )


class VoipDispute(models.Model):
    _inherit = "voip.dispute"

    def action_match(self):
        """Look for the disputed calls in the suppliers' records again."""
        self._check_right()
        self.ensure_one()
        self._refuse_ended()
        self.sudo()._match()
        return True

    def _match(self):
        """Find what suppliers say of the calls; only invoices of their day are read."""
        self.env.flush_all()
        params = {"dispute": self.id, "apart": SECONDS * 1000}
        self.env.cr.execute(MATCH_SQL, params)
        self.env["voip.dispute.call"].invalidate_model()


# A record near the start of the call counts: clocks differ by less than a day.
MATCH_SQL = """
WITH call AS (
    SELECT c.id, c.call_id, c.started_at, c.company_id,
           round(c.duration_seconds * 1000)::integer AS duration_ms,
           COALESCE(p.commercial_partner_id, c.supplier_id) AS supplier
      FROM voip_dispute_call c LEFT JOIN res_partner p ON p.id = c.supplier_id
     WHERE c.dispute_id = %(dispute)s),
invoice AS (
    SELECT DISTINCT c.id AS call, i.id, c.call_id, c.started_at, c.duration_ms
      FROM call c
      JOIN res_partner p ON p.commercial_partner_id = c.supplier
      JOIN voip_supplier_invoice i ON i.partner_id = p.id
       AND i.company_id = c.company_id
       AND c.started_at >= i.period_start - interval '1 day'
       AND c.started_at < i.period_end + interval '2 days'
     WHERE EXISTS (SELECT FROM voip_supplier_record_row r WHERE r.invoice_id = i.id)),
found AS (
    SELECT DISTINCT ON (i.call) i.call, i.id AS invoice, r.duration_ms, r.amount,
           CASE WHEN r.id IS NULL THEN 'missing'
                WHEN abs(r.duration_ms - i.duration_ms) > %(apart)s THEN 'differs'
                ELSE 'same' END AS verdict
      FROM invoice i
      LEFT JOIN voip_supplier_record_row r
        ON r.invoice_id = i.id AND r.call_id = i.call_id
       AND r.start BETWEEN i.started_at - interval '1 day'
                       AND i.started_at + interval '1 day'
     ORDER BY i.call, r.id IS NULL, abs(r.duration_ms - i.duration_ms), i.id, r.id)
UPDATE voip_dispute_call c
   SET verdict = COALESCE(f.verdict, 'unknown'), supplier_invoice_id = f.invoice,
       their_seconds = f.duration_ms / 1000.0, their_amount = f.amount
  FROM call x LEFT JOIN found f ON f.call = x.id
 WHERE c.id = x.id
"""
