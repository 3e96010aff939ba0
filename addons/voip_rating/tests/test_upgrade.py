"""Rows of the layout before, moved to the lean one, read as they did."""

import importlib.util
from pathlib import Path

from odoo.tests import tagged

from .common import VoipRatingCommon

ADDONS = Path(__file__).resolve().parents[2]
SCRIPTS = (
    "voip_billing_base/migrations/19.0.2.0.0/post-usage.py",
    "voip_rating/migrations/19.0.2.0.0/post-calls.py",
)
# The tables as they were: every column in the row, keys of 128 bits.
BEFORE_SQL = """
CREATE TABLE voip_usage_row_v1 AS SELECT * FROM voip_usage;
ALTER TABLE voip_usage_row_v1 DROP called_number, DROP caller_number;
CREATE TABLE voip_cdr_row_v1 AS SELECT *, md5(id::text)::uuid AS key FROM voip_cdr;
CREATE TABLE voip_cdr_key_v1 AS
SELECT r.key, k.cdr_id,
       (lpad(to_hex(k.mark::bigint & 4294967295), 8, '0') || md5('x') )::text AS content
  FROM voip_cdr_key k JOIN voip_cdr_row_v1 r ON r.id = k.cdr_id
  JOIN voip_cdr_batch b ON b.id = r.batch_id AND b.state <> 'undone';
ALTER TABLE voip_cdr_key_v1 ALTER content TYPE uuid USING left(content, 32)::uuid;
SET LOCAL session_replication_role = replica;
DELETE FROM voip_usage_row; DELETE FROM voip_cdr_row; DELETE FROM voip_cdr_key;
SET LOCAL session_replication_role = origin;
DROP INDEX voip_usage_summary_key_idx;
UPDATE voip_usage_summary SET facets = '{}', deck_currency_id = NULL
"""


def load(script):
    """The module of an upgrade script."""
    spec = importlib.util.spec_from_file_location("upgrade", ADDONS / script)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(cr, script):
    """Run the ``migrate`` of an upgrade script."""
    load(script).migrate(cr, "19.0.1.0.0")


@tagged("post_install", "-at_install")
class TestUpgrade(VoipRatingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        euro = cls.env.ref("base.EUR")
        euro.active = True
        cls.env["res.currency.rate"].create(
            {"currency_id": euro.id, "name": "2020-01-01", "rate": 0.8}
        )
        rates = [
            {"prefix": "44", "price_per_minute": "0.01", "connect_fee": "0.002"},
            {"prefix": "1", "price_per_minute": "0.02", "price_intra": "0.03"},
        ]
        costs = [{"prefix": "44", "price_per_minute": "0.008"}, {"prefix": "1"}]
        decks = [
            cls._create_deck(rates=rates),
            cls._create_deck(rates=rates, currency_id=euro.id),
        ]
        cls.trunks = [
            cls._create_trunk(cls._create_account(deck_id=deck.id)).code
            for deck in decks
        ]
        supplier = cls._create_deck(side="supplier", rates=costs, currency_id=euro.id)
        cls.supplier = cls._create_supplier_trunk(supplier).code
        cls.switch = cls._create_switch()

    def _records(self, name):
        day = f"{self.env.cr.now():%Y-%m-}01T00:00:00Z"
        base = {"called": "442071234567", "start": day, "duration": "61"}
        base["answered"] = True
        different = (
            {},
            {"trunk": self.trunks[1], "caller": "anonymous"},
            {"supplier_trunk": self.supplier, "caller": "+49 30 123456"},
            {"direction": "inbound", "leg": "b"},
            {"called": "12125550100", "jurisdiction": "intra"},
            {"answered": False, "duration": "0", "sip_code": 486},
            {"answered": False, "called": "7712345", "supplier_trunk": self.supplier},
            {"supplier_trunk": self.supplier, "trunk": self.trunks[1]},
        )
        return [
            {"trunk": self.trunks[0], **base, **values, "call_id": f"{name}-{number}"}
            for number, values in enumerate(different)
        ]

    def _ingest(self, name):
        return self.env["voip.cdr"].ingest(
            switch=self.switch.code, records=self._records(name), rate_now=True
        )

    def _rows(self):
        self.env.invalidate_all()
        rows = []
        for view in ("voip_usage", "voip_cdr"):
            self.env.cr.execute(f"SELECT * FROM {view} ORDER BY id")
            rows.append(self.env.cr.dictfetchall())
        return rows

    def test_every_row_reads_as_before_and_known_calls_stay_known(self):
        self.assertEqual(self._ingest("kept")["rated"], 8)
        undone = self.env["voip.cdr.batch"].browse(self._ingest("undone")["batch"])
        undone.action_undo()
        before = self._rows()
        self.assertEqual((len(before[0]), len(before[1])), (24, 16))
        self.env.cr.execute(BEFORE_SQL)
        for script in SCRIPTS:
            run(self.env.cr, script)
        # The upgrade makes the index again.
        self.env["voip.usage.summary"].init()
        self.assertEqual(self._rows(), before)
        for full in (False, True):
            results = self.env["voip.check"].sudo().run(full=full)
            self.assertEqual([r for r in results if r["violations"]], [])
        undone = self.env["voip.cdr"].search([("call_id", "=", "undone-0")])
        self.assertEqual(len(undone), 1)
        again = self._ingest("kept")
        self.assertEqual((again["accepted"], again["duplicates"]), (0, 8))
        again = self._ingest("undone")
        self.assertEqual((again["accepted"], again["duplicates"]), (8, 0))

    def test_an_upgrade_that_would_change_a_figure_stops(self):
        self._ingest("kept")
        self.env.cr.execute(BEFORE_SQL)
        self.env.cr.execute(
            "UPDATE voip_usage_row_v1 SET prefix = NULL WHERE source_ref = 'kept-0'"
        )
        run(self.env.cr, SCRIPTS[0])
        with self.assertRaisesRegex(RuntimeError, "rated usage: 1 differ"):
            run(self.env.cr, SCRIPTS[1])

    def test_keys_without_a_switch_get_the_one_of_their_record(self):
        self._ingest("kept")
        keys = "SELECT * FROM voip_cdr_key ORDER BY key"
        self.env.cr.execute(keys)
        before = self.env.cr.fetchall()
        self.env.cr.execute("ALTER TABLE voip_cdr_key DROP switch_id")
        run(self.env.cr, "voip_rating/migrations/19.0.2.1.0/pre-keys.py")
        self.env.cr.execute(keys)
        self.assertEqual(self.env.cr.fetchall(), before)
        again = self._ingest("kept")
        self.assertEqual((again["accepted"], again["duplicates"]), (0, 8))
