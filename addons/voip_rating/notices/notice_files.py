"""The files of a notice: a workbook to read, a CSV for machines."""

import base64
import csv
import io
import json
from decimal import Decimal
from hashlib import sha256
from zoneinfo import ZoneInfo

import xlsxwriter

from odoo import models

from odoo.addons.voip_billing_base.reader.values import harmless, plain, unmarked

from ..exports.files import head_page, price_format, write_exact
from ..sheets.row import ALWAYS
from .picture import NAMES

_ROWS = """
SELECT prefix, origin_prefix, label, status, old_price::text, price::text, starts,
       reason, terms::text
  FROM voip_rate_notice_row WHERE notice_id = %s ORDER BY prefix, origin_prefix, starts
"""
# Terms that are told where a row has them, beside those that every row has.
_USED = """
SELECT DISTINCT jsonb_object_keys(terms) FROM voip_rate_notice_row
 WHERE notice_id = %s AND terms IS NOT NULL
"""
_ALWAYS = (
    "prefix",
    "label",
    "status",
    "old_price",
    "price",
    "initial_increment",
    "next_increment",
    "starts",
)
# Decimals of the longest price: a number of another kind has none.
_PLACES = """
SELECT max(scale(trim_scale(v.value))) FROM voip_rate_notice_row r,
       LATERAL (SELECT r.old_price UNION ALL SELECT r.price UNION ALL
                SELECT t.value::text::numeric FROM jsonb_each(r.terms) t
                 WHERE jsonb_typeof(t.value) = 'number') v (value)
 WHERE r.notice_id = %s
"""
_WIDTHS = {"prefix": 18, "label": 36, "status": 12, "starts": 19, "reason": 40}


class VoipRateNotice(models.Model):
    _inherit = "voip.rate.notice"

    def _make_files(self):
        """Write the files of the agreed formats, and keep what they hash to."""
        self.ensure_one()
        if (lang := self.partner_id.lang) and lang != self.env.context.get("lang"):
            return self.with_context(lang=lang)._make_files()
        name = f"{self.deck_id.code}-{self.made_at:%Y-%m-%d}"
        agreement = self.agreement_id
        vals = {}
        for kind, wanted, make in (
            ("xlsx", agreement.send_xlsx, self._workbook),
            ("csv", agreement.send_csv, self._csv),
        ):
            data = make() if wanted else b""
            vals |= {
                kind: base64.b64encode(data) if wanted else False,
                f"{kind}_name": wanted and f"{name}.{kind}",
                f"{kind}_sha256": wanted and sha256(data).hexdigest(),
            }
        return self._keep(vals)

    def _columns(self):
        """{name: title} of the columns that the rows need."""
        titles = self._titles()
        used = {*_ALWAYS, *self._used()}
        return {name: title for name, title in titles.items() if name in used}

    def _titles(self):
        """Titles of all columns there may be; of further terms those of a rate."""
        env, rate = self.env, self.env["voip.rate"]
        own = {
            "connect_fee": env._("Connection fee"),
            "initial_increment": env._("First increment"),
            "next_increment": env._("Next increment"),
            "attempt_fee": env._("Attempt fee"),
            "grace_seconds": env._("Grace seconds"),
            "payback": env._("Paid to you"),
        }
        shown = [name for name in NAMES if name not in ("price_per_minute", "blocked")]
        return {
            "prefix": env._("Code"),
            "origin_prefix": env._("Origin code"),
            "label": env._("Destination"),
            "status": env._("Change"),
            "old_price": env._("Old price per minute"),
            "price": env._("Price per minute"),
            **{
                name: own.get(name) or rate._fields[name]._description_string(env)
                for name in shown
            },
            "starts": env._("Valid from"),
            "reason": env._("Remark"),
        }

    def _used(self):
        """Names of the columns in which a row has something."""
        self.env.cr.execute(_USED, [self.id])
        used = {name for (name,) in self.env.cr.fetchall()}
        self.env.cr.execute(
            "SELECT bool_or(origin_prefix IS NOT NULL), bool_or(reason IS NOT NULL)"
            "  FROM voip_rate_notice_row WHERE notice_id = %s",
            [self.id],
        )
        origins, reasons = self.env.cr.fetchone()
        if origins:
            used.add("origin_prefix")
        if reasons or self.reason:
            used.add("reason")
        return used

    def _lines(self):
        """Each row as an object of its values; prices are decimals."""
        field = self.env["voip.rate.notice.row"]._fields["status"]
        labels = dict(field._description_selection(self.env))
        remark = self.reason or ""
        self.env.cr.execute(_ROWS, [self.id])
        for row in self.env.cr.fetchall():
            prefix, origin, label, status, old, new, starts, reason, known = row
            terms = json.loads(known or "{}", parse_float=Decimal)
            is_open = status != "closed"
            yield {
                **(terms if is_open else {}),
                "prefix": prefix,
                "origin_prefix": origin or "",
                "label": label or "",
                "status": labels[status],
                "old_price": Decimal(old) if old else None,
                "price": Decimal(new) if new and is_open else None,
                "starts": starts,
                "reason": reason or (remark if status != "unchanged" else ""),
            }

    def _csv(self):
        """Bytes of a CSV; moments with the offset of the agreed zone."""
        stream = io.StringIO()
        writer = csv.writer(stream)
        columns = self._columns()
        writer.writerow([*columns.values(), self.env._("Currency")])
        zone = ZoneInfo(self.agreement_id.tz)
        for line in self._lines():
            line["starts"] = _moment(line["starts"], zone, "T")
            cells = [_text(line.get(name)) for name in columns]
            writer.writerow([*cells, self.currency_id.name])
        return stream.getvalue().encode("utf-8-sig")

    def _workbook(self):
        """Bytes of an XLSX: what it is about, then the rows."""
        stream = io.BytesIO()
        book = xlsxwriter.Workbook(
            stream,
            {
                "constant_memory": True,
                "strings_to_formulas": False,
                "strings_to_urls": False,
            },
        )
        page = book.add_worksheet(self.env._("Rates")[:31])
        price = book.add_format({"num_format": price_format(self._places())})
        text = book.add_format({"indent": 1})
        columns = self._columns()
        heads = [(title, _WIDTHS.get(name, 15)) for name, title in columns.items()]
        row = head = head_page(book, page, self._heading(), heads)
        zone, yes = ZoneInfo(self.agreement_id.tz), self.env._("yes")
        for row, line in enumerate(self._lines(), head + 1):
            line["starts"] = _moment(line["starts"], zone, " ")[:16]
            for place, name in enumerate(columns):
                value = yes if line.get(name) is True else line.get(name)
                _cell(page, row, place, value, price, text if place else None)
        page.autofilter(head, 0, row, len(columns) - 1)
        book.close()
        return stream.getvalue()

    def _places(self):
        """How many decimals the prices of the rows have."""
        self.env.cr.execute(_PLACES, [self.id])
        return self.env.cr.fetchone()[0] or 0

    def _heading(self):
        """What a reader has to know about all rows."""
        env = self.env
        return [
            (env._("From"), self.company_id.name),
            (env._("To"), self.agreement_id.display_name),
            (env._("Notice"), self.name),
            (env._("Made"), self.agreement_id._local(self.made_at)),
            (env._("Currency"), self.currency_id.name),
            (env._("Time zone"), self.agreement_id.tz),
        ]


def _moment(moment, zone, separator):
    """A moment (naive UTC) in a zone; nothing where it was always so."""
    if str(moment) == ALWAYS:
        return ""
    local = moment.replace(tzinfo=ZoneInfo("UTC")).astimezone(zone)
    return local.isoformat(separator)


def _text(value):
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, Decimal):
        return plain(value)
    return harmless(str(value))


def _cell(page, row, place, value, price, text):
    if isinstance(value, Decimal):
        write_exact(page, row, place, value, price)
    elif isinstance(value, str):
        if value:
            page.write_string(row, place, unmarked(value), text)
    elif isinstance(value, int) and value is not False:
        page.write_number(row, place, value)
