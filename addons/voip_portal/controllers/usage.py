"""Usage between two days: by day, service, destination or account, and as a file."""

from odoo.exceptions import UserError
from odoo.http import Controller, request, route

from odoo.addons.voip_billing_base.downloads import file_answer
from odoo.addons.voip_billing_base.reader.values import harmless

from .common import PAGE, Chosen, first_rows, wrong
from .csv_file import written
from .figures import GROUPS, family, sums, total

SHOWN = 500


class VoipUsage(Controller):
    @route("/my/voip/usage", methods=["GET"], **PAGE)
    def usage(self, account="", by="day", date_from="", date_to="", **_others):
        """Sums of usage, from summaries.

        :param by: a name of :data:`~.figures.GROUPS`
        """
        chosen = Chosen(account)
        values = chosen.values(
            "usage", by=by, date_from=date_from, date_to=date_to, rows=[], query=""
        )
        values["choices"] = _choices(chosen.env)
        try:
            first, last, rows = _asked(chosen, by, date_from, date_to)
        except UserError as error:
            return request.render("voip_portal.usage", wrong(values, error))
        values.update(
            date_from=first.isoformat(),
            date_to=last.isoformat(),
            **first_rows(chosen.env, rows, SHOWN),
            total=total(rows),
            query=f"account={chosen.code}&by={by}&date_from={first}&date_to={last}",
        )
        return request.render("voip_portal.usage", values)

    @route("/my/voip/usage/file", methods=["GET"], **PAGE)
    def file(self, account="", by="day", date_from="", date_to="", **_others):
        """The same sums as CSV, all of them."""
        chosen = Chosen(account)
        try:
            first, last, rows = _asked(chosen, by, date_from, date_to)
        except UserError as error:
            raise request.not_found(str(error)) from error
        name = f"usage-{chosen.code}-{first}-{last}.csv"
        return file_answer(name, _csv(chosen, by, rows), "csv")


def _asked(chosen, by, date_from, date_to):
    """(first, last, rows) with the words of each row's group as ``name``."""
    if by not in GROUPS:
        raise UserError(chosen.env._("Choose what the usage is added up by."))
    first, last = chosen.days(date_from, date_to)
    if not chosen.account:
        return first, last, []
    rows = sums(chosen.env, family(chosen.account), first, last, by)
    names = names_of(chosen.env, by, rows)
    if by == "day":
        rows.sort(key=lambda row: row["day"], reverse=True)
    return first, last, [{**row, "name": names(row[by])} for row in rows]


def names_of(env, by, rows):
    """How a group's value is called."""
    if by == "service":
        found = env["voip.service"].sudo().browse({row[by] for row in rows})
        return {service.id: service.name for service in found}.get
    if by == "account":
        found = env["voip.account"].browse({row[by] for row in rows})
        return {account.id: account.display_name for account in found}.get
    return str


def _choices(env):
    return {
        "day": env._("Day"),
        "service": env._("Service"),
        "destination": env._("Destination"),
        "account": env._("Account"),
    }


def _csv(chosen, by, rows):
    """Formulas of spreadsheets stay text."""
    env = chosen.env
    heads = (
        _choices(env)[by], env._("Calls"), env._("Seconds"),
        env._("Amount with taxes"), env._("Currency"),
    )  # fmt: skip
    currency = chosen.account.currency_id.name
    return written(
        heads,
        (
            (
                harmless(row["name"] or ""), row["calls"], row["seconds"],
                f"{row['amount']:f}", currency,
            )
            for row in rows
        ),
    )  # fmt: skip
