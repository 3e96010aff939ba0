"""Before a dispute window ends, those are reminded who decide."""

from odoo import api, fields, models
from odoo.tools import format_date

from ..agreements import terms
from .voip_supplier_invoice import OPEN_STATES

ACTIVITY = "voip_supplier_audit.mail_activity_window"


class VoipSupplierInvoice(models.Model):
    _inherit = "voip.supplier.invoice"

    last_day = fields.Date(
        compute="_compute_last_day",
        store=True,
        compute_sudo=True,
        help="The last day on which differences can be disputed, in the supplier's"
        " zone.",
    )

    # === COMPUTE METHODS === #

    @api.depends("deadline")
    def _compute_last_day(self):
        for invoice in self:
            tz = invoice.agreement_id.tz or "UTC"
            end = invoice.deadline
            invoice.last_day = end and terms.last_day(end, tz)

    # === CRON METHODS === #

    @api.model
    def _cron_remind(self, batch_size=200):
        """Remind 10, 5 and 2 days before the last day, each once."""
        now = fields.Datetime.now()
        waiting = self.search(
            [
                ("state", "in", OPEN_STATES),
                ("deadline", ">", now),
                ("deadline", "<=", fields.Datetime.add(now, days=12)),
            ],
            order="deadline, id",
        )
        due = waiting.filtered(lambda invoice: invoice._reminder(now))
        for invoice in due[:batch_size]:
            invoice._remind(now)
        left = max(len(due) - batch_size, 0)
        self.env["ir.cron"]._commit_progress(min(len(due), batch_size), remaining=left)

    def _reminder(self, now):
        """The reminder that is due, in days; None: none."""
        zone = self.agreement_id.tz or "UTC"
        left = terms.days_left(self.deadline, now, zone)
        return terms.reminder(left, self.told_days)

    def _remind(self, now):
        """Tell the responsible person, and with the last reminder who is above.

        A reminder takes the place of the one before.
        """
        days = self._reminder(now)
        self._drop_reminders()
        agreed = self.agreement_id
        people = agreed.responsible_id
        if days == min(terms.REMINDERS):
            people |= agreed.escalation_id
        for person in people or self.create_uid:
            self.with_company(self.company_id).activity_schedule(
                ACTIVITY,
                date_deadline=fields.Date.context_today(self),
                user_id=person.id,
                summary=self.env._(
                    "Invoice %(number)s of %(supplier)s: %(days)s days left to dispute,"
                    " until %(day)s",
                    number=self.number,
                    supplier=self.partner_id.display_name,
                    days=terms.days_left(self.deadline, now, agreed.tz or "UTC"),
                    day=format_date(self.env, self.last_day),
                ),
            )
        self.sudo().told_days = days

    @api.model
    def _deadlines_action(self):
        """The calendar of open windows, in the month of the next last day: in a month
        without one it would look as if nothing ran."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "voip_supplier_audit.voip_supplier_invoice_action_calendar"
        )
        today = fields.Date.context_today(self)
        running = [
            ("state", "in", OPEN_STATES),
            ("deadline", "!=", False),
        ]
        ahead = [*running, ("last_day", ">=", today)]
        first = self.search(ahead, order="last_day, id", limit=1)
        found = first or self.search(running, order="last_day desc, id", limit=1)
        if found:
            action["context"] = {"initial_date": f"{found.last_day} 12:00:00"}
        return action

    def _drop_reminders(self):
        self.activity_unlink([ACTIVITY])
