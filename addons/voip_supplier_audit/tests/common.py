"""Suppliers, agreements and invoices for the tests."""

from odoo import fields
from odoo.fields import Command

from odoo.addons.voip_rating.tests.common import VoipRatingCommon


class SupplierCommon(VoipRatingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.supplier = cls.env["res.partner"].create(
            {"name": "Carrier One", "ref": "carrier-one"}
        )

    @classmethod
    def _agree(cls, **values):
        return cls.env["voip.supplier.agreement"].create(
            {
                "partner_id": cls.supplier.id,
                "date_from": "2026-01-01",
                "tz": "UTC",
                **values,
            }
        )

    @classmethod
    def _load_invoice(cls, lines, number="INV-1", total=None, **values):
        """Load an invoice of March 2026 by the machine door; returns the record."""
        if total is None:
            total = str(round(sum(float(line["amount"]) for line in lines), 2))
        answer = cls.env["voip.supplier.invoice"].load(
            supplier="carrier-one",
            number=number,
            **{
                "period_start": "2026-03-01",
                "period_end": "2026-03-31",
                "date": "2026-04-02",
                "currency": cls.env.company.currency_id.name,
                "total": total,
                "lines": lines,
                **values,
            },
        )
        assert not answer["errors"], answer["errors"]
        return cls.env["voip.supplier.invoice"].browse(answer["invoice"])

    def _reconciled(self, **values):
        """An invoice of three lines: right, above ours, unknown here."""
        lines = [
            {"prefix": "447", "amount": "100.00", "minutes": "1000", "rate": "0.1"},
            {"prefix": "49", "amount": "50.00", "minutes": "1000", "rate": "0.05"},
            {"prefix": "999", "amount": "7.50", "minutes": "75", "rate": "0.1"},
        ]
        invoice = self._load_invoice(lines, **values)
        ours = {"447": 100.0, "49": 40.0, "999": 0.0}
        for line in invoice.line_ids:
            line.sudo().ours_amount = ours[line.prefix]
        invoice.sudo().state = "reconciled"
        return invoice

    def _choose(self, invoice, **decisions):
        """Accept, dispute or reject the lines of a prefix: p447="accept" …"""
        for name, decision in decisions.items():
            line = invoice.line_ids.filtered(
                lambda one, prefix=name[1:]: one.prefix == prefix
            )
            getattr(line, f"action_{decision}")()
            line.reason = False if decision == "accept" else "Not as agreed."

    def _credit_note(self, amount, **values):
        note = self.env["account.move"].create(
            {
                "move_type": "in_refund",
                "partner_id": self.supplier.id,
                "invoice_date": "2026-04-20",
                "invoice_line_ids": [
                    Command.create(
                        {"name": "Credit", "price_unit": amount, "tax_ids": False}
                    )
                ],
                **values,
            }
        )
        note.action_post()
        return note

    @staticmethod
    def _day(text):
        return fields.Date.to_date(text)
