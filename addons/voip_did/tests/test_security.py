"""Which methods a remote caller reaches."""

from odoo.tests import tagged

from odoo.addons.voip_billing_base.tests.common import VoipBillingCommon
from odoo.addons.voip_billing_base.tests.doors import Doors

# Each reviewed: it checks the caller's rights before anything else.
PUBLIC_METHODS = {
    "voip.account": {"action_view_did_callers", "action_view_dids"},
    "voip.did": {
        "action_assign",
        "action_join",
        "action_view_assignments",
        "action_view_ports",
        "assign",
        "release",
        "reserve",
    },
    "voip.did.assign": {"action_apply"},
    "voip.did.assignment": {"action_view_charges"},
    "voip.did.block": {
        "action_assign",
        "action_release",
        "action_split",
        "action_view_dids",
        "action_view_margin",
    },
    "voip.did.block.make": {"action_apply"},
    "voip.did.deferral": {
        "action_download",
        "action_run",
        "action_view_entry",
        "action_view_lines",
    },
    "voip.did.overview": {"action_view_dids", "action_view_margin"},
    "voip.did.port": {
        "action_cancel",
        "action_confirm",
        "action_done",
        "action_refuse",
    },
    "voip.did.caller": {"action_view_call"},
    "voip.did.list": {"action_check"},
}


@tagged("post_install", "-at_install")
class TestNumbersDoors(Doors, VoipBillingCommon):
    def test_the_public_methods_are_the_reviewed_ones(self):
        self.assertDoors("voip_did", PUBLIC_METHODS)
