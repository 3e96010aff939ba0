"""Top-up by the customer, through Odoo's payment providers."""

from odoo.exceptions import UserError
from odoo.http import request, route

from odoo.addons.voip_billing_base.charge.bounds import largest_of

from .common import PAGE, Chosen, wrong
from .paying import VoipPaying, outcome

OFFERED = (10, 25, 50, 100)
STEP = {"JPY": 100, "HUF": 100, "KRW": 1000, "CLP": 100}


class VoipTopup(VoipPaying):
    @route("/my/voip/topup", methods=["GET"], **PAGE)
    def voip_topup(self, account="", amount="", **_others):
        """Choose an amount; then how it is paid."""
        chosen = Chosen(account)
        values = chosen.values("topup", amount=None, typed=amount, offered=[])
        if not chosen.may("pay"):
            return request.render("voip_portal.topup", values)
        values["offered"] = _offered(chosen.account.currency_id)
        if not amount:
            return request.render("voip_portal.topup", values)
        try:
            wanted = _wanted(chosen, amount)
        except UserError as error:
            return request.render("voip_portal.topup", wrong(values, error))
        form = self._voip_form(
            chosen,
            float(wanted),
            f"/my/voip/topup/pay/{chosen.code}",
            "/my/voip/topup/result",
            f"TOPUP-{chosen.account.code}",
        )
        return request.render("voip_portal.topup", {**values, **form})

    @route("/my/voip/topup/pay/<code>", type="jsonrpc", auth="user")
    def voip_topup_pay(self, code, amount, currency_id, partner_id, access_token, **kw):
        """A transaction that tops up the account ``code``, as Odoo's form asks for it.

        The access token ties amount, currency and partner to the form; whose account it
        is, is looked up again.
        """
        chosen = Chosen(code)
        partner = request.env.user.partner_id
        amount = float(amount)
        ours = (partner.id, amount, chosen.account.currency_id.id)
        self._voip_refuse_forged(
            chosen, ours, (partner_id, amount, currency_id), access_token, kw
        )
        _refuse_wrong(chosen, amount)
        kw["landing_route"] = "/my/voip/topup/result"
        transaction = self._create_transaction(
            amount=amount,
            currency_id=ours[2],
            partner_id=partner.id,
            custom_create_values={"voip_account_id": chosen.account.id},
            **kw,
        )
        transaction.landing_route = (
            f"/my/voip/topup/result?account={chosen.code}&reference="
            f"{transaction.reference}"
        )
        return transaction._get_processing_values()

    @route("/my/voip/topup/result", methods=["GET"], **PAGE)
    def voip_topup_result(self, account="", reference="", **_others):
        """What became of a top-up."""
        chosen = Chosen(account)
        customer = request.env.user.commercial_partner_id
        found = [
            ("reference", "=", reference),
            ("voip_account_id", "in", chosen.account.ids),
            ("partner_id", "child_of", customer.ids),
        ]
        transaction = request.env["payment.transaction"].sudo().search(found, limit=1)
        if not transaction:
            raise request.not_found()
        kind, said = _result(chosen, transaction)
        values = chosen.values("topup", transaction=transaction, kind=kind, said=said)
        return request.render("voip_portal.topup_result", values)


def _result(chosen, transaction):
    """(colour, sentence) of what became of a top-up."""
    env, amount = chosen.env, chosen.money(transaction.amount)
    kind = outcome(transaction)
    if kind == "success":
        return kind, env._(
            "Thank you. %s was paid; the balance has it within moments.", amount
        )
    if kind == "info":
        return kind, env._(
            "Your payment of %s is on its way. The balance rises as soon as it is"
            " confirmed.",
            amount,
        )
    return kind, env._(
        "The payment of %s did not succeed; nothing was added to the balance.", amount
    )


def _offered(currency):
    """Amounts to choose from, larger where a unit of the currency is small."""
    return [amount * STEP.get(currency.name, 1) for amount in OFFERED]


def _wanted(chosen, text):
    """The amount of a top-up, exactly.

    :raises UserError: saying why it is none
    """
    wanted = chosen.amount(text, chosen.env._("Amount"))
    _refuse_wrong(chosen, wanted)
    return wanted


def _refuse_wrong(chosen, amount):
    """:raises UserError: the account is not topped up with this"""
    env, account = chosen.env, chosen.account
    if not amount > 0:
        raise UserError(env._("The amount of a top-up is more than zero."))
    if amount > largest_of(account.currency_id):
        raise UserError(env._("The amount of a top-up is too large."))
    if account.state == "closed":
        raise UserError(env._("A closed account is not topped up."))
