"""What every page of the customer needs: his accounts, the one he chose, its words."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytz

from odoo.exceptions import UserError
from odoo.http import request
from odoo.tools import formatLang

from .figures import family

LONGEST = timedelta(days=366)
PAGE = {"type": "http", "auth": "user", "website": True, "sitemap": False}


class Chosen:
    """The accounts of the customer who asks, and the one that the page is about.

    :ivar accounts: all of his, of the companies he may work with, by code
    :ivar account: the chosen one; empty where he has none
    """

    def __init__(self, code=""):
        """:raises NotFound: no account of his has this code"""
        self.env = request.env
        self.codes = _codes(self.env)
        if code and code not in self.codes:
            raise request.not_found()
        self.code = code or next(iter(self.codes), "")
        self.account = self.codes.get(self.code, self.env["voip.account"])

    @property
    def payer(self):
        """The account whose wallet pays: his own, else nothing is shown of it."""
        payer = self.account.sudo().payer_id
        mine = {account.id for account in self.codes.values()}
        return payer if payer.id in mine else payer.browse()

    def family(self):
        """The account and those of its sub-accounts that the reader may see."""
        return family(self.account)

    def may(self, what):
        """Whether who asks may ``pay`` from the wallet that pays, or change what is
        ``technical``, or who the ``contacts`` are, of the account."""
        account = self.payer if what == "pay" else self.account
        return bool(account) and account._portal_may(self.env.user.partner_id, what)

    def refuse_without(self, what):
        """:raises UserError: who asks may not change it"""
        if not self.may(what):
            raise UserError(self.env._("You may look at this, but not change it."))

    def values(self, page, **more):
        """Values that the layout of each page needs.

        :param page: its name, of the menu's entry that is marked
        """
        return {
            "page_name": "voip",
            "voip_page": page,
            "codes": self.codes,
            "code": self.code,
            "account": self.account,
            "payer": self.payer,
            "may": self.may,
            "money": self.money,
            "exact": exact,
            "zone": self.env._("Days and times are those of %s.", self.account.tz),
            **more,
        }

    def money(self, amount):
        """An amount in the account's currency, as the reader writes it."""
        currency = self.account.currency_id
        return formatLang(self.env, float(amount), currency_obj=currency)

    def today(self):
        """Today in the account's zone."""
        zone = pytz.timezone(self.account.tz or "UTC")
        now = pytz.utc.localize(self.env.cr.now())
        return now.astimezone(zone).date()

    def local(self, moment):
        """A moment in UTC as the account's wall clock shows it."""
        zone = pytz.timezone(self.account.tz or "UTC")
        return pytz.utc.localize(moment).astimezone(zone).replace(tzinfo=None)

    def midnight(self, day, days=0):
        """When a day of the account's zone begins, or one ``days`` later, in UTC."""
        zone = pytz.timezone(self.account.tz or "UTC")
        begin = datetime.combine(day + timedelta(days=days), time.min)
        return zone.localize(begin, is_dst=True).astimezone(pytz.utc).replace(
            tzinfo=None
        )

    def days(self, date_from, date_to):
        """(first, last) local day that a page asks for; the last 30 where it does not.

        :raises UserError: a day that is none, or a range of no or too many days
        """
        last = self._day(date_to) or self.today()
        first = self._day(date_from) or last - timedelta(days=29)
        if first > last:
            raise UserError(self.env._("The last day lies before the first one."))
        if last - first > LONGEST:
            raise UserError(self.env._("Choose a year at most."))
        return first, last

    def _day(self, text):
        try:
            day = date.fromisoformat(text) if text else None
        except ValueError as error:
            raise UserError(
                self.env._("%s is no day: write it as 2026-10-31.", text[:20])
            ) from error
        if day and not 1970 <= day.year <= 2200:
            raise UserError(self.env._("Choose a day between 1970 and 2200."))
        return day

    def amount(self, text, what):
        """A positive amount of money that was typed, exactly.

        :param what: how the page calls it
        :return: Decimal of the currency's decimals
        :raises UserError: it is none, or has more decimals than the currency
        """
        cleaned = (text or "").strip().replace(" ", "").replace("\xa0", "")
        lang = self.env["res.lang"]._get_data(code=self.env.lang or "en_US")
        thousands, point = lang.thousands_sep, lang.decimal_point
        if point and point != "." and point in cleaned:
            cleaned = cleaned.replace(thousands or "\0", "").replace(point, ".")
        if not _plain(cleaned):
            raise UserError(
                self.env._("%(what)s: write an amount as 25.00.", what=what)
            )
        value = Decimal(cleaned)
        places = self.account.currency_id.decimal_places
        if value != value.quantize(Decimal(1).scaleb(-places)):
            raise UserError(
                self.env._(
                    "%(what)s: %(currency)s has %(places)s decimals.",
                    what=what,
                    currency=self.account.currency_id.name,
                    places=places,
                )
            )
        return value


def _plain(text):
    whole, _dot, part = text.partition(".")
    digits = whole + part
    return (
        bool(whole)
        and digits.isascii()
        and digits.isdigit()
        and len(whole) <= 9
        and len(part) <= 4
    )


def _codes(env):
    """{code: account} of the customer; with the company where he has several."""
    customer = env.user.commercial_partner_id
    return by_code(env["voip.account"], [("partner_id", "child_of", customer.ids)])


def by_code(accounts, whose):
    """{code: account} of the reader's companies, but for closed ones of the past.

    :param whose: a domain that says whose they are
    """
    env = accounts.env
    mine = accounts.with_context(active_test=False).search(
        [
            *whose,
            ("company_id", "in", env.user.company_ids.ids),
            "|",
            ("active", "=", True),
            ("state", "!=", "closed"),
        ],
        order="company_id, code",
    )
    several = len(mine.company_id) > 1
    return {
        f"{account.code}-{account.company_id.id}" if several else account.code: account
        for account in mine
    }


def words(env, model, name):
    """{value: word} of a selection, in the reader's language."""
    return dict(env[model].sudo()._fields[name]._description_selection(env))


def exact(price):
    """A price without trailing zeros, four decimals at least."""
    whole, _dot, part = f"{price:.8f}".partition(".")
    return f"{whole}.{part.rstrip('0').ljust(4, '0')}"


def first_rows(env, rows, most):
    """{rows, more}: the first ones; what is said where the file alone has the rest."""
    rest = len(rows) - most
    told = env._("And %s more lines: the file has all of them.", rest)
    return {"rows": rows[:most], "more": rest > 0 and told}


def wrong(values, error):
    """Values of a page that tells what was wrong with what was asked."""
    return {**values, "wrong": str(error)}
