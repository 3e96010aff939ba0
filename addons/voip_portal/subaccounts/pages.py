"""A reseller's sub-accounts: made, named, limited, suspended and closed by himself."""

import re
from decimal import Decimal

from odoo.exceptions import UserError
from odoo.http import Controller, request, route

from ..controllers.common import PAGE, Chosen, words, wrong
from ..controllers.figures import sums

LONGEST = 100
CODE = re.compile(r"[A-Za-z0-9._-]{1,64}")
STATES = {"suspend": "suspended", "resume": "active", "close": "closed"}


class VoipSubAccounts(Controller):
    @route("/my/voip/subaccounts", methods=["GET", "POST"], **PAGE)
    def sub_accounts(self, account="", done="", **form):
        """All of them with state and usage of this month; makes another one."""
        chosen = reseller(account)
        if request.httprequest.method == "GET":
            return self._list(chosen, done=done)
        try:
            chosen.refuse_without("contacts")
            with request.env.cr.savepoint():
                _make(chosen, form)
        except UserError as error:
            return self._list(chosen, error, form)
        query = f"account={chosen.code}&done=made"
        return request.redirect(f"/my/voip/subaccounts?{query}")

    @route("/my/voip/subaccount", methods=["GET", "POST"], **PAGE)
    def sub_account(self, account="", sub="", done="", **form):
        """One of them.

        :param sub: its code
        """
        chosen = reseller(account)
        one = seen(chosen).filtered(lambda found: found.code == sub)
        if not one:
            raise request.not_found()
        if request.httprequest.method == "GET":
            return self._one(chosen, one, done=done)
        try:
            chosen.refuse_without("contacts")
            with request.env.cr.savepoint():
                _change(chosen, one, form)
        except UserError as error:
            one.invalidate_recordset()
            return self._one(chosen, one, error, form)
        query = f"account={chosen.code}&sub={one.code}&done=1"
        return request.redirect(f"/my/voip/subaccount?{query}")

    def _list(self, chosen, error=None, form=None, done=""):
        account = chosen.account
        values = chosen.values(
            "subaccounts",
            subs=seen(chosen),
            used=_used(chosen, seen(chosen)),
            places=account._places_left(),
            states=words(chosen.env, account._name, "state"),
            most=account.sudo().sub_month_limit_most,
            form=form or {"code": account._free_sub_code()},
            done=done,
        )
        if error:
            values = wrong(values, error)
        return request.render("voip_portal.subaccounts", values)

    def _one(self, chosen, one, error=None, form=None, done=""):
        keys = {account: key for key, account in chosen.codes.items()}
        typed = {"name": one.name, "limit": _typed(one.month_limit)}
        values = chosen.values(
            "subaccounts",
            sub=one,
            key=keys.get(one.sudo(False), ""),
            used=_used(chosen, one),
            states=words(chosen.env, one._name, "state"),
            most=chosen.account.sudo().sub_month_limit_most,
            form={**typed, **(form or {})},
            done=done,
        )
        if error:
            values = wrong(values, error)
        return request.render("voip_portal.subaccount", values)


def reseller(code):
    """:raises NotFound: the account has no sub-accounts of its making, and may not"""
    chosen = Chosen(code)
    account = chosen.account.sudo()
    if not account.sub_account_limit and not account._managed():
        raise request.not_found()
    return chosen


def seen(chosen):
    """Those that who asks sees: an owner all, others what they have a right for."""
    managed = chosen.account._managed()
    if chosen.may("contacts"):
        return managed
    mine = {account.id for account in chosen.codes.values()}
    return managed.filtered(lambda account: account.id in mine)


def _used(chosen, subs):
    """{id: usage of this month with taxes, Decimal}."""
    today = chosen.today()
    rows = sums(chosen.env, subs, today.replace(day=1), today, "account")
    return {row["account"]: row["amount"] for row in rows}


def _typed(amount):
    return f"{amount:.2f}" if amount else ""


def typed_name(env, form):
    """:raises UserError: it is none"""
    name = " ".join((form.get("name") or "").replace("\0", " ").split())
    if not name or len(name) > LONGEST:
        raise UserError(env._("Give a name of %s characters at most.", LONGEST))
    return name


def _limit(chosen, form):
    """The limit that was typed; 0 where there is none."""
    if not (form.get("limit") or "").strip():
        return Decimal(0)
    return chosen.amount(form["limit"], chosen.env._("Limit of a month"))


def _make(chosen, form):
    env, account = chosen.env, chosen.account
    code = (form.get("code") or "").strip()
    begin = f"{account.code}-"
    if not CODE.fullmatch(code) or not code.startswith(begin) or code == begin:
        raise UserError(
            env._(
                "A code begins with %s and has letters, digits, dots, dashes and"
                " underscores, 64 at most.",
                begin,
            )
        )
    name, limit = typed_name(env, form), _limit(chosen, form)
    account._make_sub_account(name, code, limit, env.user.partner_id)


def _change(chosen, one, form):
    """What a button of the page asks for.

    :raises NotFound: no button does
    """
    by, what = chosen.env.user.partner_id, form.get("do")
    if one.state == "closed":
        raise UserError(chosen.env._("This account is closed for good."))
    if what in STATES:
        chosen.account._switch_sub_account(one, STATES[what], by)
    elif what == "save":
        name, limit = typed_name(chosen.env, form), _limit(chosen, form)
        chosen.account._change_sub_account(one, name, limit, by)
    else:
        raise request.not_found()
