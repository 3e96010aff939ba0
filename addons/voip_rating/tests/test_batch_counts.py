"""The figures of a batch add up, whatever becomes of its records."""

from odoo.tests import tagged

from .common import VoipRatingCommon


@tagged("post_install", "-at_install")
class TestBatchCounts(VoipRatingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        deck = cls._create_deck(rates=[{"prefix": "44", "price_per_minute": "0.6"}])
        cls.account = cls._create_account(deck_id=deck.id)
        cls.trunk = cls._create_trunk(cls.account)
        cls.switch = cls._create_switch()
        cls.day = cls.env.cr.now().date()

    def _record(self, call_id, **values):
        start = f"{self.day}T00:00:00Z"
        return {
            "call_id": call_id,
            "called": "442071234567",
            "start": start,
            "answer": start,
            "duration": "60",
            "trunk": self.trunk.code,
            **values,
        }

    def _batch(self):
        """Two rated, one free, one again, one conflict, two refused, two unpriced."""
        records = [
            self._record("rated"),
            self._record("other"),
            self._record("free", answer="", duration="0"),
            self._record("rated"),
            self._record("rated", duration="61"),
            self._record("", called="44"),
            self._record("refused", duration="-1"),
            self._record("no-trunk", trunk="none-such"),
            self._record("no-rate", called="33123456789"),
        ]
        answer = self.env["voip.cdr"].ingest(self.switch.code, records)
        return self.env["voip.cdr.batch"].browse(answer["batch"])

    def assertAdds(self, batch, **counts):
        self.env.invalidate_all()
        self.assertRecordValues(batch, [{"received": 9, "duplicates": 1, **counts}])
        parts = ("rated", "zero_rated", "in_error", "dismissed", "duplicates")
        known = sum(batch[name] for name in parts)
        self.assertEqual(batch.received, known + batch.unrated)

    def test_received_is_the_sum_of_what_became_of_the_records(self):
        batch = self._batch()
        self.assertAdds(batch, unrated=5, in_error=3, dismissed=0, rated=0)
        self.assertEqual((batch.refused, batch.conflicts), (2, 1))
        batch._work()
        self.assertAdds(
            batch, unrated=0, in_error=5, dismissed=0, rated=2, zero_rated=1
        )
        errors = {error.call_id: error for error in batch.error_ids}
        errors["no-trunk"].fix_trunk = self.trunk.code
        errors["refused"].fix = '{"duration": "5"}'
        (errors["no-trunk"] | errors["refused"]).action_rate_again()
        self.assertAdds(batch, unrated=0, in_error=3, dismissed=0, rated=4)
        errors["no-rate"].note = "a test call"
        errors["no-rate"].action_dismiss()
        self.assertAdds(batch, unrated=0, in_error=2, dismissed=1, rated=4)
        batch.action_undo()
        self.assertAdds(batch, unrated=0, in_error=0, dismissed=3, rated=4)
        self.assertWhole()

    def test_lines_are_received_and_skipped(self):
        names = "call_id,called,start,answered,duration,trunk"
        row = f"x,442071234567,{self.day}T00:00:00Z,true,47,{self.trunk.code}"
        batch = self.env["voip.cdr.batch"]._take_file(
            self.switch, f"{names}\n{row}\n\n,,,,,\n".encode(), "a.csv"
        )
        batch._rate_here()
        self.assertEqual((batch.lines, batch.received, batch.skipped), (3, 1, 2))
        self.assertFalse(batch.unrated)

    def test_a_call_says_in_which_zone_its_times_are_shown(self):
        batch = self._batch()
        call = self.env["voip.cdr"].search([("batch_id", "=", batch.id)], limit=1)
        self.assertEqual(call.with_context(tz="Asia/Tehran").zone, "Asia/Tehran")
