"""An owner says which contacts of the customer may do what with an account."""

from odoo.exceptions import UserError
from odoo.http import Controller, request, route
from odoo.tools import email_normalize

from .common import PAGE, Chosen, words, wrong

MOST = 50
LONGEST = 100


class VoipContacts(Controller):
    @route("/my/voip/contacts", methods=["GET", "POST"], **PAGE)
    def contacts(self, account="", saved="", **form):
        """Who sees the account, and with which right; invites another one."""
        chosen = Chosen(account)
        if request.httprequest.method == "GET" or not chosen.account:
            return self._page(chosen, saved=saved)
        try:
            with request.env.cr.savepoint():
                chosen.refuse_without("contacts")
                if form.get("invite"):
                    _invite(chosen, form)
                else:
                    _save(chosen, form)
        except UserError as error:
            return self._page(chosen, wrong(chosen.values("contacts"), error), form)
        return request.redirect(f"/my/voip/contacts?account={chosen.code}&saved=1")

    def _page(self, chosen, values=None, form=None, saved=""):
        values = values or chosen.values("contacts")
        values.update(
            saved=saved,
            form=form or {},
            choices=_choices(chosen.env),
            contacts=_contacts(chosen) if chosen.account else [],
            named=bool(chosen.account.sudo().right_ids),
        )
        return request.render("voip_portal.contacts", values)


def _choices(env):
    return words(env, "voip.account.right", "right")


def _contacts(chosen):
    """(contact, right, whether it may be chosen) of all who may log in."""
    account = chosen.account.sudo()
    always = account.partner_id | account.partner_id.commercial_partner_id
    return [
        (contact, account._portal_right(contact) or "", contact not in always)
        for contact in account._portal_contacts()
    ]


def _right(env, text):
    """:raises UserError: it is none"""
    if text and text not in _choices(env):
        raise UserError(env._("Choose one of the rights."))
    return text or None


def _save(chosen, form):
    """Keep the rights that were chosen, of this customer's contacts alone."""
    rights = {
        contact: _right(chosen.env, form[f"right_{contact.id}"])
        for contact, _right_now, free in _contacts(chosen)
        if free and f"right_{contact.id}" in form
    }
    chosen.account._set_portal_rights(rights, chosen.env.user.partner_id)


def typed_mail(env, form):
    """The email address of a form, normalised.

    :raises UserError: it is none
    """
    mail = email_normalize(form.get("email") or "")
    if not mail or len(mail) > LONGEST:
        raise UserError(env._("Give an email address, as name@example.com."))
    return mail


def _invite(chosen, form):
    """Make a contact with a right and portal access; Odoo mails the invitation.

    :raises UserError: naming what is wrong
    """
    env = chosen.env
    _refuse_on_sub_account(chosen)
    name = (form.get("name") or "").strip()
    if not name or len(name) > LONGEST:
        raise UserError(env._("Give a name of %s characters at most.", LONGEST))
    mail = typed_mail(env, form)
    right = _right(env, form.get("right"))
    if not right:
        raise UserError(env._("Choose one of the rights."))
    if len(chosen.account._portal_contacts()) >= MOST:
        raise UserError(env._("%s contacts have access already.", MOST))
    customer = env.user.commercial_partner_id.sudo()
    contact = customer.create(
        {
            "name": name,
            "email": mail,
            "parent_id": customer.id,
            "company_id": customer.company_id.id,
            "lang": env.lang,
        }
    )
    company = chosen.account.sudo().company_id
    wizard = env["portal.wizard"].sudo().with_company(company)
    line = wizard.create({"partner_ids": [(6, 0, contact.ids)]}).user_ids
    if line.email_state != "ok":
        raise UserError(
            env._("This address cannot be invited: please ask us for help.")
        )
    line.action_grant_access()
    chosen.account._set_portal_rights({contact: right}, env.user.partner_id)


def _refuse_on_sub_account(chosen):
    """Who sees a sub-account sees the reseller's own prices: only his contacts do."""
    if chosen.account.sudo().managed_by_parent:
        raise UserError(
            chosen.env._(
                "Invite contacts to the parent account, then give them a right here."
            )
        )
