"""What was decided with suppliers and customers is witnessed: it never changes.

Left out is whom it is with (a merge of partners changes it, rightly), what goes on
after a decision (a claim that closes, lines that are settled apart), and notes.
"""

from dataclasses import dataclass

from odoo import api, models

from odoo.addons.voip_billing_base.charge.witness import Records, digest, names

_DECIDED = "r.state NOT IN ('imported', 'reconciled') AND r.decided_at IS NOT NULL"
_LINE = digest(
    "l",
    names(
        "id, sequence, kind, prefix, name, day, rate, calls, minutes, amount,"
        " ours_calls, ours_minutes, ours_amount, difference, found, explanations,"
        " unexplained, decision, disputed_amount, reason"
    ),
)
_RECORD = digest(
    "c",
    names(
        "id, start, key, mark, line, duration_ms, amount, rate, called, start_text,"
        " call_id, caller, prefix"
    ),
)
_PAIR = digest(
    "p", names("id, record_id, usage_id, class, way, ambiguous, amount, line_id")
)
_ADDED = digest(
    "a",
    names(
        "id, line_id, summary_id, rate_id, cost_rate_id, local_day, price, cost_amount,"
        " cost"
    ),
)


@dataclass(frozen=True)
class ManyRecords(Records):
    """Records of which each has a million rows: compared where everything is."""

    def check_sql(self, since, full):
        return super().check_sql(since, full) if full else "SELECT 0"


INVOICES = Records(
    kind="supplier_invoices",
    table="voip_supplier_invoice",
    columns=tuple(
        names(
            "number, company_id, date, received_on, period_start, period_end, tz,"
            " currency_id, total, agreement_id, ours_unbilled, unbilled_cells,"
            " record_count, asked_id, approved_id, decided_at, late_reason,"
            " bill_id"
        )
    ),
    where=_DECIDED,
    day="r.decided_at::date",
    more=f"""
        (SELECT sum({_LINE}) FROM voip_supplier_invoice_line l
          WHERE l.invoice_id = r.id)""",
)
CALLS = ManyRecords(
    kind="supplier_calls",
    table="voip_supplier_invoice",
    columns=("id",),
    where=f"{_DECIDED} AND r.record_count > 0",
    day="r.decided_at::date",
    more=f"""
        (SELECT sum({_RECORD}) FROM voip_supplier_record_row c
          WHERE c.invoice_id = r.id)
        + COALESCE((SELECT sum({_PAIR}) FROM voip_supplier_match_row p
                     WHERE p.invoice_id = r.id), 0)""",
)
CLAIMS = Records(
    kind="supplier_claims",
    table="voip_supplier_claim",
    columns=tuple(
        names(
            "invoice_id, company_id, state, opened_on, closed_on, by, amount,"
            " credited_amount, move_id, credit_note_id, credit_reference, reason"
        )
    ),
    where="r.state <> 'open'",
    day="r.closed_on",
)
CORRECTIONS = Records(
    kind="supplier_corrections",
    table="voip_supplier_correction",
    columns=tuple(
        names(
            "invoice_id, claim_id, company_id, gaps, amount, on_calls, cost, booked_at"
        )
    ),
    where="r.booked_at IS NOT NULL",
    day="r.booked_at::date",
    more=f"""
        (SELECT sum({_ADDED}) FROM voip_supplier_correction_row a
          WHERE a.correction_id = r.id AND a.reversal_of IS NULL)""",
)
PROPOSALS = Records(
    kind="quality_proposals",
    table="voip_supplier_proposal",
    columns=tuple(
        names(
            "term_id, agreement_id, company_id, currency_id, month, kind, attempts,"
            " answered, duration_ms, asr, acd, cost, percent, amount, state, reason,"
            " move_id"
        )
    ),
    where="r.state <> 'draft'",
    day="r.month",
)
DISPUTES = Records(
    kind="disputes",
    table="voip_dispute",
    columns=tuple(
        names(
            "move_id, company_id, scope, usage_ids, percentage, amount, held, net, tax,"
            " total, state, reason, raised_by, raised_on, asked_by_id, answer,"
            " decided_by_id, decided_at, credit_id, credited"
        )
    ),
    where="r.decided_at IS NOT NULL AND r.state NOT IN ('open', 'waiting')",
    day="r.decided_at::date",
)


OURS = INVOICES, CALLS, CLAIMS, CORRECTIONS, PROPOSALS, DISPUTES


class VoipWitness(models.AbstractModel):
    _inherit = "voip.witness"

    @api.model
    def _records(self):
        return (*super()._records(), *OURS)
