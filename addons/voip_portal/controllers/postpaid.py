"""The customer asks to pay afterwards, and sees what became of it."""

from contextlib import suppress

from psycopg2.errors import UniqueViolation

from odoo.exceptions import UserError
from odoo.http import Controller, request, route
from odoo.tools import mute_logger

from .common import PAGE, Chosen, words, wrong

LONGEST = 2000


class VoipPostpaid(Controller):
    @route("/my/voip/postpaid", methods=["GET", "POST"], **PAGE)
    def postpaid(self, account="", **form):
        """His requests, and a form while none waits."""
        chosen = Chosen(account)
        values = chosen.values("postpaid", form={}, **_shown(chosen))
        if request.httprequest.method == "GET" or not chosen.payer:
            return request.render("voip_portal.postpaid", values)
        try:
            # Sent twice it is one request, without a line in the server's log.
            with suppress(UniqueViolation), mute_logger("odoo.sql_db"):
                with request.env.cr.savepoint():
                    _ask(chosen, form)
        except UserError as error:
            values = wrong({**values, "form": form}, error)
            return request.render("voip_portal.postpaid", values)
        return request.redirect(f"/my/voip/postpaid?account={chosen.code}")


def _shown(chosen):
    requests = chosen.env["voip.postpaid.request"].sudo()
    found = requests.search([("account_id", "in", chosen.payer.ids)], limit=10)
    return {
        "requests": found,
        "waiting": any(one.state == "waiting" for one in found),
        "states": words(chosen.env, "voip.postpaid.request", "state"),
        "modes": words(chosen.env, "voip.postpaid.request", "mode"),
    }


def _ask(chosen, form):
    """Make the request in the customer's name: his account was checked.

    :raises UserError: naming what is wrong
    """
    env = chosen.env
    chosen.refuse_without("pay")
    limit = chosen.amount(form.get("limit"), env._("Credit limit"))
    reason = (form.get("reason") or "").strip()
    if not limit:
        raise UserError(env._("The credit limit is more than zero."))
    if not reason or len(reason) > LONGEST:
        raise UserError(env._("Say why, in %s characters at most.", LONGEST))
    env["voip.postpaid.request"].sudo().create(
        {
            "account_id": chosen.payer.id,
            "mode": "hybrid" if form.get("mode") == "hybrid" else "postpaid",
            "wanted_limit": float(limit),
            "reason": reason,
            "asked_by_id": env.uid,
        }
    )
    env.flush_all()
