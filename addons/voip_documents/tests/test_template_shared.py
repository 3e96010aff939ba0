"""Templates of all companies: read by everybody, changed by who works for each."""

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common import DocumentCommon

GROUPS = "voip_billing_base.group_voip_manager,account.group_account_invoice"


@tagged("post_install", "-at_install")
class TestTemplateShared(DocumentCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.env["res.company"].create({"name": "Another Carrier"})
        cls.shared = cls.env.ref("voip_documents.voip_document_template_invoice_pdf")
        cls.table = cls.env.ref("voip_documents.voip_document_template_invoice_csv")

    def _manager(self, login, companies):
        ids = [(6, 0, companies.ids)]
        return new_test_user(
            self.env, login, GROUPS, company_id=companies[0].id, company_ids=ids
        )

    def test_a_manager_of_one_company_changes_nothing_of_all(self):
        manager = self._manager("one", self.other)
        shared, table = self.shared.with_user(manager), self.table.with_user(manager)
        column, version = table.column_ids[:1], shared.version_id
        own = shared.copy({"company_id": self.other.id, "active": True})
        self.assertEqual(shared.name, self.shared.name)
        line = {"heading": "Pay to", "path": "number"}
        for what, change in {
            "draft": lambda: shared.write({"body": "<p>pay to me</p>"}),
            "publish": shared.action_publish,
            "shipped": shared.action_shipped,
            "restore": version.action_restore,
            "archive": shared.action_archive,
            "delete": shared.unlink,
            "column": lambda: column.write({"heading": "x"}),
            "columns": lambda: table.write({"column_ids": [(0, 0, line)]}),
            "column created": lambda: column.create(
                {**line, "template_id": table.id}
            ),
            "column deleted": column.unlink,
            "column moved": lambda: own.column_ids.create(
                {**line, "template_id": own.id}
            ).write({"template_id": table.id}),
            "made": lambda: shared.create(
                {"name": "All", "kind": "usage", "format": "pdf", "active": False}
            ),
            "own one for all": lambda: own.write({"company_id": False}),
        }.items():
            with self.subTest(what=what), self.assertRaises(AccessError) as error:
                with self.env.cr.savepoint():
                    change()
            self.assertIn("copy for your company", str(error.exception), what)
        own.body = "<p>{{ number }}</p>"
        own.action_publish()
        self.assertEqual(own.version_id.number, 2)

    def test_a_manager_of_all_companies_changes_them(self):
        manager = self._manager("each", self.env["res.company"].search([]))
        shared = self.shared.with_user(manager)
        shared.body = "<p>{{ number }}</p>"
        shared.action_publish()
        self.assertFalse(shared.is_changed)
