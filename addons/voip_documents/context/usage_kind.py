"""The data of usage reports: what an account used between two days."""

from datetime import date
from decimal import Decimal

from odoo import api, models
from odoo.exceptions import UserError

from ..engine import exact
from . import usage_sql
from .figures import decimals_of
from .subject import Subject

COLUMNS = (
    ("Account", "account.code", "text", -1, 12),
    ("Section", "line.section", "text", -1, 22),
    ("Service", "line.service", "text", -1, 14),
    ("Destination", "line.name", "text", -1, 36),
    ("Attempts", "line.attempts", "number", 0, 10),
    ("Calls", "line.calls", "number", 0, 10),
    ("Minutes", "line.seconds", "duration", -1, 12),
    ("Units", "line.units", "number", 0, 10),
    ("Rate", "line.rate", "number", -1, 12),
    ("Rate Currency", "line.rate_currency", "text", -1, 9),
    ("Amount", "line.amount", "number", -1, 14),
    ("Currency", "currency.name", "text", -1, 9),
)
ZERO = Decimal(0)


class VoipDocumentKindUsage(models.AbstractModel):
    _name = "voip.document.kind.usage"
    _inherit = "voip.document.kind"
    _description = "Usage Reports"
    _rank = 40
    _body = "voip_documents/templates/usage.html"
    _heads = COLUMNS
    _preview_field = "preview_account_id"

    def _label(self):
        return self.env._("Usage Report")

    # === SUBJECTS === #

    @api.model
    def _named(self, record, account, first, last):
        accounts = self.env["voip.account"]
        if record and account and record != account:
            raise UserError(
                self.env._("record, account: give one or the other of usage.")
            )
        found = accounts._statement_accounts(account or record or 0, None)
        first = accounts._statement_day("date_from", first)
        last = accounts._statement_day("date_to", last) or found._statement_today()
        return self._of_account(found, first or last.replace(day=1), last)

    @api.model
    def _of_account(self, account, first, last):
        """The subject of what ``account`` and the accounts below it used."""
        if first > last:
            raise UserError(self.env._("The last day lies before the first one."))
        partner = account.partner_id.commercial_partner_id
        return Subject(account, account.company_id, partner, account, first, last)

    @api.model
    def _title(self, subject):
        return self.env._("Usage of %s", subject.record.display_name)

    @api.model
    def _previewed(self, template):
        account = template.preview_account_id._origin
        if not account:
            return None
        last = account._statement_today()
        return self._of_account(account, last.replace(day=1), last)

    @api.model
    def _sample(self):
        company = self.env.company
        account = self.env["voip.account"]
        days = date(2026, 1, 1), date(2026, 1, 31)
        subject = Subject(
            company.partner_id, company, company.partner_id, account, *days
        )
        data, env = self._frame(subject, company.currency_id, "A00042-2026-01-31")
        data["customer"]["name"] = "Example Ltd <& Sons>"
        return self._filled(data, env, *usage_sql.sample(company.currency_id.name))

    # === DATA === #

    @api.model
    def _data(self, subject, lang=None):
        account = subject.account
        account.check_access("read")
        self.env["voip.usage.summary"].check_access("read")
        accounts = self._accounts(account)
        self.env.flush_all()
        params = [accounts.ids, account.payer_id.id, subject.first, subject.last]
        code = account.sudo().code
        number = f"{code}-usage-{subject.first}-{subject.last}"
        currency = account.sudo().payer_id.currency_id
        data, env = self._frame(subject, currency, number, lang)
        names = {each.id: each.display_name for each in accounts}
        names[account.id] = ""
        rows = usage_sql.rows(env, params, names)
        return self._filled(data, env, rows, usage_sql.days(env, params))

    def _accounts(self, account):
        """The account and those below it."""
        found = self.env["voip.account"].with_context(active_test=False)
        return found.search([("id", "child_of", account.id)])

    def _filled(self, data, env, rows, days):
        data["labels"].update(self._usage_words(env))
        layout = data["format"]
        places = max((decimals_of(row["rate"]) for row in rows), default=4)
        lines = [self._line(row, layout, places) for row in rows]
        sections = {}
        for line in lines:
            sections.setdefault(line["section"], []).append(line)
        return {
            **data,
            "has_sections": len(sections) > 1,
            "has_destinations": any(line["is_destination"] for line in lines),
            "lines": lines,
            "sections": [
                {"name": name, "lines": found, **self._sums(found, layout)}
                for name, found in sections.items()
            ],
            "days": self._days(days, layout),
            "totals": self._sums(lines, layout),
            "notes": [
                env._("Amounts without tax, as rated; invoices round each line.")
            ],
        }

    @staticmethod
    def _usage_words(env):
        return {
            "customer": env._("Customer"),
            "attempts": env._("Attempts"),
            "asr": env._("ASR"),
            "acd": env._("ACD"),
            "day": env._("Day"),
            "by_destination": env._("By destination"),
            "by_service": env._("By service"),
            "by_day": env._("By day"),
            "nothing": env._("Nothing was used in these days."),
        }

    def _line(self, row, layout, places):
        foreign = row["rate_currency"] != layout["currency"]["name"]
        rate = exact.rate_text(row["rate"], layout, places)
        name = row["rate_currency"]
        return {
            **row,
            **self._sums([row], layout),
            "rate_text": f"{rate}{exact.GAP}{name}" if foreign and name else rate,
        }

    @staticmethod
    def _sums(rows, layout):
        """Sums of ``rows``, exact and formatted."""
        amount = sum((Decimal(row["amount"]) for row in rows), ZERO)
        names = ("attempts", "calls", "seconds", "units")
        sums = {name: sum(row[name] for row in rows) for name in names}
        attempts, calls = sums["attempts"], sums["calls"]
        asr = exact.rounded(Decimal(100 * calls) / attempts, 1) if attempts else None
        texts = {f"{n}_text": exact.number_text(sums[n], 0, layout) for n in names}
        return {
            **sums,
            **texts,
            "minutes_text": exact.minutes_text(sums["seconds"]),
            "asr": "" if asr is None else exact.text_of(asr),
            "asr_text": "" if asr is None else f"{exact.number_text(asr, 1, layout)} %",
            "acd_text": exact.minutes_text(sums["seconds"] // calls) if calls else "",
            "amount": exact.text_of(amount),
            "amount_text": exact.money_text(amount, layout),
        }

    def _days(self, rows, layout):
        """Each day with its share in percent of the dearest one, for bars."""
        most = max((Decimal(row["amount"]) for row in rows), default=ZERO)
        return [
            {
                "date": row["date"],
                "date_text": exact.date_text(row["date"], layout["date"]),
                **self._sums([row], layout),
                "share": int(100 * Decimal(row["amount"]) / most) if most > 0 else 0,
            }
            for row in rows
        ]
