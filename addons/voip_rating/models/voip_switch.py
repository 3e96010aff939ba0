from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools.translate import LazyTranslate

from odoo.addons.base.models.res_partner import _tz_get
from odoo.addons.voip_billing_base.notice import notice

_lt = LazyTranslate(__name__)
SWITCH_GROUP = "voip_billing_base.group_voip_switch"


class VoipSwitch(models.Model):
    """A telephone switch that pushes call records.

    It has a user of its own that may do nothing else.
    """

    _name = "voip.switch"
    _description = "VoIP Switch"
    _inherit = ["voip.coded"]
    _order = "name, id"
    _code_noun = _lt("switch")

    tz = fields.Selection(
        _tz_get,
        string="Time zone",
        required=True,
        default="UTC",
        help="Times in its records mean this zone where they state none.",
    )
    duration_tolerance = fields.Integer(
        string="Tolerance of durations (s)",
        default=1,
        help="By so many seconds a stated duration may differ from end minus answer; "
        "beyond, the record goes to the error queue.",
    )
    format_id = fields.Many2one(
        "voip.cdr.format",
        string="Format of files",
        check_company=True,
        ondelete="restrict",
        index="btree_not_null",
        help="What its files are, unless an upload says otherwise. Empty: generic. The"
        " switch posts service charges only in this format.",
    )
    user_id = fields.Many2one(
        "res.users",
        string="API user",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    key_count = fields.Integer(string="API keys", compute="_compute_key_count")
    post_count = fields.Integer(
        string="Posts Waiting",
        compute="_compute_post_count",
        help="Posted records that are not stored as calls yet.",
    )
    trunk_ids = fields.One2many("voip.trunk", "switch_id")

    _user_uniq = models.UniqueIndex(
        "(user_id) WHERE user_id IS NOT NULL", "Each switch has a user of its own."
    )

    _duration_tolerance_bounds = models.Constraint(
        "CHECK (duration_tolerance BETWEEN 0 AND 3600)",
        "The tolerance of durations is 0 to 3600 seconds.",
    )

    # === COMPUTE METHODS === #

    def _compute_key_count(self):
        keys_sudo = self._keys_sudo()
        for switch in self:
            user = switch.user_id
            switch.key_count = len(keys_sudo.filtered(lambda k, u=user: k.user_id == u))

    def _compute_post_count(self):
        counts = dict(
            self.env["voip.cdr.post"]._read_group(
                self._posts_domain(), ["switch_id"], ["__count"]
            )
        )
        for switch in self:
            switch.post_count = counts.get(switch, 0)

    # === CRUD METHODS === #

    def write(self, vals):
        if "company_id" in vals and self.user_id:
            raise UserError(self.env._("A switch with a key stays in its company."))
        result = super().write(vals)
        if vals.get("active") is False:
            self._revoke_keys()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_keys(self):
        if self._keys_sudo():
            raise UserError(self.env._("Revoke the API keys of the switch first."))

    # === ACTION METHODS === #

    def action_view_posts(self):
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "voip_rating.voip_cdr_post_action"
        )
        return {**action, "domain": self._posts_domain(), "context": {}}

    def action_create_key(self):
        """Create a key of the switch's own user and show it once."""
        self._check_manager()
        self.ensure_one()
        if not self.active:
            raise UserError(self.env._("An archived switch gets no API key."))
        if not self.user_id:
            self.sudo().user_id = self._create_user_sudo()
        key = (
            self.env["res.users.apikeys"]
            .with_user(self.user_id)
            .sudo()
            ._generate("rpc", self.env._("Switch %(code)s", code=self.code), None)
        )
        self.env["voip.audit"]._log("switch_key_create", self, {"code": self.code})
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("API key, shown only now"),
            "res_model": "voip.switch.key",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_key": key, "default_switch_id": self.id},
        }

    def action_revoke_keys(self):
        """Make all keys of the switches invalid at once."""
        self._check_manager()
        return notice(self.env._("%s keys revoked.", self._revoke_keys()))

    # === BUSINESS METHODS === #

    def _posts_domain(self):
        return [
            ("switch_id", "in", self.ids),
            "|",
            ("batch_id", "=", False),
            ("batch_id.state", "!=", "undone"),
        ]

    def _check_manager(self):
        self.check_access("write")
        group = "voip_billing_base.group_voip_manager"
        if not self.env.su and not self.env.user.has_group(group):
            raise AccessError(self.env._("Only billing managers handle API keys."))

    def _keys_sudo(self):
        return (
            self.env["res.users.apikeys"]
            .sudo()
            .search([("user_id", "in", self.sudo().user_id.ids)])
        )

    def _revoke_keys(self):
        """Delete all keys; how many there were."""
        count = 0
        for switch in self:
            keys_sudo = switch._keys_sudo()
            if keys_sudo:
                data = {"code": switch.code, "keys": len(keys_sudo)}
                count += len(keys_sudo)
                keys_sudo.unlink()
                self.env["voip.audit"]._log("switch_key_revoke", switch, data)
        return count

    def _create_user_sudo(self):
        """Create the user: the switch group and nothing else, no password."""
        self.ensure_one()
        users_sudo = self.env["res.users"].sudo().with_context(no_reset_password=True)
        login = f"switch-{self.code}"
        if users_sudo.with_context(active_test=False).search_count(
            [("login", "=", login)], limit=1
        ):
            login = f"switch-{self.company_id.id}-{self.code}"
        return users_sudo.create(
            {
                "name": self.env._("Switch %(name)s", name=self.name),
                "login": login,
                "company_id": self.company_id.id,
                "company_ids": [(6, 0, self.company_id.ids)],
                "group_ids": [(6, 0, self.env.ref(SWITCH_GROUP).ids)],
                "tz": self.tz,
            }
        )
