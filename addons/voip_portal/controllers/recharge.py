"""The customer lets his account top itself up from a payment method that he stored."""

from odoo.exceptions import UserError, ValidationError
from odoo.http import Controller, request, route

from .common import PAGE, Chosen, words, wrong
from .methods import stored_tokens

AMOUNTS = ("threshold", "amount", "daily_cap", "monthly_cap")


class VoipRecharge(Controller):
    @route("/my/voip/recharge", methods=["GET", "POST"], **PAGE)
    def recharge(self, account="", saved="", **form):
        """Settings of the account that pays, and what was recharged lately."""
        chosen = Chosen(account)
        values = chosen.values("recharge", saved=saved, form={}, **_shown(chosen))
        if request.httprequest.method == "GET" or not chosen.payer:
            return request.render("voip_portal.recharge", values)
        try:
            with request.env.cr.savepoint():
                _save(chosen, form)
        except UserError as error:
            values = wrong({**values, "form": form}, error)
            return request.render("voip_portal.recharge", values)
        return request.redirect(f"/my/voip/recharge?account={chosen.code}&saved=1")


def _shown(chosen):
    payer = chosen.payer.sudo()
    return {
        "tokens": stored_tokens(chosen),
        "recharges": payer.recharge_ids[:10],
        "states": words(chosen.env, "voip.recharge", "state"),
        "status": payer.auto_recharge_status,
    }


def _save(chosen, form):
    """Keep what was typed, for the customer himself: his rights were checked.

    :raises UserError: naming what is wrong
    """
    chosen.refuse_without("pay")
    payer = chosen.payer.sudo()
    if not form.get("on"):
        payer.auto_recharge = False
        return
    token = stored_tokens(chosen).filtered(lambda t: str(t.id) == form.get("token"))
    if not token:
        raise UserError(request.env._("Choose one of your stored payment methods."))
    given = _given(chosen, form)
    try:
        payer.write(
            {
                "auto_recharge": True,
                "auto_recharge_token_id": token.id,
                **{f"auto_recharge_{k}": float(v) for k, v in given.items()},
            }
        )
    except ValidationError as error:
        raise UserError(str(error)) from error
    request.env["voip.job"].sudo()._wake("voip_billing_base.ir_cron_recharge")


def _given(chosen, form):
    """{name: amount} of what was typed.

    :raises UserError: naming what is no amount, or does not go together
    """
    names = {
        "threshold": request.env._("Balance below"),
        "amount": request.env._("Amount"),
        "daily_cap": request.env._("At most a day"),
        "monthly_cap": request.env._("At most a month"),
    }
    given = {
        name: chosen.amount(form.get(name) or "0", names[name]) for name in AMOUNTS
    }
    if not given["amount"]:
        raise UserError(request.env._("The amount of a top-up is more than zero."))
    if given["daily_cap"] < given["amount"]:
        raise UserError(
            request.env._("At most a day: it is less than the amount of one top-up.")
        )
    if given["monthly_cap"] and given["monthly_cap"] < given["amount"]:
        raise UserError(
            request.env._("At most a month: it is less than the amount of one top-up.")
        )
    return given
