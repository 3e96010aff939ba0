"""Usage invoices without calls of a switch."""

import random
from datetime import date, datetime, time

import numpy as np
from dateutil.relativedelta import relativedelta

from odoo.addons.voip_billing_base.charge.transaction import ensure_partitions
from odoo.addons.voip_billing_base.charge.values import day_number
from odoo.addons.voip_billing_base.charge.writer import Charge, UsageWriter
from odoo.addons.voip_billing_base.tests.common import VoipBillingCommon

ONE = 10**8


class UsageCommon(VoipBillingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.day = date.today().replace(day=3) - relativedelta(months=1)
        cls.service = cls.env.ref("voip_billing_base.service_term_intl")
        ensure_partitions(cls.env, "voip_usage_row", [cls.day])

    def _charge(self, account, rates):
        """Usage of many destinations whose amounts have eight decimals.

        :param rates: prices per minute in hundred millionths
        :return: ids of the summaries
        """
        writer = UsageWriter(self.env, self.env.company, None, "usage")
        summaries = writer.assign(self._charge_of(account, rates))
        writer.finish()
        return summaries.tolist()

    def _charge_of(self, account, rates):
        count, currency = len(rates), account.currency_id.id
        seconds = [random.Random(index).randrange(61, 10**6) for index in range(count)]
        pairs = zip(rates, seconds, strict=True)
        amounts = [rate * second // 60 for rate, second in pairs]

        def column(values):
            return np.array(values, np.int64)

        def same(value):
            return np.full(count, value, np.int64)

        return Charge(
            account_id=same(account.id),
            payer_id=same(account.id),
            service_id=same(self.service.id),
            local_day=same(day_number(self.day)),
            unit_price=column(rates),
            currency_id=same(currency),
            late=same(0),
            deck_currency_id=same(currency),
            destination_id=same(0),
            label=np.arange(count),
            labels=[f"Place {index} & more" for index in range(count)],
            facet=same(0),
            facets=['{"direction": "outbound"}'],
            attempts=same(9),
            calls=same(7),
            units=same(0),
            seconds=column(seconds),
            amount=column(amounts),
            amount_company=column(amounts),
            cost=same(0),
        )

    def _run(self, account):
        """The posted invoice of the month."""
        cutoff = datetime.combine(self.day, time()) + relativedelta(months=1)
        run = self.env["voip.billing.run"].create(
            {"account_ids": account.ids, "cutoff": cutoff}
        )
        run.action_run()
        return run.move_ids
