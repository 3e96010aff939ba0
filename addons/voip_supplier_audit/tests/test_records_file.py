import base64
import gzip
import io
from datetime import datetime
from decimal import Decimal

from odoo.exceptions import UserError
from odoo.tests import BaseCase, tagged

from odoo.addons.voip_supplier_audit.records import file, values

from .common import SupplierCommon

CSV = b"""call_id,caller,called,start,duration,answered,Amount,rate,prefix
a,442071838750,447700900123,2026-10-05T10:00:00,61,true,0.0123,0.012,447
a,442071838750,447700900123,2026-10-05T10:00:00,61,true,0.0123,0.012,447
b,,4930123456,2026-10-05T11:00:00Z,0,false,0.000000000001,,49
c,,4930123456,2026-10-05T11:00:00Z,5,true,,,49
d,,4930123456,2026-10-35T11:00:00Z,5,true,1,,49
"""


NAMES = {"amount": "amount", "rate": "Rate", "prefix": "prefix"}
ODD = """call_id,caller,called,start,duration,answered,Amount,RATE,prefix,note
a,,447700900123,2026-10-05T10:00:00.5Z,61,true,.50,0.0120,447,"say ""hi"" now"
b,"a\\b",447700900123,2026-10-05T10:00:00Z,1.5,true,+100,,,
,Zoë,447700900123,2026-10-05T10:00:00.000001Z,0,true,-0.0,0,49*,ü
"""


@tagged("voip_engine")
@tagged("post_install", "-at_install")
class TestBlock(BaseCase):
    def blocks_of(self, text):
        result = file.Result()
        found = file.blocks(io.BytesIO(text.encode()), None, "UTC", NAMES, result)
        return list(found), result

    def test_a_mark_says_what_the_machine_door_says_of_the_record(self):
        """A file that was taken in long ago is known when it comes again."""
        [block], result = self.blocks_of(ODD.replace("\n,Z", "\nc,Z"))
        self.assertEqual(result.faults, [])
        number, start = "447700900123", "2026-10-05T10:00:00"
        rows = [
            (".500000", 61_000, "0.5", "0.012", "a", None, "447"),
            ("", 1_500, "100", None, "b", "a\\b", None),
            (".000001", 0, "0", "0", "c", "Zoë", "49*"),
        ]
        names = ("start", "duration_ms", "amount", "rate")
        names += ("call_id", "caller", "prefix")
        for place, row in enumerate(rows):
            found = dict(zip(names, row, strict=True)) | {"called": number}
            found["start"] = datetime.fromisoformat(start + found["start"])
            for name in ("amount", "rate"):
                found[name] = found[name] and Decimal(found[name])
            with self.subTest(place):
                self.assertEqual(block.marks()[place], values.content(found))

    def test_lines_of_copy_hold_what_was_sent(self):
        [block], _result = self.blocks_of(ODD)
        lines = block.lines_of("00", 3, 7).to_pylist()
        rows = [
            dict(zip(values.COLUMNS, line.split("\t"), strict=False)) for line in lines
        ]
        self.assertEqual([row["amount"] for row in rows], ["0.50", "100"])
        self.assertEqual([row["caller"] for row in rows], ["\\N", "a\\\\b"])
        self.assertEqual(rows[0]["start_text"], "2026-10-05T10:00:00.500000Z")
        self.assertEqual(
            [(row["line"], row["company_id"], row["invoice_id"]) for row in rows],
            [("2", "3", "7"), ("3", "3", "7")],
        )

    def test_each_line_that_is_no_record_says_why(self):
        bad = ODD + (
            "d,,44,2026-10-05T10:00:00Z,1,true,x,,,\n"
            "e,,44,2026-10-05T10:00:00Z,1,true,1,-1,,\n"
            "f,,44,2026-10-05T10:00:00Z,1,true,1,,4x,\n"
            "g,,44,,1,true,1,,,\n"
        )
        _blocks, result = self.blocks_of(bad)
        self.assertEqual(result.received, 7)
        told = dict(result.faults)
        self.assertEqual(sorted(told), [4, 5, 6, 7, 8])
        said = ("call_id", "amount: 'x'", "rate: '-1'", "prefix", "start")
        for line, why in enumerate(said, 4):
            self.assertIn(why, told[line])


@tagged("post_install", "-at_install")
class TestRecordsFile(SupplierCommon):
    def setUp(self):
        super().setUp()
        self.invoice = self._load_invoice(
            [{"prefix": "44", "amount": "5"}], tz="Europe/Berlin"
        )

    def _upload(self, data, **values):
        return (
            self.env["voip.supplier.upload.records"]
            .create(
                {
                    "invoice_id": self.invoice.id,
                    "file": base64.b64encode(data),
                    "file_name": "calls.csv",
                    **values,
                }
            )
            .action_read()
        )

    def _rows(self):
        self.env.cr.execute(
            "SELECT line, call_id, start::text, duration_ms, amount::text, rate::text,"
            " prefix FROM voip_supplier_record_row WHERE invoice_id = %s ORDER BY line",
            [self.invoice.id],
        )
        return self.env.cr.fetchall()

    def test_each_line_is_a_record_with_its_money(self):
        answer = self._upload(CSV)
        first = ("a", "2026-10-05 08:00:00", 61_000, "0.0123", "0.012", "447")
        self.assertEqual(
            self._rows(),
            [
                (2, *first),
                (3, *first),
                (4, "b", "2026-10-05 11:00:00", 0, "0.000000000001", None, "49"),
            ],
        )
        said = answer["params"]["message"]
        self.assertIn("3 records taken, 0 were there, 2 refused", said)
        self.assertIn("Line 5: amount is missing", said)
        self.assertIn("Line 6: start", said)
        self.assertEqual(self.invoice.record_count, 3)

    def test_the_same_file_again_brings_nothing(self):
        self._upload(CSV)
        answer = self._upload(CSV)
        self.assertIn("0 records taken, 3 were there", answer["params"]["message"])
        self._upload(gzip.compress(CSV.replace(b"\na,", b"\nz,"), mtime=0))
        self.assertEqual(len(self._rows()), 6)
        self.assertEqual(self.invoice.record_count, 6)

    def test_the_column_of_amounts_has_the_name_that_is_given(self):
        data = CSV.replace(b"Amount", b"Charged")
        answer = self._upload(data, amount_name="charged")
        self.assertIn("3 records taken", answer["params"]["message"])

    def test_what_is_no_file_of_records_is_refused_in_words(self):
        for data in (b"%PDF-1.4", b"a,b\n1,2\n", b""):
            with self.assertRefused(UserError, "calls.csv: .*Mend the file"):
                self._upload(data)
