"""What the customer disputes: the list, and each with its state and its words."""

from odoo.exceptions import UserError
from odoo.http import Controller, request, route

from odoo.addons.voip_portal.controllers.common import PAGE, Chosen, words, wrong
from odoo.addons.voip_portal.marks import mark, marked

from .shared import dispute_of, disputes, kept_files, said

SHOWN = 100
CALLS = 100


class VoipDisputes(Controller):
    @route("/my/voip/disputes", methods=["GET"], **PAGE)
    def disputes(self, account="", **_others):
        """His disputes, the last one first."""
        chosen = Chosen(account)
        values = chosen.values(
            "disputes",
            disputes=disputes(chosen)[:SHOWN],
            mark=mark,
            states=_states(chosen),
        )
        return request.render("voip_portal_supplier_audit.disputes", values)

    @route("/my/voip/disputes/one", methods=["GET", "POST"], **PAGE)
    def dispute(self, account="", dispute="", done="", **form):
        """One of them; a form adds words and files, or withdraws it."""
        chosen = Chosen(account)
        one = dispute_of(chosen, dispute)
        shown = _shown(chosen, one)
        values = chosen.values("disputes", done=done, key=dispute, **shown)
        if request.httprequest.method == "GET":
            return request.render("voip_portal_supplier_audit.dispute", values)
        try:
            chosen.refuse_without("pay")
            with request.env.cr.savepoint():
                _answered(chosen, one, form)
        except UserError as error:
            values = wrong(values, error)
            return request.render("voip_portal_supplier_audit.dispute", values)
        query = f"account={chosen.code}&dispute={dispute}&done=1"
        return request.redirect(f"/my/voip/disputes/one?{query}")

    @route("/my/voip/disputes/file", methods=["GET"], **PAGE)
    def file(self, account="", dispute="", file="", **_others):
        """A file of a dispute, to keep."""
        chosen = Chosen(account)
        one = dispute_of(chosen, dispute)
        found = marked(one._portal_files(), file) if file.isascii() else None
        if not found:
            raise request.not_found()
        stream = request.env["ir.binary"].sudo()._get_stream_from(found)
        return stream.get_response(as_attachment=True)


def _states(chosen):
    return words(chosen.env, "voip.dispute", "state")


def _shown(chosen, dispute):
    return {
        "dispute": dispute,
        "states": _states(chosen),
        "messages": dispute._portal_messages(),
        "files": dispute._portal_files(),
        "calls": dispute.call_ids[:CALLS],
        "lines": dispute._disputed_lines() if dispute.scope != "calls" else (),
        "mark": mark,
        "local": chosen.local,
    }


def _answered(chosen, dispute, form):
    """Do what the form of a dispute asks for.

    :raises UserError: naming what is wrong
    """
    if form.get("withdraw"):
        dispute._portal_withdraw()
        return
    text, files = said(chosen, form.get("text")), kept_files(chosen)
    if not text and not files:
        raise UserError(chosen.env._("Write something, or choose a file."))
    files.write({"res_model": dispute._name, "res_id": dispute.id})
    dispute._portal_say(text, files)
