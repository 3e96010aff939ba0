"""A billing run waits for records that have no price yet."""

from datetime import datetime, time, timedelta

from odoo import models

NAMED = 5
# How long after midnight UTC a day ends where it ends last.
WESTERNMOST = timedelta(hours=12)


class VoipBillingRun(models.Model):
    _inherit = "voip.billing.run"

    def _unrated(self):
        found = [super()._unrated(), self._in_error(), self._waiting(), self._failed()]
        return (
            sum(count for count, _sentence in found),
            "\n".join(sentence for count, sentence in found if count),
        )

    def _in_error(self):
        last = self._last_day()
        if not last:
            return 0, ""
        count = self.env["voip.cdr.error"].search_count(
            [
                ("company_id", "=", self.company_id.id),
                ("state", "=", "open"),
                "|",
                ("start", "=", False),
                ("start", "<", datetime.combine(last, time.max) + WESTERNMOST),
            ]
        )
        return count, self.env._("%s records in the error queue.", count)

    def _last_day(self):
        """The last day of the periods that are invoiced, or would be."""
        if ends := self.line_ids.mapped("period_end"):
            return max(ends)
        line, accounts = self.env["voip.billing.run.line"], self._bill_accounts()
        periods = filter(None, (line._closed_period(x, self.cutoff) for x in accounts))
        return max((last for _first, last in periods), default=None)

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
