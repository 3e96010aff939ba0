"""Rates of before get no first price and no fee; what was proved stays proved."""

from odoo.tests import tagged

from odoo.addons.voip_rating.checks.voip_witness import RATES

from .common import VoipRatingCommon
from .test_upgrade import load, run

SCRIPT = "voip_rating/migrations/19.0.3.3.0/pre-terms.py"
BEFORE_SQL = """
ALTER TABLE voip_rate DROP first_price CASCADE, DROP attempt_fee CASCADE
"""
WITNESS_SQL = """
INSERT INTO voip_witness_record (kind, record_id, version, day, mark)
SELECT '{kind}', r.id, '{version}', 'infinity', {mark} FROM voip_rate r
 WHERE r.id = %s
"""
REMOVED_SQL = """
INSERT INTO voip_rate_import_change (import_id, rate_id, kind, before)
SELECT %s, r.id, 'removed', to_jsonb(r) FROM voip_rate r WHERE r.id = %s
"""


@tagged("post_install", "-at_install")
class TestUpgradeTerms(VoipRatingCommon):
    def setUp(self):
        super().setUp()
        self.deck = self._create_deck([{"prefix": "44", "price_per_minute": "0.02"}])
        self.rate = self.deck.rate_ids
        self.env.flush_all()

    def _witness(self, records):
        self.env.cr.execute(
            WITNESS_SQL.format(
                kind=records.kind, version=records.version, mark=records.mark
            ),
            [self.rate.id],
        )

    def _violations(self):
        self.env.cr.execute(RATES.check_sql(None, full=True))
        return self.env.cr.fetchone()[0]

    def test_rates_of_before_are_charged_as_before(self):
        sheet = self.env["voip.rate.import"].create({"deck_id": self.deck.id})
        self.env.flush_all()
        self.env.cr.execute(BEFORE_SQL)
        self.env.cr.execute(REMOVED_SQL, [sheet.id, self.rate.id])
        for _again in range(2):
            run(self.env.cr, SCRIPT)
        self.env.cr.execute(
            """SELECT r.first_price, r.attempt_fee, c.before->>'first_price',
                      c.before->>'attempt_fee'
                 FROM voip_rate r JOIN voip_rate_import_change c ON c.rate_id = r.id
                WHERE r.id = %s""",
            [self.rate.id],
        )
        self.assertEqual(self.env.cr.fetchone(), (-1, 0, "-1", "0"))

    def test_what_was_witnessed_before_is_still_proved(self):
        self._witness(load(SCRIPT).WITNESSED)
        run(self.env.cr, SCRIPT)
        self.env.cr.execute(
            "SELECT version FROM voip_witness_record WHERE kind = 'rates'"
            " AND record_id = %s",
            [self.rate.id],
        )
        self.assertEqual(self.env.cr.fetchone()[0], RATES.version)
        before = self._violations()
        for column, value in (("first_price", "0.5"), ("attempt_fee", "0.5"),
                              ("price_per_minute", "0.03"), ("prefix", "'45'")):
            with self.subTest(column=column):
                savepoint = self.env.cr.savepoint(flush=False)
                self.env.cr.execute(
                    f"UPDATE voip_rate SET {column} = {value} WHERE id = %s",
                    [self.rate.id],
                )
                self.assertEqual(self._violations(), before + 1)
                savepoint.close(rollback=True)
