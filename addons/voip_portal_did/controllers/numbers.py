"""The customer's numbers: what each costs, since when, until when."""

from odoo.http import Controller, request, route

from odoo.addons.portal.controllers.portal import pager
from odoo.addons.voip_did.porting.voip_did_port import OPEN
from odoo.addons.voip_portal.controllers.common import PAGE, Chosen, words

from .shared import held, priced

ROWS = 50


class VoipNumbers(Controller):
    @route(
        ["/my/voip/numbers", "/my/voip/numbers/page/<int:page>"],
        methods=["GET"],
        **PAGE,
    )
    def numbers(self, page=1, account="", number="", done="", **_others):
        """Numbers of the account, by number.

        :param number: digits that are anywhere in it
        :param done: what the customer did before: ``ordered``, ``released``
        """
        chosen = Chosen(account)
        values = chosen.values("numbers", number=number, done=done, rows=[], pager=None)
        if chosen.account:
            values.update(_rows(chosen, page, number), **_more(chosen))
        return request.render("voip_portal_did.numbers", values)


def _more(chosen):
    ports = chosen.env["voip.did.port"].sudo()
    mine = [("account_id", "in", chosen.account.ids), ("direction", "=", "in")]
    return {
        "kinds": words(chosen.env, "voip.did", "kind"),
        "orders": bool(chosen.env["voip.did"].sudo()._portal_plan(chosen.account)),
        "ports": ports.search_count(mine, limit=1),
        "wrongs": ports.search_count(
            [*mine, ("to_correct", "!=", False), ("state", "in", OPEN)]
        ),
    }


def _rows(chosen, page, number):
    domain = held(chosen)
    if digits := "".join(filter(str.isdigit, number[:20])):
        domain = [*domain, ("did_id.number", "like", digits)]
    assignments = chosen.env["voip.did.assignment"].sudo()
    pages = pager(
        url="/my/voip/numbers",
        total=assignments.search_count(domain),
        page=page,
        step=ROWS,
        url_args={"account": chosen.code, "number": number},
    )
    found = assignments.search(
        domain, limit=ROWS, offset=pages["offset"], order="did_id, date_start, id"
    )
    return {"pager": pages, "rows": list(_told(chosen, found))}


def _told(chosen, assignments):
    """{number, kind, country, …} of each, with its rental of today."""
    prices, today = {}, chosen.today()
    tiers = _tiers(assignments)
    for one in assignments:
        did, plan = one.did_id, one.plan_id
        key = plan, did.kind, did.country_id, did.channels
        if key not in prices:
            month = did._month_today(plan, chosen.account.sudo(), tiers[plan])
            prices[key] = priced(chosen, month, plan.currency_id)
        yield {
            "number": did.number,
            "kind": did.kind,
            "country": did.country_id.name or "",
            "area": did.area or "",
            "start": one.date_start,
            "end": one.date_end,
            "month": prices[key],
            "state": _state(one, today),
            "held": one._portal_held(),
        }


def _tiers(assignments):
    """{plan: numbers that the account has by it}"""
    current = [
        ("account_id", "in", assignments.account_id.ids),
        *assignments._current_domain(),
    ]
    counts = dict(assignments._read_group(current, ["plan_id"], ["__count"]))
    return {plan: counts.get(plan, 1) for plan in assignments.plan_id}


def _state(one, today):
    if one.date_start > today:
        return "coming"
    if one.is_suspended:
        return "suspended"
    return "ending" if one.date_end else "active"
