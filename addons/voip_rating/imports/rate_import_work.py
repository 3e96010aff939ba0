"""Preview and apply: the same work, the preview on a twin of the deck's rates."""

import base64
from hashlib import sha256

from odoo import fields, models
from odoo.exceptions import UserError

from odoo.addons.voip_billing_base.charge.planner import in_memory, no_nested_loops
from odoo.addons.voip_billing_base.charge.transaction import (
    RetryTransaction,
    lock_company,
)
from odoo.addons.voip_billing_base.reader.header import plain
from odoo.addons.voip_billing_base.reader.values import BadCell, clean

from ..rates.meanwhile import RINGING, refuse_unseen
from ..rates.rate_deck_stage import RESET
from . import result
from .columns import WORDS
from .lines import Money
from .reading import Reading
from .voip_rate_import_row import STATUSES
from .work import Work


class VoipRateImport(models.Model):
    _inherit = "voip.rate.import"

    reading = fields.Binary(readonly=True, copy=False)
    reading_sha256 = fields.Char("SHA-256 of the Reading", readonly=True, copy=False)

    # === BUSINESS METHODS === #

    def _new_work(self):
        """One run of this import."""
        return Work(self)

    def _preview(self):
        """Do all of it but to the deck, and keep the rows it gives."""
        self._check_open()
        self._check_ready()
        self.env.flush_all()
        work = self._new_work()
        values = work.run()
        self.env.cr.execute(RESET)
        self._clear_rows()
        self._store(values)
        if work.to_keep is not None:
            self._keep_reading(work.to_keep.result())
        revision = self._revision()
        self._keep(
            {
                "state": "previewed",
                "deck_revision": revision,
                "previewed_at": work.now,
            }
        )
        self._remember_map()
        self._find_sales()

    def _apply(self):
        """Change the deck.

        :raises UserError: there was no preview, the deck changed since, or rows are
            faulty
        """
        self._check_previewed()
        self._check_ready()
        work = self._new_work()
        values = work.run(final=True)
        cr = self.env.cr
        # Nothing is known yet about rates written just now: never loop over them.
        with no_nested_loops(cr), in_memory(cr):
            cr.execute(result.CHANGES, {"id": self.id, "deck": self.deck_id.id})
        self._settle_meanwhile(work.now)
        # Calls that were rated since the preview, and while the rates were written.
        values |= work.find_late()
        self.env.invalidate_all(flush=False)
        if work.is_new:
            self._clear_rows()
            self._store(values)
            self._find_sales()
        else:
            self._keep_rows(work.now)
            self._keep(values)
        self._keep(
            {
                "state": "applied",
                "reading": False,
                "reading_sha256": False,
                "applied_revision": self._revision(),
                "applied_at": fields.Datetime.now(),
                "applied_by": self.env.uid,
            }
        )
        self._log("rate_import_apply")

    def _settle_meanwhile(self, now):
        """Calls that the old versions rated while the new ones were written.

        No other is rated until the new versions are there for all to see.

        :param now: when the work began
        :raises RetryTransaction: a version that is no more has rated calls
        """
        cr, company = self.env.cr, self.company_id.id
        lock_company(cr, company)
        params = {"id": self.id, "company": company, "deck": self.deck_id.id}
        params |= {"now": now, "ringing": RINGING}
        with no_nested_loops(cr):
            cr.execute(result.REMOVED_USED, params)
            if cr.fetchone()[0]:
                raise RetryTransaction
            cr.execute(result.MEANWHILE, params)
        refuse_unseen(self.deck_id)

    def _keep_reading(self, data):
        """Keep what was read, as bytes; empty ones keep nothing."""
        digest = sha256(data).hexdigest()
        self._keep({"reading": base64.b64encode(data), "reading_sha256": digest})

    def _kept_reading(self, mark):
        """What the last preview read, where it would be read in the same way.

        What is not as it was kept, torn or changed, is as if it were not there.
        """
        data = base64.b64decode(self.with_context(bin_size=False).reading or b"")
        if not data or sha256(data).hexdigest() != self.reading_sha256:
            return None
        return Reading.unpack(data, mark)

    def _check_previewed(self):
        if self.state != "previewed":
            raise UserError(self.env._("Look at the preview before you apply a sheet."))

    def _check_deck(self):
        """:raises UserError, AccessError: the deck takes no rates, or none of mine"""
        deck = self.deck_id
        deck._check_load_access()
        deck.check_access("write")
        if not deck.active:
            raise UserError(
                self.env._(
                    "%(deck)s is archived: unarchive it before it gets rates.",
                    deck=deck.display_name,
                )
            )

    def _check_ready(self):
        self._check_deck()
        if not self.file:
            raise UserError(self.env._("Choose the file with the rates."))
        if sha256(self._data()).hexdigest() != self.sha256:
            raise UserError(
                self.env._(
                    "The file is not the one that was brought, its SHA-256 differs:"
                    " choose it again."
                )
            )
        if asked := self._questions():
            raise UserError("\n".join(asked))
        if self.date_mode == "one" and not self.date:
            raise UserError(
                self.env._("Choose the date from which the rates are valid.")
            )
        self.column_ids._by_target()
        self.column_ids._refuse_currency(self._money())

    def _money(self):
        """The deck's currency, to tell it from others."""
        currencies = self.env["res.currency"].with_context(active_test=False)
        return Money(
            self.currency_id.name,
            self.currency_id.symbol or "",
            frozenset(currencies.search([("name", "!=", False)]).mapped("name")),
        )

    def _refuse_titles(self, rows):
        """:raises UserError: a line above the table says another currency"""
        for row in rows[:-1]:
            texts = [clean(cell) for cell in row if clean(cell)]
            if len(texts) == 2 and plain(texts[0]) in WORDS["currency"]:
                try:
                    self._money().refuse(texts[1].upper())
                except BadCell as error:
                    raise UserError(
                        self.env._(
                            "%(name)s: %(reason)s.", name=texts[0], reason=str(error)
                        )
                    ) from error

    def _stays(self, now):
        """Whether the rows of the preview are those of this run, once it is compared.

        File, choices and deck are the same; only what is meant by now is not.
        """
        params = {"id": self.id, "then": self.previewed_at, "now": now}
        self.env.cr.execute(result.PASSED, params)
        if self.env.cr.fetchone()[0]:
            return False
        # Rated calls may have made other rows faulty.
        counts = self._counts()
        return (counts["faulty"], counts["duplicate"]) == (
            self.faulty_count,
            self.duplicate_count,
        )

    def _keep_rows(self, now):
        """The rows of the preview are those of what was applied.

        :raises UserError: they are not
        """
        if self._counts() != {
            status: self[f"{status}_count"] for status, _label in STATUSES
        }:
            self._refuse_preview()
        params = {"id": self.id, "then": self.previewed_at, "now": now}
        self.env.cr.execute(result.FROM_THEN, params)
        self.env["voip.rate.import.row"].invalidate_model()

    def _refuse_preview(self):
        raise UserError(
            self.env._(
                "The rates of %(deck)s changed since the preview: look at a new one.",
                deck=self.deck_id.display_name,
            )
        )

    def _counts(self):
        """{status: rows} of the result."""
        self.env.cr.execute(result.COUNTS)
        counts = dict.fromkeys((status for status, _label in STATUSES), 0)
        return counts | dict(self.env.cr.fetchall())

    def _store(self, values):
        """Keep the result as rows, and how many of each status there are."""
        cr = self.env.cr
        counts = self._counts()
        params = {"id": self.id, "company": self.company_id.id}
        with in_memory(cr):
            cr.execute(result.STORE, params)
        cr.execute("ANALYZE voip_rate_import_row (import_id, status)")
        self._keep({**values, **{f"{name}_count": n for name, n in counts.items()}})

    def _revision(self):
        """What the deck's rates are now, whatever Odoo remembers."""
        self.env.cr.execute(
            "SELECT revision FROM voip_rate_deck WHERE id = %s", [self.deck_id.id]
        )
        return self.env.cr.fetchone()[0]

    def _log(self, event):
        data = {
            "code": self.deck_id.code,
            "file": self.file_name or "",
            "sha256": self.sha256,
            "mode": self.mode,
            "import": self.id,
            "changes": self._mark_of_changes(),
            **{
                status: self[f"{status}_count"]
                for status, _label in STATUSES
                if self[f"{status}_count"]
            },
        }
        self.env["voip.audit"]._log(event, self.deck_id, data)

    def _mark_of_changes(self):
        """What the undo would do, as a short text."""
        self.env.cr.execute(result.MARK.format("%s"), [self.id])
        return self.env.cr.fetchone()[0]
