"""Whatever happens to decks and mails, what a customer was sent is what he knows."""

import random
from contextlib import suppress
from datetime import timedelta
from itertools import product

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.voip_billing_base.tests.turns import in_turn

from .notice_common import NOW, NoticeCommon

CODES = ("1", "12", "33", "44", "447")
STEPS = 40
SEEDS = range(6)


class Picture:
    """What somebody knows who reads one notice after the other."""

    def __init__(self):
        self.steps = {}

    def learn(self, notice):
        for row in notice.row_ids:
            closed = row.status == "closed"
            key = row.prefix, row.starts
            self.steps[key] = None if closed else round(row.price, 8)

    def price(self, code, at):
        known = [
            (starts, price)
            for (prefix, starts), price in self.steps.items()
            if prefix == code and starts <= at
        ]
        return max(known)[1] if known else None


@tagged("post_install", "-at_install")
class TestNoticeSequence(NoticeCommon):
    def _price(self, code, at):
        """The price of the deck for this very code at a moment."""
        rates = self.env["voip.rate"].search(
            [
                ("deck_id", "=", self.deck.id),
                ("prefix", "=", code),
                ("effective_from", "<=", at),
                "|",
                ("effective_to", "=", False),
                ("effective_to", ">", at),
            ],
            order="effective_from desc",
            limit=1,
        )
        return round(rates.price_per_minute, 8) if rates else None

    def _change(self, chance, now):
        """Any change of the deck."""
        start = now + timedelta(days=chance.randint(0, 20))
        code = chance.choice(CODES)
        if chance.random() < 0.3:
            rates = self.deck.rate_ids.filtered(
                lambda r: r.prefix == code
                and r.effective_from < start
                and (not r.effective_to or r.effective_to > start)
            )
            rates[:1].write({"effective_to": start, "closing_reason": "Test"})
            return
        self.deck._load(
            [
                {
                    "prefix": code,
                    "price_per_minute": f"0.0{chance.randint(1, 9)}",
                    "effective_from": f"{start:%Y-%m-%d %H:%M:%S}",
                }
            ],
            mode=chance.choice(("partial", "partial", "full")),
            notice_reason="Test",
        )

    def _post(self, chance, picture):
        """Make a notice or let the mail of one succeed or fail."""
        notices = self.agreement.notice_ids
        queued = notices.filtered(lambda n: n.state == "queued")
        failed = notices.filtered(lambda n: n.state == "failed")
        if queued:
            if chance.random() < 0.5:
                self._sent(queued, "exception", failure_reason="Refused")
            else:
                self._sent(queued)
                picture.learn(queued)
        elif failed and chance.random() < 0.5:
            # Refused where the deck changed since it was made.
            with suppress(UserError), self.env.cr.savepoint():
                failed.action_resend()
        else:
            notice = self._notice()
            notice.reason = "Test"
            if chance.random() < 0.8:
                notice.action_approve()

    def _compare(self, picture, now, announced):
        """Now and later the picture is the deck as it was announced."""
        for code in CODES:
            for days in (0, 1, 5, 11, 30):
                at = now + timedelta(days=days)
                self.assertEqual(picture.price(code, at), announced(code, at))

    def test_the_sum_of_what_was_delivered_is_the_deck_as_announced(self):
        for seed, content in in_turn(product(SEEDS, ("changes", "full")), 5):
            with self.subTest(seed=seed, content=content):
                # Temporary tables hold locks until they are taken back.
                with self.env.cr.savepoint() as savepoint:
                    self._run(random.Random(seed), content)
                    savepoint.rollback()
                self.env.invalidate_all(flush=False)

    def _run(self, chance, content):
        self.deck = self._create_deck([{"prefix": code} for code in CODES[1:]])
        self.agreement = self._create_agreement(
            deck_ids=[(6, 0, self.deck.ids)], content=content
        )
        picture, now = Picture(), NOW
        for _step in range(STEPS):
            now += timedelta(hours=chance.choice((0, 1, 24, 100)))
            with freeze_time(now):
                # Refused is, for example, an end that another version would cut.
                with suppress(UserError), self.env.cr.savepoint():
                    self._change(chance, now)
                if chance.random() < 0.6:
                    self._post(chance, picture)
        self._settle(picture, now)

    def _settle(self, picture, now):
        """In the end everything is delivered, and nothing is left to say."""
        with freeze_time(now):
            queued = self.agreement.notice_ids.filtered(lambda n: n.state == "queued")
            if queued:
                self._sent(queued)
                picture.learn(queued)
            if notice := self._notice():
                notice.reason = "Test"
                notice.action_approve()
                self._sent(notice)
                picture.learn(notice)
            self._compare(picture, now, self._price)
            self.assertFalse(self._notice())
