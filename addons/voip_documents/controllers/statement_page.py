"""The customer's page of his statement of account."""

from datetime import date, timedelta
from urllib.parse import urlencode

from dateutil.relativedelta import relativedelta
from werkzeug.exceptions import ServiceUnavailable

from odoo.exceptions import UserError
from odoo.fields import Date
from odoo.http import Controller, request, route

from odoo.addons.voip_billing_base.charge.retry import temporary_kind
from odoo.addons.voip_billing_base.downloads import file_answer

from ..statements.shown import shown
from ..statements.voip_account import FIRST

LONGEST = timedelta(days=366 * 5)


class VoipStatementPage(Controller):
    @route(
        "/my/statement",
        type="http",
        auth="user",
        methods=["GET"],
        website=True,
        sitemap=False,
    )
    def page(self, whose="", view="", date_from="", date_to="", **_others):
        """What happened to the customer's accounts between two days.

        :param whose: a choice of :func:`_choices`, the first one where it is empty
        :param view: ``ledger`` or ``wallet``, of one account
        """
        choices = _choices(request.env)
        if whose and whose not in choices:
            raise request.not_found()
        values = {"page_name": "voip_statement", "choices": choices, "wrong": ""}
        if choices:
            values.update(_asked(choices, whose, view, date_from, date_to))
        return request.render("voip_documents.portal_my_statement", values)

    @route(
        "/my/statement/file/<any(csv,xlsx,pdf):format>",
        type="http",
        auth="user",
        methods=["GET"],
        sitemap=False,
    )
    def file(self, format, whose="", view="", date_from="", date_to=""):  # noqa: A002
        """The statement as the customer's template makes it; it is not kept."""
        choice = _choices(request.env).get(whose)
        if not choice:
            raise request.not_found()
        try:
            days = _days(request.env, date_from, date_to)
            # The customer may read the account, not the template it is made with.
            subject = choice.subject(*days, view, request.env(su=True))
            documents = request.env["voip.document"].sudo()
            vals, content, _data = documents._file("statement", format, subject)
        except UserError as error:
            if temporary_kind(error):
                raise ServiceUnavailable(str(error), retry_after=60) from error
            raise request.not_found(str(error)) from error
        return file_answer(vals["name"], content, format)


class _Choice:
    """One account, or all that the customer has with a company."""

    def __init__(self, label, company, account=None):
        self.label, self.company, self.account = label, company, account

    def view(self, asked):
        if not self.account:
            return "ledger"
        if asked in ("ledger", "wallet"):
            return asked
        return "wallet" if self.account.mode == "prepaid" else "ledger"

    def statements(self, first, last, view):
        if self.account:
            return self.account._statement(first, last, self.view(view) == "wallet")
        customer = request.env.user.commercial_partner_id
        return customer._voip_statement(self.company, first, last)

    def subject(self, first, last, view, env):
        kind = env["voip.document.kind"]._of("statement")
        if self.account:
            account = self.account.with_env(env)
            return kind._of_account(account, first, last, self.view(view))
        customer = env.user.commercial_partner_id
        return kind._of_customer(customer, self.company.with_env(env), first, last)


def _choices(env):
    """{value: :class:`_Choice`}: the accounts that the customer pays, and all."""
    customer = env.user.commercial_partner_id
    accounts = env["voip.account"].with_context(active_test=False)
    mine_domain = [
        ("partner_id.commercial_partner_id", "=", customer.id),
        ("company_id", "in", env.companies.ids),
    ]
    mine = accounts.search(mine_domain, order="company_id, code")
    paid = mine.filtered(
        lambda account: (
            account.sudo().payer_id.partner_id.commercial_partner_id == customer
        )
    )
    # All together have those in them that name other contacts.
    hidden = (accounts.sudo().search(mine_domain) - mine).company_id
    found = {}
    for company, own in paid.grouped("company_id").items():
        several = len(paid.company_id) > 1
        mark, name = (f"-{company.id}", company.sudo().name) if several else ("", "")
        for account in own:
            label = " · ".join(filter(None, (account.display_name, name)))
            found[f"{account.code}{mark}"] = _Choice(label, company, account)
        if len(own) > 1 and company not in hidden:
            label = env._("All my accounts")
            label = " · ".join(filter(None, (label, name)))
            found[f"all{mark}"] = _Choice(label, company)
    return found


def _asked(choices, whose, view, date_from, date_to):
    """Values of the page for one choice and its days."""
    env = request.env
    value = whose or next(iter(choices))
    choice = choices[value]
    values = {
        "whose": value,
        "has_wallet": bool(choice.account),
        "view": choice.view(view),
        "date_from": date_from,
        "date_to": date_to,
        "labels": {},
        "statements": [],
    }
    try:
        first, last = _days(env, date_from, date_to)
        values.update(date_from=first.isoformat(), date_to=last.isoformat())
        found = choice.statements(first, last, view)
    except UserError as error:
        return {**values, "wrong": str(error), "query": ""}
    names = ("whose", "view", "date_from", "date_to")
    query = urlencode({name: values[name] for name in names})
    return {**values, **shown(env, found), "query": query}


def _days(env, date_from, date_to):
    """(first, last) day; without them from the first of last month until today.

    :raises UserError: a day that is none, or a range of no or too many days
    """
    today = Date.context_today(env.user)
    last = _day(env, date_to) or today
    # There is no month before the first one that dates know.
    first = _day(env, date_from) or max(last, FIRST) + relativedelta(day=1, months=-1)
    if first > last:
        raise UserError(env._("The last day lies before the first one."))
    if last - first > LONGEST:
        raise UserError(env._("Choose five years at most."))
    return first, last


def _day(env, text):
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise UserError(
            env._("%s is no day: write it as 2026-10-31.", text[:20])
        ) from error
