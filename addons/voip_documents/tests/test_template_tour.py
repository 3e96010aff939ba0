"""Editing a template as a person does."""

from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.voip_billing_base.tests.browser import whole_console

from .common import DocumentCommon


@tagged("post_install", "-at_install", "voip_browser")
class TestTemplateTour(DocumentCommon, HttpCase):
    def test_a_variable_is_put_in_and_published(self):
        template = self._create_template(
            account_id=self.account.id, body="<p>{{ number }}</p>\n"
        )
        user = new_test_user(
            self.env,
            "template-manager",
            groups="voip_billing_base.group_voip_manager,account.group_account_invoice",
            company_id=self.env.company.id,
            company_ids=[(6, 0, self.env.company.ids)],
        )
        action = "voip_documents.voip_document_template_action"
        with whole_console():
            self.start_tour(
                f"/odoo/action-{action}/{template.id}",
                "voip_template_tour",
                login=user.login,
                timeout=90,
            )
        template.invalidate_recordset()
        self.assertIn("{{ customer.vat }}", template.version_id.body)
        self.assertEqual(template.version_id.number, 2)
