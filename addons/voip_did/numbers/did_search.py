"""The door to look for numbers: ``voip.did.search`` without a domain."""

import logging
from decimal import Decimal

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..plans.voip_did_price import FEES, MONTHLY, ONCE
from .digits import counted, paged
from .voip_did import KINDS
from .words import BadNumberRow
from .words import pattern as like

_logger = logging.getLogger(__name__)
PAGE = 100
MOST = 1_000
FARTHEST = 10**9


class VoipDid(models.Model):
    _inherit = "voip.did"

    number_pattern = fields.Char(
        string="Digits",
        store=False,
        search="_search_number_pattern",
        help="Digits anywhere; with * for any and ? for one: *4455 ends so.",
    )

    @api.model
    def _search_number_pattern(self, operator, value):
        """As the door looks for numbers: what is no number finds none."""
        if operator != "ilike" or not isinstance(value, str):
            return NotImplemented
        try:
            return [("number", "=like", like(value))]
        except BadNumberRow:
            return [("id", "in", [])]

    @api.model
    def _search_display_name(self, operator, value):
        """A number is found as it is shown, too: with + and separators."""
        found = super()._search_display_name(operator, value)
        if operator != "ilike":
            return found
        return Domain.OR([found, [("number_pattern", operator, value)]])

    def init(self):
        """Find digits anywhere by an index, where PostgreSQL has the extension.

        Odoo looks for the extension before this module may ask for it.
        """
        try:
            with self.env.cr.savepoint(flush=False):
                self.env.cr.execute(DIGITS_SQL, log_exceptions=False)
        except psycopg2.Error as error:
            _logger.info("Digits of numbers are searched without an index: %s", error)

    @api.model
    @api.readonly
    def search(
        self,
        domain=None,
        offset=0,
        limit=None,
        order=None,
        country=None,
        kind=None,
        pattern=None,
    ):
        """Numbers that can be had, or with a domain Odoo's own search.

        See :meth:`_offer` for arguments and answer.

        :raises AccessError: for who is neither staff nor has the scope of numbers
        """
        if domain is not None:
            return super().search(domain, offset=offset, limit=limit, order=order)
        self._check_scope("read")
        return self._offer(
            country, kind, pattern, PAGE if limit is None else limit, offset
        )

    @api.model
    def _offer(self, country=None, kind=None, pattern=None, limit=PAGE, offset=0):
        """Numbers that can be had, with their price by the default plan.

        :param str country: two letters
        :param str pattern: digits; ``*`` stands for any, ``?`` for one
        :return: ``{count, numbers: [{number, kind, country, area, state, setup,
            monthly, currency}]}``
        :raises UserError: for arguments that make no sense
        """
        domain = self._offer_domain(country, kind)
        text = self._offer_digits(pattern)
        limit, offset = self._page(limit, offset)
        company, dids = self.env.company, self.sudo()
        count = dids.search_count([*domain, *counted(text)])
        domain += paged(text, count)
        dids = dids.search(domain, limit=limit, offset=offset, order="number")
        plan = self.env["voip.did.plan"].with_company(company).sudo()._default_plan()
        prices = {}
        for did in dids:
            key = did.kind, did.country_id
            if key not in prices:
                prices[key] = did._prices(plan)
        numbers = [
            did._offered(plan, prices[did.kind, did.country_id]) for did in dids
        ]
        return {"count": count, "numbers": numbers}

    @api.model
    def _offer_domain(self, country, kind):
        domain = [("company_id", "=", self.env.company.id), ("state", "=", "free")]
        if country:
            found = self.env["res.country"].sudo().search([("code", "=", str(country))])
            if not found:
                raise UserError(self.env._("country: %s is not known.", repr(country)))
            domain.append(("country_id", "=", found.id))
        if kind:
            if not isinstance(kind, str) or kind not in dict(KINDS):
                words = ", ".join(dict(KINDS))
                raise UserError(self.env._("kind: it is one of %s.", words))
            domain.append(("kind", "=", kind))
        return domain

    @api.model
    def _offer_digits(self, pattern):
        """What LIKE reads, or nothing."""
        if not pattern:
            return ""
        if not isinstance(pattern, str):
            raise UserError(self.env._("pattern must be a text."))
        try:
            return like(pattern)
        except BadNumberRow as error:
            raise UserError(str(error)) from error

    @api.model
    def _page(self, limit, offset):
        if type(limit) is not int or not 1 <= limit <= MOST:
            raise UserError(self.env._("limit is a whole number from 1 to %s.", MOST))
        if type(offset) is not int or not 0 <= offset <= FARTHEST:
            raise UserError(
                self.env._("offset is a whole number from 0 to %s.", FARTHEST)
            )
        return limit, offset

    def _offered(self, plan, prices):
        setup, monthly = prices
        return {
            "number": self.number,
            "kind": self.kind,
            "country": self.country_id.code or None,
            "area": self.area or None,
            "state": self.state,
            "setup": setup,
            "monthly": monthly,
            "currency": plan.currency_id.name or None,
        }

    def _prices(self, plan):
        """Texts of the prices of today; None where the plan has none."""
        return tuple(self._price_today(plan, fee) for fee in ("setup", "monthly"))

    def _price_today(self, plan, fee, account=None, count=1):
        """The price as text, of the tier of ``count`` numbers; None: there is none."""
        if not plan:
            return None
        own = account.id if account else False
        line = plan._timeline(fee, self.kind, self.country_id.id, own, count)
        today = self.env["voip.did.plan"]._today()
        begun = [price for day, price in line if day <= today]
        return f"{begun[-1]:.8f}".rstrip("0").rstrip(".") if begun else None

    def _month_today(self, plan, account, count):
        """All that the number costs a month at the account, or None, as text."""
        fees = [fee for fee, _word in FEES if fee not in ONCE]
        prices = {f: self._price_today(plan, f, account, count) for f in fees}
        known = {f: Decimal(price) for f, price in prices.items() if price}
        if MONTHLY not in known:
            return None
        pieces = {"channel": self.channels}
        month = sum(price * pieces.get(fee, 1) for fee, price in known.items())
        return f"{month.normalize():f}"


DIGITS_SQL = """
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE INDEX IF NOT EXISTS voip_did_digits ON voip_did USING gin (number gin_trgm_ops);
"""
