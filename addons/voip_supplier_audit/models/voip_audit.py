"""Words of what the audit of suppliers leaves in the audit trail."""

from odoo import api, models
from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

WORDS = {
    "accepted": _lt("Accepted"),
    "bills": _lt("Bills"),
    "claim": _lt("Claim"),
    "cost": _lt("Cost"),
    "credit_note": _lt("Credit note"),
    "difference": _lt("Difference"),
    "disputed": _lt("Disputed"),
    "number": _lt("Number"),
    "ours": _lt("Ours"),
    "quality": _lt("Quality terms"),
    "records": _lt("Call records"),
    "rejected": _lt("Rejected"),
    "theirs": _lt("Theirs"),
}


class VoipAudit(models.Model):
    _inherit = "voip.audit"

    @api.model
    def _select_event(self):
        return [
            *super()._select_event(),
            ("supplier_agreement", self.env._("Supplier agreement changed")),
            ("supplier_claim_close", self.env._("Claim on a supplier closed")),
            ("supplier_claim_open", self.env._("Claim on a supplier made")),
            ("supplier_correction_book", self.env._("Accepted cost put on calls")),
            (
                "supplier_correction_withdraw",
                self.env._("Accepted cost taken off calls again"),
            ),
            ("supplier_claim_split", self.env._("Lines of a claim settled apart")),
            ("supplier_invoice_ask", self.env._("Supplier invoice put to approval")),
            ("supplier_invoice_decide", self.env._("Supplier invoice decided")),
            ("supplier_invoice_import", self.env._("Supplier invoice imported")),
            ("supplier_invoice_reconcile", self.env._("Supplier invoice reconciled")),
            ("supplier_invoice_records", self.env._("Supplier's call records read")),
            ("supplier_invoice_settle", self.env._("Supplier invoice settled")),
            ("supplier_quality_confirm", self.env._("Quality proposal confirmed")),
            ("supplier_quality_drop", self.env._("Quality proposal dropped")),
            ("supplier_invoice_withdraw", self.env._("Decision taken back")),
        ]

    @api.model
    def _words(self):
        return super()._words() | WORDS
