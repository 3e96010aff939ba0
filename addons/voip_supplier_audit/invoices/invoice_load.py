"""The door for invoices of suppliers: ``voip.supplier.invoice.load``.

A line is an object with amount (required), prefix or destination (as the supplier
prints it) or day, and rate, calls, minutes, kind (usage, fee, tax; modules add
theirs). Amounts are decimal strings. An invoice is taken whole or not at all.
"""

from odoo import api, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.voip_rating.rates.rate_deck_load import _is_matrix

from . import rows
from .figures import exact, text

LINE_LIMIT = 10_000


class VoipSupplierInvoice(models.Model):
    _inherit = "voip.supplier.invoice"

    @api.model
    def load(
        self,
        supplier=None,
        number=None,
        period_start=None,
        period_end=None,
        currency=None,
        total=None,
        lines=None,
        date=None,
        tz=None,
        fields=None,
        data=None,
    ):
        """Take a supplier's invoice in.

        With two lists this is Odoo's own import of records (fields, data).

        :param str supplier: reference of the partner
        :param str period_end: last day
        :param list lines: see the module
        :param str date: without one the last day of the period
        :param str tz: zone of its days; without one that of the agreement
        :return: ``{invoice, lines, sum_difference, errors: [{index, code, message}]}``:
            id (null with errors), count, total minus sum of the lines. The same content
            again answers with the same invoice; another content under the same number
            is an error with code conflict and index null
        :raise UserError: for arguments that make no sense
        :raise AccessError: for users who may not make invoices of suppliers
        """
        if fields is not None or _is_matrix(supplier, number):
            names, values = fields or supplier, data if fields else number
            return super().load(names, values)
        self.browse().check_access("create")
        self._check_lines(lines)
        partner = self._supplier(supplier)
        given = dict(number=number, date=date, tz=tz, currency=currency, total=total)
        given |= dict(period_start=period_start, period_end=period_end)
        return self._load(partner, given, lines)

    @api.model
    def _check_lines(self, lines):
        if not isinstance(lines, list):
            raise UserError(self.env._("lines must be a list."))
        if len(lines) > LINE_LIMIT:
            raise UserError(
                self.env._(
                    "At most %(limit)s lines an invoice, not %(count)s.",
                    limit=LINE_LIMIT,
                    count=len(lines),
                )
            )

    @api.model
    def _supplier(self, reference):
        """The partner of a reference in the current company.

        :raises UserError: there is none, or there are several
        """
        found = self.env["res.partner"]
        if isinstance(reference, str) and reference.isprintable() and reference:
            found = found.search(
                [
                    ("ref", "=", reference),
                    ("parent_id", "=", False),
                    ("company_id", "in", [False, self.env.company.id]),
                ],
                limit=2,
            )
        if len(found) != 1:
            raise UserError(
                self.env._("supplier: there is no supplier with this reference.")
                if not found
                else self.env._("supplier: several partners have this reference.")
            )
        return found

    @api.model
    def _load(self, partner, given, lines):
        """See :meth:`load`."""
        found, errors = self._load_terms(given)
        read, kinds = [], tuple(dict(self.line_ids._fields["kind"].selection))
        for index, row in enumerate(lines):
            try:
                read.append(rows.line(row, kinds))
            except rows.BadTerm as error:
                errors.append(_error(index, error))
        if errors:
            return self._load_answer(self.browse(), errors)
        return self._load_once(partner, found, read)

    def _load_once(self, partner, found, read):
        """The invoice of this content: the one that is there, or a new one."""
        mark = rows.mark({**found, "currency": found["currency"].name}, read)
        self.env.cr.execute(
            "SELECT pg_advisory_xact_lock(hashtext('voip_supplier_invoice'), %s)",
            [partner.id],
        )
        invoice = self.search(
            [
                ("company_id", "=", self.env.company.id),
                ("partner_id", "=", partner.id),
                ("number", "=", found["number"]),
            ]
        )
        if not invoice:
            invoice = self._make(partner, found, read, mark)
        elif invoice.content_mark != mark:
            message = self.env._(
                "number: invoice %(number)s of %(supplier)s is here with other content:"
                " delete it first, or give the new one a number of its own.",
                number=found["number"],
                supplier=partner.display_name,
            )
            error = {"index": None, "code": "conflict", "message": message}
            return self._load_answer(invoice.browse(), [error])
        return self._load_answer(invoice, [])

    def _load_terms(self, given):
        """(terms of the invoice, errors)."""
        try:
            found = rows.terms(given)
        except rows.BadTerm as error:
            return None, [_error(None, error)]
        currency = self.env["res.currency"].search([("name", "=", found["currency"])])
        if not currency:
            message = self.env._(
                "currency: %(code)s is no currency that is active here.",
                code=found["currency"],
            )
            return None, [{"index": None, "code": "bad_value", "message": message}]
        return {**found, "currency": currency}, []

    def _make(self, partner, found, read, mark=None):
        """Create an invoice of exact values."""
        values = {
            "partner_id": partner.id,
            "company_id": self.env.company.id,
            "number": found["number"],
            "date": found["date"],
            "period_start": found["period_start"],
            "period_end": found["period_end"],
            "currency_id": found["currency"].id,
            "total": float(found["total"]),
        }
        if found["tz"]:
            values["tz"] = found["tz"]
        invoice = self.create(values)
        invoice.line_ids._create_printed(invoice, read)
        invoice.sudo().content_mark = mark
        return invoice

    def _load_answer(self, invoice, errors):
        difference = text(exact(invoice.sum_difference)) if invoice else None
        return {
            "invoice": invoice.id or None,
            "lines": len(invoice.line_ids),
            "sum_difference": difference,
            "errors": errors,
        }

    @api.model
    def _by_id(self, invoice):
        """The invoice of an id that a machine names, which the user may change.

        :raises UserError: there is none
        """
        if type(invoice) is not int or not 0 < invoice < 2**31:
            raise UserError(self.env._("invoice: give the id that load answered."))
        found = self.browse(invoice).exists()
        if not found or not found.has_access("read"):
            raise UserError(self.env._("invoice: there is no invoice with this id."))
        if not found.has_access("write"):
            raise AccessError(
                self.env._(
                    "Only auditors and billing users change suppliers' invoices."
                )
            )
        return found


def _error(index, error):
    return {"index": index, "code": error.code, "message": str(error)}
