"""Rated usage: every priced event of every service, in one append-only table."""

from datetime import datetime, time, timedelta

from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import SQL, file_open

from ..charge import columns
from ..charge.append_only import install_append_only
from ..const import MONEY, PRICE
from ..fields import Amount, ExactFloat


class VoipUsage(models.Model):
    """Read-only window on the partitioned table ``voip_usage_row``.

    Rows are written by COPY in the transaction of their batch and never changed: an
    undo appends a row with ``sign`` -1 that points to the row it takes back. What their
    summary or rate says is not in them; see :mod:`~..charge.columns`.
    """

    _name = "voip.usage"
    _description = "Rated Usage"
    _inherit = ["voip.volume"]
    _auto = False
    _log_access = False
    _order = "started_at desc, id desc"
    _rec_name = "source_ref"
    _ruled = ("company_id", "account_id")

    company_id = fields.Many2one("res.company", readonly=True)
    account_id = fields.Many2one("voip.account", readonly=True)
    payer_id = fields.Many2one(
        "voip.account",
        string="Paid by",
        readonly=True,
        help="The account whose wallet was charged.",
    )
    service_id = fields.Many2one("voip.service", readonly=True)
    summary_id = fields.Many2one("voip.usage.summary", readonly=True)
    batch_id = fields.Integer(string="Batch Number", readonly=True)
    source_id = fields.Integer(string="Record", readonly=True)
    source_ref = fields.Char(string="Call ID", readonly=True)
    kind = fields.Selection(
        [("rated", "Rated"), ("zero", "Zero-rated"), ("reversal", "Reversal")],
        readonly=True,
        help="Zero-rated: not answered and free, kept for quality figures. "
        "Reversal: takes back an earlier row.",
    )
    sign = fields.Integer(readonly=True)
    started_at = fields.Datetime(string="Start", readonly=True)
    local_day = fields.Date(
        readonly=True, help="Day of the start in the account's time zone."
    )
    late = fields.Boolean(readonly=True, help="Arrived after its period was invoiced.")
    direction = fields.Selection(
        [("outbound", "Outbound"), ("inbound", "Inbound")], readonly=True
    )
    caller = fields.Char(readonly=True)
    called = fields.Char(readonly=True)
    label = fields.Char(string="Destination Name", readonly=True)
    prefix = fields.Char(readonly=True)
    answered = fields.Boolean(readonly=True)
    duration_ms = fields.Integer(string="Duration (ms)", readonly=True)
    duration_seconds = fields.Float(
        string="Duration (s)", digits=(12, 3), readonly=True
    )
    billed_seconds = fields.Integer(string="Billed (s)", readonly=True)
    billed_minutes = fields.Float(string="Billed (min)", digits=(12, 4), readonly=True)
    units = fields.Integer(readonly=True)
    rate_id = fields.Integer(string="Rate Version", readonly=True)
    unit_price = ExactFloat(**PRICE, readonly=True, aggregator="avg")
    connect_fee = ExactFloat(**PRICE, readonly=True, aggregator=None)
    initial_increment = fields.Integer(readonly=True, aggregator=None)
    next_increment = fields.Integer(readonly=True, aggregator=None)
    jurisdiction = fields.Char(readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    amount = Amount(**MONEY, readonly=True)
    deck_currency_id = fields.Many2one("res.currency", readonly=True)
    deck_amount = Amount(**MONEY, readonly=True, aggregator=None)
    exchange_rate = fields.Float(digits=(24, 12), readonly=True, aggregator=None)
    amount_company = Amount(
        string="Sale (company currency)",
        **MONEY,
        readonly=True,
        groups="voip_billing_base.group_voip_viewer",
    )
    supplier_id = fields.Many2one(
        "res.partner", readonly=True, groups="voip_billing_base.group_voip_viewer"
    )
    cost_rate_id = fields.Integer(
        string="Cost Rate Version",
        readonly=True,
        groups="voip_billing_base.group_voip_viewer",
    )
    cost_prefix = fields.Char(
        readonly=True, groups="voip_billing_base.group_voip_viewer"
    )
    cost_price = ExactFloat(
        **PRICE,
        readonly=True,
        aggregator="avg",
        groups="voip_billing_base.group_voip_viewer",
    )
    cost_billed_seconds = fields.Integer(
        readonly=True, groups="voip_billing_base.group_voip_viewer"
    )
    cost_currency_id = fields.Many2one(
        "res.currency",
        readonly=True,
        groups="voip_billing_base.group_voip_viewer",
    )
    cost_amount = Amount(
        string="Cost (supplier currency)",
        **MONEY,
        readonly=True,
        aggregator=None,
        groups="voip_billing_base.group_voip_viewer",
    )
    cost = Amount(
        string="Cost (company currency)",
        **MONEY,
        readonly=True,
        groups="voip_billing_base.group_voip_viewer",
    )
    margin = Amount(
        **MONEY,
        readonly=True,
        groups="voip_billing_base.group_voip_viewer",
    )
    reversal_of = fields.Integer(readonly=True, aggregator=None)

    def init(self):
        cr = self.env.cr
        cr.execute(columns.table_sql())
        self._widen_ratios()
        for name in ("partitions", "usage"):
            with file_open(f"voip_billing_base/sql/{name}.sql") as script:
                cr.execute(script.read())
        install_append_only(cr, "voip_usage_row")
        # Modules join tables of theirs, which are made by then.
        self.env.registry.post_init(self._make_view)

    def _widen_ratios(self):
        """Give columns of exchange rates all digits; no row is written anew."""
        cr = self.env.cr
        cr.execute(
            "SELECT attname FROM pg_attribute"
            " WHERE attrelid = 'voip_usage_row'::regclass AND atttypmod <> -1"
            "   AND attname IN ('exchange_rate', 'cost_exchange_rate')"
        )
        for (name,) in cr.fetchall():
            # It is made again after the modules are loaded.
            cr.execute("DROP VIEW IF EXISTS voip_usage")
            column = SQL.identifier(name)
            cr.execute(
                SQL("ALTER TABLE voip_usage_row ALTER COLUMN %s TYPE numeric", column)
            )

    def _register_hook(self):
        super()._register_hook()
        self.env.cr.execute(SETTINGS)

    def _make_view(self):
        query = columns.view_sql(self._said(), self._joins())
        self.env.cr.execute("DROP VIEW IF EXISTS voip_usage")
        self.env.cr.execute(query)

    # === BUSINESS METHODS === #

    def _narrowing(self):
        return {**super()._narrowing(), "summary_id": self._of_summaries}

    def _of_summaries(self, condition, values):
        """Usage of a summary is of its account, around its local day."""
        summaries = self._named("voip.usage.summary", values)
        days = summaries.mapped("local_day")
        if not days:
            return Domain.FALSE
        return (
            condition
            & Domain("account_id", "in", summaries.account_id.ids)
            & self._within(
                datetime.combine(min(days) - timedelta(days=1), time.min),
                datetime.combine(max(days) + timedelta(days=2), time.min),
            )
        )

    def _said(self):
        """{column: SQL} of what a row does not say itself; modules add theirs."""
        return dict(columns.SAID)

    def _joins(self):
        """Tables that :meth:`_said` names, each joined by its key."""
        return ["voip_usage_summary s ON s.id = u.summary_id"]


# For look-ups over many months PostgreSQL would compile for 100 ms what runs in 10, and
# refute two dozen CHECKs of each month with every condition, which rules out nothing.
# A copy of a database has no settings, so they are made at each start; what is set
# otherwise stays.
SETTINGS = """
DO $$
DECLARE
    setting text;
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtext('voip_settings')) THEN
        RETURN;
    END IF;
    FOREACH setting IN ARRAY ARRAY['jit', 'constraint_exclusion'] LOOP
        IF (SELECT pg_has_role(d.datdba, 'USAGE') AND NOT EXISTS (
                       SELECT FROM pg_db_role_setting s, unnest(s.setconfig) said
                        WHERE s.setdatabase = d.oid AND s.setrole = 0
                          AND split_part(said, '=', 1) = setting)
              FROM pg_database d WHERE d.datname = current_database()) THEN
            EXECUTE format('ALTER DATABASE %I SET %I = off', current_database(),
                           setting);
            PERFORM set_config(setting, 'off', false);
        END IF;
    END LOOP;
END $$
"""
