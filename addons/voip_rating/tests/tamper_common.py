"""What the tests of tampering share: a witness, and what the check then sees."""

from odoo.tools import SQL

TABLES = (
    "voip_usage_row",
    "voip_cdr_row",
    "voip_wallet_entry",
    "voip_audit",
    "account_move_line",
)


class TamperCommon:
    # Whose triggers a superuser takes off first.
    guarded = TABLES

    def setUp(self):
        super().setUp()
        self.anchor = self.env["voip.anchor"]

    def _witness(self):
        """What the scheduled action leaves once all that was at work has ended."""
        self.env.flush_all()
        found = self.env["voip.witness"]
        for span in found._spans():
            table = SQL.identifier(span.table)
            self.env.cr.execute(SQL("SELECT max(id) FROM %s", table))
            found._take(span, self.env.cr.fetchone()[0] or 0)
        for records in found._records():
            self.env.cr.execute(records.take_sql())
        self.anchor._write()

    def _violated(self, full=False):
        found = self.env["voip.check"].sudo().run(full=full)
        return {row["name"] for row in found if row["violations"]}

    def assertSeen(self, name, statement, **names):
        """The statement breaks the invariant ``name``, by the daily check already."""
        cr = self.env.cr
        self.env.flush_all()
        savepoint = cr.savepoint(flush=False)
        tables = [SQL.identifier(table) for table in self.guarded]
        for table in tables:
            cr.execute(SQL("ALTER TABLE %s DISABLE TRIGGER USER", table))
        cr.execute(statement, names)
        self.assertNotEqual(cr.rowcount, 0, statement)
        for table in tables:
            cr.execute(SQL("ALTER TABLE %s ENABLE TRIGGER USER", table))
        self.env.invalidate_all()
        self.assertIn(name, self._violated())
        savepoint.close(rollback=True)
        self.env.invalidate_all()
