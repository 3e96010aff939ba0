"""An audited invoice with call records, for the tests of its documents."""

from odoo.addons.voip_documents.engine import pool
from odoo.addons.voip_supplier_audit.tests.reconcile_common import ReconcileCommon

CALLED = "447700900123"


class SupplierDocumentCommon(ReconcileCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.addClassCleanup(pool.shared().close)
        cls.supplier.email = "billing@carrier-one.example"

    def _audited(self):
        """An invoice of 1.00, of which ours is 0.40: a dearer call, one we have not,
        one that they lack."""
        self._calls(
            ("same", CALLED, "10:00:00", "60", True),
            ("dearer", CALLED, "12:00:00", "60", True),
            ("lacking", CALLED, "14:00:00", "120", True),
        )
        invoice = self._invoice(
            ("same", CALLED, "10:00:00", "60", "0.1", "0.1"),
            ("dearer", CALLED, "12:00:00", "60", "0.12", "0.12"),
            ("stranger", CALLED, "16:00:00", "60", "0.1", "0.1"),
        )
        self.env["voip.supplier.invoice"].reconcile(invoice.id)
        invoice.late_reason = "The window is over when the tests run."
        return invoice

    def _disputed(self, **agreed):
        """The same with its line disputed and decided."""
        invoice = self._audited()
        if agreed:
            invoice.agreement_id.write(agreed)
        invoice.action_dispute_above()
        invoice.line_ids.reason = "Charged above the agreed price."
        invoice.action_decide()
        return invoice
