"""Every movement of the wallet, with the balance before and after it."""

from odoo.exceptions import UserError
from odoo.http import Controller, request, route

from odoo.addons.portal.controllers.portal import pager

from .common import PAGE, Chosen, wrong

ROWS = 50


class VoipMovements(Controller):
    @route(
        ["/my/voip/movements", "/my/voip/movements/page/<int:page>"],
        methods=["GET"],
        **PAGE,
    )
    def movements(self, page=1, account="", date_from="", date_to="", **_others):
        """Movements between two days of the account's zone, the last one first."""
        chosen = Chosen(account)
        values = chosen.values(
            "movements", date_from=date_from, date_to=date_to, entries=[], pager=None
        )
        try:
            first, last = chosen.days(date_from, date_to)
        except UserError as error:
            return request.render("voip_portal.movements", wrong(values, error))
        if chosen.payer:
            values.update(_entries(chosen, first, last, page))
        values.update(date_from=first.isoformat(), date_to=last.isoformat())
        return request.render("voip_portal.movements", values)


def _entries(chosen, first, last, page):
    entries = chosen.env["voip.wallet.entry"]
    domain = [
        ("account_id", "=", chosen.payer.id),
        ("at", ">=", chosen.midnight(first)),
        ("at", "<", chosen.midnight(last, days=1)),
    ]
    pages = pager(
        url="/my/voip/movements",
        total=entries.search_count(domain),
        page=page,
        step=ROWS,
        url_args={
            "account": chosen.code,
            "date_from": first.isoformat(),
            "date_to": last.isoformat(),
        },
    )
    kinds = dict(entries._fields["kind"]._description_selection(chosen.env))
    found = entries.search(domain, limit=ROWS, offset=pages["offset"])
    return {"entries": found, "pager": pages, "kinds": kinds}
