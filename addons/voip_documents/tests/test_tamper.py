"""The check sees who changes in the database what goes out, and where it goes."""

from odoo.tests import tagged

from .outbox_common import OutboxCommon

CHANGES = (
    ("mail_settings", "UPDATE res_company SET voip_brevo_url = 'https://x.example'"),
    ("mail_settings", "UPDATE res_company SET voip_mail_from = 'x@x.example'"),
    ("mail_settings", "UPDATE res_company SET voip_mail_provider = 'smtp'"),
    ("mail_settings", "UPDATE res_company SET voip_brevo_key = 'another'"),
    ("mail_settings", "UPDATE res_company SET voip_webhook_digest = 'another'"),
    ("mail_settings", "UPDATE res_company SET voip_webhook_networks = NULL"),
    (
        "published",
        "UPDATE voip_document_template_version"
        " SET definition = replace(definition, 'payment', 'another')",
    ),
    (
        "published",
        "UPDATE voip_document_template_version SET definition = '{}',"
        " sha256 = encode(sha256('{}'), 'hex')",
    ),
    (
        "published",
        "UPDATE voip_document_template SET version_id ="
        " (SELECT max(id) FROM voip_document_template_version)",
    ),
    (
        "template_place",
        "UPDATE voip_document_template t SET company_id = a.company_id,"
        " account_id = a.id FROM voip_account a WHERE t.account_id IS NULL"
        " AND t.id = (SELECT max(id) FROM voip_document_template)"
        " AND a.id = (SELECT max(id) FROM voip_account)",
    ),
    (
        "same_queued_mails",
        "UPDATE voip_delivery_recipient SET email = 'x@x.example'",
    ),
    ("same_queued_mails", "UPDATE voip_delivery SET body = 'Pay to another account'"),
    ("same_queued_mails", "DELETE FROM voip_delivery_voip_document_rel"),
    (
        "same_queued_mails",
        "INSERT INTO voip_delivery_recipient"
        " (delivery_id, company_id, email, state)"
        " SELECT id, company_id, 'x@x.example', 'waiting' FROM voip_delivery",
    ),
)


@tagged("post_install", "-at_install")
class TestTamper(OutboxCommon):
    def _broken(self):
        self.env.flush_all()
        found = self.env["voip.check"].sudo().run()
        return {row["name"] for row in found if row["violations"]}

    def test_what_is_about_to_go_out_is_watched(self):
        self.env.company._voip_new_webhook()
        self.invoice.action_voip_send()
        self.env.flush_all()
        with self.enter_registry_test_mode():
            cron = self.env.ref("voip_billing_base.ir_cron_witness")
            cron.method_direct_trigger()
        self.assertFalse(self._broken())
        for name, change in CHANGES:
            with self.subTest(change), self.env.cr.savepoint() as savepoint:
                self.env.cr.execute("SET LOCAL session_replication_role = replica")
                self.env.cr.execute(change)
                self.assertTrue(self.env.cr.rowcount)
                self.assertIn(name, self._broken())
                savepoint.rollback()
                self.env.invalidate_all()
        self.assertFalse(self._broken())

    def test_a_copy_that_is_made_safe_is_whole(self):
        self.env.company._voip_new_webhook()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE res_company SET voip_brevo_key = NULL, voip_webhook_digest = NULL"
        )
        self.assertFalse(self._broken())

    def test_what_staff_change_is_audited_without_secrets(self):
        company = self.env.company
        company.write({"voip_brevo_key": "sesame", "voip_mail_from": "a@b.example"})
        audit = self.env["voip.audit"].search(
            [("event", "=", "mail_settings")], order="id desc", limit=1
        )
        self.assertEqual((audit.res_model, audit.res_id), ("res.company", company.id))
        self.assertIn("a@b.example", audit.data)
        self.assertNotIn("sesame", audit.data)
        count = self.env["voip.audit"].search_count([])
        company.write({"voip_mail_from": "a@b.example", "voip_mail_hour": 9})
        self.assertEqual(self.env["voip.audit"].search_count([]), count)
