"""Dispute letters: what of an invoice is not accepted, why, and which calls."""

from odoo import api, models
from odoo.exceptions import UserError

from odoo.addons.voip_documents.engine import exact

from . import facts, shown

COLUMNS = (
    ("Row", "line.row_text", "text", -1, 7),
    ("Code", "line.prefix", "text", -1, 12),
    ("Destination", "line.name", "text", -1, 28),
    ("Day", "line.day", "date", -1, 12),
    ("Minutes Billed", "line.seconds", "duration", -1, 12),
    ("Minutes Ours", "line.ours_seconds", "duration", -1, 12),
    ("Billed", "line.amount", "number", -1, 14),
    ("Ours", "line.ours_amount", "number", -1, 14),
    ("Disputed", "line.disputed", "number", -1, 14),
    ("Reason", "line.reason", "text", -1, 44),
    ("Call ID", "line.call_id", "text", -1, 26),
    ("Start Billed (UTC)", "line.their_start", "text", -1, 20),
    ("Start Ours (UTC)", "line.our_start", "text", -1, 20),
    ("Caller", "line.caller", "text", -1, 16),
    ("Called", "line.called", "text", -1, 16),
    ("Class", "line.found_text", "text", -1, 18),
    ("Seconds Billed", "line.their_seconds", "number", -1, 10),
    ("Seconds Ours", "line.our_seconds", "number", -1, 10),
    ("Call Billed", "line.their_amount", "number", -1, 12),
    ("Call Ours", "line.our_amount", "number", -1, 12),
    ("Call Difference", "line.call_difference", "number", -1, 12),
    ("Currency", "currency.name", "text", -1, 9),
)


class VoipDocumentKindDisputeLetter(models.AbstractModel):
    _name = "voip.document.kind.dispute"
    _inherit = "voip.supplier.document.kind"
    _description = "Dispute Letters"
    _rank = 75
    _body = "voip_documents_supplier_audit/templates/dispute.html"
    _heads = COLUMNS
    _suffix = "dispute"

    def _label(self):
        return self.env._("Dispute Letter")

    def _possible(self):
        return [("line_ids.decision", "in", facts.REFUSED)]

    @api.model
    def _check(self, subject):
        if not self._refused(subject.record):
            raise UserError(
                self.env._(
                    "Nothing of invoice %s is disputed or rejected: there is no letter"
                    " to write.",
                    subject.record.number,
                )
            )

    @staticmethod
    def _refused(invoice):
        return invoice.line_ids.filtered(facts.is_refused)

    def _facts(self, invoice):
        refused = self._refused(invoice)
        count, calls = facts.calls_of(invoice, refused)
        return {
            **super()._facts(invoice),
            "lines": facts.lines_of(refused),
            "calls": calls,
            "call_count": count if count > facts.MOST_CALLS else len(calls),
        }

    def _filled(self, data, env, known):
        data = super()._filled(data, env, known)
        data["labels"]["title"] = env._("Dispute of an Invoice")
        disputed = shown.total(row["disputed"] for row in known["lines"])
        data["disputed_text"] = exact.money_text(disputed, data["format"])
        data["paragraphs"] = self._paragraphs(env, data, known, disputed)
        data["sums"] = [
            {
                "label": f"{data['labels']['disputed']} ({data['currency']['name']})",
                "amount": data["totals"]["disputed"],
            }
        ]
        return data

    def _paragraphs(self, env, data, known, disputed):
        """What the letter says, sentence by sentence."""
        return [
            env._(
                "We have compared your invoice %(number)s of %(date)s for the usage of"
                " %(period)s with our call records.",
                number=known["number"],
                date=data["invoice"]["date_text"],
                period=data["period"]["text"],
            ),
            env._(
                "Of %(total)s that are billed we dispute %(disputed)s, for the reasons"
                " below.",
                total=data["invoice"]["total_text"],
                disputed=data["disputed_text"],
            ),
            self._payment_sentence(env, data, known, disputed),
            env._(
                "Please send us a credit note for what is disputed, or the call records"
                " and the notice of rates that prove it."
            ),
        ]

    @staticmethod
    def _payment_sentence(env, data, known, disputed):
        """What becomes of the money meanwhile."""
        claim, layout = known["claim"], data["format"]
        if claim and claim["by"] == "debit_note":
            return env._(
                "Our debit note %(reference)s claims %(amount)s; the invoice itself is"
                " paid when it is due.",
                reference=claim["reference"],
                amount=exact.money_text(claim["amount"], layout),
            )
        accepted = known["total"] - disputed
        if not accepted:
            return env._("Nothing of the invoice is paid until this is settled.")
        return env._(
            "The disputed amount is withheld from payment; the undisputed %(amount)s"
            " are paid when they are due.",
            amount=exact.money_text(accepted, layout),
        )
