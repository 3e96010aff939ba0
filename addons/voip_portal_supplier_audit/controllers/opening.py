"""The customer disputes calls that he marked, or an invoice or lines of it."""

from odoo.exceptions import UserError
from odoo.http import Controller, request, route

from odoo.addons.voip_portal.controllers.common import PAGE, Chosen, wrong
from odoo.addons.voip_portal.controllers.figures import family
from odoo.addons.voip_portal.marks import mark

from .shared import accounts, invoices, kept_files, said

SHOWN = 60
LINES = 200
MOST_CALLS = 100
REASON = 200


class VoipDisputeOpening(Controller):
    @route("/my/voip/disputes/new", methods=["GET", "POST"], **PAGE)
    def new(self, account="", invoice="", **form):
        """A form: which invoice, which lines or calls, why; sent, the dispute is open.

        :param invoice: its number
        """
        chosen = Chosen(account)
        values = chosen.values("disputes", form=form, move=None)
        try:
            values.update(_asked(chosen, invoice))
            if request.httprequest.method == "POST":
                chosen.refuse_without("pay")
                with request.env.cr.savepoint():
                    dispute = _opened(chosen, values, form)
                query = f"account={chosen.code}&dispute={mark(dispute)}&done=1"
                return request.redirect(f"/my/voip/disputes/one?{query}")
        except UserError as error:
            values = wrong(values, error)
        return request.render("voip_portal_supplier_audit.new", values)


def _asked(chosen, name):
    """What the page is about: ``move`` with its lines, or with the marked calls.

    :raises NotFound: he has no invoice of this name
    :raises UserError: the calls are not of one invoice of his
    """
    moves = chosen.env["account.move"].sudo()
    calls = _marked(chosen)
    found = {"calls": calls, "lines": (), "chosen_lines": _numbers("line")}
    if calls:
        return {**found, "move": _move_of_calls(chosen, calls)}
    if not name:
        order = "invoice_date desc, id desc"
        mine = moves.search(invoices(chosen), limit=SHOWN, order=order)
        return {**found, "move": None, "moves": mine}
    move = moves.search([*invoices(chosen), ("name", "=", name)], limit=1)
    if not move:
        raise request.not_found()
    return {**found, "move": move, "lines": _lines(move)[:LINES]}


def _lines(move):
    return move.invoice_line_ids.filtered(lambda one: one.display_type == "product")


def _marked(chosen):
    """Calls that the page or the form names."""
    sent = request.httprequest.values.getlist("call")[:MOST_CALLS]
    usage = chosen.env["voip.usage"]
    return usage._portal_marked(family(chosen.account), sent)


def _numbers(name):
    """Places, from 1, that are ticked."""
    sent = request.httprequest.values.getlist(name)[:LINES]
    return {int(text) for text in sent if text.isascii() and text.isdigit()}


def _move_of_calls(chosen, calls):
    moves = calls.sudo().summary_id.move_id
    mine = moves.filtered_domain(invoices(chosen)) if moves else moves
    if len(moves) != 1 or not all(call.summary_id.move_id for call in calls.sudo()):
        raise UserError(
            chosen.env._(
                "Choose calls of one invoice. Calls of the running month are disputed"
                " once they are invoiced."
            )
        )
    if mine.voip_account_id not in accounts(chosen):
        raise UserError(chosen.env._("These calls are on no invoice of yours."))
    return mine


def _opened(chosen, values, form):
    """Open the dispute of what was chosen.

    :raises UserError: naming what is wrong
    """
    env, move = chosen.env, values["move"]
    reason = (form.get("reason") or "").replace("\0", "").strip()
    if not move:
        raise UserError(env._("Choose an invoice."))
    if not reason or len(reason) > REASON:
        raise UserError(
            env._("Say in %s characters at most what is wrong.", REASON)
        )
    terms = {"reason": reason, **_scope(env, values)}
    text, files = said(chosen, form.get("text")), kept_files(chosen)
    return env["voip.dispute"].sudo()._portal_open(move, terms, text, files)


def _scope(env, values):
    """Which part of the invoice it is about."""
    if values["calls"]:
        return {"scope": "calls", "usage_ids": values["calls"].ids}
    places = values["chosen_lines"]
    lines = [line for at, line in enumerate(values["lines"], 1) if at in places]
    if request.httprequest.form.get("whole"):
        return {"scope": "whole"}
    if not lines:
        raise UserError(env._("Choose lines, or the whole invoice."))
    return {"scope": "lines", "line_ids": [(6, 0, [line.id for line in lines])]}
