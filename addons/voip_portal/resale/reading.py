"""What the customer of a reseller reads: his sub-accounts, at resale prices alone.

He has no rights on records. Each page looks here whose account it is, and reads what
it shows by itself; nothing of the payer, of our prices or of others is at hand.
"""

from odoo.exceptions import UserError
from odoo.http import request

from ..controllers.common import Chosen, by_code
from .figures import figures, rounded


class Resold(Chosen):
    """The sub-accounts that are resold to who asks, and the one a page is about.

    :ivar prices: :class:`~.prices.Markups` of that one
    :ivar since: the first day that he sees
    """

    def __init__(self, code=""):
        """:raises NotFound: none of his has this code, or he has none"""
        self.env = request.env
        self.codes = resold_to(self.env)
        self.code = code or next(iter(self.codes), "")
        if self.code not in self.codes:
            raise request.not_found()
        self.account = self.codes[self.code]
        self.prices = self.account.resale_markup_ids._prices()
        first, given = self.prices.since(), self.account.resale_since
        if not (first and given):
            raise request.not_found()
        self.since = max(first, given)

    @property
    def payer(self):
        """None: its wallet is the reseller's."""
        return self.account.browse()

    def family(self):
        """The account alone: what lies below it was not sold to him."""
        return self.account

    def may(self, what):
        """Nothing but looking."""
        return False

    def days(self, date_from, date_to):
        """As the customer's own pages ask, from the first day that is his on.

        :raises UserError: as there, or all of the days lie before it
        """
        first, last = super().days(date_from, date_to)
        if last < self.since:
            raise UserError(
                self.env._("Your prices begin on %s: choose later days.", self.since)
            )
        return max(first, self.since), last

    def percent(self, service, day):
        """The mark-up of a service (id) on a day: never None from ``since`` on."""
        return self.prices.percent(service, max(day, self.since))

    def local_day(self, moment):
        """The day of the account's zone of a moment in UTC."""
        return self.local(moment).date()

    def money(self, amount):
        """An exact amount as the reader writes it: here it is rounded."""
        return super().money(rounded(amount, self.account.currency_id))

    def values(self, page, **more):
        """Values of the layout: his accounts, what they are called, and no more."""
        return {
            "page_name": "voip_resold",
            "voip_page": page,
            "codes": {code: account.name for code, account in self.codes.items()},
            "code": self.code,
            "account_name": self.account.name,
            "prices": self.env._(
                "Prices in %s, without taxes.", self.account.currency_id.name
            ),
            "tz": self.account.tz,
            "money": self.money,
            "exact": figures,
            "zone": self.env._("Days and times are those of %s.", self.account.tz),
            **more,
        }


def resold_to(env):
    """{code: account} of what is resold to the company of who asks; read as sudo.

    It has to be a sub-account that its parent manages, and the parent a reseller.
    """
    customer = env.user.commercial_partner_id
    return by_code(
        env["voip.account"].sudo(),
        [
            ("resale_partner_id", "=", customer.id),
            ("managed_by_parent", "=", True),
            ("parent_id.may_resell", "=", True),
        ],
    )
