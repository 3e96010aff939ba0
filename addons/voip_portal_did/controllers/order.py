"""Free numbers, and the order of one: what it costs is shown first."""

from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.http import Controller, request, route

from odoo.addons.voip_did.plans.voip_did_price import ONCE
from odoo.addons.voip_portal.controllers.common import PAGE, Chosen, words, wrong

from ..models.voip_did import done, tried
from .shared import held, plain, priced

SHOWN = 50


class VoipNumberOrder(Controller):
    @route("/my/voip/numbers/free", methods=["GET"], **PAGE)
    def free(self, account="", country="", kind="", pattern="", **_others):
        """Free numbers that the account can order.

        :param country: two letters
        :param pattern: digits; ``*`` stands for any, ``?`` for one
        """
        chosen = Chosen(account)
        asked = {"country": country, "kind": kind, "pattern": pattern}
        values = chosen.values("numbers", rows=[], countries=[], kinds={}, **asked)
        if not chosen.account:
            return request.render("voip_portal_did.free", values)
        dids = chosen.env["voip.did"].sudo()
        values.update(
            kinds=words(chosen.env, "voip.did", "kind"),
            plan=dids._portal_plan(chosen.account),
            countries=_countries(chosen, dids),
        )
        try:
            domain = dids._portal_domain(chosen.account, country, kind, pattern[:40])
        except UserError as error:
            return request.render("voip_portal_did.free", wrong(values, error))
        found = dids.search(domain, limit=SHOWN + 1, order="number")
        values.update(
            rows=list(_priced(chosen, found[:SHOWN])), more=len(found) > SHOWN
        )
        return request.render("voip_portal_did.free", values)

    @route("/my/voip/numbers/order", methods=["GET", "POST"], **PAGE)
    def order(self, account="", number="", seen="", **_others):
        """What a number costs; sent as a form, the number is the account's.

        :param seen: the prices that the customer was shown
        """
        chosen = Chosen(account)
        dids = chosen.env["voip.did"].sudo()
        if request.httprequest.method == "POST" and _has(chosen, number):
            # Sent twice it is one order.
            return request.redirect(_mine(chosen))
        did = _orderable(chosen, dids, number)
        if not did:
            return _gone(chosen)
        prices = did._portal_prices(chosen.account)
        values = _terms(chosen, did, prices)
        if request.httprequest.method == "POST" and seen == values["seen"]:
            try:
                chosen.refuse_without("pay")
                done(did, lambda them: them._portal_order(chosen.account))
            except UserError as error:
                values = wrong(values, error)
            else:
                return request.redirect(_mine(chosen))
        elif request.httprequest.method == "POST":
            told = request.env._("The price has changed: please look at it again.")
            values["wrong"] = told
        values.update(_tried(chosen, did))
        return request.render("voip_portal_did.order", values)


def _countries(chosen, dids):
    """Countries of numbers that can be ordered, by name."""
    domain = dids._portal_domain(chosen.account)
    found = [country for (country,) in dids._read_group(domain, ["country_id"])]
    return sorted((one for one in found if one), key=lambda one: one.name)


def _priced(chosen, dids):
    """{number, …, setup, month} of free numbers."""
    plan = dids._portal_plan(chosen.account)
    prices = {}
    for did in dids:
        key = did.kind, did.country_id, did.channels
        if key not in prices:
            prices[key] = [
                priced(chosen, text, plan.currency_id)
                for text in did._portal_prices(chosen.account)
            ]
        setup, month = prices[key]
        yield {"did": did, "setup": setup, "month": month}


def _orderable(chosen, dids, number):
    """The number, or none: the account cannot order it."""
    if not (chosen.payer and plain(number)):
        return dids
    domain = dids._portal_domain(chosen.account) & Domain("number", "=", number)
    return dids.search(domain, limit=1)


def _has(chosen, number):
    if not plain(number):
        return False
    mine = [*held(chosen), ("did_id.number", "=", number)]
    return chosen.env["voip.did.assignment"].sudo().search_count(mine, limit=1)


def _mine(chosen):
    return f"/my/voip/numbers?account={chosen.code}&done=ordered"


def _gone(chosen):
    """A page without the number; alike for what never was and what is taken."""
    values = chosen.values("numbers", number="", did=None)
    told = chosen.env._("This number cannot be ordered: choose another one.")
    return request.render("voip_portal_did.order", {**values, "wrong": told})


def _terms(chosen, did, prices):
    plan = did._portal_plan(chosen.account)
    setup, month = (priced(chosen, text, plan.currency_id) for text in prices)
    return chosen.values(
        "numbers",
        did=did,
        plan=plan,
        setup=setup,
        month=month,
        seen="|".join(str(text) for text in prices),
        kinds=words(chosen.env, "voip.did", "kind"),
        problem="",
        charged=[],
    )


def _tried(chosen, did):
    """What the order would charge at once, or why it would not be taken."""
    fees = words(chosen.env, "voip.did.price", "fee")
    try:
        found = tried(
            did, lambda them: them._portal_order(chosen.account)._portal_charged()
        )
    except UserError as error:
        return {"problem": str(error)}
    return {
        "charged": [
            (fees[fee], fee not in ONCE and (first, last), chosen.money(amount))
            for fee, first, last, amount in found
        ]
    }
