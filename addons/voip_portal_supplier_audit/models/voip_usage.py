"""Calls are chosen on a page by marks: when each began, and what only we can make."""

import re
from datetime import datetime, timedelta

from odoo import api, models

from odoo.addons.voip_portal.marks import DIGITS, mark, marked

_MARK = re.compile(rf"([0-9]{{14}})-([0-9a-f]{{{DIGITS}}})", re.ASCII)
BEGAN = "%Y%m%d%H%M%S"


class VoipUsage(models.Model):
    _inherit = "voip.usage"

    def _portal_mark(self):
        return f"{self.started_at:{BEGAN}}-{mark(self)}"

    @api.model
    def _portal_marked(self, accounts, marks):
        """The calls of accounts that are named by marks; what names none is left out.

        :param accounts: accounts whose rights were checked
        """
        found = self.browse()
        for text in marks:
            parts = _MARK.fullmatch(text)
            try:
                began = datetime.strptime(parts[1], BEGAN) if parts else None
            except ValueError:
                began = None
            if began and began.year >= 1970:
                found |= marked(self._portal_begun(accounts, began), parts[2])
        return found

    def _portal_begun(self, accounts, began):
        return self.search(
            [
                ("account_id", "in", accounts.ids),
                ("started_at", ">=", began),
                ("started_at", "<", began + timedelta(seconds=1)),
            ]
        )
