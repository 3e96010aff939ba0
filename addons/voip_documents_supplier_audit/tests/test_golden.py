"""The shipped report and letter, as they were looked at."""

from pathlib import Path

from odoo.tests import tagged

from odoo.addons.voip_documents.tests.golden_common import GoldenCase

FOLDER = Path(__file__).parent / "golden"


@tagged("post_install", "-at_install")
class TestGolden(GoldenCase):
    def test_the_variance_report_is_as_it_was_looked_at(self):
        self.assertGolden(FOLDER, "variance")

    def test_the_dispute_letter_is_as_it_was_looked_at(self):
        self.assertGolden(FOLDER, "dispute")
