"""Files that were found in watched folders, and what became of them.

A file is taken in steps, each of which may be the last before a crash: it is seen, seen
again unchanged, stored as a batch (committed), then moved. What a crash leaves between
two steps the next look goes on with: a stored file is known by its row, and its content
by its hash, so it is neither lost nor taken twice.
"""

import hashlib
from datetime import timedelta
from fnmatch import fnmatch

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.voip_billing_base.charge.transaction import run_money
from odoo.addons.voip_billing_base.notice import notice

from ..calls.read import BadFile
from ..intake.folders import FolderAway, FolderRefused, is_finished
from ..intake.plain import MAX_BYTES, plain_file
from ..records.voip_cdr_batch import SMALL_FILE

DONE, FAILED = "done", "failed"
AMISS = ("failed", "repeated")
# Between the two looks that find a file unchanged.
REST_SECONDS = 5
MOST = 500
# What file systems take as a name.
NAME_BYTES = 255


class VoipIntakeFile(models.Model):
    _name = "voip.intake.file"
    _description = "File of a Watched Folder"
    _inherit = ["voip.guard"]
    _order = "id desc"
    _check_company_auto = True

    folder_id = fields.Many2one(
        "voip.intake.folder",
        required=True,
        readonly=True,
        index=True,
        check_company=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True
    )
    switch_id = fields.Many2one(
        "voip.switch", required=True, readonly=True, check_company=True
    )
    name = fields.Char(required=True, readonly=True)
    size = fields.Float(readonly=True, digits=(16, 0), aggregator=None, help="Bytes.")
    changed = fields.Float(string="Last Change", readonly=True, aggregator=None)
    digest = fields.Char(string="SHA-256", readonly=True)
    state = fields.Selection(
        [
            ("seen", "Seen"),
            ("taken", "Taken"),
            ("done", "Done"),
            ("repeated", "Same as Before"),
            ("failed", "Failed"),
        ],
        default="seen",
        required=True,
        readonly=True,
        index=True,
    )
    is_moved = fields.Boolean(
        string="Moved", readonly=True, help="It lies in done/ or failed/ now."
    )
    seen_at = fields.Datetime(readonly=True)
    taken_at = fields.Datetime(readonly=True)
    batch_id = fields.Many2one(
        "voip.cdr.batch", readonly=True, index="btree_not_null", check_company=True
    )
    message = fields.Text(readonly=True)
    is_settled = fields.Boolean(
        string="Settled",
        readonly=True,
        help="Of a file that was not taken: somebody saw to it, its batch was rated or"
        " undone after all, or a file of its name was taken later.",
    )
    settled_by_id = fields.Many2one("res.users", string="Settled By", readonly=True)

    _failed = models.Index(
        "(folder_id) WHERE state = 'failed' AND is_settled IS NOT TRUE"
    )
    _open_uniq = models.UniqueIndex("(folder_id, name) WHERE is_moved IS NOT TRUE")
    _digests = models.Index("(switch_id, digest) WHERE digest IS NOT NULL")

    # === ACTION METHODS === #

    def action_settle(self):
        """Say that files which were not taken were seen to."""
        self._check_staff()
        failed = self.filtered(lambda f: f.state in AMISS and not f.is_settled)
        failed.sudo().write({"is_settled": True, "settled_by_id": self.env.uid})
        for folder in failed.folder_id.sudo():
            folder._untell_settled()

    def action_take_again(self):
        """Put a file that failed back into its folder: the next looks take it."""
        self._check_staff()
        for file in self:
            if file.state != "failed" or not file.is_moved:
                raise UserError(self.env._("Only a file that failed is taken again."))
            if file.batch_id and file.batch_id.state == "failed":
                raise UserError(
                    self.env._(
                        "%(file)s is batch %(batch)s: rate that again, or undo it"
                        " first.",
                        file=file.name,
                        batch=file.batch_id.name,
                    )
                )
            file.sudo()._put_back()
        self.action_settle()
        return notice(self.env._("It is taken when two looks find it unchanged."))

    def _check_staff(self):
        self.check_access("read")
        group = "voip_billing_base.group_voip_user"
        if not self.env.su and not self.env.user.has_group(group):
            raise AccessError(self.env._("Only billing users see to failed files."))

    def _put_back(self):
        mark = self.batch_id.name or f"F{self.id}"
        aside = f"{FAILED}/{_fitting(f'{mark}_', self.name)}"
        try:
            with self.folder_id._source() as source:
                there, here = source.entry(aside), source.entry(self.name)
                if there is None or here is not None:
                    raise FolderRefused(
                        self.env._(
                            "%(aside)s is not there any more, or %(name)s is there"
                            " again.",
                            aside=aside,
                            name=self.name,
                        )
                    )
                source.move(aside, self.name)
                source.drop_note(FAILED, f"{aside.removeprefix(f'{FAILED}/')}.txt")
        except (FolderAway, FolderRefused, OSError) as error:
            raise UserError(
                self.env._(
                    "%(folder)s: %(why)s", folder=self.folder_id.name, why=str(error)
                )
            ) from error

    # === BUSINESS METHODS === #

    @api.model
    def _look(self, folder, source, counts):
        """Go on with what earlier looks found, and with what lies there now.

        The caller's transaction sees what others commit meanwhile, these steps among
        them.

        :param source: the open folder
        :param counts: ``{taken, moved, seen}``, counted up
        :return: sentences on files that cannot be read or moved; the others went on
        """
        entries = {
            _shown(entry.name): entry
            for entry in source.entries()
            if is_finished(entry.name) and fnmatch(entry.name, folder.pattern)
        }
        rows = self._open(folder)
        for row in rows.values():
            if row.name not in entries:
                self._in_own(row, "_gone")
        first = sorted(entries, key=lambda name: (entries[name].changed, name))[:MOST]
        troubles = []
        for name in first:
            try:
                self._go_on(folder, source, entries[name], rows.get(name), counts)
            except FileNotFoundError:
                continue  # somebody else took it
            except FolderAway:
                raise
            except (FolderRefused, OSError) as error:
                troubles.append(f"{name}: {error}")
        return troubles

    def _go_on(self, folder, source, entry, row, counts):
        if row is None or row.state == "seen":
            row = self._take(folder, source, entry, row, counts)
        if row.state != "seen":
            row._settle(source, entry, counts)

    @api.model
    def _open(self, folder):
        """{name: row} of the files that are not moved yet."""
        self.env.invalidate_all()
        rows = self.search([("folder_id", "=", folder.id), ("is_moved", "=", False)])
        return {row.name: row for row in rows}

    def _gone(self):
        """The file is not there any more: moved before a crash, or taken away."""
        if self.state == "seen":
            self.unlink()
        elif (state := self._outcome()) != "taken":
            self._moved(state)

    def _take(self, folder, source, entry, row, counts):
        """Store a file that is unchanged since the last look; else note it."""
        if row is None or not row._rests(entry):
            counts["seen"] += 1
            return self._in_own(row or self, "_see", folder, entry)
        data = source.fetch(entry.name)
        if len(data) != min(entry.size, MAX_BYTES + 1):
            counts["seen"] += 1
            return row
        row = self._in_own(row, "_store", data)
        counts["taken"] += row.state == "taken"
        if row.state == "taken" and len(data) <= SMALL_FILE:
            row.batch_id._work()
        return row

    def _rests(self, entry):
        last = self.env.cr.now() - timedelta(seconds=REST_SECONDS)
        return self._is_this(entry) and self.seen_at <= last

    @api.model
    def _in_own(self, row, method, *arguments):
        """Run a step in a transaction of its own, committed when this returns."""
        found = run_money(
            self.env, lambda env: getattr(row.with_env(env), method)(*arguments)
        )
        self.env.invalidate_all()
        return found.with_env(self.env) if found is not None else None

    def _see(self, folder, entry):
        values = {
            "size": entry.size,
            "changed": entry.changed,
            "seen_at": self.env.cr.now().replace(microsecond=0),
        }
        if self:
            # The time since which it rests stays.
            self.write({} if self._is_this(entry) else values)
            return self
        return self.create(
            {
                **values,
                "name": _shown(entry.name),
                "folder_id": folder.id,
                "company_id": folder.company_id.id,
                "switch_id": folder.switch_id.id,
            }
        )

    def _store(self, data):
        """Make a batch of the file, or say why not. Others of the switch wait."""
        self.env.cr.execute(
            "SELECT pg_advisory_xact_lock(hashtext('voip_intake'), %s)",
            [self.switch_id.id],
        )
        self.env.cr.execute(
            "SELECT state FROM voip_intake_file WHERE id = %s FOR UPDATE", [self.id]
        )
        if self.env.cr.fetchone() != ("seen",):
            self.invalidate_recordset()
            return self
        digest = hashlib.sha256(data).hexdigest()
        values = {"digest": digest, "taken_at": fields.Datetime.now()}
        before = self._before(digest)
        if before:
            message = self.env._(
                "The same content as %(file)s, batch %(batch)s: not taken again. To"
                " take it again, undo that batch first.",
                file=before.name,
                batch=before.batch_id.name,
            )
            values |= {"state": "repeated", "batch_id": before.batch_id.id}
        else:
            batch, message = self._batch_of(data)
            values |= {"state": "taken" if batch else "failed", "batch_id": batch.id}
        self.write({**values, "message": message})
        return self

    def _before(self, digest):
        """The file of the same content whose batch holds."""
        return self.search(
            [
                ("switch_id", "=", self.switch_id.id),
                ("digest", "=", digest),
                ("state", "in", ("taken", "done")),
                ("batch_id.state", "!=", "undone"),
                ("id", "!=", self.id),
            ],
            limit=1,
        )

    def _batch_of(self, data):
        """(a waiting batch, False), or (none, why not)"""
        batches = self.env["voip.cdr.batch"]
        format = self.folder_id.format_id or self.switch_id.format_id
        try:
            if len(data) > MAX_BYTES:
                raise BadFile(f"it has more than {MAX_BYTES >> 20} MB")
            text = plain_file(data, self.folder_id.sheet)
            if not text.strip():
                raise BadFile("it is empty")
            batches._check_file(text, format)
        except (BadFile, UserError) as error:
            return batches, f"{self.name}: {error}"
        batch = batches._take_file(self.switch_id, text, self.name, format)
        batch._wake_worker()
        return batch, False

    # === AFTER THAT === #

    def _settle(self, source, entry, counts):
        """Move the file once it is known what became of it."""
        state = self._outcome()
        if state == "taken":
            return
        mark = self.batch_id.name if self.state == "taken" else f"F{self.id}"
        into = DONE if state == "done" else FAILED
        name = _fitting(f"{mark}_", entry.name)
        # What its writer went on with, or wrote anew, is another file.
        if self._is_this(source.entry(entry.name)):
            if into == FAILED:
                source.note(FAILED, f"{name}.txt", f"{self._why()}\n")
            source.move(entry.name, f"{into}/{name}")
            if not self._is_this(source.entry(f"{into}/{name}")):
                source.move(f"{into}/{name}", entry.name)
            counts["moved"] += 1
        self._in_own(self, "_moved", state)

    def _is_this(self, entry):
        """Whether a file is still as it was when it was read."""
        same = (self.size, self.changed)
        return entry is not None and same == (entry.size, entry.changed)

    def _outcome(self):
        if self.state != "taken":
            return self.state
        ends = {"done": "done", "undone": "done", "failed": "failed"}
        return ends.get(self.batch_id.state, "taken")

    def _why(self):
        return self.message or self.batch_id.message or ""

    def _moved(self, state):
        self.write({"state": state, "is_moved": True, "message": self._why()})
        if state == FAILED and not self.batch_id:
            # A batch that failed has told them itself.
            self.folder_id._tell_managers(self._why())

    @api.model
    def _settle_mended(self, folder):
        """Settle failed files of which all was taken after all."""
        failed = self.search(
            [
                ("folder_id", "=", folder.id),
                ("state", "=", "failed"),
                ("is_settled", "=", False),
            ]
        )
        if failed:
            later = self._latest_done(folder, failed.mapped("name"))
            failed.filtered(
                lambda file: file.batch_id.state in ("done", "undone")
                or later.get(file.name, 0) > file.id
            ).write({"is_settled": True})

    @api.model
    def _latest_done(self, folder, names):
        """{name: id of the last file of that name that was taken whole}."""
        return dict(
            self._read_group(
                [
                    ("folder_id", "=", folder.id),
                    ("state", "=", "done"),
                    ("name", "in", names),
                ],
                ["name"],
                ["id:max"],
            )
        )


def _fitting(mark, name):
    """A name behind a mark, its front cut so that ``.txt`` behind it fits, too."""
    room = NAME_BYTES - len(f"{mark}.txt".encode())
    raw = name.encode("utf-8", "surrogateescape")
    if len(raw) <= room:
        return mark + name
    return mark + raw[-room:].decode("utf-8", "ignore")


def _shown(name):
    """A file's name as the database can keep it."""
    text = name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)
