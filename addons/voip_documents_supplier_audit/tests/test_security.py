"""Which methods a remote caller reaches."""

from odoo.tests import tagged

from odoo.addons.voip_billing_base.tests.common import VoipBillingCommon
from odoo.addons.voip_billing_base.tests.doors import Doors

PUBLIC_METHODS = {
    "voip.supplier.invoice": {
        "action_make_dispute_letter",
        "action_make_variance_report",
        "action_send_dispute_letter",
        "action_view_deliveries",
    },
    "voip.supplier.claim": {
        "action_make_dispute_letter",
        "action_send_dispute_letter",
    },
}


@tagged("post_install", "-at_install")
class TestSupplierDocumentDoors(Doors, VoipBillingCommon):
    def test_the_public_methods_are_the_reviewed_ones(self):
        self.assertDoors("voip_documents_supplier_audit", PUBLIC_METHODS)
