"""What the database has is compared as it is obeyed, not as it is spelled."""

from odoo.tests import TransactionCase, tagged

from ..checks.definitions import catalog

TABLE = "CREATE TABLE voip_restored (id integer, state varchar, note text)"
INDEX = "CREATE INDEX ON voip_restored (id) WHERE "
# As the program makes it, and as PostgreSQL writes it into a dump.
SPELLINGS = (
    (
        "state IN ('new', 'old')",
        "((state)::text = ANY (ARRAY[('new'::character varying)::text,"
        " ('old'::character varying)::text]))",
    ),
    ("note IN ('a', 'b')", "(note = ANY (ARRAY['a'::text, 'b'::text]))"),
    ("state <> 'old'", "((state)::text <> 'old'::text)"),
)


@tagged("post_install", "-at_install")
class TestDefinitions(TransactionCase):
    def _index(self, where):
        """The index as the check sees it."""
        with self.env.cr.savepoint() as savepoint:
            self.env.cr.execute("CREATE SCHEMA voip_spelled")
            self.env.cr.execute("SET LOCAL search_path TO voip_spelled")
            self.env.cr.execute(TABLE)
            self.env.cr.execute(INDEX + where)
            rows = catalog(self.env.cr, "voip_spelled")
            self.env.cr.execute("SET LOCAL search_path TO public")
            savepoint.rollback()
        [found] = [text for kind, _table, _name, text in rows if kind == "index"]
        return found

    def test_a_restored_dump_is_no_difference(self):
        for made, restored in SPELLINGS:
            with self.subTest(made=made):
                self.assertEqual(self._index(made), self._index(restored))

    def test_another_list_is_a_difference(self):
        first, second = "state IN ('new', 'old')", "state IN ('new', 'odd')"
        self.assertNotEqual(self._index(first), self._index(second))
        self.assertNotEqual(self._index(first), self._index("state IN ('new')"))
