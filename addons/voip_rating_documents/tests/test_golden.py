"""The shipped rate notice, as it was looked at."""

from pathlib import Path

from odoo.tests import tagged

from odoo.addons.voip_documents.tests.golden_common import GoldenCase


@tagged("post_install", "-at_install")
class TestGolden(GoldenCase):
    def test_the_rate_notice_is_as_it_was_looked_at(self):
        self.assertGolden(Path(__file__).parent / "golden", "rate_notice")
