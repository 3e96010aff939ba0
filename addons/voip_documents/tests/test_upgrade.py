"""What was installed before becomes what is shipped now, unless people changed it."""

from psycopg2.extras import Json

from odoo.modules.migration import load_script
from odoo.tests import tagged

from .common import DocumentCommon

SCRIPTS = "voip_documents/migrations/"
BEFORE = {
    "subject": "{{ object.company_id.name }}: Statement of account "
    "{{ object.account_id.code }} to {{ format_date(object.date_to) }}",
    "body_html": "<div><p>Hello, our statement of account "
    '<strong t-out="object.account_id.code"/> is attached.</p></div>',
}


def run(cr, name):
    load_script(SCRIPTS + name, name.rpartition("/")[2]).migrate(cr, "19.0.1.3.0")


@tagged("post_install", "-at_install")
class TestUpgrade(DocumentCommon):
    def test_the_mail_of_a_statement_names_all_accounts(self):
        mail = self.env.ref("voip_documents.mail_template_delivery_statement")
        shipped = mail.subject
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE mail_template SET subject = %s, body_html = %s WHERE id = %s",
            [Json({"en_US": BEFORE[name]}) for name in BEFORE] + [mail.id],
        )
        for _again in range(2):
            run(self.env.cr, "19.0.1.4.0/pre-mail_template.py")
        mail.invalidate_recordset()
        self.assertEqual(mail.subject, shipped)
        customer = self.account.partner_id
        of_all = (
            self.env["voip.delivery"]
            .sudo()
            .create(
                {
                    "company_id": self.env.company.id,
                    "partner_id": customer.id,
                    "kind": "statement",
                    "date_from": "2026-01-01",
                    "date_to": "2026-01-31",
                }
            )
        )
        text = mail._render_field("body_html", of_all.ids)[of_all.id]
        self.assertIn("our statement of all your accounts is attached", text)
        subject = mail._render_field("subject", of_all.ids)[of_all.id]
        self.assertIn(f"Statement of account {customer.name} to", subject)

    def test_shipped_templates_nobody_changed_are_published_anew(self):
        shipped = "voip_documents.voip_document_template_invoice_"
        untouched = self.env.ref(f"{shipped}csv").sudo()
        drafted = self.env.ref(f"{shipped}xlsx").sudo()
        own = self._create_template(format="csv", account_id=self.account.id)
        for template in untouched, own, drafted:
            template.column_ids[-1].unlink()
        for template in untouched, own:
            # As it was installed: one version, and the draft is as published.
            template._publish("Created")
            self.env.flush_all()
            first = template.version_ids.filtered(lambda v: v.number == 1)
            self.env.cr.execute(
                "DELETE FROM voip_document_template_version WHERE id = %s", [first.id]
            )
            template.invalidate_recordset()
        for _again in range(2):
            run(self.env.cr, "19.0.1.7.0/end-shipped_templates.py")
        self.assertEqual(untouched.version_id.number, 3)
        self.assertEqual(untouched.version_id.note, "As shipped with the upgrade")
        self.assertEqual(untouched.column_ids[-1].path, "currency.name")
        self.assertFalse(untouched.is_changed)
        self.assertEqual(own.version_id.number, 2)
        self.assertEqual(drafted.version_id.number, 1)
        self.assertTrue(drafted.is_changed)

    def test_each_upgrade_publishes_until_a_person_does(self):
        template = self.env.ref("voip_documents.voip_document_template_invoice_csv")
        template = template.sudo()

        def upgrade():
            """What an upgrade finds that ships a column more than the last one."""
            column = template.column_ids[-1]
            column.unlink()
            template._publish("As shipped with the upgrade", is_shipped=True)
            run(self.env.cr, "19.0.1.7.0/end-shipped_templates.py")

        upgrade()
        upgrade()
        self.assertEqual(template.version_id.number, 5)
        self.assertTrue(template.version_id.is_shipped)
        older = template.version_ids.filtered(lambda each: each.number == 4)
        older.action_restore()
        run(self.env.cr, "19.0.1.7.0/end-shipped_templates.py")
        self.assertEqual(template.version_id, older, "a person chose it")

    def test_what_upgrades_published_before_is_marked(self):
        template = self.env.ref("voip_documents.voip_document_template_usage_csv")
        version = template.sudo().version_id
        self.env.cr.execute(
            "UPDATE voip_document_template_version"
            " SET note = 'As shipped with the upgrade' WHERE id = %s",
            [version.id],
        )
        run(self.env.cr, "19.0.1.7.0/end-shipped_templates.py")
        version.invalidate_recordset()
        self.assertTrue(version.is_shipped)
