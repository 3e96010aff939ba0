"""The payment methods that the reader stored, and what each is used for."""

from odoo.exceptions import UserError
from odoo.http import Controller, request, route

from ..marks import mark, marked
from .common import PAGE, Chosen, wrong


class VoipMethods(Controller):
    @route("/my/voip/methods", methods=["GET", "POST"], **PAGE)
    def stored(self, account="", method="", done="", **_others):
        """Stored methods of the account's company; one is removed by its mark."""
        chosen = Chosen(account)
        values = chosen.values("topup", done=done, mark=mark, **_shown(chosen))
        if request.httprequest.method == "GET":
            return request.render("voip_portal.methods", values)
        one = marked(values["tokens"], method) if method.isascii() else None
        if not one:
            raise request.not_found()
        try:
            _remove(chosen, one, values["uses"])
        except UserError as error:
            return request.render("voip_portal.methods", wrong(values, error))
        return request.redirect(f"/my/voip/methods?account={chosen.code}&done=1")


def stored_tokens(chosen):
    """Payment methods that the customer stored with the company of his account."""
    company = chosen.account.company_id
    # The rules of payment methods leave the reader's own.
    return chosen.env["payment.token"].search(
        [
            ("partner_id", "child_of", chosen.env.user.commercial_partner_id.ids),
            ("company_id", "parent_of", company.ids),
        ]
    )


def _shown(chosen):
    """{tokens, uses}: ``uses`` has the accounts that each recharges by itself."""
    tokens = stored_tokens(chosen)
    accounts = chosen.env["voip.account"].sudo().search(
        [("auto_recharge", "=", True), ("auto_recharge_token_id", "in", tokens.ids)]
    )
    return {"tokens": tokens, "uses": accounts.grouped("auto_recharge_token_id")}


def _remove(chosen, token, uses):
    """:raises UserError: an account of his recharges itself by it"""
    if used := uses.get(token.sudo()):
        raise UserError(
            chosen.env._(
                "%(account)s tops itself up by this method: switch that off or choose"
                " another one, then remove it.",
                account=", ".join(used.mapped("code")),
            )
        )
    # His own one: the rules of records found it.
    token.sudo().active = False
