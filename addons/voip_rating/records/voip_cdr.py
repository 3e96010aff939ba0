"""Call records: the door of the switches, and a window on what they sent."""

import re

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import file_open

from odoo.addons.voip_billing_base.charge.append_only import install_append_only
from odoo.addons.voip_billing_base.charge.transaction import run_money

from ..calls.check import LAST_HALF, first_key
from ..formats.envelope import NoRecord

MAX_RECORDS = 10_000
MAX_ERRORS = 1_000
MAX_ID = 2**31 - 1
# From so many posted records on they are a batch.
MANY = 100
SWITCH_CODE = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)


class VoipCdr(models.Model):
    """Read-only window on the partitioned table ``voip_cdr_row``.

    Records are what the switch said, stored once per call leg and never changed.
    """

    _name = "voip.cdr"
    _description = "Call Record"
    _inherit = ["voip.volume"]
    _auto = False
    _log_access = False
    _order = "start desc, id desc"
    _rec_name = "call_id"
    _moment = "start"

    company_id = fields.Many2one("res.company", readonly=True)
    switch_id = fields.Many2one("voip.switch", readonly=True)
    batch_id = fields.Many2one("voip.cdr.batch", readonly=True)
    position = fields.Integer(string="Row", readonly=True, aggregator=None)
    call_id = fields.Char(string="Call ID", readonly=True)
    leg = fields.Char(readonly=True)
    caller = fields.Char(readonly=True)
    called = fields.Char(readonly=True)
    start = fields.Datetime(readonly=True)
    answer = fields.Datetime(readonly=True)
    end = fields.Datetime(readonly=True)
    duration_ms = fields.Integer(string="Duration (ms)", readonly=True)
    answered = fields.Boolean(readonly=True)
    trunk = fields.Char(readonly=True)
    account = fields.Char(readonly=True)
    supplier_trunk = fields.Char(readonly=True)
    direction = fields.Selection(
        [("outbound", "Outbound"), ("inbound", "Inbound")], readonly=True
    )
    jurisdiction = fields.Char(readonly=True)
    lrn = fields.Char(string="LRN", readonly=True)
    sip_code = fields.Integer(string="SIP Code", readonly=True, aggregator=None)
    hangup_cause = fields.Char(readonly=True)
    pdd_ms = fields.Integer(string="PDD (ms)", readonly=True, aggregator="avg")
    mos = fields.Float(
        string="MOS", digits=(5, 3), readonly=True, aggregator="avg"
    )
    packet_loss = fields.Float(digits=(9, 4), readonly=True, aggregator="avg")
    jitter_ms = fields.Float(
        string="Jitter (ms)", digits=(12, 3), readonly=True, aggregator="avg"
    )
    ambiguous = fields.Char(string="Ambiguous Time", readonly=True)
    charge = fields.Char(
        string="Service Charge",
        readonly=True,
        help="What the record says that it costs: it is no call.",
    )
    zone = fields.Char(
        string="Times in",
        compute="_compute_zone",
        help="The reader's time zone, in which the times are shown; the switch may"
        " write its records in another.",
    )

    def init(self):
        cr = self.env.cr
        with file_open("voip_rating/sql/cdr.sql") as script:
            cr.execute(script.read())
        install_append_only(cr, "voip_cdr_row")
        # The batch's table may be made after this.
        self.env.registry.post_init(self._make_view)

    def _make_view(self):
        self.env.cr.execute("DROP VIEW IF EXISTS voip_cdr")
        self.env.cr.execute(VIEW)

    # === COMPUTE METHODS === #

    @api.depends_context("tz", "uid")
    def _compute_zone(self):
        shown = self.env.context.get("tz") or self.env.user.tz
        for call in self:
            call.zone = shown or self.env._("the zone of this browser")

    # === BUSINESS METHODS === #

    def _narrowing(self):
        return {
            **super()._narrowing(),
            "batch_id": self._of_batches,
            "call_id": self._of_call_ids,
        }

    def _of_batches(self, condition, values):
        return condition & self._within(*self._named("voip.cdr.batch", values)._span())

    def _of_call_ids(self, condition, values):
        rows = self._rows_of_call_ids(values)
        times = [start for _record, start in rows]
        return (
            condition
            & Domain("id", "in", [record for record, _start in rows])
            & self._within(min(times, default=None), max(times, default=None))
        )

    def _rows_of_call_ids(self, values):
        """[(id, start)] of the records of these call ids, found by their keys."""
        texts = {value for value in values if value and isinstance(value, str)}
        keys = []
        for low in map(first_key, texts):
            self.env.cr.execute(KEYS_SQL, [low, low + LAST_HALF])
            keys += self.env.cr.fetchall()
        if not keys:
            return []
        months = [month for _record, month in keys]
        self.env.cr.execute(
            CALLS_SQL,
            {
                "ids": [record for record, _month in keys],
                "texts": list(texts),
                "first": min(months),
                "last": max(months),
            },
        )
        return self.env.cr.fetchall()

    # === MACHINE DOORS === #

    @api.model
    def ingest(self, switch, records, format="generic", rate_now=False):
        """Store a batch of call records once, durably.

        A record that cannot be used is reported and kept in the error queue; it never
        spoils its neighbours. Sending a batch again is safe: what was accepted before
        is counted as duplicate.

        :param switch: code of the switch
        :param records: list of at most 10,000 generic call records (dicts)
        :param format: code of the format of the records
        :param rate_now: rate in this call; else within seconds
        :return: ``{batch, received, accepted, duplicates, conflicts, errors, rated,
            in_error}``, the last two when rated
        :raises AccessError: the user may not push for this switch
        :raises UserError: the call itself is malformed; the message names the argument
        """
        switch = self._ingest_switch(switch)
        self._check_list(records)
        layout = self.env["voip.cdr.format"]._of_argument(format, switch.company_id)
        layout._check_posted(switch)
        records = self._opened(records, layout)
        self._check_call(records, rate_now)
        return self._take_in(switch, records, layout, rate_now)

    @api.model
    def _post(self, switch, records, format):
        """Take what a switch posts: few records rest until the worker stores them.

        So a record that comes alone makes no batch of its own.

        :param switch: ``voip.switch`` whose key came along
        :param records: list of records
        :param format: code of their format
        :return: ``{received, queued}``, from 100 records on that of ``ingest``
        :raises UserError: as ``ingest``
        """
        self._check_list(records)
        formats = self.env["voip.cdr.format"]
        layout = formats.browse(formats._id_of_argument(format, switch.company_id.id))
        layout._check_posted(switch)
        records = self._opened(records, layout, strict=True)
        self._check_call(records, False)
        if len(records) >= MANY:
            return self._take_in(switch, records, layout, False)
        self.env["voip.cdr.post"].sudo()._put(switch, layout, records)
        return {"received": len(records), "queued": len(records)}

    def _take_in(self, switch, records, layout, rate_now):
        try:
            return run_money(
                self.env,
                lambda env: env["voip.cdr.batch"]
                .sudo()
                ._take_in(
                    switch.with_env(env).sudo(),
                    records,
                    rate_now,
                    layout.with_env(env).sudo(),
                ),
            )
        except psycopg2.DataError as error:
            raise ValidationError(
                self.env._("records: a value cannot be stored")
            ) from error

    @api.model
    @api.readonly
    def batch_status(self, batch):
        """What became of a batch.

        :param batch: number that ``ingest`` returned
        :return: ``{state, received, accepted, rated, zero_rated, duplicates, conflicts,
            in_error, amount, cost}``; amounts are decimal texts per currency
        """
        if isinstance(batch, bool) or not isinstance(batch, int):
            raise UserError(self.env._("batch: must be a number"))
        if not 0 < batch <= MAX_ID:
            raise UserError(self.env._("batch: %s does not exist", batch))
        found = self.env["voip.cdr.batch"].sudo().browse(batch).exists()
        if not found or not self._may_push(found.switch_id):
            raise UserError(self.env._("batch: %s does not exist", batch))
        return found._status()

    def _ingest_switch(self, code):
        if not isinstance(code, str) or not SWITCH_CODE.fullmatch(code):
            raise UserError(self.env._("switch: must be the code of a switch"))
        switches = (
            self.env["voip.switch"]
            .sudo()
            .search(
                [
                    ("code", "=", code),
                    ("company_id", "in", self.env.user.company_ids.ids),
                ],
            )
        )
        # Companies may have the same codes: the current one comes first.
        switch = switches.filtered_domain([("company_id", "=", self.env.company.id)])
        if not switch and len(switches) > 1:
            raise UserError(
                self.env._("switch: %s is in several companies", code)
            )
        switch = switch or switches
        if not switch or not self._may_push(switch):
            raise AccessError(
                self.env._("switch: you may not push records for %r", code[:64])
            )
        return switch

    def _may_push(self, switch):
        """Staff of the switch's company, or the switch's own API user."""
        if self.env.su:
            return True
        user = self.env.user
        if user == switch.user_id:
            return user.has_group("voip_billing_base.group_voip_switch")
        return (
            user.has_group("voip_billing_base.group_voip_user")
            and switch.company_id in user.company_ids
        )

    def _check_list(self, records):
        if not isinstance(records, list):
            raise UserError(self.env._("records: must be a list of records"))

    def _opened(self, records, layout, strict=False):
        """The records, and those in the answers of an API among them.

        :param strict: refuse what is neither; what comes with records spoils none
        :raises UserError: naming what was sent instead
        """
        envelope = layout._envelope(layout.id)
        try:
            return envelope.opened(records, strict or not envelope.has_record(records))
        except NoRecord as error:
            raise UserError(
                self.env._(
                    "records: number %(index)s is no record of the format %(format)s:"
                    " it has none of %(names)s, but %(held)s",
                    index=error.index,
                    format=layout.sudo().code,
                    names=error.names,
                    held=error.held,
                )
            ) from error

    def _check_call(self, records, rate_now):
        if len(records) > MAX_RECORDS:
            raise UserError(
                self.env._(
                    "records: %(count)s records, at most %(limit)s a call",
                    count=len(records),
                    limit=MAX_RECORDS,
                )
            )
        for index, record in enumerate(records):
            if not isinstance(record, dict):
                raise UserError(self.env._("records: number %s is no object", index))
        if not isinstance(rate_now, bool):
            raise UserError(self.env._("rate_now: must be true or false"))


# Two statements of plain values: PostgreSQL then looks at the months concerned only.
KEYS_SQL = "SELECT cdr_id, month FROM voip_cdr_key WHERE key BETWEEN %s AND %s"
CALLS_SQL = """
SELECT id, start FROM voip_cdr_row
 WHERE id = ANY(%(ids)s) AND call_id = ANY(%(texts)s) AND start >= %(first)s
   AND start < %(last)s + interval '1 month'
"""
VIEW = """
CREATE VIEW voip_cdr AS
SELECT r.id, r.start, r.answer, r."end", r.company_id, b.switch_id, r.batch_id,
       r.position, r.duration_ms, r.pdd_ms, r.sip_code, r.answered, r.call_id,
       COALESCE(r.leg, 'a') AS leg, r.called, r.caller, r.trunk, r.account,
       r.supplier_trunk, COALESCE(r.direction, 'outbound') AS direction,
       r.jurisdiction, r.lrn, r.hangup_cause, r.mos, r.packet_loss, r.jitter_ms,
       r.attempts, r.metadata, r.metadata ->> '_ambiguous_time' AS ambiguous,
       r.metadata ->> '_charge' AS charge
  FROM voip_cdr_row r LEFT JOIN voip_cdr_batch b ON b.id = r.batch_id
"""
