"""What AI calls came to month by month, and the plan that they are charged by."""

from odoo.http import Controller, request, route

from odoo.addons.voip_ai_usage.sessions.months import COLUMNS
from odoo.addons.voip_portal.controllers.common import PAGE, Chosen, words
from odoo.addons.voip_portal.controllers.figures import family

from .figures import shown

MONTHS = 24


class VoipAiMonths(Controller):
    @route("/my/voip/ai/months", methods=["GET"], **PAGE)
    def months(self, account="", **_others):
        """The last months of the account and its sub-accounts, and its plans."""
        chosen = Chosen(account)
        values = chosen.values("ai", months=[], plans=[], shown=shown)
        if chosen.account:
            values.update(months=list(_months(chosen)), plans=list(_plans(chosen)))
        return request.render("voip_portal_ai.months", values)


def _months(chosen):
    """Months with their tokens by kind, the last one first."""
    accounts = family(chosen.account)
    found = chosen.env["voip.ai.month"].sudo().search(
        [("account_id", "in", accounts.ids)], limit=MONTHS * max(len(accounts), 1)
    )
    kinds = words(chosen.env, "voip.ai.charge", "kind")
    for month in found:
        tokens = [(kinds[kind], month[name]) for kind, name in COLUMNS.items()]
        yield {
            "month": month,
            "kinds": [(word, units) for word, units in tokens if units],
            "tokens": sum(units for _word, units in tokens),
        }


def _plans(chosen):
    """The plan of today and what comes, with what is used up of this month."""
    today = chosen.today()
    subscriptions = chosen.env["voip.ai.subscription"].sudo().search(
        [
            ("account_id", "=", chosen.account.id),
            "|",
            ("date_end", "=", False),
            ("date_end", ">=", today),
        ],
        order="date_start",
    )
    volumes = chosen.env["voip.ai.volume"].sudo().search(
        [
            ("account_id", "=", chosen.account.id),
            ("month", "=", today.replace(day=1)),
        ]
    )
    used = {(one.plan_id, one.unit): one.units for one in volumes}
    for one in subscriptions:
        plan = one.plan_id
        yield {
            "one": one,
            "plan": plan,
            "minutes": min(used.get((plan, "minutes"), 0) / 60, plan.included_minutes),
            "tokens": min(used.get((plan, "tokens"), 0), plan.included_tokens),
        }
