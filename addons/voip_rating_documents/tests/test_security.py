"""Which methods a remote caller reaches."""

from odoo.tests import tagged

from odoo.addons.voip_billing_base.tests.common import VoipBillingCommon
from odoo.addons.voip_billing_base.tests.doors import Doors


@tagged("post_install", "-at_install")
class TestRateNoticeDoors(Doors, VoipBillingCommon):
    def test_the_public_methods_are_the_reviewed_ones(self):
        expected = {"action_make_documents", "action_view_deliveries"}
        self.assertDoors("voip_rating_documents", {"voip.rate.notice": expected})
