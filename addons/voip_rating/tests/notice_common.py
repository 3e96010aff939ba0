import base64
import csv
import io
from datetime import datetime

from freezegun import freeze_time

from odoo import fields

from ..notices.notice_mail import VoipRateNotice
from .common import VoipRatingCommon

# A Wednesday, before the time of any test's database.
NOW = datetime(2025, 12, 3, 12)


def moment(text):
    return fields.Datetime.to_datetime(text)


class NoticeCommon(VoipRatingCommon):
    """A customer with an agreement about a deck of two codes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time(NOW))
        # By Odoo's own queue of mails, whatever else delivers where it is installed.
        notices = cls.env.registry["voip.rate.notice"]
        cls.classPatch(notices, "_deliver", VoipRateNotice._deliver)
        cls.customer = cls.env["res.partner"].create(
            {"name": "Castor Telecom", "email": "rates@castor.example"}
        )
        cls.deck = cls._create_deck(
            [
                {"prefix": "44", "price_per_minute": "0.01", "destination": "UK"},
                {"prefix": "447", "price_per_minute": "0.05"},
            ]
        )
        cls.agreement = cls._create_agreement()

    @classmethod
    def _create_agreement(cls, **values):
        return cls.env["voip.rate.agreement"].create(
            {
                "partner_id": cls.customer.id,
                "deck_ids": [(6, 0, cls.deck.ids)],
                "days_new": 0,
                "days_increased": 7,
                "days_decreased": 0,
                "days_closed": 7,
                "tz": "UTC",
                **values,
            }
        )

    def _notice(self, agreement=None):
        return (agreement or self.agreement)._make_notices()

    def _sent(self, notice, state="sent", **values):
        """Odoo's queue of mails has worked on it."""
        notice.mail_id.write({"state": state, **values})
        return notice

    def _deliver(self, agreement=None):
        notice = self._notice(agreement)
        notice.action_approve()
        return self._sent(notice)

    def _load(self, *rows, deck=None, **options):
        """Load (code, price, start) into the deck."""
        return (deck or self.deck)._load(
            [
                {"prefix": code, "price_per_minute": price, "effective_from": start}
                for code, price, start in rows
            ],
            **options,
        )

    def _rows(self, notice, *names):
        names = names or ("prefix", "status", "old_price", "price", "starts")
        return [tuple(row[name] for name in names) for row in notice.row_ids]

    def _csv(self, notice):
        data = base64.b64decode(notice.with_context(bin_size=False).csv)
        return list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
