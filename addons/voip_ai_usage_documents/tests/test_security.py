"""Which methods a remote caller reaches."""

from odoo.tests import tagged

from odoo.addons.voip_billing_base.tests.common import VoipBillingCommon
from odoo.addons.voip_billing_base.tests.doors import Doors

# Each reviewed: it checks the caller's rights before anything else.
PUBLIC_METHODS = {"account.move": {"action_voip_download_sessions"}}


@tagged("post_install", "-at_install")
class TestAiDocumentDoors(Doors, VoipBillingCommon):
    def test_the_public_methods_are_the_reviewed_ones(self):
        self.assertDoors("voip_ai_usage_documents", PUBLIC_METHODS)
