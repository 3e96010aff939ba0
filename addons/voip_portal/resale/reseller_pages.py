"""A reseller's mark-ups, his customers, and what he earns by each."""

import re
from datetime import date
from decimal import Decimal

from dateutil.relativedelta import relativedelta

from odoo.exceptions import UserError
from odoo.http import Controller, request, route

from odoo.addons.voip_billing_base.downloads import file_answer

from ..controllers.common import PAGE, wrong
from ..controllers.contacts import typed_mail
from ..subaccounts.pages import reseller, seen, typed_name
from .figures import resale_sums, rounded
from .files import month_csv
from .voip_resale_markup import LEAST, MOST

PERCENT = re.compile(r"-?[0-9]{1,4}(\.[0-9]{1,4})?")
MONTHS = 12


class VoipResale(Controller):
    @route("/my/voip/resale", methods=["GET"], **PAGE)
    def resale(self, account="", month="", **_others):
        """All sub-accounts in a month: our price, the reseller's, what is between.

        :param month: as 2026-10; this one where it is none
        """
        chosen = _reselling(account)
        first = _month(chosen, month)
        subs = seen(chosen)
        rows = resale_sums(chosen.env, subs, first, _end(first), "account")
        found = {row["account"]: _margin(chosen, row) for row in rows}
        values = chosen.values(
            "subaccounts",
            month=f"{first:%Y-%m}",
            rows=[(sub, found.get(sub.id)) for sub in subs],
            total=_total(chosen, rows),
        )
        return request.render("voip_portal.resale", values)

    @route("/my/voip/resale/sub", methods=["GET", "POST"], **PAGE)
    def sub(self, account="", sub="", done="", **form):
        """One of them: mark-ups, whose it is, its last months.

        :param sub: its code
        """
        chosen = _reselling(account)
        one = _one(chosen, sub)
        if request.httprequest.method == "GET":
            return self._page(chosen, one, done=done)
        try:
            chosen.refuse_without("contacts")
            with request.env.cr.savepoint():
                _change(chosen, one, form)
        except UserError as error:
            one.invalidate_recordset()
            return self._page(chosen, one, error, form)
        query = f"account={chosen.code}&sub={one.code}&done=1"
        return request.redirect(f"/my/voip/resale/sub?{query}")

    @route("/my/voip/resale/file", methods=["GET"], **PAGE)
    def file(self, account="", sub="", month="", **_others):
        """A month of a sub-account at the reseller's prices, to be sent: no other."""
        chosen = _reselling(account)
        one = _one(chosen, sub)
        first = _month(chosen, month)
        content = month_csv(chosen.env, one, first, _end(first))
        return file_answer(f"usage-{one.code}-{first:%Y-%m}.csv", content, "csv")

    def _page(self, chosen, one, error=None, form=None, done=""):
        today = one._resale_today()
        first = today.replace(day=1) - relativedelta(months=MONTHS - 1)
        rows = resale_sums(chosen.env, one, first, _end(today), "month")
        rows.sort(key=lambda row: row["month"], reverse=True)
        values = chosen.values(
            "subaccounts",
            sub=one,
            months=[(f"{row['month']:%Y-%m}", _margin(chosen, row)) for row in rows],
            markups=one.resale_markup_ids,
            services=_services(chosen, one),
            customer=one.resale_partner_id,
            given=chosen.env._(
                "%(customer)s sees this sub-account at your prices, from %(day)s on,"
                " and nothing of what you pay.",
                customer=one.resale_partner_id.name,
                day=one.resale_since,
            ),
            contacts=one._resale_contacts(),
            today=today,
            form={"day": today.isoformat(), **(form or {})},
            done=done,
        )
        if error:
            values = wrong(values, error)
        return request.render("voip_portal.resale_sub", values)


def _reselling(code):
    """:raises NotFound: the account does not resell"""
    chosen = reseller(code)
    if not chosen.account.sudo().may_resell:
        raise request.not_found()
    return chosen


def _one(chosen, code):
    """:raises NotFound: none of his sub-accounts has this code"""
    one = seen(chosen).filtered(lambda found: found.code == code)
    if not one:
        raise request.not_found()
    return one


def _month(chosen, text):
    """The first day of a month that is asked for; of this one where it is none."""
    try:
        first = date.fromisoformat(f"{text}-01")
    except ValueError:
        first = chosen.today().replace(day=1)
    return first if 1970 <= first.year <= 2200 else chosen.today().replace(day=1)


def _end(day):
    """The last day of its month."""
    return day + relativedelta(day=31)


def _margin(chosen, row):
    """Amounts of a row as the page shows them."""
    currency = chosen.account.sudo().currency_id
    return {
        "ours": chosen.money(rounded(row["ours"], currency)),
        "his": chosen.money(rounded(row["amount"], currency)),
        "margin": chosen.money(rounded(row["amount"] - row["ours"], currency)),
    }


def _total(chosen, rows):
    names = ("amount", "ours")
    return _margin(
        chosen, {name: sum((row[name] for row in rows), Decimal(0)) for name in names}
    )


def _services(chosen, one):
    """What the sub-account used or would use: what may have a mark-up of its own."""
    chosen.env.cr.execute(
        "SELECT DISTINCT service_id FROM voip_usage_summary WHERE account_id = %s",
        [one.id],
    )
    used = {service for (service,) in chosen.env.cr.fetchall()}
    used.update(one.effective_deck_id.service_id.ids)
    used.update(one.resale_markup_ids.service_id.ids)
    return chosen.env["voip.service"].sudo().browse(used).sorted("name")


def _change(chosen, one, form):
    """What a button of the page asks for.

    :raises NotFound: no button does
    """
    what, by = form.get("do"), chosen.env.user.partner_id
    if what == "mark":
        _mark(chosen, one, form)
    elif what == "withdraw":
        _withdraw(chosen, one, form)
    elif what == "give":
        chosen.account._resell_to(one, typed_name(chosen.env, form), by)
    elif what == "invite":
        name, mail = typed_name(chosen.env, form), typed_mail(chosen.env, form)
        chosen.account._invite_resale_contact(one, name, mail, by)
    elif what == "end":
        chosen.account._end_resale(one, by)
    else:
        raise request.not_found()


def _mark(chosen, one, form):
    services = _services(chosen, one)
    text = form.get("service") or ""
    service = services.filtered(lambda found: str(found.id) == text)
    if text and not service:
        raise UserError(chosen.env._("Choose one of the services."))
    day = chosen._day(form.get("day") or "")
    if not day:
        raise UserError(chosen.env._("Say from which day on."))
    percent = _percent(chosen.env, form.get("percent"))
    by = chosen.env.user.partner_id
    chosen.account._set_markup(one, service, percent, day, by)


def _percent(env, text):
    """A Decimal that was typed, with four decimals at most.

    :raises UserError: it is none, or out of bounds
    """
    lang = env["res.lang"]._get_data(code=env.lang or "en_US")
    cleaned = (text or "").strip().replace("−", "-").removesuffix("%").strip()
    if lang.decimal_point == ",":
        cleaned = cleaned.replace(",", ".")
    if not PERCENT.fullmatch(cleaned) or not LEAST <= Decimal(cleaned) <= MOST:
        raise UserError(
            env._("Write a mark-up from -50 to 1000 percent, with 4 decimals at most.")
        )
    return Decimal(cleaned)


def _withdraw(chosen, one, form):
    text = form.get("markup") or ""
    markup = one.resale_markup_ids.filtered(lambda found: str(found.id) == text)
    if not markup:
        raise request.not_found()
    chosen.account._withdraw_markup(markup, chosen.env.user.partner_id)
