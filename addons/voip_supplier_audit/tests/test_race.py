"""Lines are changed while somebody else decides: the later one has to begin again."""

from odoo.tests import new_test_user, tagged

from .common import SupplierCommon

PLACE = "SELECT ctid::text FROM voip_supplier_invoice WHERE id = %s"


@tagged("post_install", "-at_install")
class TestRace(SupplierCommon):
    """Of two transactions that write one row PostgreSQL refuses the later one, which
    is tried again with all in sight. A decision writes the invoice."""

    def _place(self, invoice):
        self.env.flush_all()
        self.env.cr.execute(PLACE, [invoice.id])
        return self.env.cr.fetchone()

    def test_whoever_changes_lines_writes_their_invoice(self):
        manager = new_test_user(
            self.env,
            login="race",
            groups="voip_billing_base.group_voip_manager",
            company_id=self.env.company.id,
        )
        invoice = self._reconciled().with_user(manager)
        first, second, third = invoice.line_ids
        changes = {
            "accept": first.action_accept,
            "dispute": second.action_dispute,
            "reopen": second.action_reopen,
            "write": lambda: first.write({"minutes": 5}),
            "unlink": third.unlink,
            "create": lambda: first.create(
                {"invoice_id": invoice.id, "kind": "fee", "amount": 1}
            ),
        }
        for name, change in changes.items():
            with self.subTest(name):
                before = self._place(invoice)
                change()
                self.assertNotEqual(self._place(invoice), before)
