"""The folder of a supplier, in which his files are dropped."""

import logging
import os
import time

from odoo import fields, models
from odoo.tools import config

from odoo.addons.voip_billing_base.charge.transaction import run_money
from odoo.addons.voip_rating.intake.folders import LocalFolder, is_finished
from odoo.addons.voip_rating.intake.plain import MAX_BYTES
from odoo.addons.voip_rating.models.voip_intake_folder import ROOT_OPTION

_logger = logging.getLogger(__name__)
# A file that was changed since is still being written.
REST_SECONDS = 60
DONE = "done"


class VoipSupplierAgreement(models.Model):
    _inherit = "voip.supplier.agreement"

    flag_percent = fields.Float(
        string="Flag Above (%)",
        default=5.0,
        digits=(6, 3),
        aggregator=None,
        help="The daily run tells staff of an invoice that is so far from ours.",
    )
    record_format_id = fields.Many2one(
        "voip.cdr.format",
        string="Format of Call Records",
        check_company=True,
        ondelete="restrict",
        help="Of files in the supplier's folder. Empty: generic, as in the API.",
    )
    folder_path = fields.Char(
        string="Folder",
        compute="_compute_folder_path",
        groups="voip_billing_base.group_voip_manager",
        help="On the server: the daily run takes what is dropped there.",
    )

    def _compute_folder_path(self):
        for agreement in self:
            agreement.folder_path = agreement._folder() if agreement.id else False

    def _folder(self):
        """Path of the supplier's own folder; nobody types any part of it."""
        root = config.get(ROOT_OPTION) or os.path.join(config["data_dir"], ROOT_OPTION)
        names = str(self.company_id.id), f"supplier-{self.partner_id.id}"
        return os.path.join(root, self.env.cr.dbname, *names)

    def _look_daily(self):
        """Look, and tell what failed instead of ending the run; sentences."""
        try:
            told = self._look()
        except Exception as error:  # noqa: BLE001 told in the digest
            _logger.warning("Folder of %s: %s", self.display_name, error)
            told = [str(error)]
        return [f"{self.partner_id.display_name}: {one}" for one in told]

    def _look(self):
        """Bring the finished files of the folder, and move them to ``done/``.

        A file that was kept and not moved, because something ended the run, is known by
        its content when it is found again.

        :return: sentences about what was not taken
        """
        self.ensure_one()
        path = self._folder()
        if not os.path.isdir(path):
            return []
        with LocalFolder(path) as folder:
            told = [self._no_file(name) for name in folder.others() if name != DONE]
            for entry in sorted(folder.entries(), key=lambda one: one.name):
                rested = time.time() - entry.changed >= REST_SECONDS
                if is_finished(entry.name) and rested:
                    told.append(self._bring_apart(folder, entry))
        return list(filter(None, told))

    def _no_file(self, name):
        return self.env._(
            "%(name)s is no file, but a link, a pipe or a folder: put the files"
            " themselves there.",
            name=name,
        )

    def _bring_apart(self, folder, entry):
        """Bring a file so that what fails with it keeps no other; what is to be told
        of it, or False."""
        if entry.size > MAX_BYTES:
            return self.env._(
                "%(name)s has more than %(size)s MB: have it sent in parts.",
                name=entry.name,
                size=MAX_BYTES >> 20,
            )
        try:
            return self._bring_file(folder, entry.name)
        except FileNotFoundError:
            return False  # Somebody took it away meanwhile.
        except Exception as error:  # noqa: BLE001 told in the digest
            _logger.warning("File %s of %s: %s", entry.name, self.display_name, error)
            return f"{entry.name}: {error}"

    def _bring_file(self, folder, name):
        data = folder.fetch(name)

        def bring(env):
            return env["voip.supplier.file"]._bring(self.with_env(env), name, data)

        told = run_money(self.env, bring)
        folder.move(name, f"{DONE}/{int(time.time())}-{name}")
        return told
