"""Where a reseller's customer begins, and what was counted for him."""

from odoo.exceptions import UserError
from odoo.http import Controller, request, route

from odoo.addons.voip_billing_base.downloads import file_answer

from ..controllers import events
from ..controllers.common import PAGE, Chosen, first_rows, wrong
from ..controllers.dashboard import VoipDashboard
from .reading import Resold, resold_to


class VoipResoldEntry(VoipDashboard):
    @route()
    def dashboard(self, account="", **others):
        """Who has no account of his own begins at what is resold to him."""
        if not account and not Chosen().codes and resold_to(request.env):
            return request.redirect("/my/voip/resold")
        return super().dashboard(account=account, **others)


class VoipResoldEvents(Controller):
    @route("/my/voip/resold/events", methods=["GET"], **PAGE)
    def events(self, account="", date_from="", date_to="", **_others):
        """Events and units between two days, by type and source; no prices."""
        chosen = Resold(account)
        values = chosen.values(
            "events", date_from=date_from, date_to=date_to, rows=[], more="",
            categories=events._categories(chosen), count=events._count,
        )  # fmt: skip
        try:
            first, last, domain = events._asked(chosen, {}, date_from, date_to)
        except UserError as error:
            return request.render("voip_portal.resold_events", wrong(values, error))
        rows = events._sums(chosen, domain)
        values.update(
            first_rows(chosen.env, rows, events.SHOWN),
            date_from=first.isoformat(),
            date_to=last.isoformat(),
            query=f"account={chosen.code}&date_from={first}&date_to={last}",
        )
        return request.render("voip_portal.resold_events", values)

    @route("/my/voip/resold/events/file", methods=["GET"], **PAGE)
    def events_file(self, account="", date_from="", date_to="", **_others):
        """The same as CSV, day by day."""
        chosen = Resold(account)
        try:
            first, last, domain = events._asked(chosen, {}, date_from, date_to)
        except UserError as error:
            raise request.not_found(str(error)) from error
        rows = events._sums(chosen, domain, "local_day:day")
        name = f"events-{chosen.code}-{first}-{last}.csv"
        return file_answer(name, events._csv(chosen, rows), "csv")
