"""Which methods a remote caller reaches."""

from odoo.tests import tagged

from odoo.addons.voip_billing_base.tests.common import VoipBillingCommon
from odoo.addons.voip_billing_base.tests.doors import Doors

# Each reviewed: it checks the caller's rights before anything else.
PUBLIC_METHODS = {
    "voip.account": {"action_view_ai_sessions"},
    "voip.ai.model": {"action_view_prices"},
    "voip.ai.month": {"action_view_charges", "action_view_sessions"},
    "voip.ai.provider": {"action_take_costs", "action_view_prices"},
    "voip.ai.provider.import": {
        "action_fetch",
        "action_view_days",
        "action_view_errors",
        "action_view_off",
        "action_view_records",
    },
    "voip.ai.provider.record": {"action_again", "action_view_session"},
    "voip.ai.session": {
        "action_again",
        "action_view_call",
        "action_view_lone_calls",
        "action_view_usage",
        "ingest",
        "quote",
    },
    "voip.ai.session.upload": {"action_upload"},
    "voip.cdr": {"action_view_ai_sessions"},
}


@tagged("post_install", "-at_install")
class TestAiDoors(Doors, VoipBillingCommon):
    def test_the_public_methods_are_the_reviewed_ones(self):
        self.assertDoors("voip_ai_usage", PUBLIC_METHODS)
