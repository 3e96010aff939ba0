"""A reseller with a sub-account that he resells, its calls and mark-ups."""

from datetime import datetime, time, timedelta
from decimal import Decimal

from odoo.tests import new_test_user
from odoo.tools import SQL

from ..resale.prices import Markups, marked, resold, resold_sql
from .test_calls_rates import CallsCommon

# Kathmandu: its midnight is no hour of UTC.
ZONE, OFFSET = "Asia/Kathmandu", timedelta(hours=5, minutes=45)


class ResaleCommon(CallsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account.write(
            {"sub_account_limit": 5, "may_resell": True, "tz": ZONE, "name": "CANARY"}
        )
        cls.sub = cls.account._make_sub_account("Shop", "auto-1-1", 0, cls.partner)
        cls.sub.tz = ZONE
        cls._create_trunk(cls.sub, code="sub-trunk")
        cls.rental = cls.env["voip.service"].create(
            {
                "name": "Rental",
                "code": "RESALE-RENTAL",
                "product_id": cls.service.product_id.id,
            }
        )
        cls.today = cls.sub._resale_today()

    @classmethod
    def _mark(cls, percent, day=None, service=None, sub=None):
        """A mark-up; what begins in the past was made then."""
        sub, day = sub or cls.sub, day or cls.today
        first = max(day, cls.today)
        service = service or cls.env["voip.service"]
        if first == day:
            return cls.account._set_markup(
                sub, service, Decimal(percent), day, cls.partner
            )
        cls.env.flush_all()
        cls.env.cr.execute(
            "INSERT INTO voip_resale_markup (account_id, company_id, service_id,"
            " percent, date_from) VALUES (%s, %s, %s, %s, %s) RETURNING id",
            [sub.id, sub.company_id.id, service.id or None, percent, day],
        )
        cls.env.invalidate_all()
        return cls.env["voip.resale.markup"].browse(cls.env.cr.fetchone()[0])

    def _resold_call(self, called, seconds, at, trunk="sub-trunk"):
        """:param at: naive UTC"""
        self.env["voip.cdr"].ingest(
            switch="own-switch",
            records=[
                {
                    "call_id": f"{called}-{at}",
                    "caller": "4930111",
                    "called": called,
                    "start": at.isoformat() + "Z",
                    "answered": True,
                    "duration": str(seconds),
                    "trunk": trunk,
                }
            ],
            rate_now=True,
        )
        self.env.flush_all()

    def _midnight(self, day):
        """When a day of the zone begins, naive UTC."""
        return datetime.combine(day, time.min) - OFFSET

    def _customer_of(self, sub=None, login="end", name="End GmbH"):
        """The reseller's own customer, and a contact of his who logs in."""
        sub = sub or self.sub
        self.account._resell_to(sub, name, self.partner)
        customer = sub.resale_partner_id
        user = new_test_user(
            self.env,
            login=f"portal_{login}",
            password=f"portal_{login}",
            groups="base.group_portal",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        user.partner_id.write({"parent_id": customer.id})
        # What he sees begins with the day that the test looks at.
        self.env.cr.execute(
            "UPDATE voip_account SET resale_since = %s WHERE id = %s",
            [self.today - timedelta(days=40), sub.id],
        )
        self.env.invalidate_all()
        return user

    def _summed(self, table, sub=None):
        """What all usage of the sub-account costs its customer, by SQL."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                "SELECT COALESCE(sum(%s), 0)::text FROM %s s %s"
                " WHERE s.account_id = %s",
                resold_sql(SQL("s.amount")),
                SQL.identifier(table),
                marked("s"),
                (sub or self.sub).id,
            )
        )
        return Decimal(rows[0][0])

    def _by_hand(self, sub=None):
        """The same by the Decimal twin, call by call."""
        sub = sub or self.sub
        prices = sub.resale_markup_ids._prices()
        self.assertIsInstance(prices, Markups)
        self.env.cr.execute(
            "SELECT service_id, local_day, amount::text FROM voip_usage"
            " WHERE account_id = %s AND started_at > now() - interval '50 days'",
            [sub.id],
        )
        total = Decimal(0)
        for service, day, amount in self.env.cr.fetchall():
            percent = prices.percent(service, day)
            if percent is not None:
                total += resold(Decimal(amount), percent)
        return total
