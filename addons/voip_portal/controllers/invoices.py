"""Invoices and credit notes of an account, and paying several of them at once."""

from odoo.exceptions import UserError
from odoo.fields import Command, Date
from odoo.http import request, route

from odoo.addons.portal.controllers.portal import pager
from odoo.addons.voip_billing_base.downloads import file_answer

from .common import PAGE, Chosen, wrong
from .figures import family
from .paying import VoipPaying, outcome

ROWS = 50
MOST = 100
OPEN = ("not_paid", "partial")


class VoipInvoices(VoipPaying):
    @route(
        ["/my/voip/invoices", "/my/voip/invoices/page/<int:page>"],
        methods=["GET"],
        **PAGE,
    )
    def voip_invoices(self, page=1, account="", only="", reference="", **_others):
        """The account's invoices and those of its sub-accounts, the last one first.

        :param only: ``open`` leaves those that are not paid
        :param reference: a payment that was just made
        """
        chosen = Chosen(account)
        values = chosen.values("invoices", only=only, invoices=[], pager=None)
        if not chosen.account:
            return request.render("voip_portal.invoices", values)
        domain = domain_of_invoices(chosen, only == "open")
        moves = request.env["account.move"].sudo()
        pages = pager(
            url="/my/voip/invoices",
            total=moves.search_count(domain),
            page=page,
            step=ROWS,
            url_args={"account": chosen.code, "only": only},
        )
        found = moves.search(
            domain,
            order="invoice_date desc, id desc",
            limit=ROWS,
            offset=pages["offset"],
        )
        values.update(
            invoices=found,
            pager=pages,
            payable=_payable(chosen, found),
            said=_said(chosen, reference),
            today=Date.context_today(chosen.account),
        )
        return request.render("voip_portal.invoices", values)

    @route("/my/voip/invoices/pay", methods=["GET"], **PAGE)
    def voip_invoices_pay(self, account="", **_others):
        """What is open of the chosen invoices, and how it is paid."""
        chosen = Chosen(account)
        values = chosen.values("invoices", chosen_invoices=[], amount=None)
        try:
            found = _asked(chosen, request.httprequest.args.getlist("invoice"))
        except UserError as error:
            page = "voip_portal.invoices_pay"
            return request.render(page, wrong(values, error))
        ids = "-".join(map(str, found.ids))
        form = self._voip_form(
            chosen,
            _due(chosen, found),
            f"/my/voip/invoices/pay/{chosen.code}/{ids}",
            f"/my/voip/invoices?account={chosen.code}",
            found[0].name if len(found) == 1 else f"INVOICES-{chosen.account.code}",
        )
        values.update(chosen_invoices=found, **form)
        return request.render("voip_portal.invoices_pay", values)

    @route("/my/voip/invoices/pay/<code>/<ids>", type="jsonrpc", auth="user")
    def voip_invoices_transaction(
        self, code, ids, amount, currency_id, partner_id, access_token, **kw
    ):
        """A transaction that pays invoices, as Odoo's form asks for it.

        Whose they are and what is open of them is looked up again.
        """
        chosen = Chosen(code)
        try:
            found = _asked(chosen, ids.split("-"))
        except UserError as error:
            raise request.not_found() from error
        currency = chosen.account.currency_id
        due = _due(chosen, found)
        ours = (request.env.user.partner_id.id, due, currency.id)
        self._voip_refuse_forged(
            chosen, ours, (partner_id, float(amount), currency_id), access_token, kw
        )
        landing = f"/my/voip/invoices?account={chosen.code}"
        transaction = self._create_transaction(
            amount=due,
            currency_id=currency.id,
            partner_id=ours[0],
            custom_create_values={"invoice_ids": [Command.set(found.ids)]},
            **{**kw, "landing_route": landing},
        )
        transaction.landing_route = f"{landing}&reference={transaction.reference}"
        return transaction._get_processing_values()

    @route("/my/voip/invoices/<int:invoice>/pdf", methods=["GET"], **PAGE)
    def voip_invoice_pdf(self, invoice, account="", **_others):
        """The paper of an invoice of his."""
        chosen = Chosen(account)
        move = mine(chosen, invoice)
        files = move._get_invoice_legal_documents_all(allow_fallback=True)
        paper = next((one for one in files if one["filetype"] == "pdf"), None)
        if not paper:
            raise request.not_found()
        return file_answer(paper["filename"], paper["content"], "pdf")


def domain_of_invoices(chosen, only_open=False):
    """Posted invoices and credit notes of the accounts that he sees."""
    found = [
        ("voip_account_id", "in", family(chosen.account).ids),
        ("move_type", "in", ("out_invoice", "out_refund")),
        ("state", "=", "posted"),
        ("commercial_partner_id", "=", chosen.env.user.commercial_partner_id.id),
    ]
    if only_open:
        found.append(("payment_state", "in", OPEN))
    return found


def mine(chosen, invoice):
    """The invoice with this id, as sudo.

    :raises NotFound: it is none of his
    """
    domain = [("id", "=", invoice), *domain_of_invoices(chosen)]
    found = chosen.env["account.move"].sudo().search(domain)
    if not found:
        raise request.not_found()
    return found


def _payable(chosen, invoices):
    """Those of invoices that he may pay here."""
    if not chosen.may("pay"):
        return invoices.browse()
    return invoices.filtered(
        lambda move: move.move_type == "out_invoice"
        and move.currency_id == chosen.account.currency_id
        and move.company_id == chosen.account.company_id
        and move._has_to_be_paid()
    )


def _asked(chosen, ids):
    """The invoices to pay, as sudo.

    :param ids: texts
    :raises UserError: none is chosen, or too many
    :raises NotFound: one is none of his, or not to be paid here
    """
    if not ids or len(ids) > MOST:
        raise UserError(chosen.env._("Choose one to %s open invoices.", MOST))
    if not all(one.isascii() and one.isdigit() and len(one) < 10 for one in ids):
        raise request.not_found()
    wanted = sorted({int(one) for one in ids})
    domain = [("id", "in", wanted), *domain_of_invoices(chosen, only_open=True)]
    found = chosen.env["account.move"].sudo().search(domain, order="id")
    if _payable(chosen, found).ids != wanted:
        raise request.not_found()
    return found


def _due(chosen, invoices):
    """What is open of invoices, in the account's currency."""
    return chosen.account.currency_id.round(sum(invoices.mapped("amount_residual")))


def _said(chosen, reference):
    """(colour, sentence) of a payment of his that was just made, or nothing."""
    if not reference:
        return None
    customer = chosen.env.user.commercial_partner_id
    found = chosen.env["payment.transaction"].sudo().search(
        [
            ("reference", "=", reference),
            ("partner_id", "child_of", customer.ids),
            ("invoice_ids.voip_account_id", "in", family(chosen.account).ids),
        ],
        limit=1,
    )
    if not found:
        raise request.not_found()
    env, amount, kind = chosen.env, chosen.money(found.amount), outcome(found)
    if kind == "success":
        return kind, env._("Thank you. %s was paid.", amount)
    if kind == "info":
        return kind, env._("Your payment of %s is on its way.", amount)
    return kind, env._("The payment of %s did not succeed.", amount)
