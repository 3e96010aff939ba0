"""Who only keeps the books opens whatever names a VoIP account, and reads its name."""

from lxml import etree

from odoo.exceptions import AccessError
from odoo.tests import Form, new_test_user, tagged

from .books_common import BooksCommon


@tagged("post_install", "-at_install")
class TestAccountant(BooksCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        env, cls.env = cls.env, cls.env(context={})
        cls.there = cls.setup_other_company()["company"]
        cls.env = env
        cls.account = cls.env["voip.account"].create(
            {"partner_id": cls.customer.id, "currency_id": cls.own.id, "tz": "UTC"}
        )
        cls.people = {
            group: new_test_user(
                cls.env,
                login=f"books_{group}",
                groups=f"base.group_partner_manager,account.{group}",
                company_id=cls.env.company.id,
            )
            for group in ("group_account_user", "group_account_invoice")
        }

    def _documents(self):
        invoice, payment = self._invoice(100), self._loose(30)
        return {
            "invoice": invoice,
            "draft": self._invoice(5, account=self.account, post=False),
            "credit note": self._invoice(-10),
            "payment": payment,
            "entry": payment.move_id,
            "statement line": self._bank_line(7, self.customer),
            "customer": self.customer,
        }

    def test_every_screen_opens_and_names_the_account(self):
        documents = self._documents()
        for group, user in self.people.items():
            with self.assertRaises(AccessError):
                self.account.with_user(user).read(["name"])
            for name, record in documents.items():
                with self.subTest(name, group=group):
                    self.env.invalidate_all()
                    form = Form(record.with_user(user))
                    if name in ("customer", "statement line", "entry"):
                        continue
                    account = record.voip_account_id.display_name
                    self.assertTrue(account)
                    self.assertEqual(form.voip_account_name, account)
                    self.assertNotIn("voip_account_id", form._view["fields"])
            for model in ("account.move", "account.payment"):
                fields = self.env[model].with_user(user).get_views([(False, "form")])
                self.assertIn("voip_account_name", fields["models"][model]["fields"])

    def test_lists_and_searches_name_it_too(self):
        documents = self._documents()
        user = self.people["group_account_user"]
        for model in ("account.move", "account.payment", "account.move.line"):
            records = self.env[model].with_user(user)
            arch = records.get_view(view_type="list")["arch"]
            names = set(etree.fromstring(arch).xpath("/list/field/@name"))
            self.assertNotIn("voip_account_id", names)
            code = self.account.code
            found = records.search([("voip_account_name", "ilike", code)])
            self.assertTrue(found)
            linked = {"fields": {"display_name": {}}}
            fields = records.fields_get(names | {"voip_account_name"}, ["relation"])
            for row in found.web_read(
                {name: linked if "relation" in x else {} for name, x in fields.items()}
            ):
                self.assertEqual(row["voip_account_name"], self.account.display_name)
            groups = records.formatted_read_group(
                [("id", "in", found.ids)], ["voip_account_id"], ["__count"]
            )
            self.assertEqual(
                [group["voip_account_id"] for group in groups],
                [(self.account.id, self.account.display_name)],
            )
            none = records.search([("voip_account_name", "ilike", "nobody's")])
            self.assertFalse(none)
            rest = records.search([("voip_account_name", "not ilike", code)])
            self.assertFalse(rest & found)
        self.assertTrue(documents["payment"].with_user(user).voip_account_name)

    def test_the_name_stays_in_the_company(self):
        company = self.there
        payment = self._loose(30)
        user = new_test_user(
            self.env,
            login="books_stranger",
            groups="account.group_account_user",
            company_id=company.id,
            company_ids=[(6, 0, (company | self.env.company).ids)],
        )
        own = payment.with_user(user)
        both = {"allowed_company_ids": (company | self.env.company).ids}
        named = own.with_context(**both).voip_account_name
        self.assertEqual(named, self.account.display_name)
        there = own.with_context(allowed_company_ids=company.ids)
        self.assertFalse(there.voip_account_name)
        payments = self.env["account.payment"].with_user(user)
        payments = payments.with_context(allowed_company_ids=company.ids)
        domain = [("voip_account_name", "ilike", self.account.code)]
        self.assertFalse(payments.search(domain))
