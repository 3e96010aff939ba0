"""Stock and utilisation."""

import json

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

    @freeze_time("2026-04-05 12:00:00")
    def test_the_overview_has_stock_rental_and_margin_of_each_country(self):
        supplier = self.env["res.partner"].create({"name": "Carrier"})
        values = {"supplier_id": supplier.id, "cost_monthly": 0.5}
        dids = [
            self._did(f"493055500{n}", held_from="2026-04-01", **values)
            for n in range(3)
        ]
        self._did("33123456789", country_id=self.env.ref("base.fr").id)
        self._assign(dids[0], "2026-04-01", plan=self._plan("p", 3.0))
        self._charge()
        self.env["voip.did.cost"]._accrue(self.env.company.id)
        cards = self.env["voip.did.overview"].search([])
        card = cards.filtered(lambda one: one.country_id == self.germany)
        self.assertEqual(
            (card.held, card.used, card.free, card.utilisation), (3, 1, 2, 33)
        )
        self.assertEqual((card.revenue, card.cost, card.margin), (3.0, 1.5, 1.5))
        bars = json.loads(card.graph)[0]["values"]
        self.assertEqual([bar["value"] for bar in bars], [0, 0, 0, 0, 0, 1.5])
        other = cards - card
        self.assertEqual((other.held, other.margin), (1, 0))
        action = card.action_view_dids()
        self.assertEqual(self.env["voip.did"].search_count(action["domain"]), 3)

    @freeze_time("2026-04-05 12:00:00")
    def test_the_overview_has_rental_of_other_currencies_in_the_companys(self):
        foreign = self.setup_other_currency("EUR", rates=[("2026-01-01", 2.0)])
        account = self._create_account(code="numbers-eur", currency_id=foreign.id)
        plan = self._plan("eur", 3.0, currency_id=foreign.id)
        self._assign(self._did(), "2026-04-01", account=account, plan=plan)
        self._charge(account)
        card = self.env["voip.did.overview"].search([])
        self.assertEqual((card.revenue, card.margin), (1.5, 1.5))
