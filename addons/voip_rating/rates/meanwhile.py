"""Rates that change in a transaction which may be older than the calls they rated.

A request of Odoo sees the calls of its beginning. What it ends or deletes may have
rated calls since: it is found by a connection that sees them, and the request is done
again. No SQL of the caller's own could tell.
"""

from datetime import timedelta

from odoo.exceptions import ConcurrencyError
from odoo.modules import module as odoo_module

from odoo.addons.voip_billing_base.charge.transaction import lock_company

from ..models.res_company import MOST_HOURS
from ..sheets.compare import LAST_USED

# From the start of a call to its answer, at most, and a day on top.
RINGING = timedelta(hours=MOST_HOURS, days=1)
ENDS = """
SELECT COALESCE(array_agg(id), '{}')::text,
       COALESCE(array_agg(COALESCE(effective_to, 'infinity')), '{}')::text
  FROM voip_rate
 WHERE deck_id = ANY(%s) AND (%s::text[] IS NULL OR prefix = ANY(%s))
"""
CHANGED = """
SELECT COALESCE(min(CASE WHEN n.ends IS NULL THEN r.effective_from - %(ringing)s
                         ELSE n.ends END), 'infinity')::text,
       array_agg(r.id)
  FROM voip_rate r
  LEFT JOIN unnest(%(ids)s::int[], %(ends)s::timestamp[]) AS n(id, ends) USING (id)
 WHERE r.deck_id = ANY(%(decks)s)
   AND (%(prefixes)s::text[] IS NULL OR r.prefix = ANY(%(prefixes)s))
   AND (n.ends IS NULL OR n.ends < COALESCE(r.effective_to, 'infinity'))
"""
LATER = f"""
SELECT count(*) FROM ({LAST_USED}) u
  LEFT JOIN unnest(%(known)s::int[], %(ends)s::timestamp[]) AS n(id, ends) USING (id)
 WHERE n.ends IS NULL OR u.last >= n.ends
"""


def hold_calls(decks):
    """No call of the decks' companies is rated until the transaction ends.

    Calls that are being rated come first.
    """
    for company in decks.company_id.sorted("id"):
        lock_company(decks.env.cr, company.id)


def refuse_unseen(decks, prefixes=None):
    """Have a change done again that would leave calls outside the dates of their rate.

    :param decks: ``voip.rate.deck`` that this transaction changed, while their calls
        are held
    :param prefixes: list of those that changed; None: any
    :raises ConcurrencyError: calls that the transaction does not see were rated by
        versions that it ends before them, or deletes; Odoo tries a request again
    """
    env = decks.env
    env.flush_all()
    env.cr.execute("SHOW transaction_isolation")
    # Each statement of a money transaction sees all calls already.
    if odoo_module.current_test or env.cr.fetchone()[0] == "read committed":
        return
    env.cr.execute(ENDS, [decks.ids, prefixes, prefixes])
    # As texts: those of a large deck are never values here.
    ids, ends = env.cr.fetchone()
    own = {
        "ids": ids,
        "ends": ends,
        "decks": decks.ids,
        "prefixes": prefixes,
        "ringing": RINGING,
    }
    with env.registry.cursor() as cr:
        cr.execute(CHANGED, own)
        since, changed = cr.fetchone()
        if not changed:
            return
        params = {**own, "known": own["ids"], "ids": changed, "since": since}
        cr.execute(LATER, {**params, "until": "infinity"})
        if cr.fetchone()[0]:
            raise ConcurrencyError(
                env._(
                    "Calls were rated while the rates of %(deck)s changed. Nothing was"
                    " changed: try again.",
                    deck=", ".join(decks.mapped("display_name")),
                )
            )
