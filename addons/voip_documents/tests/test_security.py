"""Which methods a remote caller reaches."""

from odoo.tests import tagged

from odoo.addons.voip_billing_base.tests.common import VoipBillingCommon
from odoo.addons.voip_billing_base.tests.doors import Doors

# Each reviewed: it reads through the ORM with the caller's rights before any SQL.
PUBLIC_METHODS = {
    "account.move": {
        "action_voip_download_calls",
        "action_voip_make_documents",
        "action_voip_name_bank",
        "action_voip_send",
        "action_voip_view_deliveries",
        "action_voip_view_documents",
    },
    "res.partner": {"action_view_voip_nettings"},
    "res.config.settings": {"action_voip_new_webhook"},
    "voip.account": {"action_view_deliveries", "statement"},
    "voip.brevo.template": {"action_check"},
    "voip.delivery": {
        "action_cancel",
        "action_hold",
        "action_release",
        "action_resend",
        "action_was_not_sent",
        "action_was_sent",
    },
    "voip.delivery.pause": {"action_resume"},
    "voip.document": {
        "action_check",
        "action_download",
        "action_mark_sent",
        "render",
    },
    "voip.document.run": {
        "action_go_on",
        "action_stop",
        "action_view_documents",
        "action_view_errors",
    },
    "voip.document.template": {"action_publish", "action_shipped"},
    "voip.document.template.version": {"action_restore"},
    "voip.netting": {
        "action_approve",
        "action_cancel",
        "action_draft",
        "action_make_documents",
        "action_propose",
        "action_record",
        "action_request",
        "action_request_by_mail",
        "action_view_deliveries",
        "action_view_moves",
    },
    "voip.netting.agreement": {"action_record"},
    "voip.document.wizard": {"action_download", "action_keep"},
    "voip.statement.wizard": {"action_download", "action_keep", "action_send"},
    "voip.usage.wizard": {"action_download", "action_keep", "action_send"},
}


@tagged("post_install", "-at_install")
class TestDocumentDoors(Doors, VoipBillingCommon):
    def test_the_public_methods_are_the_reviewed_ones(self):
        self.assertDoors("voip_documents", PUBLIC_METHODS)
