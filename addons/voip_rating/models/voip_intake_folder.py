"""Folders that switches drop files of call records in."""

import os

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import config

from odoo.addons.voip_billing_base.charge.transaction import run_money
from odoo.addons.voip_billing_base.notice import notice

from ..intake.folders import (
    FolderAway,
    FolderRefused,
    LocalFolder,
    SftpFolder,
    ask_host_key,
    parse_host_key,
    read_key,
)

# What a password is sent to, and whom it is of: only who may know it sets these.
REACHED_BY = (
    "kind",
    "host",
    "port",
    "login",
    "host_key",
    "password",
    "private_key",
    "path",
)
# The managers are told of what should pass by itself once it failed so often.
TELL_AFTER = 4
ROOT_OPTION = "voip_inbox"
# Files that were not taken, and are to be seen to.
UNSETTLED = [("state", "in", ("failed", "repeated")), ("is_settled", "=", False)]


class VoipIntakeFolder(models.Model):
    """A folder that is looked into each minute; each file is taken once."""

    _name = "voip.intake.folder"
    _description = "Watched Folder"
    _inherit = ["mail.thread", "mail.activity.mixin", "voip.job"]
    _order = "name, id"
    _check_company_auto = True

    _job_states = ("watching", "stopped")
    _job_cron = "voip_rating.ir_cron_intake"
    _job_refusals = (UserError, FolderRefused)

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", related="switch_id.company_id", store=True, index=True
    )
    switch_id = fields.Many2one(
        "voip.switch",
        required=True,
        index=True,
        check_company=True,
        ondelete="restrict",
        tracking=True,
        help="The switch that writes the files: its time zone and trunks apply.",
    )
    kind = fields.Selection(
        [("storage", "Odoo's Storage"), ("sftp", "SFTP")],
        required=True,
        default="storage",
        tracking=True,
        help="Odoo's storage: a folder of this server that belongs to the switch. SFTP:"
        " a folder of another server; an administrator of the system says how it is"
        " reached.",
    )
    place = fields.Char(
        compute="_compute_place", help="Where files are to be put, or are fetched from."
    )
    host = fields.Char(tracking=True)
    port = fields.Integer(default=22, aggregator=None, tracking=True)
    login = fields.Char(string="User", tracking=True)
    password = fields.Char(groups="base.group_system", copy=False)
    private_key = fields.Text(
        groups="base.group_system",
        copy=False,
        help="Without a passphrase: Ed25519, ECDSA or RSA. It goes before a password.",
    )
    host_key = fields.Char(
        tracking=True,
        help="The server's own key, as ssh-keyscan or known_hosts say: ssh-ed25519"
        " AAAA…. Nothing is sent to a server that shows another one.",
    )
    path = fields.Char(
        string="Folder",
        default=".",
        tracking=True,
        help="On the SFTP server: absolute, or within the user's home folder.",
    )
    pattern = fields.Char(
        default="*",
        required=True,
        help="Names of the files: * for any letters, ? for one. Names that begin with a"
        " dot or end in .part, .tmp, .filepart, .partial, .temp, .swp, .lock or ~ are"
        " never taken.",
    )
    format_id = fields.Many2one(
        "voip.cdr.format",
        string="Format",
        check_company=True,
        ondelete="restrict",
        help="What the files look like. Empty: as the switch says.",
    )
    sheet = fields.Char(help="Of XLSX files: the name of the sheet; else the first.")
    state = fields.Selection(
        [("watching", "Watching"), ("stopped", "Stopped")],
        default="watching",
        required=True,
        readonly=True,
        copy=False,
        help="Stopped: the reason does not pass by itself. Mend it, then Look Now.",
    )
    looked_at = fields.Datetime(string="Last Look", readonly=True, copy=False)
    file_ids = fields.One2many("voip.intake.file", "folder_id", readonly=True)
    failed_count = fields.Integer(
        string="Failed Files",
        compute="_compute_failed",
        help="Failed files that nobody has settled.",
    )
    failed_message = fields.Text(
        string="Last Failure",
        compute="_compute_failed",
        help="Why the last of the failed files was not taken.",
    )
    repeated_count = fields.Integer(string="Same as Before", compute="_compute_failed")

    _port_bounds = models.Constraint(
        "CHECK (port BETWEEN 1 AND 65535)", "A port is 1 to 65535."
    )
    _sftp_whole = models.Constraint(
        "CHECK (kind <> 'sftp' OR"
        " (COALESCE(host, '') <> '' AND COALESCE(login, '') <> ''))",
        "A folder by SFTP needs a host and a user.",
    )
    _storage_uniq = models.UniqueIndex(
        "(switch_id) WHERE kind = 'storage'",
        "A switch has one folder in Odoo's storage.",
    )

    # === COMPUTE METHODS === #

    @api.depends("kind", "host", "port", "login", "path", "switch_id.code")
    def _compute_place(self):
        for folder in self:
            if folder.kind == "sftp":
                folder.place = (
                    f"sftp://{folder.login}@{folder.host}:{folder.port} {folder.path}"
                )
            else:
                folder.place = bool(folder.switch_id) and folder._storage()

    def _compute_failed(self):
        groups = self.env["voip.intake.file"]._read_group(
            [("folder_id", "in", self.ids), *UNSETTLED],
            ["folder_id", "state"],
            ["__count", "id:max"],
        )
        counts = {(folder, state): count for folder, state, count, _id in groups}
        last = {f: number for f, state, _n, number in groups if state == "failed"}
        files = self.env["voip.intake.file"]
        for folder in self:
            folder.failed_count = counts.get((folder, "failed"), 0)
            folder.repeated_count = counts.get((folder, "repeated"), 0)
            folder.failed_message = files.browse(last.get(folder)).message

    # === CONSTRAINT METHODS === #

    @api.constrains("host_key", "private_key")
    def _check_keys(self):
        for folder in self.sudo():
            try:
                if folder.host_key:
                    parse_host_key(folder.host_key)
                if folder.private_key:
                    read_key(folder.private_key)
            except FolderRefused as error:
                raise ValidationError(str(error)) from error

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        self._voip_refuse_garbage(vals_list)
        for vals in vals_list:
            reached = {**self._voip_defaults(), **vals}
            if reached.get("kind", "storage") != "storage":
                self._check_reached(reached)
        return super().create(vals_list)

    def write(self, vals):
        self._voip_refuse_garbage([vals])
        self._check_reached(vals)
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        if self.file_ids:
            raise UserError(
                self.env._(
                    "The files of a folder say what was taken already: archive it."
                )
            )

    def _check_reached(self, vals):
        """:raises AccessError: who may not know a password would say where it goes"""
        if not self.env.su and not self.env.is_system():
            if any(name in vals for name in REACHED_BY):
                raise AccessError(
                    self.env._(
                        "Only an administrator of the system says how another server is"
                        " reached."
                    )
                )

    # === ACTION METHODS === #

    def action_look(self):
        """Look into the folder now."""
        self.check_access("write")
        counts = [folder._work() for folder in self]
        missed = [f"{f.name}: {f.message}" for f in self if f.message]
        if missed:
            return notice("\n".join(missed), "warning")
        return notice(
            self.env._(
                "%(taken)s taken, %(moved)s moved, %(seen)s seen: a file is taken when"
                " the next look finds it unchanged.",
                **{
                    name: sum(count[name] for count in counts)
                    for name in ("taken", "moved", "seen")
                },
            )
        )

    def action_ask_host_key(self):
        """Ask the server for its key; an administrator compares the fingerprint."""
        self.check_access("write")
        self._check_reached({"host_key": True})
        self.ensure_one()
        if not self.host:
            raise UserError(self.env._("Say the host first."))
        try:
            key, fingerprint = ask_host_key(self.host, self.port)
        except (FolderAway, FolderRefused) as error:
            raise UserError(str(error)) from error
        if not self.host_key:
            self.host_key = key
        return notice(
            self.env._(
                "%(host)s shows the key %(key)s, fingerprint %(fingerprint)s. Compare"
                " it with what its administrator says.",
                host=self.host,
                key=key,
                fingerprint=fingerprint,
            ),
            "warning",
        )

    def action_view_files(self):
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "voip_rating.voip_intake_file_action"
        )
        return {**action, "domain": [("folder_id", "in", self.ids)], "context": {}}

    def action_view_failed(self):
        context = {"search_default_failed": 1}
        return {**self.action_view_files(), "context": context}

    def action_view_repeated(self):
        context = {"search_default_repeated": 1}
        return {**self.action_view_files(), "context": context}

    # === CRON METHODS === #

    @api.model
    def _cron_look(self):
        """Look into every folder that is due."""
        folders = self.search(self._due_domain())
        for number, folder in enumerate(folders, 1):
            folder._work()
            if not self.env["ir.cron"]._commit_progress(
                1, remaining=len(folders) - number
            ):
                return

    # === BUSINESS METHODS === #

    def _work(self):
        """One look; what came of it, by count. A miss is kept on the folder."""
        self.ensure_one()
        folder, counts = self.sudo(), {"taken": 0, "moved": 0, "seen": 0}
        try:
            with folder._source() as source:
                # READ COMMITTED, and writes nothing itself: each step commits alone.
                missed, troubles = run_money(
                    folder.env,
                    lambda env: folder.with_env(env)._look_through(source, counts),
                )
            if missed:
                raise missed
            run_money(folder.env, lambda env: folder.with_env(env)._looked(troubles))
        except Exception as error:  # noqa: BLE001 kept on the folder
            self.env.invalidate_all(flush=False)
            folder._missed(error)
        self.env.invalidate_all()
        return counts

    def _look_through(self, source, counts):
        """(the error that ended a look, troubles of files): steps before it stay."""
        try:
            return None, self.env["voip.intake.file"]._look(self, source, counts)
        except Exception as error:  # noqa: BLE001 the caller raises it
            return error, []

    def _looked(self, troubles):
        message = "\n".join(troubles[:10])
        self.write(
            {
                "looked_at": self.env.cr.now(),
                "state": "watching",
                "try_count": 0,
                **self._job_done_values(),
                "message": message or False,
            }
        )
        self.env["voip.intake.file"]._settle_mended(self)
        if troubles:
            self._tell_managers(message)
        self._untell_settled()

    def _untell_settled(self):
        """Close the activities unless a failed file or the folder itself needs one.

        What is still open names what is still amiss.
        """
        self.invalidate_recordset(["failed_count", "failed_message"])
        if self.failed_count or self.message:
            self._retell_managers(self.message or self.failed_message)
        else:
            self._untell_managers()

    def _put_off(self, tries, sentence):
        if tries >= TELL_AFTER:
            self._tell_managers(sentence)
        return super()._put_off(tries, sentence)

    def _sentence(self, kind, error):
        if isinstance(error, FolderAway):
            return str(error)
        return super()._sentence(kind, error)

    def _source(self):
        """The folder itself, to be used in a ``with`` statement."""
        if self.kind == "storage":
            return LocalFolder(self._storage())
        return SftpFolder(
            self.host,
            self.port,
            self.login,
            self.host_key,
            self.path or ".",
            self.password,
            self.private_key,
        )

    def _storage(self):
        """Path of the switch's own folder; nobody types any part of it.

        Below the folder of the server's option ``voip_inbox``, else below the data
        folder; switches of two companies may have the same code.
        """
        switch = self.switch_id
        root = config.get(ROOT_OPTION) or os.path.join(config["data_dir"], ROOT_OPTION)
        # A code may be of dots alone; none has an @.
        code = switch.code if switch.code.strip(".") else f"{switch.code}@{switch.id}"
        return os.path.join(root, self.env.cr.dbname, str(switch.company_id.id), code)
