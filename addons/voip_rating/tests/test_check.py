"""The check sees records stored, keyed and rated twice, elsewhere or not at all."""

from odoo.tests import tagged
from odoo.tools import SQL

from .common import VoipRatingCommon

GUARDED = ("voip_usage_row", "voip_cdr_row")


@tagged("post_install", "-at_install")
class TestCheck(VoipRatingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        rates = [{"prefix": "44", "price_per_minute": "0.01"}]
        account = cls._create_account(deck_id=cls._create_deck(rates=rates).id)
        cls.trunk, cls.switch = cls._create_trunk(account), cls._create_switch()
        cls.undone = cls._ingest("u1", "u2")
        cls.undone.action_undo()
        cls.batch = cls._ingest("a", "b", queued="499")
        cls.env.cr.execute(
            "SELECT id FROM voip_cdr_row WHERE batch_id = %s ORDER BY position",
            [cls.batch.id],
        )
        first, second, queued = (row[0] for row in cls.env.cr.fetchall())
        cls.names = {
            "first": first,
            "second": second,
            "queued": queued,
            "undone": cls.undone.id,
        }

    @classmethod
    def _ingest(cls, *call_ids, **others):
        """A batch of calls to Britain, and of those named to where they say."""
        calls = dict.fromkeys(call_ids, "442071234567") | others
        moment = f"{cls.env.cr.now():%Y-%m-%dT00:00:01Z}"
        answer = cls.env["voip.cdr"].ingest(
            switch=cls.switch.code,
            records=[
                {
                    "call_id": call_id,
                    "called": called,
                    "start": moment,
                    "answer": moment,
                    "duration": 60,
                    "trunk": cls.trunk.code,
                }
                for call_id, called in calls.items()
            ],
            rate_now=True,
        )
        assert answer["in_error"] == len(others), answer
        return cls.env["voip.cdr.batch"].browse(answer["batch"])

    def _violated(self, full):
        found = self.env["voip.check"].sudo().run(full=full)
        return {row["name"] for row in found if row["violations"]}

    def test_what_is_rated_undone_and_in_the_queue_is_no_violation(self):
        for full in (False, True):
            self.assertEqual(self._violated(full), set())

    def test_a_month_that_could_hold_a_key_twice_is_noticed(self):
        self.env.cr.execute(
            "SELECT min(inhrelid::regclass::text) FROM pg_inherits"
            " WHERE inhparent = 'voip_cdr_key'::regclass"
        )
        (month,) = self.env.cr.fetchone()
        index, table = SQL.identifier(f"{month}_key"), SQL.identifier(month)
        self.env.cr.execute(SQL("DROP INDEX %s", index))
        self.env.cr.execute(SQL("CREATE INDEX ON %s (key, switch_id)", table))
        self.assertEqual(self._violated(full=False), {"key_index"})

    def test_each_record_is_rated_once_and_holds_one_key(self):
        usage, key = "UPDATE voip_usage_row SET", "UPDATE voip_cdr_key SET"
        rated, keyed = "WHERE source_id = {first}", "WHERE cdr_id = {first}"
        for name, statement in (
            ("rated_once", copy_sql("voip_usage_row", rated, id=1)),
            ("rated_once", copy_sql("voip_usage_row", rated, batch_id=None)),
            ("rated_once", f"{usage} source_id = {{second}} {rated}"),
            ("rated_once", f"{usage} source_id = {{queued}} {rated}"),
            ("rated_once", f"{usage} batch_id = 0 {rated}"),
            ("rated_once", f"{usage} batch_id = {{undone}} {rated}"),
            ("rated_once", f"DELETE FROM voip_usage_row {rated}"),
            ("keys", f"{key} cdr_id = {{second}} {keyed}"),
            ("keys", f"{key} cdr_id = -1 {keyed}"),
            ("keys", f"DELETE FROM voip_cdr_key {keyed}"),
            ("keys", copy_sql("voip_cdr_key", keyed, key=1)),
            ("keys", copy_sql("voip_cdr_key", keyed, key=1, cdr_id=-1)),
            ("keys", "DELETE FROM voip_cdr_row WHERE id = {first}"),
        ):
            for full in (False, True):
                with self.subTest(statement, full=full):
                    savepoint = self.env.cr.savepoint(flush=False)
                    self._tamper(statement.format(**self.names))
                    self.assertIn(name, self._violated(full))
                    savepoint.close(rollback=True)
                    self.env.invalidate_all()

    def _tamper(self, statement):
        cr = self.env.cr
        for table in GUARDED:
            cr.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cr.execute(statement)
        self.assertEqual(cr.rowcount, 1, statement)
        self.env.invalidate_all()


def copy_sql(table, which, **changes):
    """SQL that writes a row once more, with changes."""
    changed = "".join(f", '{name}', {value}" for name, value in changes.items())
    changed = changed.removeprefix(", ").replace("None", "NULL")
    return (
        f"INSERT INTO {table} SELECT (jsonb_populate_record(r,"
        f" jsonb_build_object({changed}))).* FROM {table} r {which}"
    )
