"""Pages for the customer's technicians, and who of his people gets which mail."""

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.http import Controller, request, route

from ..controllers.common import PAGE, Chosen, words, wrong
from ..controllers.figures import family
from ..marks import mark, marked


class VoipTechnical(Controller):
    @route("/my/voip/technical", methods=["GET", "POST"], **PAGE)
    def technical(self, account="", trunk="", done="", addresses="", **_others):
        """Trunks with their addresses, and what came in today.

        :param trunk: the mark of the one whose addresses the form changes
        """
        chosen = Chosen(account)
        values = chosen.values("technical", done=done, typed={}, mark=mark)
        values.update(trunks=_trunks(chosen), today=_today(chosen))
        if request.httprequest.method == "GET":
            return request.render("voip_portal.technical", values)
        one = marked(values["trunks"], trunk) if trunk.isascii() else None
        if not one:
            raise request.not_found()
        try:
            chosen.refuse_without("technical")
            with request.env.cr.savepoint():
                done = one._portal_want(addresses.replace("\0", " "))
        except UserError as error:
            values["typed"] = {one: addresses}
            return request.render("voip_portal.technical", wrong(values, error))
        query = f"account={chosen.code}&done={done}"
        return request.redirect(f"/my/voip/technical?{query}")

    @route("/my/voip/notifications", methods=["GET", "POST"], **PAGE)
    def notifications(self, account="", saved="", **form):
        """Which of the customer's contacts gets which mail of the account."""
        chosen = Chosen(account)
        values = chosen.values("technical", saved=saved, mark=mark)
        values.update(_receivers(chosen))
        if request.httprequest.method == "GET" or not chosen.account:
            return request.render("voip_portal.notifications", values)
        try:
            chosen.refuse_without("contacts")
            _choose(chosen, values, form)
        except UserError as error:
            return request.render("voip_portal.notifications", wrong(values, error))
        query = f"account={chosen.code}&saved=1"
        return request.redirect(f"/my/voip/notifications?{query}")


def _trunks(chosen):
    """Trunks of the account, by name."""
    trunks = chosen.env["voip.trunk"].sudo()
    return trunks.search(
        [("account_id", "in", chosen.account.ids), ("side", "=", "customer")]
    )


def _today(chosen):
    """{attempts, calls, seconds} of today, of the account and its sub-accounts."""
    chosen.env.cr.execute(
        "SELECT COALESCE(sum(attempts), 0)::bigint AS attempts,"
        " COALESCE(sum(calls), 0)::bigint AS calls,"
        " COALESCE(sum(seconds), 0)::bigint AS seconds"
        " FROM voip_usage_summary WHERE account_id = ANY(%s) AND local_day = %s",
        [family(chosen.account).ids, chosen.today()],
    )
    return chosen.env.cr.dictfetchone()


def _receivers(chosen):
    """Contacts who get mails or could, the kinds, and who gets what now."""
    account = chosen.account.sudo()
    rows = account.contact_ids
    people = rows.partner_id
    if account:
        people |= account._portal_contacts()
    return {
        "kinds": words(chosen.env, rows._name, "kind"),
        "people": people.sorted(lambda one: (one.name or "", one.id)),
        "gets": {(row.partner_id, row.kind) for row in rows},
        "customer": account.partner_id,
    }


def _choose(chosen, values, form):
    """Keep what was ticked, of the people of the page alone."""
    account, had = chosen.account.sudo(), values["gets"]
    ticked = {
        (person, kind)
        for person in values["people"]
        for kind in values["kinds"]
        if form.get(f"{kind}_{mark(person)}")
    }
    rows = account.contact_ids
    ended = rows.filtered(lambda row: (row.partner_id, row.kind) not in ticked)
    begun = sorted(ticked - had, key=lambda one: (one[0].id, one[1]))
    account.contact_ids = [
        *(Command.delete(row.id) for row in ended),
        *(Command.create({"partner_id": one.id, "kind": kind}) for one, kind in begun),
    ]
