"""Every movement of the wallet, with the balance after it; usage by day."""

from odoo.exceptions import UserError
from odoo.http import Controller, request, route

from odoo.addons.portal.controllers.portal import pager

from .common import PAGE, Chosen, words, wrong

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
            "movements", date_from=date_from, date_to=date_to, rows=[], pager=None
        )
        try:
            first, last = chosen.days(date_from, date_to)
        except UserError as error:
            return request.render("voip_portal.movements", wrong(values, error))
        if chosen.payer:
            values.update(_rows(chosen, first, last, page))
        values.update(date_from=first.isoformat(), date_to=last.isoformat())
        return request.render("voip_portal.movements", values)


def _rows(chosen, first, last, page):
    """A page of movements; usage that follows each other on a day is one of them."""
    entries = chosen.env["voip.wallet.entry"]
    entries.check_access("read")
    asked = {
        "account": chosen.payer.id,
        "tz": chosen.account.tz or "UTC",
        "since": chosen.midnight(first),
        "until": chosen.midnight(last, days=1),
    }
    cr = chosen.env.cr
    cr.execute(f"{MOVEMENTS} SELECT count(*) FROM row", asked)
    pages = pager(
        url="/my/voip/movements",
        total=cr.fetchone()[0],
        page=page,
        step=ROWS,
        url_args={
            "account": chosen.code,
            "date_from": first.isoformat(),
            "date_to": last.isoformat(),
        },
    )
    asked |= {"rows": ROWS, "offset": pages["offset"]}
    cr.execute(
        f"{MOVEMENTS} SELECT * FROM row ORDER BY id DESC LIMIT %(rows)s"
        " OFFSET %(offset)s",
        asked,
    )
    found = cr.dictfetchall()
    kinds = words(chosen.env, "voip.wallet.entry", "kind")
    return {"rows": found, "pager": pages, "kinds": kinds}


# Usage comes batch by batch: what lies between two other movements of a day is a row,
# so that each row begins where the one before it ended.
MOVEMENTS = """
WITH entry AS (
    SELECT id, at, kind, origin, amount, balance_after,
           (at AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s)::date AS day,
           count(*) FILTER (WHERE kind <> 'usage') OVER (ORDER BY id) AS others
      FROM voip_wallet_entry
     WHERE account_id = %(account)s AND at >= %(since)s AND at < %(until)s
),
row AS (
    SELECT max(id) AS id, max(at) AS at, kind, sum(amount) AS amount,
           (array_agg(balance_after ORDER BY id DESC))[1] AS balance_after,
           CASE WHEN kind <> 'usage' THEN max(origin) END AS origin
      FROM entry
     GROUP BY kind, day, others, CASE WHEN kind <> 'usage' THEN id END
)
"""
