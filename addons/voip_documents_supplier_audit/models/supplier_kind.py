"""What documents of a supplier's invoice have in common."""

from datetime import date

from odoo import api, models
from odoo.exceptions import UserError

from odoo.addons.voip_documents.context.subject import Subject
from odoo.addons.voip_documents.engine import exact
from odoo.addons.voip_supplier_audit.invoices import figures

from . import facts, shown
from .retold import Retold, decision_words, step_words
from .sample import sample_facts

DECIDED = ("accepted", "rejected", "disputed", "settled")


class VoipSupplierDocumentKind(models.AbstractModel):
    _name = "voip.supplier.document.kind"
    _inherit = "voip.document.kind"
    _description = "Documents of a Supplier's Invoice"
    # What files of the kind are called beside the supplier's number.
    _suffix = ""

    # === SUBJECTS === #

    @api.model
    def _named(self, record, account, first, last):
        self._refuse_range(first, last)
        if not isinstance(record, str) or not record:
            raise UserError(
                self.env._("record is the number of a supplier's invoice.")
            )
        found = self._numbered(record)
        if len(found) > 1:
            raise UserError(
                self.env._(
                    "record: %s is the number of invoices of several suppliers: put the"
                    " supplier's reference and a slash before it.",
                    record[:60],
                )
            )
        if not found:
            raise UserError(
                self.env._("record: there is no supplier's invoice %s.", record[:60])
            )
        return self._of_invoice(found, self._named_account(account, found.company_id))

    def _numbered(self, record):
        """Invoices of a number, which may stand behind the supplier's reference."""
        invoices = self.env["voip.supplier.invoice"]
        mine = ("company_id", "in", self.env.companies.ids)
        found = invoices.search([("number", "=", record), mine], limit=2)
        for place, mark in enumerate(record):
            if len(found) == 1:
                break
            if mark == "/":
                one = ("partner_id.ref", "=", record[:place])
                domain = [("number", "=", record[place + 1 :]), one, mine]
                found = invoices.search(domain, limit=2) or found
        return found

    @api.model
    def _of_invoice(self, invoice, account=None):
        """The subject of an invoice; a partner's accounts have no say in it."""
        account = self.env["voip.account"] if account is None else account
        return Subject(
            invoice,
            invoice.company_id,
            invoice.partner_id.commercial_partner_id,
            account,
            invoice.period_start,
            invoice.period_end,
        )

    @api.model
    def _moment(self, subject):
        decided = subject.record.decided_at
        return decided.date() if decided else subject.record.date

    @api.model
    def _title(self, subject):
        return self.env._(
            "%(kind)s of invoice %(number)s",
            kind=self._label(),
            number=subject.record.number,
        )

    @api.model
    def _previewed(self, template):
        """The last invoice of the company that the kind can be made of."""
        companies = template.company_id or self.env.companies
        found = self.env["voip.supplier.invoice"].search(
            [("company_id", "in", companies.ids), *self._possible()],
            order="id desc",
            limit=1,
        )
        return self._of_invoice(found) if found else None

    def _possible(self):
        """Domain of invoices that the document can be made of."""
        raise NotImplementedError

    # === DATA === #

    @api.model
    def _data(self, subject, lang=None):
        invoice = subject.record.ensure_one()
        invoice.check_access("read")
        number = f"{invoice.number}-{self._suffix}"
        data, env = self._frame(subject, invoice.currency_id, number, lang)
        known = self._facts(invoice.sudo().with_env(env(user=self.env.user, su=True)))
        return self._filled(data, env, known)

    def _facts(self, invoice):
        """Exact facts of an invoice, see :mod:`.facts`, in its language."""
        return {
            "number": invoice.number,
            "date": invoice.date.isoformat(),
            "zone": invoice.tz,
            "total": figures.exact(invoice.total),
            "ours": figures.exact(invoice.ours_total),
            "is_decided": invoice.state in DECIDED,
            "on": invoice._decided_on(),
            "deadline": invoice.last_day.isoformat() if invoice.last_day else "",
            "steps": invoice._steps(),
            "why": invoice.why or "",
            "claim": self._claim_facts(invoice.claim_ids[:1]),
        }

    def _claim_facts(self, claim):
        """How the money is claimed; None without a claim."""
        if not claim:
            return None
        return {
            "by": claim.by,
            "amount": figures.exact(claim.amount),
            "reference": claim.move_id.ref or claim.move_id.name or "",
        }

    @api.model
    def _sample(self):
        company = self.env.company
        account = self.env["voip.account"]
        days = date(2026, 3, 1), date(2026, 3, 31)
        subject = Subject(
            company.partner_id, company, company.partner_id, account, *days
        )
        number = f"CT-2026-118-{self._suffix}"
        data, env = self._frame(subject, company.currency_id, number)
        data["customer"]["name"] = "Example Carrier Ltd <& Sons>"
        return self._filled(data, env, sample_facts(self._kind))

    def _filled(self, data, env, known):
        """``data`` with what both kinds tell."""
        layout, known = data["format"], self._retold(env, known)
        data["labels"].update(step_words(env), **self._audit_words(env))
        data["period"]["zone"] = known["zone"]
        places = shown.places_of(
            [row[n] for row in known["lines"] for n in shown.MONEY if row[n]],
            layout["currency"]["decimals"],
        )
        call_places = shown.places_of(
            [row[n] for row in known["calls"] for n in shown.CALL_MONEY if row[n]],
            layout["currency"]["decimals"],
        )
        items = [shown.line(row, places, layout) for row in known["lines"]]
        calls = [shown.call(row, call_places, layout) for row in known["calls"]]
        words = data["labels"]
        return {
            **data,
            "is_draft": not known["is_decided"],
            "date": known["on"],
            "date_text": exact.date_text(known["on"], layout["date"]),
            "invoice": self._invoice_data(known, layout),
            "steps": shown.steps(known["steps"], words, layout),
            "items": items,
            "calls": calls[: facts.SHOWN_CALLS],
            "call_count": known["call_count"],
            "calls_note": self._calls_note(env, known),
            "lines": [
                *(shown.row_of_line(row, words["row_line"]) for row in items),
                *(shown.row_of_call(row, words["row_call"]) for row in calls),
            ],
            "totals": self._totals(known, places, layout),
            "notes": [],
        }

    @staticmethod
    def _retold(env, known):
        """``known`` with its words and sentences in the language of the paper."""
        retold, decisions = Retold(env), decision_words(env)
        lines = [
            {
                **line,
                "found_text": line["found_text"] and retold.classes[line["found"]],
                "decision_text": decisions[line["decision"]],
                "reasons": [retold.sentence(text) for text in line["reasons"]],
                "reason": retold.sentence(line["reason"]),
            }
            for line in known["lines"]
        ]
        calls = [
            {**call, "found_text": retold.classes[call["found"]]}
            for call in known["calls"]
        ]
        why = retold.why(known["why"])
        return {**known, "lines": lines, "calls": calls, "why": why}

    @staticmethod
    def _invoice_data(known, layout):
        return {
            "number": known["number"],
            "date": known["date"],
            "date_text": exact.date_text(known["date"], layout["date"]),
            "total": exact.text_of(known["total"]),
            "total_text": exact.money_text(known["total"], layout),
            "ours": exact.text_of(known["ours"]),
            "ours_text": exact.money_text(known["ours"], layout),
            "deadline": known["deadline"],
            "deadline_text": exact.date_text(known["deadline"], layout["date"]),
            "zone": known["zone"],
            "why": known["why"],
        }

    @staticmethod
    def _totals(known, places, layout):
        """Sums of the printed lines."""
        sums = {n: shown.total(row[n] for row in known["lines"]) for n in shown.MONEY}
        return shown.money(sums, shown.MONEY, places, layout)

    @staticmethod
    def _calls_note(env, known):
        """A sentence where the page has not all calls; "" where it has."""
        count, told = known["call_count"], len(known["calls"])
        if count <= facts.SHOWN_CALLS and told == count:
            return ""
        if told < count:
            return env._(
                "The first %(shown)s of %(count)s calls; the table sent with this has"
                " the first %(told)s.",
                shown=min(facts.SHOWN_CALLS, told),
                count=f"{count:,}",
                told=f"{told:,}",
            )
        return env._(
            "The first %(shown)s of %(count)s calls; the table sent with this has all.",
            shown=facts.SHOWN_CALLS,
            count=f"{count:,}",
        )

    # === WORDS === #

    @staticmethod
    def _audit_words(env):
        _ = env._
        return {
            "customer": _("To"),
            "supplier": _("Supplier"),
            "not_decided": _("Draft: the invoice is not decided yet."),
            "invoice": _("Your invoice"),
            "invoice_date": _("Dated"),
            "theirs": _("Billed"),
            "zone": _("Time zone"),
            "deadline": _("Dispute window ends"),
            "code": _("Code"),
            "day": _("Day"),
            "class": _("Class"),
            "difference": _("Difference"),
            "disputed": _("Disputed"),
            "reason": _("Reason"),
            "decision": _("Decision"),
            "annex": _("Annex: calls"),
            "call_id": _("Call ID"),
            "caller": _("Caller"),
            "called": _("Called"),
            "start": _("Start (UTC)"),
            "duration": _("Duration"),
            "by_line": _("Line by line"),
            "row_line": _("Line"),
            "row_call": _("Call"),
            "per_minute": _("Prices per minute, durations as minutes:seconds."),
            "ambiguous": _("It may as well be another call between these numbers."),
        }
