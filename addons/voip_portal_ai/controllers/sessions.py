"""AI calls one by one, each with its parts and the minutes of its call."""

from odoo.exceptions import UserError
from odoo.http import Controller, request, route

from odoo.addons.voip_billing_base.downloads import file_answer
from odoo.addons.voip_billing_base.reader.values import harmless
from odoo.addons.voip_portal.controllers.common import PAGE, Chosen, wrong
from odoo.addons.voip_portal.controllers.csv_file import written
from odoo.addons.voip_portal.controllers.figures import family

from .figures import calls_of, parts_of, shown, steps_of

SHOWN = 100
MOST = 20_000
LONGEST_DAYS = 31


class VoipAiCalls(Controller):
    @route("/my/voip/ai", methods=["GET"], **PAGE)
    def ai(self, account="", date_from="", date_to="", **_others):
        """The last AI calls between two days of the account's zone."""
        chosen = Chosen(account)
        values = chosen.values(
            "ai", date_from=date_from, date_to=date_to, rows=[], shown=shown
        )
        try:
            first, last, rows = _asked(chosen, date_from, date_to, SHOWN + 1)
        except UserError as error:
            return request.render("voip_portal_ai.calls", wrong(values, error))
        for row in rows:
            row["steps"] = list(steps_of(chosen.env, row))
        values.update(
            rows=rows[:SHOWN],
            date_from=first.isoformat(),
            date_to=last.isoformat(),
            query=f"account={chosen.code}&date_from={first}&date_to={last}",
            prices=chosen.env._(
                "Prices in %s, without taxes. A session opens its parts.",
                chosen.account.currency_id.name,
            ),
            more=len(rows) > SHOWN
            and chosen.env._(
                "These are the last %s: choose fewer days, or take the file.", SHOWN
            ),
        )
        return request.render("voip_portal_ai.calls", values)

    @route("/my/voip/ai/file", methods=["GET"], **PAGE)
    def file(self, account="", date_from="", date_to="", **_others):
        """The same calls as CSV, a row for each part, unless they are too many."""
        chosen = Chosen(account)
        try:
            first, last, rows = _asked(chosen, date_from, date_to, MOST + 1)
        except UserError as error:
            raise request.not_found(str(error)) from error
        if len(rows) > MOST:
            told = chosen.env._("More than %s calls: choose fewer days.", f"{MOST:,}")
            values = chosen.values(
                "ai", date_from=date_from, date_to=date_to, rows=[], wrong=told
            )
            return request.render("voip_portal_ai.calls", values)
        name = f"ai-calls-{chosen.code}-{first}-{last}.csv"
        return file_answer(name, _csv(chosen, rows), "csv")


def _asked(chosen, date_from, date_to, limit):
    """(first, last, rows) of what the customer asks for.

    :raises UserError: wrong days, or too many
    """
    first, last = chosen.days(date_from, date_to)
    if (last - first).days >= LONGEST_DAYS:
        raise UserError(chosen.env._("Choose %s days at most.", LONGEST_DAYS))
    accounts = family(chosen.account)
    return first, last, calls_of(chosen.env, accounts, first, last, limit)


def _csv(chosen, rows):
    env = chosen.env
    heads = (
        env._("Start"), env._("Session"), env._("Account"), env._("Called"),
        env._("Seconds"), env._("Part"), env._("Model"), env._("Units"),
        env._("Amount"), env._("Currency"),
    )  # fmt: skip
    return written(
        heads,
        (
            (
                chosen.local(row["started_at"]).isoformat(sep=" "),
                harmless(row["session_ref"]),
                row["account"],
                harmless(row["called"] or ""),
                row["seconds"],
                what,
                harmless(model),
                units,
                amount,
                row["currency"],
            )
            for row in rows
            for what, model, units, amount in parts_of(env, row)
        ),
    )
