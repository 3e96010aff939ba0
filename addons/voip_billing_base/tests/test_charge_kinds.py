"""Rentals, tokens and counted events are charged by the writer that charges calls."""

import json
from datetime import date, datetime, time

import numpy as np
from dateutil.relativedelta import relativedelta

from odoo.tests import tagged

from ..charge.transaction import ensure_partitions
from ..charge.values import day_number
from ..charge.writer import Charge, UsageWriter
from .common import VoipBillingCommon

ONE = 10**8
# (service, facets, label, units, unit price, amount)
KINDS = (
    ("DID-RENTAL", {"number": "442071234567"}, "Rental", 1, 2, 2),
    ("DID-RENTAL", {"number": "442071234568"}, "Rental", 1, 2, 2),
    ("AI-TOKENS", {"model": "large", "kind": "input"}, "large", 3 * 10**9, 1, 30),
    ("AI-TOKENS", {"model": "large", "kind": "output"}, "large", 7, 1, 5),
    ("SMS-OUT", {"event": "sms_outbound"}, "SMS", 12, 0, 0),
)


@tagged("post_install", "-at_install")
class TestChargeKinds(VoipBillingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account = cls._create_account(mode="postpaid", credit_limit=10**6)
        cls.day = date.today().replace(day=3) - relativedelta(months=1)
        ensure_partitions(cls.env, "voip_usage_row", [cls.day])
        cls.services = {}
        product = cls.env.ref("voip_billing_base.service_term_intl").product_id
        for code in {kind[0] for kind in KINDS}:
            cls.services[code] = cls.env["voip.service"].create(
                {
                    "name": code,
                    "code": f"T-{code}",
                    "unit": "unit",
                    "product_id": product.id,
                }
            )

    def _charge(self, kinds):
        """Charge one row of each kind; summary ids."""
        writer = UsageWriter(self.env, self.env.company, None, "kinds")
        summaries = writer.assign(self._charge_of(kinds)).tolist()
        self._write(summaries, kinds)
        writer.finish()
        return summaries

    def _charge_of(self, kinds):
        count, currency = len(kinds), self.account.currency_id.id

        def column(values):
            return np.array(values, np.int64)

        def same(value):
            return np.full(count, value, np.int64)

        amounts = column([kind[5] * ONE for kind in kinds])
        return Charge(
            account_id=same(self.account.id),
            payer_id=same(self.account.id),
            service_id=column([self.services[kind[0]].id for kind in kinds]),
            local_day=same(day_number(self.day)),
            unit_price=column([kind[4] * ONE for kind in kinds]),
            currency_id=same(currency),
            late=same(0),
            deck_currency_id=same(currency),
            destination_id=same(0),
            label=np.arange(count),
            labels=[kind[2] for kind in kinds],
            facet=np.arange(count),
            facets=[json.dumps(kind[1]) for kind in kinds],
            attempts=same(1),
            calls=same(1),
            units=column([kind[3] for kind in kinds]),
            seconds=same(0),
            amount=amounts,
            amount_company=amounts,
            cost=same(0),
        )

    def _write(self, summaries, kinds):
        for summary, kind in zip(summaries, kinds, strict=True):
            self.env.cr.execute(
                "INSERT INTO voip_usage_row (id, started_at, company_id, account_id,"
                " summary_id, units, source_ref, amount)"
                " VALUES (nextval('voip_usage_row_block_seq'),"
                " %s, %s, %s, %s, %s, %s, %s)",
                [
                    self.day,
                    self.env.company.id,
                    self.account.id,
                    summary,
                    kind[3],
                    f"event of {kind[2]}",
                    kind[5],
                ],
            )

    def test_each_kind_has_summaries_and_invoice_lines_of_its_own(self):
        first = self._charge(KINDS)
        self.assertEqual(len(set(first)), len(KINDS))
        self.assertEqual(self._charge(KINDS), first)
        self.assertEqual(self.account.wallet_id.unbilled, 78)
        self.assertWhole()
        usage = self.env["voip.usage"].search(
            [("summary_id", "in", first), ("started_at", ">=", self.day)]
        )
        self.assertEqual(len(usage), 2 * len(KINDS))
        self.assertEqual(max(usage.mapped("units")), 3 * 10**9)
        self.assertEqual(
            usage.filtered(lambda u: u.label == "SMS").mapped("units"), [12, 12]
        )
        self.assertEqual({False}, set(usage.mapped("direction")))
        run = self.env["voip.billing.run"].create(
            {
                "account_ids": self.account.ids,
                "cutoff": datetime.combine(self.day, time()) + relativedelta(months=1),
            }
        )
        run.action_run()
        lines = run.move_ids.invoice_line_ids
        self.assertEqual(
            {(line.name, line.price_subtotal) for line in lines},
            {
                ("DID-RENTAL: Rental, 442071234567", 4),
                ("DID-RENTAL: Rental, 442071234568", 4),
                ("AI-TOKENS: large, input, large", 60),
                ("AI-TOKENS: large, output, large", 10),
                ("SMS-OUT: SMS, sms_outbound", 0),
            },
        )
        self.assertWhole()
