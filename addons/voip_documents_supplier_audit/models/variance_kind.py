"""Variance reports: an invoice beside our records, with the causes of what differs."""

from odoo import api, models
from odoo.exceptions import UserError

from odoo.addons.voip_documents.engine import exact
from odoo.addons.voip_supplier_audit.cockpit.waterfall import placed
from odoo.addons.voip_supplier_audit.invoices import figures

from . import facts, shown

COLUMNS = (
    ("Row", "line.row_text", "text", -1, 7),
    ("Code", "line.prefix", "text", -1, 12),
    ("Destination", "line.name", "text", -1, 28),
    ("Day", "line.day", "date", -1, 12),
    ("Class", "line.found_text", "text", -1, 18),
    ("Calls Billed", "line.calls", "number", 0, 10),
    ("Calls Ours", "line.ours_calls", "number", 0, 10),
    ("Minutes Billed", "line.seconds", "duration", -1, 12),
    ("Minutes Ours", "line.ours_seconds", "duration", -1, 12),
    ("Billed", "line.amount", "number", -1, 14),
    ("Ours", "line.ours_amount", "number", -1, 14),
    ("Difference", "line.difference", "number", -1, 14),
    ("Why", "line.why", "text", -1, 40),
    ("Decision", "line.decision_text", "text", -1, 12),
    ("Disputed", "line.disputed", "number", -1, 14),
    ("Reason", "line.reason", "text", -1, 30),
    ("Call ID", "line.call_id", "text", -1, 26),
    ("Start Billed (UTC)", "line.their_start", "text", -1, 20),
    ("Start Ours (UTC)", "line.our_start", "text", -1, 20),
    ("Caller", "line.caller", "text", -1, 16),
    ("Called", "line.called", "text", -1, 16),
    ("Seconds Billed", "line.their_seconds", "number", -1, 10),
    ("Seconds Ours", "line.our_seconds", "number", -1, 10),
    ("Call Billed", "line.their_amount", "number", -1, 12),
    ("Call Ours", "line.our_amount", "number", -1, 12),
    ("Call Difference", "line.call_difference", "number", -1, 12),
    ("Currency", "currency.name", "text", -1, 9),
)


class VoipDocumentKindVarianceReport(models.AbstractModel):
    _name = "voip.document.kind.variance"
    _inherit = "voip.supplier.document.kind"
    _description = "Variance Reports"
    _rank = 70
    _body = "voip_documents_supplier_audit/templates/variance.html"
    _heads = COLUMNS
    _suffix = "variance"

    def _label(self):
        return self.env._("Variance Report")

    def _possible(self):
        return [("state", "!=", "imported")]

    @api.model
    def _check(self, subject):
        if subject.record.state == "imported":
            raise UserError(
                self.env._(
                    "Invoice %s is not reconciled: there is nothing to report yet.",
                    subject.record.number,
                )
            )

    def _facts(self, invoice):
        count, calls = facts.calls_of(invoice)
        lines = facts.lines_of(invoice.line_ids)
        if invoice.ours_unbilled:
            name = invoice.env._("Calls that the supplier did not bill")
            lines.append(facts.unbilled(figures.exact(invoice.ours_unbilled), name))
        return {
            **super()._facts(invoice),
            "lines": lines,
            "calls": calls,
            "call_count": count,
        }

    def _filled(self, data, env, known):
        data = super()._filled(data, env, known)
        # A report is of the invoice, decided or not.
        data["is_draft"] = False
        data["sums"] = [
            {"label": step["label"], "amount": step["amount"]} for step in data["steps"]
        ]
        begin, _bars = placed(known["steps"])
        text = exact.money_text(begin, data["format"])
        note = env._("Bars begin at %s, not at zero.", text)
        data["bars_note"] = note if begin else ""
        data["share_text"] = self._share(known, data["format"])
        return data

    @staticmethod
    def _share(known, layout):
        """The difference in percent of ours; "" where there is nothing of ours."""
        lines = known["lines"]
        usage = shown.total(x["amount"] for x in lines if x["is_compared"])
        if not known["ours"]:
            return ""
        share = (usage - known["ours"]) / known["ours"] * 100
        return f"{exact.number_text(share, 2, layout)}{exact.GAP}%"
