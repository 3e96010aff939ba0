"""A price list comes as a sheet: found, previewed, applied all or nothing."""

import base64

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import AiCommon


@tagged("post_install", "-at_install")
class TestPriceImport(AiCommon):
    def _import(self, text, **values):
        file = base64.b64encode(text.encode())
        return self.env["voip.ai.price.import"].create(
            {"file": file, "file_name": "prices.csv", **values}
        )

    def test_a_list_is_previewed_and_applied(self):
        text = (
            "Prices of March\n"
            "Provider;Model;Kind;Cost per 1000;Price per 1000;Valid from\n"
            "openai;gpt-4o;input;0,0025;0,005;2026-03-01\n"
            "openai;gpt-5;output;0,01;;2026-03-01\n"
        )
        one = self._import(text)
        one.action_preview()
        self.assertRecordValues(
            one, [{"state": "previewed", "new_count": 2, "faulty_count": 0}]
        )
        self.assertFalse(self.env["voip.ai.price"].search([]))
        one.action_apply()
        prices = self.env["voip.ai.price"].search([], order="id")
        self.assertEqual(
            [(p.side, p.model_id.code, p.kind, p.price, p.origin) for p in prices],
            [
                ("sale", "gpt-4o", "input", 0.005, "prices.csv"),
                ("cost", "gpt-4o", "input", 0.0025, "prices.csv"),
                ("cost", "gpt-5", "output", 0.01, "prices.csv"),
            ],
        )
        again = self._import(text)
        again.action_preview()
        self.assertEqual((again.unchanged_count, again.new_count), (2, 0))

    def test_faulty_rows_stop_a_list_unless_they_are_left_out(self):
        one = self._import(
            "provider,model,kind,price\n"
            "openai,gpt-4o,input,0.005\n"
            "nobody,gpt-4o,output,0.01\n"
            "openai,gpt-4o,smell,0.01\n"
        )
        one.action_preview()
        self.assertEqual(one.faulty_count, 2)
        reasons = one.row_ids.filtered("reason").mapped("reason")
        self.assertIn("Provider: 'nobody' is unknown.", reasons)
        with self.assertRefused(UserError, "rows are faulty"):
            one.action_apply()
        one.leave_faulty = True
        one.action_preview()
        one.action_apply()
        self.assertEqual(self.env["voip.ai.price"].search([]).kind, "input")
        self.assertIn(b"nobody", one._faulty_rows("csv"))
