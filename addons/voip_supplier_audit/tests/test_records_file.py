import base64
import gzip

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import SupplierCommon

CSV = b"""call_id,caller,called,start,duration,answered,Amount,rate,prefix
a,442071838750,447700900123,2026-10-05T10:00:00,61,true,0.0123,0.012,447
a,442071838750,447700900123,2026-10-05T10:00:00,61,true,0.0123,0.012,447
b,,4930123456,2026-10-05T11:00:00Z,0,false,0.000000000001,,49
c,,4930123456,2026-10-05T11:00:00Z,5,true,,,49
d,,4930123456,2026-10-35T11:00:00Z,5,true,1,,49
"""


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
