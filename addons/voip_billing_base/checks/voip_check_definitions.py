"""The invariant of what the database itself keeps: nothing of it is missing."""

import logging

from odoo import api, models
from odoo.tools import file_open

from ..books import attribute, line_trigger
from ..charge import append_only, columns, wallet_seal, witness
from ..models.voip_audit import HEAD_TABLE
from ..models.voip_usage_summary import OPEN_KEY
from ..wallets.voip_wallet import RESERVATION_TABLE
from ..wallets.voip_wallet_pending import PENDING_TABLE
from . import definitions

_logger = logging.getLogger(__name__)
# Kept on the registry, which an upgrade makes anew.
WANTED = "voip_wanted_definitions"


class VoipCheck(models.AbstractModel):
    _inherit = "voip.check"

    @api.model
    def run(self, full=False):
        results = super().run(full)
        missing = self._missing()
        for kind, table, name, definition in missing:
            _logger.info("Not in the database: %s %s %s: %s", kind, table, name,
                            definition)
        title = "Constraints, indexes, triggers and functions are as installed"
        found = {"name": "definitions", "title": title, "violations": len(missing)}
        return [*results, found]

    @api.model
    def _missing(self):
        """Sorted (kind, table, name, definition) that the database does not have."""
        registry = self.env.registry
        if not hasattr(registry, WANTED):
            made = definitions.wanted(self.env, self._scripts(), self._guard)
            setattr(registry, WANTED, made)
        wanted = getattr(registry, WANTED)
        tables = sorted({table for _kind, table, _name, _definition in wanted})
        found = definitions.catalog(self.env.cr, "public", tables)
        return sorted(wanted - set(found))

    @api.model
    def _scripts(self):
        """SQL that makes tables, functions and indexes of ours; modules add theirs."""
        return [
            columns.table_sql(),
            *map(script_of, ("voip_billing_base/sql/partitions.sql",
                             "voip_billing_base/sql/usage.sql")),
            PENDING_TABLE,
            RESERVATION_TABLE,
            HEAD_TABLE,
            OPEN_KEY,
            wallet_seal.TABLE,
            witness.TABLES,
            attribute.OWN_FUNCTION,
        ]

    def _guard(self, cr):
        """Make the triggers of tables; modules add theirs."""
        line_trigger.install(cr)
        for table in ("voip_usage_row", "voip_wallet_entry", "voip_audit"):
            append_only.install_append_only(cr, table)


def script_of(path):
    with file_open(path) as script:
        return script.read()
