"""Rate notices as documents: what a partner is told about a deck."""

from decimal import Decimal

from odoo import api, models
from odoo.exceptions import UserError

from odoo.addons.voip_documents.context.figures import decimals_of
from odoo.addons.voip_documents.context.subject import Subject
from odoo.addons.voip_documents.engine import exact
from odoo.addons.voip_rating.sheets.row import ALWAYS

from .sample import SAMPLE

COLUMNS = (
    ("Code", "line.prefix", "text", -1, 14),
    ("Origin", "line.origin", "text", -1, 12),
    ("Destination", "line.name", "text", -1, 36),
    ("Change", "line.status_text", "text", -1, 12),
    ("Old Price", "line.old_price", "number", -1, 12),
    ("Price", "line.price", "number", -1, 12),
    ("First Increment", "line.initial_increment", "number", 0, 10),
    ("Next Increment", "line.next_increment", "number", 0, 10),
    ("Connection Fee", "line.connect_fee", "number", -1, 12),
    ("Valid From", "line.starts_text", "text", -1, 18),
    ("Remark", "line.reason", "text", -1, 36),
    ("Currency", "currency.name", "text", -1, 9),
)


class VoipDocumentKindRateNotice(models.AbstractModel):
    _name = "voip.document.kind.rate_notice"
    _inherit = "voip.document.kind"
    _description = "Rate Notices"
    _rank = 60
    _body = "voip_rating_documents/templates/rate_notice.html"
    _heads = COLUMNS

    def _label(self):
        return self.env._("Rate Notice")

    # === SUBJECTS === #

    @api.model
    def _named(self, record, account, first, last):
        self._refuse_range(first, last)
        if not isinstance(record, str) or not record:
            raise UserError(self.env._("record is the name of a rate notice."))
        mine = ("company_id", "in", self.env.companies.ids)
        notices = self.env["voip.rate.notice"]
        found = notices.search([("name", "=", record), mine], limit=2)
        if len(found) != 1:
            raise UserError(
                self.env._("record: there is no rate notice %s.", record[:60])
            )
        return self._of_notice(found, self._named_account(account, found.company_id))

    @api.model
    def _of_notice(self, notice, account=None):
        """The subject of a notice; a partner's accounts have no say in it."""
        account = self.env["voip.account"] if account is None else account
        partner = notice.partner_id.commercial_partner_id
        return Subject(notice, notice.company_id, partner, account)

    @api.model
    def _moment(self, subject):
        made = subject.record.made_at
        return made.date() if made else super()._moment(subject)

    @api.model
    def _previewed(self, template):
        """The last notice of the company."""
        companies = template.company_id or self.env.companies
        found = self.env["voip.rate.notice"].search(
            [("company_id", "in", companies.ids)], order="id desc", limit=1
        )
        return self._of_notice(found) if found else None

    @api.model
    def _sample(self):
        company = self.env.company
        account = self.env["voip.account"]
        subject = Subject(company.partner_id, company, company.partner_id, account)
        data, env = self._frame(subject, company.currency_id, "RN/2026/0042")
        data["customer"]["name"] = "Example Ltd <& Sons>"
        about = {"deck": "Gold", "zone": "Europe/London", "reason": ""}
        days = {"date": "2026-01-31", "date_text": "2026-01-31"}
        return self._filled({**data, **about, **days}, env, SAMPLE)

    # === DATA === #

    @api.model
    def _data(self, subject, lang=None):
        notice = subject.record.ensure_one()
        notice.check_access("read")
        data, env = self._frame(subject, notice.currency_id, notice.name or "", lang)
        own, agreement = notice.with_env(env), notice.sudo().agreement_id
        made = notice.made_at
        data |= {
            "date": made.date().isoformat() if made else "",
            "date_text": agreement._local(made) if made else "",
            "deck": notice.sudo().deck_id.display_name,
            "zone": agreement.tz,
            "reason": notice.reason or "",
        }
        statuses = env["voip.rate.notice.row"]._fields["status"]
        names = dict(statuses._description_selection(env))
        kinds = {label: name for name, label in names.items()}
        lines = []
        for line in own._lines():
            starts = line["starts"]
            is_said = starts and str(starts) != ALWAYS
            line["starts"] = starts.isoformat() if is_said else ""
            line["starts_text"] = agreement._local(starts) if is_said else ""
            line["status"] = kinds[line["status"]]
            lines.append(line)
        return self._filled(data, env, lines)

    def _filled(self, data, env, rows):
        layout = data["format"]
        name = layout["currency"]["name"]
        own = self._notice_words(env).items()
        data["labels"].update({key: word.replace("%s", name) for key, word in own})
        prices = [
            exact.text_of(row[name])
            for row in rows
            for name in ("old_price", "price")
            if row.get(name) is not None
        ]
        places = max((decimals_of(price) for price in prices), default=4)
        statuses = self._status_words(env)
        lines = [self._line(row, layout, places, statuses) for row in rows]
        for line in lines:
            line["fees_text"] = self._fees_text(line, data["labels"])
        names = ("new", "increased", "decreased", "closed", "unchanged")
        counts = {n: sum(line["status"] == n for line in lines) for n in names}
        return {**data, "lines": lines, "counts": counts, "notes": []}

    @staticmethod
    def _notice_words(env):
        return {
            "customer": env._("Addressed to"),
            "deck": env._("Rates"),
            "made": env._("Made"),
            "zone": env._("Time zone"),
            "code": env._("Code"),
            "change": env._("Change"),
            "old_price": env._("Old price"),
            "new_price": env._("New price"),
            "increments": env._("Increments"),
            "connect_fee": env._("Connection fee"),
            "attempt_fee": env._("Attempt fee"),
            "first_price": env._("First increment"),
            "starts": env._("Valid from"),
            "remark": env._("Remark"),
            "new": env._("New"),
            "increased": env._("Increases"),
            "decreased": env._("Decreases"),
            "closed": env._("Closed"),
            "per_unit": env._("Prices per minute in %s, increments in seconds."),
            "nothing": env._("Nothing has changed."),
            "not_all": env._(
                "Not all codes are printed here: the XLSX and CSV of this notice have "
                "each of them."
            ),
        }

    @staticmethod
    def _status_words(env):
        """{status: word}, of what becomes of a code."""
        return {
            "new": env._("New"),
            "increased": env._("Increase"),
            "decreased": env._("Decrease"),
            "closed": env._("Closed"),
            "unchanged": env._("Unchanged"),
        }

    @staticmethod
    def _fees_text(line, labels):
        """What is asked for beside the price; a first increment may be free."""
        told = [
            f"{labels[name]} {line[f'{name}_text']}"
            for name in ("connect_fee", "attempt_fee", "first_price")
            if line[name] and (Decimal(line[name]) or name == "first_price")
        ]
        return "; ".join(told)

    def _line(self, row, layout, places, statuses):
        """One code; figures as exact texts and formatted."""
        figures = {}
        for name in ("old_price", "price", "connect_fee", "first_price", "attempt_fee"):
            value = row.get(name)
            figures[name] = "" if value is None else exact.text_of(Decimal(value))
            text = (
                exact.rate_text(figures[name], layout, places) if figures[name] else ""
            )
            figures[f"{name}_text"] = text
        first, further = row.get("initial_increment"), row.get("next_increment")
        has_both = first is not None and further is not None
        return {
            "prefix": row["prefix"],
            "origin": row.get("origin_prefix") or "",
            "name": row["label"],
            "status": row["status"],
            "status_text": statuses[row["status"]],
            **figures,
            "initial_increment": first,
            "next_increment": further,
            "increments_text": f"{first}/{further}" if has_both else "",
            "starts": row["starts"],
            "starts_text": row["starts_text"],
            "reason": row.get("reason") or "",
        }
