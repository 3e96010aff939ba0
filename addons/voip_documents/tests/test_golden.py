"""The shipped documents, as they were looked at."""

from pathlib import Path

from odoo.tests import tagged

from .golden_common import GoldenCase

FOLDER = Path(__file__).parent / "golden"


@tagged("post_install", "-at_install")
class TestGolden(GoldenCase):
    def test_each_document_is_as_it_was_looked_at(self):
        found = sorted(path.stem for path in FOLDER.glob("*.json"))
        self.assertEqual(
            found, ["credit_note", "invoice", "netting", "statement", "usage"]
        )
        for name in found:
            with self.subTest(kind=name):
                self.assertGolden(FOLDER, name)
