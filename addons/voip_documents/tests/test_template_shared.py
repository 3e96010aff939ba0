"""Templates of all companies: read by everybody, changed by who works for each."""

from lxml import etree

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools.safe_eval import safe_eval

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
        for_all = {"name": "All", "kind": "usage", "company_id": False}
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
            "made": lambda: shared.create({**for_all, "active": False}),
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

    def test_a_manager_of_one_company_makes_its_own(self):
        """Company is a field of those who work for several: nobody else can name it."""
        templates = self.env["voip.document.template"].with_user(
            self._manager("one", self.env.company)
        )
        with Form(templates) as form:
            form.name = "Ours"
        self.assertEqual(form.record.company_id, self.env.company)
        shared = self.shared.with_user(templates.env.user)
        self.assertEqual(shared.copy().company_id, self.env.company)
        boss = self._manager("all", self.env["res.company"].search([]))
        self.assertFalse(self.shared.with_user(boss).copy().company_id)

    def test_an_account_of_another_company_takes_no_template_there(self):
        theirs = self.env["voip.account"].sudo().create(
            {
                "name": "Theirs",
                "code": "THEIRS",
                "partner_id": self.account.partner_id.id,
                "company_id": self.other.id,
            }
        )
        own = self._create_template(company_id=self.env.company.id)
        own = own.with_user(self._manager("one", self.env.company))
        for change in ({}, {"company_id": self.other.id}):
            with self.subTest(change=change), self.assertRaises(UserError):
                own.write({"account_id": theirs.id, **change})

    def test_an_account_is_offered_before_the_company_and_says_which_it_is(self):
        boss = self._manager("all", self.env["res.company"].search([]))
        templates = self.env["voip.document.template"].with_user(boss)
        form = Form(templates)
        arch = etree.fromstring(templates.get_view(view_type="form")["arch"])
        domain = arch.find(".//field[@name='account_id']").get("domain")
        domain = domain or templates.fields_get(["account_id"])["account_id"]["domain"]
        for company, offered in (
            (False, True), (self.env.company.id, True), (self.other.id, False)
        ):
            with self.subTest(company=company):
                found = safe_eval(domain, {"company_id": company})
                accounts = self.env["voip.account"].search(found)
                self.assertEqual(self.account in accounts, offered)
        form.name = "Of the account"
        form.account_id = self.account
        self.assertEqual(form.company_id, self.env.company)
        self.assertEqual(form.save().company_id, self.env.company)

    def test_a_new_table_shows_the_columns_that_are_shipped_before_it_is_saved(self):
        form = Form(self.env["voip.document.template"])
        form.name, form.account_id = "Table", self.account
        self.assertFalse(len(form.column_ids))
        form.format = "csv"
        form.kind = "statement"
        kind = self.env["voip.document.kind"]._of("statement")
        shipped = [values["path"] for _new, _id, values in kind._shipped_columns()]
        template = form.save()
        self.assertEqual(template.column_ids.mapped("path"), shipped)
        with Form(template) as form:
            form.column_ids.remove(0)
        self.assertEqual(template.column_ids.mapped("path"), shipped[1:])
        form = Form(self.env["voip.document.template"])
        form.format = "csv"
        self.assertEqual(len(form.column_ids), len(self.table.column_ids))
