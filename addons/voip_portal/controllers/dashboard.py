"""The first page: what is left, what was spent on what, what to do next."""

from collections import defaultdict
from datetime import timedelta
from decimal import Decimal

from dateutil.relativedelta import relativedelta

from odoo.http import Controller, request, route

from .chart import columns
from .common import PAGE, Chosen
from .figures import family, sums, total
from .invoices import domain_of_invoices

MOST_SERVICES = 5


class VoipDashboard(Controller):
    @route("/my/voip", methods=["GET"], **PAGE)
    def dashboard(self, account="", **_others):
        """What the customer has, and what became of it in 30 days."""
        chosen = Chosen(account)
        values = chosen.values("dashboard")
        if chosen.account:
            values.update(_spent(chosen), **_invoices(chosen))
            values["steps"] = _steps(chosen)
        return request.render("voip_portal.dashboard", values)


def _spent(chosen):
    """Spend of today and of two months, the chart, the dearest destinations."""
    today = chosen.today()
    month = today.replace(day=1)
    last_month = month - relativedelta(months=1)
    # The same day of last month, or its last one.
    same_day = min(today - relativedelta(months=1), month - timedelta(days=1))
    accounts = family(chosen.account)
    first = today - timedelta(days=29)
    env = chosen.env
    days = sums(env, accounts, first, today, "day", "service")
    found = sums(env, accounts, month, today, "destination")
    before = sums(env, accounts, last_month, same_day, "account")
    chart = _chart(env, days, [first + timedelta(n) for n in range(30)])
    return {
        "spend_today": total(row for row in days if row["day"] == today),
        "spend_month": total(found),
        "spend_before": total(before),
        "minutes_month": sum(row["seconds"] for row in found) / Decimal(60),
        "destinations": found[:5],
        "chart": chart,
        "highest": env._("At most %s a day", chosen.money(chart["top"])),
    }


def _chart(env, rows, days):
    """Columns of days by service; beyond a few they are called *Other*."""
    services = env["voip.service"].sudo().browse({row["service"] for row in rows})
    names = {service.id: service.name for service in services}
    weights = defaultdict(Decimal)
    for row in rows:
        weights[row["service"]] += row["amount"]
    dearest = sorted(weights, key=lambda one: (-weights[one], one))[:MOST_SERVICES]
    series = defaultdict(lambda: defaultdict(Decimal))
    for row in rows:
        own = row["service"] in dearest
        name = names[row["service"]] if own else env._("Other")
        series[name][row["day"]] += row["amount"]
    order = [names[one] for one in dearest]
    ordered = sorted(series, key=lambda n: order.index(n) if n in order else len(order))
    return columns(days, [(name, series[name]) for name in ordered])


def _invoices(chosen):
    """Invoices that came last."""
    moves = chosen.env["account.move"].sudo()
    found = moves.search(
        domain_of_invoices(chosen), order="invoice_date desc, id desc", limit=5
    )
    return {"invoices": found}


def _has_moved(payer):
    entries = payer.env["voip.wallet.entry"]
    return bool(entries.search_count([("account_id", "=", payer.id)], limit=1))


def _steps(chosen):
    """What to do next: (text, link, its words), the most urgent first."""
    env, account, payer = chosen.env, chosen.account, chosen.payer
    query = f"?account={chosen.code}"
    topup = (f"/my/voip/topup{query}", env._("Top up"))
    if account.state in ("blocked", "closed"):
        yield env._("This account is closed to calls. Please contact us."), "", ""
    if not payer:
        return
    if payer.available < 0:
        yield env._("The credit is used up: calls stop until you top up."), *topup
    elif payer.low_balance:
        yield env._("The balance is low."), *topup
    elif not _has_moved(payer):
        yield env._("Your account is ready: top up and start calling."), *topup
    if payer.mode == "prepaid" and not payer.auto_recharge:
        yield (
            env._("Let the account top itself up, so that calls never stop."),
            f"/my/voip/recharge{query}",
            env._("Set up auto-recharge"),
        )
