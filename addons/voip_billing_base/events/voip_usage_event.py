"""Usage events: the door of who sends them, and what became of each."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from ..charge.transaction import run_money
from ..engine.event import LIMITS
from ..fields import BigInteger, Link
from ..models.voip_volume import POSITIVE
from ..notice import notice
from .store import MOST_NOTE, keep_refused, read_events, store_events
from .tables import make_event_tables

EVENT_LIMIT = 10_000
CRON = "voip_billing_base.ir_cron_count_events"
# Who may send events: keys made for that, switches, staff.
SENDERS = (
    "voip_billing_base.group_voip_events",
    "voip_billing_base.group_voip_switch",
    "voip_billing_base.group_voip_user",
)
NAMED = ("account_code", "type_code")
CORRECTED = {*NAMED, "note"}


class VoipUsageEvent(models.Model):
    """Something countable that happened, recorded once by its source and id.

    A window on the partitioned table ``voip_usage_event_row``.

    It is kept in its sender's words at once and waits; the scheduled action finds its
    account and type and counts it, or says what is wrong with it.
    """

    _name = "voip.usage.event"
    _inherit = ["voip.volume", "voip.price.again", "voip.dismissed"]
    _description = "Usage Event"
    _auto = False
    _log_access = True
    _order = "id desc"
    _rec_name = "event_ref"
    _check_company_auto = True
    _voip_longest = {
        "account_code": LIMITS["account"],
        "type_code": LIMITS["event_type"],
        "note": MOST_NOTE,
    }
    _dismissed_audit = "event_dismissed"
    _moment = "occurred_at"
    _day = "local_day"

    company_id = Link("res.company", readonly=True)
    source = fields.Char(
        readonly=True, help="The system or module that recorded it."
    )
    event_ref = fields.Char(
        string="Event ID",
        readonly=True,
        help="Unique for its source: sent again it is counted once.",
    )
    account_code = fields.Char(
        string="Account Code", help="As the sender named the account."
    )
    type_code = fields.Char(
        string="Type Code", help="As the sender named the event type."
    )
    account_id = Link("voip.account", readonly=True, check_company=True)
    type_id = Link(
        "voip.usage.event.type", string="Type", readonly=True, check_company=True
    )
    units = BigInteger(readonly=True)
    occurred_at = fields.Datetime(string="Occurred", readonly=True)
    local_day = fields.Date(
        readonly=True, help="Day in the account's time zone, on which it counts."
    )
    received_at = fields.Datetime(string="Received", readonly=True)
    metadata = fields.Json(string="Metadata (JSON)", readonly=True)
    particulars = fields.Text(compute="_compute_particulars", string="Metadata")
    digest = fields.Char(readonly=True)
    state = fields.Selection(
        [
            ("waiting", "Waiting"),
            ("counted", "Counted"),
            ("error", "Error"),
            ("dismissed", "Dismissed"),
        ],
        readonly=True,
    )
    error = fields.Selection(
        [
            ("no_account", "No account"),
            ("account_closed", "Account closed"),
            ("unknown_event_type", "Unknown event type"),
            ("no_pricelist", "No price list"),
            ("no_price", "No price"),
            ("no_cost_price", "No supplier's price"),
            ("no_exchange_rate", "No exchange rate"),
            ("out_of_bounds", "Out of bounds"),
        ],
        readonly=True,
    )
    message = fields.Text(compute="_compute_message", string="What to Do")

    def init(self):
        make_event_tables(self.env.cr)

    # === COMPUTE METHODS === #

    def _compute_particulars(self):
        for event in self:
            items = (event.metadata or {}).items()
            event.particulars = "\n".join(f"{name}: {value}" for name, value in items)

    def _compute_message(self):
        for event in self:
            event.message = event._what_to_do()

    def _what_to_do(self):
        words = self._error_words().get(self.error)
        names = {
            "company": self.company_id.name,
            "account": self.account_code,
            "type": self.type_code,
            "supplier": (self.metadata or {}).get("supplier") or "",
            "moment": self.occurred_at,
        }
        return words % names if words else False

    @api.model
    def _error_words(self):
        """{error: what is to be done}."""
        _ = self.env._
        return {
            "no_account": _(
                "No account of %(company)s has the code %(account)s. Correct the code"
                " here, or give an account this code, then try again."
            ),
            "account_closed": _(
                "Account %(account)s is closed. Name another account here, then try"
                " again."
            ),
            "unknown_event_type": _(
                "There is no event type %(type)s, or it is archived. Correct it here,"
                " or add it under Configuration, Event Types, then try again."
            ),
            "no_pricelist": _(
                "Account %(account)s has no event price list, and its currency has no"
                " default one. Choose one at the account, or make one under"
                " Configuration, Event Price Lists, then try again."
            ),
            "no_price": _(
                "The price list of account %(account)s has no price of %(type)s for"
                " this event and its day. Add one under Configuration, Event Prices,"
                " then try again."
            ),
            "no_cost_price": _(
                "There is no price list of a supplier %(supplier)s, or it has no price"
                " of %(type)s for this event and its day. Add it under Configuration,"
                " Event Price Lists, then try again."
            ),
            "no_exchange_rate": _(
                "A currency of this event has no exchange rate of its day or before"
                " (%(moment)s). Enter one, then try again."
            ),
            "out_of_bounds": _(
                "Account %(account)s would be charged more than the books hold. Look at"
                " the price and the units."
            ),
        }

    # === SEARCH === #

    def _finds(self, condition):
        """What waits or has an error is found whenever it occurred."""
        value = condition.value
        if condition.field_expr == "state" and condition.operator in POSITIVE:
            values = {value} if isinstance(value, str) else set(value or [False])
            return not values & {"counted", False}
        return super()._finds(condition)

    def _narrowing(self):
        return {**super()._narrowing(), "error": self._of_errors}

    def _of_errors(self, condition, values):
        """Events of an error are in one of two states, which have an index."""
        if False in values:
            return condition
        return condition & Domain("state", "in", ["error", "dismissed"])

    # === CRUD METHODS === #

    def write(self, vals):
        if any(name in vals and not vals[name] for name in NAMED):
            raise UserError(self.env._("An event names an account and a type."))
        if not self.env.su and vals.keys() & CORRECTED:
            fixed = self.filtered(lambda event: event.state != "error")
            if fixed:
                raise UserError(
                    self.env._(
                        "Event %s has no error: account and type stay.",
                        fixed[0].event_ref,
                    )
                )
        return super().write(vals)

    # === ACTION METHODS === #

    def action_again(self):
        """Let events with an error, dismissed ones too, be looked at again, now."""
        self.check_access("write")
        again = self.filtered("error")
        again.sudo().write({"state": "waiting", "error": False, "note": False})
        self.env.flush_all()
        for company in again.company_id:
            again._count_waiting(company.id, again.ids)
        self.env.invalidate_all()
        left = len(again.filtered("error"))
        words = self.env._(
            "%(done)s counted, %(left)s still in error.",
            done=len(again) - left,
            left=left,
        )
        return notice(words, "warning" if left else "success")

    # === BUSINESS METHODS === #

    def _dismissed_about(self):
        return {"source": self.source, "event": self.event_ref}

    # === MACHINE DOOR === #

    @api.model
    def record(self, events=None):
        """Keep usage events; each is counted within seconds.

        Sent again, what was accepted is a duplicate. The company is the caller's.

        :param list events: at most 10,000 of ``{event_id, account, source, event_type,
            units, occurred_at, metadata}``
        :return: ``{received, accepted, duplicates, errors: [{index, event_id, code,
            message}]}``; what has an error is no event, and is listed for staff
        :raises AccessError: the caller may not send events
        :raises UserError: events is no list, or too long
        """
        user = self.env.user
        if not (self.env.su or any(map(user.has_group, SENDERS))):
            raise AccessError(
                self.env._("This needs a key with the scope of events, or staff.")
            )
        if not isinstance(events, list):
            raise UserError(self.env._("events must be a list."))
        if len(events) > EVENT_LIMIT:
            raise UserError(
                self.env._(
                    "At most %(limit)s events a call, not %(count)s.",
                    limit=EVENT_LIMIT,
                    count=len(events),
                )
            )
        company = self.env.company.id
        return run_money(
            self.env, lambda env: env[self._name].sudo()._keep(company, events)
        )

    @api.model
    def _conflict_words(self):
        return self.env._(
            "event_id: the source has sent this event before, with other content."
        )

    @api.model
    def _keep(self, company_id, events, conflicts=True):
        """Keep events in this transaction; the answer of :meth:`record`.

        :param conflicts: whether what was sent with other content is listed as refused
        """
        conflict = self._conflict_words()
        sent = read_events(events, self.env.cr.now(), conflict)
        accepted = store_events(self.env, company_id, sent, conflict)
        listed = [e for e in sent.errors if conflicts or e["code"] != "conflict"]
        keep_refused(self.env.cr, company_id, events, listed)
        if accepted:
            self.env.cr.postcommit.add(self._wake_counting)
        return {
            "received": len(events),
            "accepted": accepted,
            "duplicates": sent.duplicates,
            "errors": sent.errors,
        }

    @api.model
    def _wake_counting(self):
        self.env["voip.job"]._wake_once(CRON)
