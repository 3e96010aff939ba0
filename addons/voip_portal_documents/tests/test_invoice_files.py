"""The customer takes his invoice's files, and nobody else's."""

from odoo.tests import tagged

from odoo.addons.voip_portal.tests.test_invoices_page import InvoicesCommon

KINDS = {"pdf": b"%PDF", "xlsx": b"PK", "csv": b"\xef\xbb\xbf"}


@tagged("post_install", "-at_install")
class TestInvoiceFiles(InvoicesCommon):
    def test_each_file_is_the_kept_one(self):
        move = self.invoices[0]
        page = self._get("/invoices?account=auto-1").text
        for kind, begin in KINDS.items():
            address = f"/invoices/{move.id}/file/{kind}?account=auto-1"
            self.assertIn(f"/my/voip{address}", page)
            first, second = (self._get(address) for _one in range(2))
            self.assertEqual(first.status_code, 200)
            self.assertTrue(first.content.startswith(begin), kind)
            self.assertEqual(first.content, second.content)
        self.assertIn("/my/statement?whose=auto-1", page)
        self.assertEqual(self.url_open("/my/statement?whose=auto-1").status_code, 200)

    def test_files_of_others_are_not_there(self):
        for move in (self.foreign_invoice, self.foreign_invoice.browse(2**30)):
            for tail in ("file/pdf", "file/csv", "calls"):
                for code in ("auto-1", "CANARY"):
                    path = f"/invoices/{move.id}/{tail}?account={code}"
                    answer = self._get(path)
                    self.assertEqual(answer.status_code, 404)
                    self.assertNotIn("Canary", answer.text)
        move = self.invoices[0]
        self.assertEqual(
            self._get(f"/invoices/{move.id}/calls?account=auto-1").status_code, 404
        )

    def test_every_route_is_tried(self):
        self.assertEqual(
            self._routes("voip_portal_documents")[0],
            {
                "/my/voip/calls/file",
                "/my/voip/invoices/<int:invoice>/calls",
                "/my/voip/invoices/<int:invoice>/file/<any(pdf,xlsx,csv):kind>",
            },
        )
