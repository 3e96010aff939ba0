"""Files that records of the suite keep: changed through their record only."""

import os

from odoo import api, models
from odoo.exceptions import AccessError

SUITE = "voip."


def _is_torn(path, content):
    """Whether the file at ``path`` is the beginning of ``content`` alone."""
    try:
        if os.path.getsize(path) >= len(content):
            return False
        with open(path, "rb") as file:
            return content.startswith(file.read())
    except FileNotFoundError:
        return False


class IrAttachment(models.Model):
    """Odoo lets whoever may write a record change its files beside it.

    What was imported, announced or received is proved by its file, so the file of a
    field, and each file of a model with ``_voip_keeps_files``, is the program's.
    """

    _inherit = "ir.attachment"

    @api.model_create_multi
    def create(self, vals_list):
        files = super().create(vals_list)
        # Of what was made, as the context gives values, too.
        if not self.env.su and any(files.sudo().mapped("res_field")):
            files._voip_refuse_kept()
        return files

    def write(self, vals):
        self._voip_refuse_kept()
        result = super().write(vals)
        # Nor does a file become one of a field step by step.
        if {"res_model", "res_field", "res_id"} & vals.keys():
            self._voip_refuse_kept()
        return result

    def unlink(self):
        self._voip_refuse_kept()
        return super().unlink()

    @api.model
    def _get_path(self, bin_data, sha):
        """What a full disk or a crash left of this very file is no other file, which
        would refuse it for ever: it is written anew."""
        path = self._full_path(f"{sha[:2]}/{sha}")
        if _is_torn(path, bin_data):
            os.unlink(path)
        return super()._get_path(bin_data, sha)

    def _voip_refuse_kept(self):
        """:raises AccessError: a file is kept by the program"""
        if not self.env.su and any(file._voip_is_kept() for file in self.sudo()):
            raise AccessError(
                self.env._("This file is kept by the program, nobody edits it.")
            )

    def _voip_is_kept(self):
        model = self.res_model or ""
        if not model.startswith(SUITE):
            return False
        return bool(self.res_field) or getattr(
            self.env.registry.get(model), "_voip_keeps_files", False
        )
