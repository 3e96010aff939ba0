"""Spans of numbers against a search day by day."""

import random
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from odoo.tests import tagged

from odoo.addons.voip_rating.calls.parties.holders import Holders

from .common import NumbersCommon

ZONES = ("Asia/Tokyo", "America/New_York", "Europe/Berlin", "Pacific/Kiritimati")
NUMBERS = tuple(range(4930555000, 4930555012))


@tagged("post_install", "-at_install")
class TestHolders(NumbersCommon):
    def _history(self, chance, accounts):
        """Random assignments of each number; {number: [(first, last, account)]}."""
        today, known = date.today(), {}
        for number in NUMBERS:
            did, day = self._did(str(number)), today - timedelta(days=300)
            known[number] = []
            for _one in range(chance.randrange(5)):
                first = day + timedelta(days=chance.choice((0, 0, 1, 2, 15)))
                last = first + timedelta(days=chance.randrange(40))
                account = chance.choice(accounts)
                self._assign(did, first, last, account=account, plan=self.plan)
                known[number].append((first, last, account))
                day = last + timedelta(days=1)
        return known

    def _expected(self, spans, moment):
        """Who has it: by the days in his zone, the later one first; between two that
        follow each other the one before."""
        found = [
            account
            for first, last, account in spans
            if first <= moment.astimezone(ZoneInfo(account.tz)).date() <= last
        ]
        if found:
            return found[-1].id
        for (_f, last, before), (first, _l, after) in zip(
            spans, spans[1:], strict=False
        ):
            left = datetime.combine(last, time.max, ZoneInfo(before.tz))
            begin = datetime.combine(first, time.min, ZoneInfo(after.tz))
            if first == last + timedelta(days=1) and left < moment < begin:
                return before.id
        return 0

    def test_who_has_a_number_at_any_time(self):
        chance = random.Random(5)
        self.plan.quarantine_days = 0
        accounts = [
            self._create_account(code=f"zone-{place}", tz=zone)
            for place, zone in enumerate(ZONES)
        ]
        known = self._history(chance, accounts)
        now = datetime.now(ZoneInfo("UTC")).replace(minute=0, second=0, microsecond=0)
        calls = [
            (chance.choice(NUMBERS), now - timedelta(hours=chance.randrange(24 * 310)))
            for _n in range(4000)
        ]
        for number, spans in known.items():
            for first, last, account in spans:
                zone = ZoneInfo(account.tz)
                for day in (first, last + timedelta(days=1)):
                    edge = datetime.combine(day, time.min, zone)
                    calls += [(number, edge), (number, edge - timedelta(seconds=1))]
        numbers = np.array([number for number, _m in calls], np.int64)
        seconds = np.array([int(m.timestamp()) for _n, m in calls], np.int64)
        holders = Holders(self.env, self.env.company)
        for part in np.array_split(np.arange(len(calls)), 7):
            holders.meet(numbers[part])
        places = holders.at(numbers, seconds)
        held = np.where(places < 0, 0, holders.column("account_id", places))
        expected = [self._expected(known[number], m) for number, m in calls]
        self.assertEqual(held.tolist(), expected)
        self.assertTrue(0 < (held == 0).sum() < len(calls))
        self.assertEqual(holders.known(np.array([1, NUMBERS[0]])).tolist(), [0, 1])
