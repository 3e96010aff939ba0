"""Top-up by the customer, through Odoo's payment providers."""

from odoo.exceptions import UserError
from odoo.http import request, route

from odoo.addons.payment import utils as payment_utils
from odoo.addons.payment.controllers.portal import PaymentPortal
from odoo.addons.voip_billing_base.charge.bounds import largest_of

from .common import PAGE, Chosen, wrong

OFFERED = (10, 25, 50, 100)
STEP = {"JPY": 100, "HUF": 100, "KRW": 1000, "CLP": 100}


class VoipTopup(PaymentPortal):
    @route("/my/voip/topup", methods=["GET"], **PAGE)
    def voip_topup(self, account="", amount="", **_others):
        """Choose an amount; then how it is paid."""
        chosen = Chosen(account)
        values = chosen.values("topup", amount=None, typed=amount, offered=[])
        if not chosen.payer:
            return request.render("voip_portal.topup", values)
        values["offered"] = _offered(chosen.account.currency_id)
        if not amount:
            return request.render("voip_portal.topup", values)
        try:
            wanted = _wanted(chosen, amount)
        except UserError as error:
            return request.render("voip_portal.topup", wrong(values, error))
        form = self._voip_form(chosen, float(wanted))
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
        asked = (partner_id, amount, currency_id)
        if asked != ours or not payment_utils.check_access_token(access_token, *ours):
            raise request.not_found()
        _refuse_wrong(chosen, amount)
        self._validate_transaction_kwargs(kw, ("reference_prefix",))
        if kw.get("is_validation"):
            raise request.not_found()
        self._voip_refuse_other_provider(chosen, ours, kw)
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

    def _voip_options(self, chosen, partner, amount, currency):
        """(providers, methods, tokens) that may pay it, as sudo: none in test mode
        where the company takes no test payments."""
        company = chosen.account.company_id
        providers = (
            request.env["payment.provider"]
            .sudo()
            ._get_compatible_providers(
                company.id, partner.id, amount, currency_id=currency.id
            )
        )
        if not company.sudo().voip_test_payments:
            providers = providers.filtered(lambda one: one.state == "enabled")
        methods = (
            request.env["payment.method"]
            .sudo()
            ._get_compatible_payment_methods(
                providers.ids, partner.id, currency_id=currency.id
            )
        )
        tokens = request.env["payment.token"].sudo()
        tokens = tokens._get_available_tokens(providers.ids, partner.id)
        return providers, methods, tokens

    def _voip_form(self, chosen, amount):
        """Values of Odoo's payment form."""
        partner, currency = request.env.user.partner_id, chosen.account.currency_id
        providers, methods, tokens = self._voip_options(
            chosen, partner, amount, currency
        )
        return {
            "amount": amount,
            "offline": request.env._(
                "Online payments are not available for %(currency)s at the moment."
                " Please pay by bank transfer and name your account %(code)s.",
                currency=currency.name,
                code=chosen.account.code,
            ),
            "currency": currency,
            "partner_id": partner.id,
            "reference_prefix": payment_utils.singularize_reference_prefix(
                prefix=f"TOPUP-{chosen.account.code}"
            ),
            "providers_sudo": providers,
            "payment_methods_sudo": methods,
            "tokens_sudo": tokens,
            "availability_report": {},
            "transaction_route": f"/my/voip/topup/pay/{chosen.code}",
            "landing_route": "/my/voip/topup/result",
            "access_token": payment_utils.generate_access_token(
                partner.id, amount, currency.id
            ),
            "show_tokenize_input_mapping": self._compute_show_tokenize_input_mapping(
                providers
            ),
        }

    def _voip_refuse_other_provider(self, chosen, ours, kw):
        """Only what the form offered pays.

        :raises NotFound: another provider, method or stored method
        """
        partner = request.env.user.partner_id
        providers, methods, tokens = self._voip_options(
            chosen, partner, ours[1], chosen.account.currency_id
        )
        offered = (
            kw.get("token_id") in tokens.ids
            if kw.get("flow") == "token"
            else kw.get("payment_method_id") in methods.ids
        )
        if kw.get("provider_id") not in providers.ids or not offered:
            raise request.not_found()


def _result(chosen, transaction):
    """(colour, sentence) of what became of a top-up."""
    env, amount = chosen.env, chosen.money(transaction.amount)
    if transaction.state in ("done", "authorized"):
        return "success", env._(
            "Thank you. %s was paid; the balance has it within moments.", amount
        )
    if transaction.state in ("draft", "pending"):
        return "info", env._(
            "Your payment of %s is on its way. The balance rises as soon as it is"
            " confirmed.",
            amount,
        )
    return "warning", env._(
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
