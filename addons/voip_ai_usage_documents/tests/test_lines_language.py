"""AI voice in the language of who reads of it, whoever charged it."""

from datetime import timedelta

from odoo.tests import tagged

from odoo.addons.voip_ai_usage.tests.common import AiCommon
from odoo.addons.voip_documents.engine.liquid_text import render

MODULES = ("voip_billing_base", "voip_ai_usage", "voip_documents")


@tagged("post_install", "-at_install")
class TestLinesLanguage(AiCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        own = cls.env["ir.module.module"].search([("name", "in", MODULES)])
        for code in ("de_DE", "es_ES"):
            cls.env["res.lang"]._activate_lang(code)
            own._update_translations([code])
        cls.account.partner_id.lang = "de_DE"

    def _charged(self):
        """A session and a month's fee that somebody of another language charges."""
        here, self.env = self.env, self.env(context={"lang": "es_ES"})
        self._price("input", 0.5)
        self._price("output", 2)
        self._price("input", 0.25, "cost")
        self._price("output", 1, "cost")
        plan = self._plan(monthly_fee=800, minute_price=0.56)
        self._subscribe_month(plan)
        self._send(self._session(1, seconds=60, cached_tokens=0))
        self.env = here

    def test_invoices_are_in_the_customers_language(self):
        self._charged()
        run = self.env["voip.billing.run"].create(
            {
                "account_ids": self.account.ids,
                "cutoff": self.env.cr.now() + timedelta(days=62),
            }
        )
        run.action_run()
        lines = run.move_ids.invoice_line_ids.sorted("sequence")
        self.assertEqual(lines[0].name, "KI-Sprache")
        self.assertEqual(
            sorted(lines[1:].mapped("name")),
            [
                f"KI-Sprache, Entgelte: Plan, monatliches Entgelt {self.at:%Y-%m}",
                "KI-Token: GPT-4o, Ausgabe-Token, / 1,000",
                "KI-Token: GPT-4o, Eingabe-Token, / 1,000",
                "Minuten",
            ],
        )
        kind = self.env["voip.document.kind.invoice"]
        data = kind._data(kind._of_move(run.move_ids))
        self.assertTrue(data["has_calls"])
        self.assertFalse(data["has_destinations"], "minutes of AI go nowhere")
        text = render(kind._shipped_body(), data)
        self.assertIn("<th>Beschreibung</th>", text)

    def test_reports_are_in_the_readers_language(self):
        self._charged()
        usage = self.env["voip.document.kind.usage"]
        first = self.at.date().replace(day=1)
        subject = usage._of_account(self.account, first, first + timedelta(days=40))
        data = usage._data(subject, "es_ES")
        self.assertFalse(data["has_destinations"])
        self.assertIn("Por servicio", render(usage._shipped_body(), data))
        names = {line["name"] for line in data["lines"]}
        self.assertLessEqual({"Minutos", "GPT-4o, Tokens de entrada"}, names)
