"""Days of assignments that cost nothing."""

from odoo.addons.voip_billing_base.charge.values import day_number

from ..engine.rental import FOREVER, joined
from .kept import PAID_SQL


def read(cr, held, plans, today):
    """Days that cost nothing: suspended ones, and those that were paid for before the
    module was installed again.

    A suspension for unpaid rental ends yesterday as far as is known, because money ends
    it; one by staff goes on.

    :param held: :class:`~.holdings.Held` of the assignments
    :param plans: {id: plan}
    :param today: {account id: day number}
    :return: {assignment id: [(first, last day number)]}, in order and apart
    """
    ids = [one.id for one in held]
    spans = {}
    cr.execute(f"{PAUSED_SQL} UNION ALL {PAID_SQL}", [ids, ids])
    for assignment, account, plan, cause, first, last in cr.fetchall():
        if cause != "kept" and plans[plan].charges_suspended:
            continue
        if last is None:
            last = today[account] - 1 if cause == "unpaid" else FOREVER
        else:
            last = day_number(last)
        spans.setdefault(assignment, []).append((day_number(first), last))
    return {assignment: joined(found) for assignment, found in spans.items()}


PAUSED_SQL = """
SELECT p.assignment_id, s.account_id, s.plan_id, p.cause, p.date_start, p.date_end
  FROM voip_did_suspension p JOIN voip_did_assignment s ON s.id = p.assignment_id
 WHERE p.assignment_id = ANY(%s)
   AND (s.settled_until IS NULL OR COALESCE(p.date_end, 'infinity') > s.settled_until)
"""
