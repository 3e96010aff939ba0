"""Numbers that come in from another carrier: state, days, and what to correct."""

from odoo.exceptions import UserError
from odoo.http import Controller, request, route

from odoo.addons.voip_did.porting.voip_did_port import OPEN
from odoo.addons.voip_portal.controllers.common import PAGE, Chosen, words, wrong

from ..models.voip_did_port import CORRECTED
from .shared import plain

SHOWN = 50
NUMBERS = 10


class VoipNumberPorts(Controller):
    @route("/my/voip/numbers/ports", methods=["GET"], **PAGE)
    def ports(self, account="", saved="", **_others):
        """Orders of porting in of the account, the last one first."""
        chosen = Chosen(account)
        values = chosen.values(
            "numbers",
            saved=saved,
            orders=_orders(chosen, limit=SHOWN),
            states=words(chosen.env, "voip.did.port", "state"),
            open_states=OPEN,
            numbers=NUMBERS,
        )
        return request.render("voip_portal_did.ports", values)

    @route("/my/voip/numbers/port", methods=["GET", "POST"], **PAGE)
    def correct(self, account="", number="", **form):
        """What is wrong with an open order, and a form to correct it.

        :param number: one that the order is about
        """
        chosen = Chosen(account)
        order = _open_order(chosen, number)
        kept = {name: order[name] or "" for name in CORRECTED}
        values = chosen.values("numbers", order=order, number=number, form=kept)
        if request.httprequest.method == "GET":
            return request.render("voip_portal_did.port", values)
        given = {name: (form.get(name) or "").strip() for name in CORRECTED}
        try:
            chosen.refuse_without("technical")
            with request.env.cr.savepoint():
                order._portal_correct(given, (form.get("note") or "").strip())
        except UserError as error:
            values = wrong({**values, "form": form}, error)
            return request.render("voip_portal_did.port", values)
        query = f"account={chosen.code}&saved=1"
        return request.redirect(f"/my/voip/numbers/ports?{query}")


def _open_order(chosen, number):
    """:raises NotFound: no open order of his is about the number"""
    asked = [("did_ids.number", "=", number), ("state", "in", OPEN)]
    found = plain(number) and _orders(chosen, asked, limit=1)
    if not found:
        raise request.not_found()
    return found


def _orders(chosen, domain=(), **more):
    mine = [("account_id", "in", chosen.account.ids), ("direction", "=", "in")]
    return chosen.env["voip.did.port"].sudo().search([*mine, *domain], **more)
