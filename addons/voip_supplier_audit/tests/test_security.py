"""Which methods a remote caller reaches."""

from odoo.tests import tagged

from odoo.addons.voip_billing_base.tests.common import VoipBillingCommon
from odoo.addons.voip_billing_base.tests.doors import Doors

# Each reviewed: it checks the caller's rights before anything else.
PUBLIC_METHODS = {
    "account.move": {
        "action_voip_audit",
        "action_voip_dispute",
        "action_voip_view_disputes",
    },
    "account.move.line": {"action_voip_dispute"},
    "voip.account": {"action_view_disputes"},
    "voip.dispute": {
        "action_accept",
        "action_match",
        "action_refuse",
        "action_view_invoice",
        "action_view_note",
        "action_view_usage",
        "action_withdraw",
    },
    "voip.dispute.call": {"action_view_usage"},
    "voip.dispute.refusal": {"action_apply"},
    "voip.dispute.wizard": {"action_open"},
    "voip.margin.accept": {"action_apply"},
    "voip.margin.alert": {
        "action_accept",
        "action_compare",
        "action_reopen",
        "action_view_rates",
        "action_view_usage",
        "action_watch",
    },
    "voip.supplier.due": {"action_view_document"},
    "voip.supplier.score": {"action_view_invoices"},
    "voip.usage": {"action_dispute", "action_view_dispute"},
    "voip.supplier.correction": {
        "action_retry",
        "action_view_invoice",
        "action_withdraw",
    },
    "voip.supplier.file": {"action_retry", "action_take"},
    "voip.supplier.proposal": {"action_confirm", "action_drop", "action_view_move"},
    "voip.supplier.claim": {"action_concede", "action_credit"},
    "voip.supplier.invoice": {
        "action_accept_rest",
        "action_accept_within",
        "action_add_difference",
        "action_approve",
        "action_decide",
        "action_dispute_above",
        "action_reconcile",
        "action_view_calls",
        "action_view_lines",
        "action_view_moves",
        "action_view_records",
        "action_withdraw",
        "load_records",
        "reconcile",
    },
    "voip.supplier.invoice.line": {
        "action_accept",
        "action_claim_apart",
        "action_dispute",
        "action_reject",
        "action_reopen",
        "action_view_calls",
    },
    "voip.supplier.upload": {"action_read"},
    "voip.supplier.upload.records": {"action_read"},
}


@tagged("post_install", "-at_install")
class TestSupplierDoors(Doors, VoipBillingCommon):
    def test_the_public_methods_are_the_reviewed_ones(self):
        self.assertDoors("voip_supplier_audit", PUBLIC_METHODS)
