"""What AI calls came to month by month, and the plan that they are charged by."""

from odoo.http import Controller, request, route
from odoo.tools import format_date

from odoo.addons.voip_ai_usage.sessions.months import COLUMNS
from odoo.addons.voip_portal.controllers.common import PAGE, Chosen, exact, words
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
            values.update(
                months=list(_months(chosen)),
                plans=list(_plans(chosen)),
                prices=chosen.env._(
                    "Prices in %s, without taxes. Minutes of calls to destinations are"
                    " in the usage.",
                    chosen.account.currency_id.name,
                ),
            )
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
        terms = [*_days(chosen.env, one), *_terms(chosen.env, one, used)]
        yield {"name": one.plan_id.name, "terms": terms}


def _days(env, one):
    yield env._("From"), format_date(env, one.date_start)
    if one.date_end:
        yield env._("To"), format_date(env, one.date_end)


def _terms(env, one, used):
    """(term, value) of a subscription's plan; terms that it lacks are left out.

    :param used: {(plan, unit): units of this month}
    """
    plan = one.plan_id
    if plan.monthly_fee:
        yield env._("Monthly fee"), shown(plan.monthly_fee)
    if one.slots or plan.included_slots:
        yield env._("Lines"), f"{one.slots or plan.included_slots:,}"
        yield env._("Included lines"), f"{plan.included_slots:,}"
    if plan.slot_price:
        yield env._("A further line, a month"), shown(plan.slot_price)
    if plan.minute_price:
        yield env._("Price per minute"), exact(plan.minute_price)
    for unit, included, factor, name in (
        ("minutes", plan.included_minutes, 60, env._("Included minutes")),
        ("tokens", plan.included_tokens, 1, env._("Included tokens")),
    ):
        if included:
            now = min(used.get((plan, unit), 0) // factor, included)
            yield name, env._(
                "%(used)s of %(included)s used this month",
                used=f"{now:,}",
                included=f"{included:,}",
            )
    if plan.minimum:
        yield env._("Minimum per call"), shown(plan.minimum)
