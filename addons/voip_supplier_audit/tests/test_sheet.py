import base64
import io
from decimal import Decimal
from unittest.mock import patch

import xlsxwriter

from odoo.exceptions import UserError
from odoo.tests import BaseCase, tagged

from odoo.addons.voip_billing_base.reader.workbook import BadFile

from ..imports import sheet
from ..invoices import lines_insert
from ..invoices.rows import codes_of
from .common import SupplierCommon

CSV = b"""Carrier One;;;;
Country;Dial Code;Billed Minutes;Rate;Total Amount
UK Mobile;447;1.000,50;0,0123;12,31
Germany;49;10;0,05;0,50
;;;;
Total;;1.010,50;;12,81
"""


@tagged("post_install", "-at_install")
class TestSheet(BaseCase):
    def _read(self, data, mark=",", shape="dmy"):
        look = sheet.look(data)
        return sheet.read(data, None, look.header.row, look.header.columns, mark, shape)

    def test_header_marks_and_lines_are_found(self):
        look = sheet.look(CSV)
        self.assertEqual(
            look.header.columns,
            {"destination": 0, "prefix": 1, "minutes": 2, "rate": 3, "amount": 4},
        )
        self.assertEqual(look.mark.chosen(), ",")
        found = self._read(CSV)
        self.assertEqual(found.faults, [])
        self.assertEqual(
            [(one["prefix"], one["minutes"], one["amount"]) for one in found.lines],
            [
                ("447", Decimal("1000.50"), Decimal("12.31")),
                ("49", Decimal(10), Decimal("0.50")),
            ],
        )

    def test_each_row_that_is_none_is_told(self):
        data = b"Code,Date,Amount\n44,01/03/2026,1.00\n44,32/03/2026,1\nx,,2\n44,,a\n"
        found = self._read(data, ".")
        self.assertEqual([row for row, _why in found.faults], [3, 4, 5])
        self.assertEqual(len(found.lines), 1)
        self.assertEqual(str(found.lines[0]["day"]), "2026-03-01")

    def test_sums_below_lines_are_no_lines_however_they_are_called(self):
        head = b"Code,Destination,Rate,Amount\n447,UK,0.1,10\n49,Germany,1,0.50\n"
        for name in (
            b"Total",
            b"TOTAL:",
            b"Total USD",
            b"Total Amount Due",
            b"Invoice Total (EUR)",
            b"Grand-Total",
            b"Sum",
            b"Gesamtsumme",
        ):
            with self.subTest(name):
                found = self._read(head + b"," + name + b",,10.50\n", ".")
                self.assertEqual((len(found.lines), found.faults), (2, []))
        parts = b",Subtotal Europe,,10.50\n1,USA,1,2\n,Subtotal,,2\n,Total,,12.5\n"
        self.assertEqual(len(self._read(head + parts, ".").lines), 3)

    def test_a_sum_that_is_none_refuses_the_file(self):
        head = b"Code,Destination,Rate,Amount\n447,UK,0.1,10\n"
        found = self._read(head + b",Total incl. VAT,,11.90\n", ".")
        self.assertEqual([row for row, _why in found.faults], [3])
        self.assertIn("11.90", found.faults[0][1])
        carrier = self._read(head + b"668,Total Access,0.1,3\n", ".")
        self.assertEqual((len(carrier.lines), carrier.faults), (2, []))

    def test_what_a_spreadsheet_computed_is_taken_to_8_decimals(self):
        row = b"447,33.3333333333333,0.123456789,4.11522629999999\n"
        found = self._read(b"Code,Minutes,Rate,Amount\n" + row, ".")
        self.assertEqual(found.faults, [])
        self.assertEqual(
            [str(found.lines[0][name]) for name in ("minutes", "rate", "amount")],
            ["33.33333333", "0.12345679", "4.11522630"],
        )

    def test_a_row_may_name_several_codes(self):
        rows = b'"441-443, 4470",1.00', b"+44,2.00", b"4470-2,3.00", b"7-5,4.00"
        found = self._read(b"Code,Amount\n" + b"\n".join(rows) + b"\n", ".")
        self.assertEqual(
            [(one["prefix"], codes_of(one["prefix"])) for one in found.lines],
            [
                ("441-443, 4470", ("441", "442", "443", "4470")),
                ("44", ()),
                ("4470-2", ("4470", "4471", "4472")),
            ],
        )
        [(row, why)] = found.faults
        self.assertEqual(row, 5)
        self.assertIn("range", why)

    def test_what_is_no_sheet_of_amounts_is_refused(self):
        for data in (b"%PDF-1.4", b"", b"a,b\n1,2\n"):
            with self.subTest(data), self.assertRaises(BadFile):
                sheet.look(data)


@tagged("post_install", "-at_install")
class TestUpload(SupplierCommon):
    def _invoice(self, number):
        return self.env["voip.supplier.invoice"].create(
            {"partner_id": self.supplier.id, "number": number, "total": 12.81}
        )

    def _upload(self, invoice, data, **values):
        return self.env["voip.supplier.upload"].create(
            {
                "invoice_id": invoice.id,
                "file": base64.b64encode(data),
                "file_name": "march.csv",
                **values,
            }
        )

    def test_a_file_becomes_lines_and_its_columns_are_remembered(self):
        first = self._invoice("S-1")
        wizard = self._upload(first, CSV)
        self.assertEqual(wizard.amount_column, "E")
        self.assertEqual((wizard.mark, wizard.problem), (",", False))
        # Somebody knows better: the codes are no codes.
        wizard.prefix_column = False
        wizard.action_read()
        self.assertEqual(first.line_ids.mapped("amount"), [12.31, 0.5])
        self.assertFalse(any(first.line_ids.mapped("prefix")))
        self.assertTrue(first.sum_is_right)
        second = self._upload(self._invoice("S-2"), CSV)
        self.assertFalse(second.prefix_column)
        self.assertEqual(second.destination_column, "A")

    def test_many_lines_are_as_they_would_be_one_by_one(self):
        self.env["voip.supplier.name"].create(
            {
                "partner_id": self.supplier.id,
                "name": "Alpha",
                "destination_id": self.env["voip.destination"]
                .create({"code": "ELSEWHERE", "name": "Elsewhere"})
                .id,
            }
        )
        rows = [
            b"Code,Destination,Day,Calls,Minutes,Rate,Amount",
            b"447,Alpha,2026-09-01,3,10.1234565,0.012345675,0.12497654",
            b'"49, 50",Beta \\ Gamma,,,,,-0.00000001',
            b"33,Alpha,2026-09-30,9,1.5,0,123456789012.12345678",
            b"34,,,0,0,,0",
        ]
        found = {}
        for few in (0, 1_000):
            invoice = self._invoice(f"M-{few}")
            with patch.object(lines_insert, "FEW", few):
                self._upload(invoice, b"\n".join(rows)).action_read()
            self.env.flush_all()
            self.env.cr.execute(
                "SELECT to_jsonb(l) - '{id,invoice_id,create_date,write_date}'::text[]"
                "  FROM voip_supplier_invoice_line l WHERE invoice_id = %s ORDER BY id",
                [invoice.id],
            )
            found[few] = self.env.cr.fetchall()
        self.assertEqual(len(found[0]), 4)
        self.assertEqual(found[0], found[1_000])
        self.assertEqual(invoice.line_ids.mapped("destination_id.name"), ["Elsewhere"])

    def test_many_lines_take_one_statement(self):
        rows = [b"Code,Amount"] + [b"44%d,1.00" % number for number in range(1_500)]
        wizard = self._upload(self._invoice("M-3"), b"\n".join(rows))
        with self.assertQueryCount(60):
            wizard.action_read()
        self.assertEqual(wizard.invoice_id.lines_total, 1_500)

    def test_the_same_from_a_workbook(self):
        buffer = io.BytesIO()
        with xlsxwriter.Workbook(buffer) as book:
            page = book.add_worksheet("March")
            for place, row in enumerate(
                (["Code", "Minutes", "Amount"], ["447", 10.25, 1.5], ["49", 2, 0.25])
            ):
                page.write_row(place, 0, row)
        invoice = self._invoice("X-1")
        self._upload(invoice, buffer.getvalue(), set_total=True).action_read()
        self.assertRecordValues(
            invoice.line_ids,
            [
                {"prefix": "447", "minutes": 10.25, "amount": 1.5},
                {"prefix": "49", "minutes": 2.0, "amount": 0.25},
            ],
        )
        self.assertEqual(invoice.total, 1.75)

    def test_a_faulty_file_changes_nothing_and_says_where(self):
        invoice = self._invoice("F-1")
        self._upload(invoice, CSV).action_read()
        bad = CSV.replace(b"0,05;0,50", b"0,05;half")
        with self.assertRefused(UserError, "march.csv: row 4: amount"):
            self._upload(invoice, bad).action_read()
        self.assertEqual(len(invoice.line_ids), 2)
        wizard = self._upload(invoice, b"%PDF-1.4 x")
        self.assertIn("PDF", wizard.problem)
        wizard = self._upload(invoice, CSV)
        wizard.amount_column = "7"
        with self.assertRefused(UserError, "no column"):
            wizard.action_read()
