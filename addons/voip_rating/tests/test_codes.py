from psycopg2 import IntegrityError

from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import VoipRatingCommon

NOUNS = {"voip.rate.deck": "deck", "voip.trunk": "trunk", "voip.switch": "switch"}


@tagged("post_install", "-at_install")
class TestCodes(VoipRatingCommon):
    """Decks, trunks and switches are named by codes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.records = (
            cls._create_deck(),
            cls._create_trunk(cls._create_account()),
            cls._create_switch(),
        )

    def _refusal(self, record, code):
        """What the user reads when another record gets this code."""
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError) as caught:
            with self.env.cr.savepoint():
                record.copy({"name": "Other", "code": code}).flush_recordset()
        return record._sql_error_to_message(caught.exception)

    def test_a_code_is_unique_in_its_company(self):
        for record in self.records:
            with self.subTest(record._name):
                self.assertEqual(
                    self._refusal(record, record.code),
                    f"The code of a {NOUNS[record._name]} must be unique in its"
                    " company.",
                )

    def test_another_company_may_have_the_same_code(self):
        company = self.env["res.company"].create({"name": "Other"})
        deck, _trunk, switch = self.records
        for record in (deck, switch):
            values = {"name": "Other", "code": record.code, "company_id": company.id}
            if record == deck:
                values["service_id"] = deck.service_id.id
            with self.subTest(record._name):
                self.assertTrue(record.create(values).id)

    def test_a_code_is_plain_ascii(self):
        for record in self.records:
            for code in ("a b", "ä", "x" * 65, "a/b", "١٢٣", "a\nb"):
                with self.subTest(record._name, code=code):
                    self.assertEqual(
                        self._refusal(record, code),
                        f"A {NOUNS[record._name]} code has 1 to 64 letters, digits,"
                        " dots, dashes or underscores.",
                    )
            self.assertTrue(record.copy({"code": "x" * 64}))

    def test_a_record_is_found_by_name_and_by_code(self):
        for record in self.records:
            record.name = f"Name of {record.id}"
            for text in (record.name, record.code):
                with self.subTest(record._name, text=text):
                    found = record.name_search(text)
                    self.assertIn(record.id, [row[0] for row in found])

    def test_an_upgrade_finds_the_constraints_by_their_names(self):
        for record in self.records:
            table = record._table
            self.env.cr.execute(
                "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass",
                [table],
            )
            names = {name for (name,) in self.env.cr.fetchall()}
            with self.subTest(table):
                self.assertLessEqual(
                    {f"{table}_code_uniq", f"{table}_code_form"}, names
                )

    def test_a_new_deck_proposes_a_code_that_is_free(self):
        for name, code in (
            ("A–Z Größe, São 2", "A-Z-GROSSE-SAO-2"),
            ("a-z grösse sao 2", "A-Z-GROSSE-SAO-2-2"),
            ("Ωμέγα", False),
            ("n" * 90, "N" * 60),
        ):
            with self.subTest(name):
                form = Form(self.env["voip.rate.deck"])
                form.name = name
                self.assertEqual(form.code, code)
                form.code = form.code or "OMEGA"
                form.save()
        typed = Form(self.env["voip.rate.deck"])
        typed.code = "MINE"
        typed.name = "Another"
        self.assertEqual(typed.code, "MINE")
        kept = Form(self.env["voip.rate.deck"].search([("code", "=", "OMEGA")]))
        kept.name = "Omega"
        self.assertEqual(kept.code, "OMEGA")
