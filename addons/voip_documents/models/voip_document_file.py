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


class VoipDocument(models.Model):
    _inherit = "voip.document"

    # === ACTION METHODS === #

    def action_check(self):
        """Make the file again from its version and its data, and compare.

        :raises UserError: the stored file is another one, or made anew is
        """
        self.check_access("read")
        self.ensure_one()
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

        :raises UserError: it is damaged and made again it is another one
        """
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
        return self._content(
            self.template_id, self.version_id, kept["data"], self.name, kept["made_at"]
        )

    def _kept(self, vals, content, data):
        """The stored document of these bytes, made once.

        :raises ConcurrencyError: somebody else stores it now: Odoo tries again
        """
        digest = sha256(content).hexdigest()
        same = ("res_model", "res_id", "version_id")
        found = self.sudo().search(
            [*((name, "=", vals[name]) for name in same), ("sha256", "=", digest)]
        )
        if found and not found._is_it(found._bytes()):
            found._restore(content, data)
        if not found:
            found = self.sudo()._stored_once({**vals, "sha256": digest}, content, data)
        return found.with_env(self.env)

    def _stored_once(self, vals, content, data):
        try:
            with self.env.cr.savepoint():
                return self.create({**vals, **self._as_values(content, data)})
        except UniqueViolation as error:
            raise ConcurrencyError("the same document is stored now") from error

    @staticmethod
    def _as_values(content, data):
        files = {"content": content, "data": data}
        return {name: base64.b64encode(file) for name, file in files.items()}
