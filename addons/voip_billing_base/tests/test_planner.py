from unittest.mock import patch

from odoo.tests import TransactionCase, tagged
from odoo.tools import SQL, mute_logger

from ..charge import planner

SETTINGS = """
SELECT COALESCE(setconfig, '{}') FROM pg_database d
  LEFT JOIN pg_db_role_setting s ON s.setdatabase = d.oid AND s.setrole = 0
 WHERE d.datname = current_database()
"""


@tagged("post_install", "-at_install")
class TestPlanner(TransactionCase):
    def setUp(self):
        super().setUp()
        name = SQL.identifier(self.cr.dbname)
        self.cr.execute(SQL("ALTER DATABASE %s RESET jit", name))

    def _settings(self):
        self.cr.execute(SETTINGS)
        return self.cr.fetchone()[0]

    def test_a_database_of_ours_never_compiles_its_plans(self):
        self.assertNotIn("jit=off", self._settings())
        planner.never_compile(self.cr)
        self.assertIn("jit=off", self._settings())

    @mute_logger("odoo.sql_db")
    def test_the_database_of_another_is_left_as_it_is(self):
        self.cr.execute("CREATE ROLE voip_nobody; SET LOCAL ROLE voip_nobody")
        with patch.object(planner._logger, "info") as told:
            planner.never_compile(self.cr)
        self.assertIn("is not ours", told.call_args.args[0])
        self.cr.execute("RESET ROLE")
        self.assertNotIn("jit=off", self._settings())

    def test_what_is_done_in_memory_is_not_compiled(self):
        self.cr.execute("SET LOCAL jit = on")
        for way in (planner.in_memory, planner.no_nested_loops, planner.few_groups):
            with self.subTest(way=way.__name__), way(self.cr):
                self.cr.execute("SHOW jit")
                self.assertEqual(self.cr.fetchone()[0], "off")
