"""Odoo's payment form on the customer's pages; nothing but what it offers pays."""

from odoo.http import request

from odoo.addons.payment import utils as payment_utils
from odoo.addons.payment.controllers.portal import PaymentPortal


def outcome(transaction):
    """What became of a payment: success, info while nobody knows, else warning."""
    if transaction.state in ("done", "authorized"):
        return "success"
    return "info" if transaction.state in ("draft", "pending") else "warning"


class VoipPaying(PaymentPortal):
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

    def _voip_form(self, chosen, amount, pay_route, landing, prefix):
        """Values of Odoo's payment form.

        :param amount: in the account's currency
        :param pay_route: where the form asks for the transaction
        :param landing: where the provider sends the customer back to
        :param prefix: what the reference of the transaction begins with
        """
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
                prefix=prefix
            ),
            "providers_sudo": providers,
            "payment_methods_sudo": methods,
            "tokens_sudo": tokens,
            "availability_report": {},
            "transaction_route": pay_route,
            "landing_route": landing,
            "access_token": payment_utils.generate_access_token(
                partner.id, amount, currency.id
            ),
            "show_tokenize_input_mapping": self._compute_show_tokenize_input_mapping(
                providers
            ),
        }

    def _voip_refuse_forged(self, chosen, ours, asked, access_token, kw):
        """Only who may pay does, what the form said, with what it offered.

        :param ours: (partner, amount, currency) as they are
        :param asked: the same as the form sends them
        :raises NotFound: anything else
        """
        signed = payment_utils.check_access_token(access_token, *ours)
        if not chosen.may("pay") or asked != ours or not signed:
            raise request.not_found()
        self._validate_transaction_kwargs(kw, ("reference_prefix",))
        if kw.get("is_validation"):
            raise request.not_found()
        providers, methods, tokens = self._voip_options(
            chosen, request.env.user.partner_id, ours[1], chosen.account.currency_id
        )
        offered = (
            kw.get("token_id") in tokens.ids
            if kw.get("flow") == "token"
            else kw.get("payment_method_id") in methods.ids
        )
        if kw.get("provider_id") not in providers.ids or not offered:
            raise request.not_found()
