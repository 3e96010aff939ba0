"""Reports and letters are in the supplier's language, what the audit found, too."""

from odoo.tests import tagged
from odoo.tools.translate import code_translations

from odoo.addons.voip_documents.tests.test_languages import LANGUAGES
from odoo.addons.voip_supplier_audit.engine.explain import (
    ALREADY,
    BOTH,
    BOUND,
    TEXTS,
    TIES,
    TWICE,
)
from odoo.addons.voip_supplier_audit.invoices.voip_supplier_invoice_line import (
    CLASSES,
    DECISIONS,
)
from odoo.addons.voip_supplier_audit.reconcile.voip_supplier_match import FOUND

from ..models.retold import SUMMARY, USUAL, Retold, class_words, decision_words
from .documents_common import SupplierDocumentCommon

MODULE = "voip_documents_supplier_audit"


@tagged("post_install", "-at_install")
class TestAuditLanguages(SupplierDocumentCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for code in LANGUAGES:
            cls.env["res.lang"]._activate_lang(code)

    def _in(self, code):
        return self.env(context={**self.env.context, "lang": code})

    def _told(self, code):
        return code_translations.get_python_translations(MODULE, code)

    def test_each_word_of_a_report_and_a_letter_is_translated(self):
        for kind in ("variance", "dispute"):
            kinds = self.env["voip.document.kind"]._of(kind)
            english = kinds.with_context(lang="en_US")._sample()["labels"]
            for code in LANGUAGES:
                known = {
                    **code_translations.get_python_translations("voip_documents", code),
                    **self._told(code),
                }
                self.env.company.partner_id.lang = code
                found = kinds.with_context(lang=code)._sample()["labels"]
                missing = {
                    name: text
                    for name, text in english.items()
                    if found[name] == text and text not in known
                }
                with self.subTest(kind=kind, language=code):
                    self.assertFalse(missing)
            self.env.company.partner_id.lang = "en_US"

    def test_each_sentence_of_the_audit_is_translated(self):
        for code in LANGUAGES:
            told = self._told(code)
            tails = (BOTH, BOUND, TIES)
            for text in (*TEXTS.values(), ALREADY, TWICE, SUMMARY, USUAL, *tails):
                with self.subTest(language=code, sentence=text):
                    self.assertIn(text, told)

    def test_words_of_papers_are_those_of_the_screen(self):
        env = self._in("en_US")
        self.assertEqual({**dict(FOUND), **dict(CLASSES)}, class_words(env))
        decisions = {key: word for key, word in decision_words(env).items() if key}
        self.assertEqual(dict(DECISIONS), decisions)

    def test_a_sentence_is_known_by_its_template(self):
        german = Retold(self._in("de_DE"))
        for text, told in (
            (
                "An increase was charged from 2026-03-10 on, agreed from 2026-03-17:"
                " 118.18.",
                "Eine Erhöhung wurde ab 2026-03-10 berechnet, vereinbart ab 2026-03-17:"
                " 118.18.",
            ),
            (
                "Billed 1, our records say 0.4 (Late increase).",
                "Berechnet sind 1, unsere Daten sagen 0.4 (Verfrühte Erhöhung).",
            ),
            ("Another price than agreed: 3.10.", "Anderer Preis als vereinbart: 3.10."),
            (
                "A price of 0.0593 a minute, which is not the one agreed: 3.10.",
                "Ein Preis von 0.0593 je Minute, der nicht der vereinbarte ist: 3.10.",
            ),
            (
                "Each call rounded half up to 2 decimals: 3.10.",
                "Jeder Anruf auf 2 Nachkommastellen gerundet (kaufmännisch): 3.10.",
            ),
            (
                "Minutes rounded half_up before the price: 3.10.",
                "Minuten vor dem Preis gerundet (kaufmännisch): 3.10.",
            ),
            ("As agreed by phone.", "As agreed by phone."),
            ("", ""),
        ):
            with self.subTest(text=text):
                self.assertEqual(german.sentence(text), told)

    def test_the_summary_names_its_causes_in_the_language(self):
        said = "Explained 98.4 %: late increase 118.18; fee -3; unexplained 24.70."
        told = "Erklärt 98.4 %: Verfrühte Erhöhung 118.18; Gebühr -3; nicht erklärt"
        german = Retold(self._in("de_DE"))
        self.assertEqual(german.why(said), f"{told} 24.70.")
        ties = "The same money: formula; late increase and increments."
        same = "Dasselbe Geld: Formel; Verfrühte Erhöhung und Taktung."
        self.assertEqual(german.why(f"{said} {ties}"), f"{told} 24.70. {same}")
        bound = "Causes are looked for up to 2,000,000 calls."
        found = "Ursachen werden bis 2,000,000 Anrufe gesucht."
        self.assertEqual(german.why(f"{said} {bound}"), f"{told} 24.70. {found}")
        self.assertEqual(Retold(self._in("de_DE")).why("As it was."), "As it was.")

    def test_a_letter_is_in_the_suppliers_language(self):
        invoice = self._disputed()
        invoice.partner_id.lang = "es_ES"
        kind = self.env["voip.document.kind"]._of("dispute")
        data = kind._data(kind._of_invoice(invoice))
        self.assertEqual(data["labels"]["title"], "Disputa de una factura")
        self.assertIn("nuestros registros de llamadas", data["paragraphs"][0])
        self.assertEqual(data["items"][0]["decision_text"], "Disputado")
