"""A billing run waits for records that have no price yet."""

from datetime import timedelta

from odoo import models

NAMED = 5


class VoipBillingRun(models.Model):
    _inherit = "voip.billing.run"

    def _unrated(self):
        found = [super()._unrated(), self._in_error(), self._waiting(), self._failed()]
        return (
            sum(count for count, _sentence in found),
            "\n".join(sentence for count, sentence in found if count),
        )

    def _in_error(self):
        # Errors of the last day cannot belong to a period that is closed everywhere.
        count = self.env["voip.cdr.error"].search_count(
            [
                ("company_id", "=", self.company_id.id),
                ("state", "=", "open"),
                "|",
                ("start", "=", False),
                ("start", "<", self.cutoff - timedelta(hours=14)),
            ]
        )
        return count, self.env._("%s records in the error queue.", count)

    def _waiting(self):
        count = self.env["voip.cdr.batch"].search_count(self._batches("waiting"))
        return count, self.env._("%s batches wait to be rated.", count)

    def _failed(self):
        batches = self.env["voip.cdr.batch"].search(self._batches("failed"), order="id")
        names = [
            f"{batch.name} ({batch.file_name})" if batch.file_name else batch.name
            for batch in batches[:NAMED]
        ]
        if len(batches) > NAMED:
            names.append(self.env._("%s more", len(batches) - NAMED))
        return len(batches), self.env._(
            "Failed batches: %(names)s. Mend what each says and rate it again; where"
            " its file cannot be read, choose Undo Batch and upload the mended file.",
            names=", ".join(names),
        )

    def _batches(self, state):
        return [("company_id", "=", self.company_id.id), ("state", "=", state)]
