"""Rental in the language of who reads of it, whoever charged it."""

from datetime import date

from freezegun import freeze_time

from odoo.tests import tagged

from odoo.addons.voip_did.tests.common import NumbersCommon

MODULES = ("voip_billing_base", "voip_did", "voip_did_documents", "voip_documents")


@tagged("post_install", "-at_install")
class TestLinesLanguage(NumbersCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        own = cls.env["ir.module.module"].search([("name", "in", MODULES)])
        country = cls.env.ref("base.de")
        for code, name in (("de_DE", "Deutschland"), ("es_ES", "Alemania")):
            cls.env["res.lang"]._activate_lang(code)
            own._update_translations([code])
            country.with_context(lang=code).name = name
        cls.account.partner_id.lang = "de_DE"

    def _charged(self, code, number="4930555000"):
        """Rental of April that somebody of a language charges."""
        with freeze_time("2026-04-01 12:00:00"):
            self._assign(self._did(number), "2026-04-01")
            here, self.env = self.env, self.env(context={"lang": code})
            self._charge()
            self.env = here

    def test_invoices_are_in_the_customers_language(self):
        self._charged("es_ES")
        with freeze_time("2026-05-02 12:00:00"):
            run = self.env["voip.billing.run"].create(
                {"account_ids": [(6, 0, self.account.ids)]}
            )
            run.action_run()
        lines = run.line_ids.move_id.invoice_line_ids
        months = [
            "Miete von Rufnummern: Monatliche Miete, Deutschland, Ortsnetz, "
            f"01.{month}.2026 – {last}.{month}.2026"
            for month, last in (("04", 30), ("05", 31))
        ]
        self.assertEqual(sorted(lines.mapped("name")), months)

    def test_reports_are_in_the_readers_language_and_name_each_rental_once(self):
        self._charged("de_DE")
        self._charged("es_ES", "4930555001")
        usage = self.env["voip.document.kind.usage"]
        subject = usage._of_account(self.account, date(2026, 4, 1), date(2026, 4, 30))
        for code, name in (
            ("de_DE", "Monatliche Miete, Deutschland, Ortsnetz"),
            ("es_ES", "Alquiler mensual, Alemania, Local"),
            ("en_US", "Monthly rental, Germany, Local"),
        ):
            with self.subTest(language=code):
                lines = usage._data(subject, code)["lines"]
                self.assertEqual([line["name"] for line in lines], [name])
