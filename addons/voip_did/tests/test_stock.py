"""Stock and utilisation."""

from freezegun import freeze_time

from odoo.tests import tagged

from .common import NumbersCommon


@tagged("post_install", "-at_install")
class TestStock(NumbersCommon):
    @freeze_time("2026-04-05 12:00:00")
    def test_what_is_held_used_and_idle(self):
        dids = [self._did(f"493055500{n}", cost_monthly=0.4) for n in range(4)]
        dids[3].returned_on = "2026-04-01"
        self._assign(dids[0], "2026-04-05")
        self.env["voip.did.port"].create({"did_ids": [(6, 0, dids[1].ids)]})
        self.env.flush_all()
        row = self.env["voip.did.stock"].search([("country_id", "=", self.germany.id)])
        self.assertEqual(
            (row.held, row.used, row.free, row.waiting, row.utilisation),
            (3, 1, 1, 1, 33.3),
        )
        self.assertEqual((row.cost, row.idle_cost), (1.2, 0.8))
