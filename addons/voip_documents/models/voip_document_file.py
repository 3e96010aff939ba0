"""Kept files of documents: byte for byte what was made, or nothing at all."""

import base64
import gzip
import json
import zlib
from hashlib import sha256

from psycopg2.errors import UniqueViolation

from odoo import models
from odoo.exceptions import ConcurrencyError, UserError

from odoo.addons.voip_billing_base.notice import notice

from .voip_document import Plan

# With the SHA-256 they say that a file is the same one.
SAME = ("res_model", "res_id", "version_id")


class VoipDocument(models.Model):
    _inherit = "voip.document"

    # === ACTION METHODS === #

    def action_check(self):
        """Make the file again from its version and its data, and compare.

        :raises UserError: the stored file is another one, or made anew is
        """
        self.check_access("read")
        self.ensure_one()
        self._refuse_removed()
        if not self._is_it(self._bytes()):
            raise UserError(
                self.env._("The stored file is not what was made: its SHA-256 differs.")
            )
        if not self.data:
            return notice(
                self.env._("The stored file has its SHA-256: it is unchanged.")
            )
        if not self._is_it(self._again()):
            raise UserError(
                self.env._(
                    "The stored file has its SHA-256, but its version makes another "
                    "one of the same data: the engine or its fonts have changed."
                )
            )
        return notice(
            self.env._(
                "The stored file has its SHA-256, and made again it is the same."
            )
        )

    # === BUSINESS METHODS === #

    def _is_it(self, content):
        """Whether these bytes are the file that was made."""
        return sha256(content).hexdigest() == self.sudo().sha256

    def _bytes(self, name="content"):
        """The file as it is stored, or what it was made of; empty where it is lost."""
        stored = self.sudo().with_context(bin_size=False)[name]
        return base64.b64decode(stored or b"")

    def _whole(self):
        """The file as it was made; one that was lost is made and stored again.

        :raises UserError: it was removed; or it is damaged, and made again it is
            another one
        """
        self._refuse_removed()
        content = self._bytes()
        if self._is_it(content):
            return content
        try:
            content = self._again()
        except (OSError, EOFError, KeyError, ValueError, zlib.error):
            content = b""  # what it was made of is lost, too
        if not self._is_it(content):
            raise UserError(
                self.env._(
                    "The stored file %s is missing or is not what was made: restore it"
                    " from a backup of Odoo's files.",
                    self.sudo().name,
                )
            )
        self._restore(content, self._bytes("data"))
        return content

    def _again(self):
        """The bytes that the version makes of the data that is kept."""
        kept = json.loads(gzip.decompress(self._bytes("data")))
        template, data = self.template_id, kept["data"]
        task = template.sudo()._task(
            self.version_id.sudo()._data(), data, data["number"], kept["made_at"]
        )
        return self._bytes_of(Plan({}, b"", template, task, self.name))

    def _kept(self, vals, content, data):
        """The stored document of these bytes, made once."""
        return self._kept_all([(vals, content, data)])

    def _kept_all(self, made):
        """The stored documents, each made once; a damaged one is mended.

        :param made: (values, bytes, what they were made of) of each
        :raises ConcurrencyError: somebody else stores one now: Odoo tries again
        """
        files = {}
        for vals, content, data in made:
            digest = sha256(content).hexdigest()
            key = (*(vals[name] for name in SAME), digest)
            files[key] = {**vals, "sha256": digest}, (content, data)
        known = self._stored(files)
        for key, document in known.items():
            if not (document.removed_at or document._is_it(document._bytes())):
                document._restore(*files[key][1])
        new = [
            {**vals, **self._packed(*file)}
            for key, (vals, file) in files.items()
            if key not in known
        ]
        created = iter(self.sudo()._created_once(new) if new else ())
        ids = [(known[key] if key in known else next(created)).id for key in files]
        return self.browse(ids)

    def _created_once(self, values):
        try:
            with self.env.cr.savepoint():
                return self.create(values)
        except UniqueViolation as error:
            raise ConcurrencyError("the same document is stored now") from error

    def _stored(self, keys):
        """{key: document} of those keys that are stored: ``SAME`` and the SHA-256."""
        names = (*SAME, "sha256")
        columns = zip(names, zip(*keys, strict=True), strict=True)
        found = self.sudo().search([(n, "in", list(set(each))) for n, each in columns])
        keyed = {
            (one.res_model, one.res_id, one.version_id.id, one.sha256): one
            for one in found
        }
        return {key: keyed[key] for key in keys if key in keyed}

    def _restore(self, content, data):
        """Store the file that was made once more, where it was lost."""
        self._put(self._packed(content, data))

    @staticmethod
    def _packed(content, data):
        """The file, and what it was made of, as values of their fields."""
        files = {"content": content, "data": data}
        return {name: base64.b64encode(file) for name, file in files.items()}
