"""All calls of some days as a file of any size, for the customer."""

from odoo.exceptions import UserError
from odoo.http import request, route

from odoo.addons.voip_billing_base.downloads import file_answer
from odoo.addons.voip_documents.calls import calls_file
from odoo.addons.voip_documents.calls.account_move import PLAIN_ROWS
from odoo.addons.voip_documents.controllers.calls import streamed
from odoo.addons.voip_portal.controllers import calls
from odoo.addons.voip_portal.controllers.common import Chosen, wrong
from odoo.addons.voip_portal.controllers.figures import family

MOST = 5_000_000
# One file at a time for a customer: the key of his lock, beside his id.
LOCK = 1_419_002


class VoipCalls(calls.VoipCalls):
    @route()
    def file(self, account="", number="", date_from="", date_to="", **others):
        """Without a number: as many calls as there are, zipped where they are many."""
        if number.strip():
            return super().file(account, number, date_from, date_to, **others)
        chosen = Chosen(account)
        try:
            first, last, _domain = calls.asked(chosen, "", date_from, date_to)
        except UserError as error:
            raise request.not_found(str(error)) from error
        try:
            found = _summaries(chosen, first, last)
        except UserError as error:
            values = chosen.values(
                "calls", number="", date_from=date_from, date_to=date_to, calls=[]
            )
            return request.render("voip_portal.calls", wrong(values, error))
        return _answer(chosen, found, first, last)


def _summaries(chosen, first, last):
    """What the calls of the days were added up in.

    :raises UserError: they are too many, or a file of his is being made
    """
    env = chosen.env
    found = env["voip.usage.summary"].search(
        [
            ("account_id", "in", family(chosen.account).ids),
            ("local_day", ">=", first),
            ("local_day", "<=", last),
        ]
    )
    if sum(found.mapped("attempts")) > MOST:
        raise UserError(env._("More than %s calls: choose fewer days.", f"{MOST:,}"))
    customer = env.user.commercial_partner_id.id
    env.cr.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [LOCK, customer])
    if not env.cr.fetchone()[0]:
        raise UserError(env._("A file of yours is being made: wait until it is there."))
    return found


def _answer(chosen, summaries, first, last):
    stem = f"calls-{chosen.code}-{first}-{last}"
    if not summaries:
        heads = ",".join(name for name, _sql, _type in calls_file.COLUMNS)
        return file_answer(f"{stem}.csv", f"\ufeff{heads}\n".encode(), "csv")
    kind = "zip" if sum(summaries.mapped("attempts")) > PLAIN_ROWS else "csv"
    cr, zone = chosen.env.cr, chosen.account.tz or "UTC"
    sql = calls_file.query(cr, summaries.ids, first, last, zone)
    file = calls_file.write(cr, sql, kind, stem)
    return streamed(f"{stem}.{kind}", kind, *file)
