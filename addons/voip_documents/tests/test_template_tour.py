"""Editing a template as a person does."""

from odoo.tests import HttpCase, tagged

from .common import DocumentCommon


@tagged("post_install", "-at_install", "voip_browser")
class TestTemplateTour(DocumentCommon, HttpCase):
    def test_a_variable_is_put_in_and_published(self):
        template = self._create_template(
            account_id=self.account.id, body="<p>{{ number }}</p>\n"
        )
        self._edit_by_tour(template, "voip_template_tour")
        self.assertIn("{{ customer.vat }}", template.version_id.body)
        self.assertEqual(template.version_id.number, 2)
