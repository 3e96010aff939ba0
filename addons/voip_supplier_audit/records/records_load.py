"""The door for call records of suppliers: ``voip.supplier.invoice.load_records``.

A record is an object with called, start, duration (answered seconds) and amount;
call_id, caller, prefix, rate, and line, its number in the supplier's file. Times
without a zone are in the invoice's.
"""

from collections import Counter

from odoo import api, models
from odoo.exceptions import UserError

from . import values
from .store import store

RECORD_LIMIT = 10_000


class VoipSupplierInvoice(models.Model):
    _inherit = "voip.supplier.invoice"

    @api.model
    def load_records(self, invoice, records):
        """Take call records of an invoice in, each once.

        With ``line`` a record is that line of the invoice: another content of it is a
        conflict. Without, records of the same content are as many as one call says, so
        that a call sent again brings nothing twice.

        :param int invoice: as ``load`` answered
        :param list records: see the module; at most 10,000
        :return: ``{received, accepted, duplicates, errors: [{index, code, message}]}``
        :raise UserError: no such invoice, a decided one, or no list
        """
        self.browse().check_access("write")
        if not isinstance(records, list):
            raise UserError(self.env._("records must be a list."))
        if len(records) > RECORD_LIMIT:
            raise UserError(
                self.env._(
                    "At most %(limit)s records a call, not %(count)s.",
                    limit=RECORD_LIMIT,
                    count=len(records),
                )
            )
        found = self._by_id(invoice)
        found._lock()
        found._refuse_decided()
        return found.sudo()._take_records(records)

    def _take_records(self, records):
        rows, places, errors = [], [], []
        times = Counter()
        for index, record in enumerate(records):
            try:
                read = values.read(record, self.tz)
            except values.BadRecord as error:
                errors.append(
                    {"index": index, "code": error.code, "message": str(error)}
                )
                continue
            mark = values.content(read)
            times[mark] += 1
            rows.append(
                self._record_row(read, values.identity(read, mark, times[mark]), mark)
            )
            places.append(index)
        stored, duplicates, conflicts = store(self.env, rows) if rows else (0, 0, [])
        errors += [self._conflict(places[row]) for row in conflicts]
        self.record_count += stored
        return {
            "received": len(records),
            "accepted": stored,
            "duplicates": duplicates,
            "errors": sorted(errors, key=lambda error: error["index"]),
        }

    def _record_row(self, read, key, mark):
        own = {
            "key": key,
            "mark": mark,
            "company_id": self.company_id.id,
            "invoice_id": self.id,
        }
        return tuple({**read, **own}[name] for name in values.COLUMNS)

    def _conflict(self, index):
        message = self.env._(
            "line: this line of invoice %(number)s is here with other content.",
            number=self.number,
        )
        return {"index": index, "code": "conflict", "message": message}

    def _forget_records(self):
        """Make room for other call records; those of a decided invoice stay."""
        self.env.flush_all()
        self.env.cr.execute(
            "DELETE FROM voip_supplier_record_row WHERE invoice_id = ANY(%s)",
            [self.ids],
        )
        self.sudo().record_count = 0
