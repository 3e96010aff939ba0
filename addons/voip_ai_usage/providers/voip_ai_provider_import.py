"""Imports from providers of AI voice: which, from where, with what key, how far."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from odoo.addons.voip_billing_base.notice import notice

from .pull.http import KEY, is_safe
from .pull.sources import SOURCES

SECRET_TABLE = """
CREATE TABLE IF NOT EXISTS voip_ai_provider_key (
    import_id integer REFERENCES voip_ai_provider_import (id) ON DELETE CASCADE,
    key text NOT NULL,
    PRIMARY KEY (import_id)
)
"""
# A key was given for these; it is not sent anywhere else.
REACHED_BY = ("provider", "base_url")
LONGEST_SPAN_DAYS = 400


class VoipAiProviderImport(models.Model):
    """A provider's account whose calls are fetched by schedule, each of them once."""

    _name = "voip.ai.provider.import"
    _inherit = ["mail.thread", "mail.activity.mixin", "voip.job", "voip.write.only"]
    _description = "AI Provider Import"
    _order = "name, id"
    _check_company_auto = True

    _job_states = ("on", "stopped")
    _job_cron = "voip_ai_usage.ir_cron_fetch"
    _secret_table = "voip_ai_provider_key"
    _secret_link = "import_id"
    _secret_name = "key"
    _secret_event = "ai_provider_key"

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    provider = fields.Selection(
        [
            ("vapi", "Vapi"),
            ("retell", "Retell"),
            ("elevenlabs", "ElevenLabs"),
            ("openai", "OpenAI"),
        ],
        required=True,
        default="vapi",
        tracking=True,
    )
    base_url = fields.Char(
        string="API Address",
        tracking=True,
        help="Empty: the provider's own. Another one is for a region or a proxy; the"
        " key is entered again when it changes.",
    )
    default_url = fields.Char(compute="_compute_default_url")
    key = fields.Char(
        string="New API Key",
        compute="_compute_secret",
        inverse="_inverse_secret",
        help="Vapi: a private key. Retell and ElevenLabs: an API key. OpenAI: an admin"
        " key that may read usage. It is kept, and never shown again.",
    )
    has_key = fields.Boolean(compute="_compute_secret")
    account_id = fields.Many2one(
        "voip.account",
        check_company=True,
        ondelete="restrict",
        index=True,
        tracking=True,
        help="Whose calls are that name no account, and whose IDs have none below.",
    )
    account_ids = fields.One2many(
        "voip.ai.provider.account", "import_id", string="Accounts"
    )
    start_at = fields.Datetime(
        string="Fetch From",
        required=True,
        default=lambda self: fields.Datetime.now().replace(
            hour=0, minute=0, second=0, microsecond=0
        ),
        help="Calls before it are not fetched.",
    )
    interval_minutes = fields.Integer(
        string="Every (Minutes)", default=15, required=True, aggregator=None
    )
    overlap_hours = fields.Integer(
        string="Read Again (Hours)",
        default=24,
        required=True,
        aggregator=None,
        help="Each time the last hours are read again: what the provider told late, or"
        " tells otherwise now. A call that is there already is not counted twice.",
    )
    has_speech = fields.Boolean(
        string="Speech by Units",
        default=True,
        help="Seconds of speech to text and characters of text to speech are parts of a"
        " session, which need prices. Off: they are none, and what the provider charged"
        " for them is in the session's cost.",
    )
    tolerance = fields.Float(
        digits=(16, 6),
        default=0.0001,
        aggregator=None,
        help="A call is listed where its charge and the sum of its own fields are"
        " further apart, in the currency of the charge.",
    )
    state = fields.Selection(
        [("on", "On"), ("stopped", "Stopped")],
        default="on",
        required=True,
        readonly=True,
        copy=False,
        help="Stopped: the reason does not pass by itself. Mend it, then Fetch Now.",
    )
    read_until = fields.Datetime(
        readonly=True,
        copy=False,
        help="All that the provider told up to this time is here.",
    )
    fetched_at = fields.Datetime(string="Last Fetch", readonly=True, copy=False)
    span_since = fields.Datetime(readonly=True, copy=False)
    span_until = fields.Datetime(readonly=True, copy=False)
    page_key = fields.Char(readonly=True, copy=False)
    page_count = fields.Integer(
        string="Pages",
        readonly=True,
        copy=False,
        aggregator=None,
        help="Of the fetch that goes on, or of the last one.",
    )
    open_count = fields.Integer(string="Not Final", compute="_compute_counts")
    error_count = fields.Integer(string="Errors", compute="_compute_counts")
    off_count = fields.Integer(string="Differences", compute="_compute_counts")

    _interval_bounds = models.Constraint(
        "CHECK (interval_minutes BETWEEN 1 AND 1440)",
        "Calls are fetched every 1 to 1440 minutes.",
    )
    _overlap_bounds = models.Constraint(
        "CHECK (overlap_hours BETWEEN 8 AND 744)",
        "From 8 hours, after which a provider's hour is final, to 744 are read again.",
    )
    _tolerance_bounds = models.Constraint(
        "CHECK (tolerance BETWEEN 0 AND 1000)", "A tolerance is from 0 to 1,000."
    )

    def init(self):
        self.env.cr.execute(SECRET_TABLE)

    # === COMPUTE METHODS === #

    @api.depends("provider")
    def _compute_default_url(self):
        for one in self:
            one.default_url = one.provider and SOURCES[one.provider][0].url

    def _compute_counts(self):
        self.env.cr.execute(COUNTS_SQL, [self.ids])
        counts = {row[0]: row[1:] for row in self.env.cr.fetchall()}
        for one in self:
            found = counts.get(one._origin.id, (0, 0, 0))
            one.open_count, one.error_count, one.off_count = found

    # === CONSTRAINT METHODS === #

    @api.constrains("base_url")
    def _check_base_url(self):
        for one in self:
            if one.base_url and not is_safe(one.base_url):
                raise ValidationError(
                    self.env._(
                        "API address %s: it begins with https://, or the key could be"
                        " read on the way, and has no user, query or fragment.",
                        one.base_url,
                    )
                )

    @api.constrains("start_at")
    def _check_start_at(self):
        oldest = self.env.cr.now() - timedelta(days=LONGEST_SPAN_DAYS)
        for one in self:
            if one.start_at < oldest:
                raise ValidationError(
                    self.env._(
                        "Calls are fetched from at most %s days ago.", LONGEST_SPAN_DAYS
                    )
                )

    # === HOOKS === #

    def _check_secret(self, secret):
        if not KEY.fullmatch(secret):
            raise UserError(
                self.env._(
                    "A key has letters, digits and signs, no blank and no accent."
                )
            )

    def _secret_kept(self):
        # What a wrong key has stopped goes on with another.
        self.sudo().write({"state": "on", "retry_at": False, "message": False})

    # === CRUD METHODS === #

    def write(self, vals):
        self._voip_refuse_garbage([vals])
        self._check_reached(vals)
        moved = self.browse()
        if vals.keys() & set(REACHED_BY):
            moved = self.filtered(
                lambda one: any(
                    name in vals and (one[name] or "") != (vals[name] or "")
                    for name in REACHED_BY
                )
            )
            if "provider" in vals:
                moved._refuse_other("provider", vals["provider"])
        if "company_id" in vals:
            self._refuse_other("company_id", vals["company_id"])
        result = super().write(vals)
        if moved and not vals.get("key"):
            moved._forget_secrets()
        if "start_at" in vals:
            # The span that was begun is of another time.
            self.sudo().write({"span_until": False, "read_until": False})
        return result

    def _check_reached(self, vals):
        """:raises AccessError: who may not know a key would say where it goes"""
        if self.env.su or self.env.user.has_group("voip_billing_base.group_voip_admin"):
            return
        if any(name in vals for name in ("key", "company_id", *REACHED_BY)):
            raise AccessError(
                self.env._(
                    "Only a super administrator says which provider is asked, where,"
                    " and with what key."
                )
            )

    def _refuse_other(self, name, value):
        """:raises UserError: calls of one provider or company are none of another"""
        for one in self._used():
            if one._fields[name].convert_to_write(one[name], one) != value:
                raise UserError(
                    self.env._(
                        "Make another import for another provider or company: calls of"
                        " %s are fetched already.",
                        one.name,
                    )
                )

    def _used(self):
        """Those of which something was fetched."""
        records = self.env["voip.ai.provider.record"].sudo()
        return self.filtered(
            lambda one: records.search_count([("import_id", "=", one.id)], limit=1)
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        if self._used():
            raise UserError(
                self.env._(
                    "The calls of an import say what was fetched already: archive it."
                )
            )

    # === ACTION METHODS === #

    def action_fetch(self):
        """Fetch now, for at most some seconds; the rest goes on by itself."""
        self.check_access("read")
        if not self.env.user.has_group("voip_billing_base.group_voip_manager"):
            raise AccessError(self.env._("Billing managers fetch calls."))
        told = [one._work() for one in self]
        if missed := [why for why, _more in told if why]:
            return notice("\n".join(missed), "warning")
        if any(more for _why, more in told):
            return notice(
                self.env._("There is more to fetch: it goes on by itself."), "info"
            )
        return notice(self.env._("All calls are fetched."))

    def action_view_records(self):
        """The calls of these imports."""
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "voip_ai_usage.voip_ai_provider_record_action"
        )
        return {**action, "domain": [("import_id", "in", self.ids)], "context": {}}

    def action_view_off(self):
        """Calls whose charge is not what its own fields add up to."""
        return {**self.action_view_records(), "context": {"search_default_off": 1}}

    def action_view_errors(self):
        """Calls that could not be read, or taken."""
        return {**self.action_view_records(), "context": {"search_default_error": 1}}


# Each by its own index: most calls are none of these.
COUNTS_SQL = """
SELECT i.id,
       (SELECT count(*) FROM voip_ai_provider_record r
         WHERE r.import_id = i.id AND r.state = 'provisional'),
       (SELECT count(*) FROM voip_ai_provider_record r
         WHERE r.import_id = i.id AND r.state = 'error'),
       (SELECT count(*) FROM voip_ai_provider_record r
         WHERE r.import_id = i.id AND r.is_off)
  FROM voip_ai_provider_import i WHERE i.id = ANY(%s)
"""
