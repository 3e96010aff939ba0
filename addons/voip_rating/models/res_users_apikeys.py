"""API keys that come with every posted record: hashed once, looked up each time."""

import hashlib
import secrets

from odoo import models

INDEX_SIZE = 8
MOST = 1_000
_SECRET = secrets.token_bytes(32)
# {digest of a key that was right: the hash that the database keeps of it}
_known = {}


class ResUsersApikeys(models.Model):
    _inherit = "res.users.apikeys"

    def _user_of_key(self, key):
        """Id of the user whose key this is, else nothing.

        As ``_check_credentials``, whose thousands of hashes take longer than all else
        of a request. They are left out where this process has found the key right for
        the very hash that the database has: the key is revoked, expires and loses its
        user at once.
        """
        digest = hashlib.blake2b(key.encode(), key=_SECRET).digest()
        if kept := _known.get(digest):
            self.env.cr.execute(KNOWN_SQL, [key[:INDEX_SIZE], kept])
            if row := self.env.cr.fetchone():
                return row[0]
        user = self._check_credentials(scope="rpc", key=key)
        if user:
            self._remember(digest, user, key)
        return user

    def _remember(self, digest, user, key):
        self.env.cr.execute(
            "SELECT key FROM res_users_apikeys WHERE user_id = %s AND index = %s",
            [user, key[:INDEX_SIZE]],
        )
        kept = self.env.cr.fetchall()
        if len(kept) == 1:
            if len(_known) >= MOST:
                _known.clear()
            _known[digest] = kept[0][0]


KNOWN_SQL = """
SELECT k.user_id FROM res_users_apikeys k JOIN res_users u ON u.id = k.user_id
 WHERE u.active AND k.index = %s AND k.key = %s AND (k.scope IS NULL OR k.scope = 'rpc')
   AND (k.expiration_date IS NULL OR k.expiration_date >= now() AT TIME ZONE 'utc')
"""
