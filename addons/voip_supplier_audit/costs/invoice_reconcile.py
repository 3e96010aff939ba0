"""Ours beside theirs, from sums: ``voip.supplier.invoice.reconcile``."""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from odoo import api, models
from odoo.exceptions import UserError

from ..engine.explain import TEXTS
from ..invoices.figures import exact, percent, text
from ..invoices.rows import codes_of
from . import kept
from .match import Asked, Cell, assign, classify
from .repeated import repeated

# Cells on no line that an answer lists at most; the rest is in their sum.
SHOWN = 500


class VoipSupplierInvoice(models.Model):
    _inherit = "voip.supplier.invoice"

    # === ACTION METHODS === #

    def action_reconcile(self):
        """Set our figures of the period beside the lines."""
        self.check_access("write")
        for invoice in self:
            invoice._reconcile_now()

    # === BUSINESS METHODS === #

    def _reconcile_now(self):
        """Reconcile while the caller waits.

        :raises UserError: the invoice is decided, or has no lines
        """
        self._lock()
        self._refuse_unreconcilable()
        self.sudo()._reconcile()

    def _refuse_unreconcilable(self):
        self._refuse_decided()
        if not self.line_ids:
            raise UserError(
                self.env._(
                    "Invoice %(number)s has no lines: enter or load them first.",
                    number=self.number,
                )
            )

    def _tell(self, share):
        """Tell whoever wants to know how far the work is.

        :param share: of the work that is done, 0 to 1
        """
        tell = self.env.context.get("voip_progress")
        if callable(tell):
            tell(share)

    @api.model
    def reconcile(self, invoice=None):
        """Reconcile an invoice and tell what was found; a decided one tells only.

        :param int invoice: as ``load`` answered
        :return: ``{state, ours, theirs, difference, percent, explained, unexplained,
            lines: [{prefix, destination, day, ours: {calls, minutes, amount}, theirs:
            {…}, difference, class, explanations, unexplained}], calls}``
        :raise UserError: there is no such invoice, or it has no lines
        """
        self.browse().check_access("write")
        found = self._by_id(invoice)
        if found.is_open and not found.waits_approval:
            found._reconcile_now()
        return found._reconciled()

    def _reconcile(self):
        found = self._cells()
        cells, billed = self._unbilled_elsewhere(found)
        asked = list(map(asked_of, self._usage_lines()))
        sums, left = assign(cells, asked)
        billed |= self._said_twice(sums)
        left = self._on_no_invoice(left)
        self.line_ids._write_found(
            {
                line.id: self._found_values(
                    line, sums.get(line.id), billed.get(line.id, [])
                )
                for line in self.line_ids
            }
        )
        self._mark_repeated()
        self._say_wider_codes(left, asked)
        self._say_other_currency(sums, asked)
        self.write(
            {
                "state": "reconciled",
                "ours_unbilled": float(sum((c.amount for c in left), Decimal(0))),
                "unbilled_cells": [self._shown(cell) for cell in left[:SHOWN]],
            }
        )
        self._log(
            "reconcile",
            number=self.number,
            theirs=text(exact(self.total)),
            ours=text(exact(self.ours_total)),
        )

    def _mark_repeated(self):
        """Mark lines above ours by little, as on the invoices before."""
        count = self.agreement_id.repeated_invoices
        earlier = self.search(
            [
                ("company_id", "=", self.company_id.id),
                ("partner_id", "=", self.partner_id.id),
                ("period_end", "<", self.period_start),
                ("state", "!=", "imported"),
            ],
            order="period_end DESC, id DESC",
            limit=max(count - 1, 0),
        )
        found = repeated(
            _differences(self), [_differences(one) for one in earlier], count
        )
        usage = self._usage_lines()
        again = usage.filtered(lambda line: _key(line) in found) if found else usage[:0]
        again.filtered(lambda line: not line.repeated).repeated = True
        (self.line_ids - again).filtered("repeated").repeated = False

    def _cells(self, currency=None):
        """Our cost of the period as :class:`~.match.Cell` s.

        :param currency: in which it is; without, that of the invoice
        """
        currency = currency or self.currency_id
        found = kept.cells(*self._asked_cost(), self.tz, currency.id)
        return [Cell(*row) for row in found]

    def _asked_cost(self):
        """Cursor, company, suppliers and period as :mod:`~.kept` takes them."""
        zone = ZoneInfo(self.tz)
        since, until = (
            datetime.combine(day, time(), zone).astimezone(UTC).replace(tzinfo=None)
            for day in (self.period_start, self.period_end + timedelta(days=1))
        )
        partners = self.env["res.partner"].with_context(active_test=False)
        suppliers = partners.search([("id", "child_of", self.partner_id.id)]).ids
        self.env.flush_all()
        return self.env.cr, self.company_id.id, suppliers, (since, until)

    def _found_values(self, line, ours, before):
        """What is found of a line.

        :param ours: :class:`~.match.Sum`, or None
        :param before: what other invoices have billed of it, as explanations
        """
        agreed = self.agreement_id
        amount = exact(line.amount)
        found = False
        if line.kind == "usage":
            found = classify(
                (
                    exact(line.minutes) if line.minutes else None,
                    exact(line.rate) if line.rate else None,
                    amount,
                ),
                ours,
                agreed.minute_decimals if agreed else 2,
                agreed.amount_decimals if agreed else 2,
            )
            if found == "missing_here" and line.name and not _names(line):
                found = "unknown_code"
            if before and found != "equal":
                found = "duplicate"
        return {
            "ours_calls": ours.calls if ours else 0,
            "ours_minutes": float(ours.minutes) if ours else 0.0,
            "ours_amount": float(ours.amount) if ours else 0.0,
            "found": found or line.found,
            "explanations": before or False,
        }

    def _shown(self, cell):
        """A cell that is on no line: the supplier has not billed it."""
        nothing = _side(0, Decimal(0), Decimal(0))
        minutes = exact(Decimal(cell.billed_seconds) / 60)
        gap = text(-cell.amount)
        said = self.env._(TEXTS["missing_there"]) % {"amount": gap}
        return {
            "prefix": cell.prefix,
            "destination": None,
            "day": cell.day.isoformat(),
            "ours": _side(cell.calls, minutes, cell.amount),
            "theirs": nothing,
            "difference": gap,
            "class": "missing_there",
            "explanations": [{"kind": "missing_there", "amount": gap, "text": said}],
            "unexplained": text(Decimal(0)),
        }

    def _reconciled(self):
        """What :meth:`reconcile` answers."""
        lines = self.line_ids
        difference = exact(self.difference)
        return {
            "state": self.state,
            "ours": text(exact(self.ours_total)),
            "theirs": text(exact(self.total)),
            "difference": text(difference),
            "percent": text(percent(difference, exact(self.ours_total))),
            "explained": text(exact(self.explained_total)),
            "unexplained": text(exact(self.unexplained)),
            "lines": [_told(line) for line in lines] + (self.unbilled_cells or []),
            "calls": {},
        }


def _key(line):
    """What a line is about, on any invoice of the supplier."""
    return line.prefix or "", line.destination_id.id or line.name or ""


def _differences(invoice):
    sums = {}
    for line in invoice.line_ids.filtered(lambda one: one.kind == "usage"):
        gap = exact(line.amount) - exact(line.ours_amount)
        sums[_key(line)] = sums.get(_key(line), 0) + gap
    return sums


def _names(line):
    return line.prefix or line.destination_id or line.day


def asked_of(line):
    """What a line is about, as :class:`~.match.Asked`."""
    return Asked(
        line.id,
        line.prefix or None,
        line.destination_id.id or None,
        line.day or None,
        exact(line.rate) if line.rate else None,
        codes_of(line.prefix),
    )


def _side(calls, minutes, amount):
    return {"calls": calls, "minutes": text(minutes), "amount": text(amount)}


def _told(line):
    return {
        "prefix": line.prefix or None,
        "destination": line.name or line.destination_id.name or None,
        "day": line.day.isoformat() if line.day else None,
        "ours": _side(
            line.ours_calls, exact(line.ours_minutes), exact(line.ours_amount)
        ),
        "theirs": _side(line.calls, exact(line.minutes), exact(line.amount)),
        "difference": text(exact(line.difference)),
        "class": line.found or None,
        "explanations": line.explanations or [],
        "unexplained": text(exact(line.unexplained)),
    }
