"""One import fetches: page by page, each kept and committed before the next."""

import time
from datetime import UTC, timedelta
from decimal import Decimal

from odoo import api, models

from odoo.addons.voip_billing_base.charge.transaction import run_money

from .engine.told import charge_of
from .pull.http import Away, Refused
from .pull.sources import SOURCES, LostPage
from .store import rows_of, store_rows

# How long a button works before the scheduled action goes on.
BUTTON_SECONDS = 20
# Calls that were not final are asked for one by one, so many in a run, so long.
ASK_AGAIN = 100
SPEECH = ("speech_to_text", "text_to_speech")
NEVER_FINAL = timedelta(days=14)
# The managers are told of what should pass by itself once it failed so often.
TELL_AFTER = 4


class VoipAiProviderImport(models.Model):
    _inherit = "voip.ai.provider.import"

    _job_refusals = (Refused,)

    # === CRON METHODS === #

    @api.model
    def _cron_fetch(self):
        """Fetch for every import that is due, and hand over what waits."""
        progress = self.env["ir.cron"]._commit_progress
        due = self.search(self._due_domain()).filtered("has_key")
        for number, one in enumerate(due, 1):
            one._work(progress)
            if not progress(1, remaining=len(due) - number):
                return

    # === BUSINESS METHODS === #

    def _work(self, progress=None):
        """Fetch all that there is, or for as long as there is time.

        A miss is kept on the import; pages before it stay.

        :param progress: of the scheduled action; None: a person waits
        :return: (why it ended early, whether there is more to fetch)
        """
        self.ensure_one()
        one, end = self.sudo(), time.monotonic() + BUTTON_SECONDS
        try:
            with one._source() as source:
                while one._step(source):
                    late = not progress(0) if progress else time.monotonic() > end
                    if late:
                        one._wake_worker()
                        break
                else:
                    one._ask_again(source)
                    one._hand_all_over()
                    one._read_days(source)
                    one._in_money("_fetched")
            one._hand_all_over()
        except Exception as error:  # noqa: BLE001 kept on the import
            self.env.invalidate_all(flush=False)
            one._missed(error)
        # The caller's transaction may not see what others have committed.
        return one._in_money("_outcome")

    def _outcome(self):
        why = self.message and f"{self.name}: {self.message}"
        return why, bool(self.span_until)

    def _in_money(self, name, *arguments):
        """Call a method of this import in a transaction of its own."""
        result = run_money(
            self.env, lambda env: getattr(self.with_env(env), name)(*arguments)
        )
        self.env.invalidate_all(flush=False)
        return result

    def _source(self):
        """The provider's API, to be used in a ``with`` statement.

        :raises Refused: it has no key
        """
        key = self._secrets().get(self.id)
        if not key:
            raise Refused(self.env._("It has no API key: enter one."))
        kind, _module = SOURCES[self.provider]
        return kind(key, self.base_url or "")

    # === PAGES === #

    def _step(self, source):
        """Read one page and keep it; whether there is another."""
        since, until, key = self._in_money("_open_span")
        try:
            page = source.page(since, until, key)
        except LostPage:
            # What was kept stays: only the place is lost.
            self._in_money("_turn_page", until, key, "")
            raise
        return self._in_money("_keep_page", until, key, page)

    def _open_span(self):
        """(since, until, key of the page) of the fetch that goes on, else of a new."""
        self._lock()
        if not self.span_until:
            now = self.env.cr.now().replace(microsecond=0)
            overlap = timedelta(hours=self.overlap_hours)
            since = self.read_until and self.read_until - overlap
            since = max(since or self.start_at, self.start_at)
            self.write(
                {
                    "span_since": min(since, now),
                    "span_until": now,
                    "page_key": False,
                    "page_count": 0,
                }
            )
        spans = self.span_since, self.span_until
        since, until = (at.replace(tzinfo=UTC) for at in spans)
        return since, until, self.page_key or ""

    def _keep_page(self, until, key, page):
        """Keep a page and turn it; whether there is another."""
        if not self._turn_page(until, key, page.next):
            return False
        self._keep_records(page.records)
        if page.next:
            return True
        self.write({"read_until": self.span_until, "span_until": False})
        return False

    def _turn_page(self, until, key, following):
        """Go to another page, unless another worker has; whether it was done."""
        self._lock()
        until = until.replace(tzinfo=None)
        if self.span_until != until or (self.page_key or "") != key:
            return False
        self.write({"page_key": following or False, "page_count": self.page_count + 1})
        return True

    def _keep_records(self, records):
        """Keep records of the provider."""
        now = self.env.cr.now().replace(tzinfo=UTC)
        tolerance = Decimal(repr(self.tolerance))
        rows = rows_of(self.provider, records, now, tolerance)
        self.env.flush_all()
        store_rows(self.env.cr, self.id, self.company_id.id, rows)
        self.env["voip.ai.provider.record"].invalidate_model()

    def _lock(self):
        self.env.cr.execute(
            "SELECT FROM voip_ai_provider_import WHERE id = %s FOR UPDATE", [self.id]
        )
        self.invalidate_recordset()

    # === CALLS THAT WERE NOT FINAL === #

    def _ask_again(self, source):
        """Ask for calls that were not final, and that no page has told again."""
        for number, ref in self._in_money("_open_records"):
            self._in_money("_keep_answer", number, source.one(ref))

    def _open_records(self):
        """[(id, provider's id)] of calls that no page of this span has told."""
        found = self.env["voip.ai.provider.record"].search(
            [
                ("import_id", "=", self.id),
                ("state", "=", "provisional"),
                ("read_at", "<", self.read_until),
            ],
            order="read_at, id",
            limit=ASK_AGAIN,
        )
        return [(record.id, record.ref) for record in found]

    def _keep_answer(self, record_id, told):
        record = self.env["voip.ai.provider.record"].browse(record_id)
        if told is not None:
            self._keep_records([told])
        elif self.provider != "openai":
            record._give_up("gone")
            return
        oldest = self.env.cr.now() - NEVER_FINAL
        if record.state == "provisional" and (record.started_at or oldest) <= oldest:
            record._give_up("never_final")
            return
        record.write({"read_at": self.env.cr.now().replace(microsecond=0)})

    def _read_again(self, records):
        """Ask the provider again for calls that it told wrong, and hand all over."""
        ids = self._in_money("_reopen", records.ids)
        refs = [(r.ref) for r in records if r.id not in ids][:ASK_AGAIN]
        try:
            if refs:
                with self._source() as source:
                    for told in filter(None, map(source.one, refs)):
                        self._in_money("_keep_records", [told])
        except (Away, Refused) as error:
            self._missed(error)
        self._hand_all_over()

    def _reopen(self, ids):
        """Let calls wait whose account or door was wrong; the ids of them."""
        records = self.env["voip.ai.provider.record"].browse(ids)
        known = records.filtered(lambda r: r.error in ("no_account", "refused"))
        known.write({"state": "waiting", "error": False, "detail": False})
        return known.ids

    # === SESSIONS === #

    def _hand_all_over(self):
        """Hand over what waits, a piece a transaction."""
        records = self.env["voip.ai.provider.record"]
        while run_money(
            self.env,
            lambda env: records.with_env(env)._hand_over(self.with_env(env)),
        ):
            continue
        self.env.invalidate_all(flush=False)

    def _sessions(self, told, outcome):
        """([(call, session for the door)], {call: account}) of what calls tell.

        ``outcome`` is filled with those that have no account, or used nothing.

        :param dict told: what each call tells
        """
        coded, named = self._accounts({one.account for one in told.values()})
        sessions, accounts = [], {}
        for record, one in told.items():
            ids = next((named[name] for name in one.names if name in named), None)
            account = coded.get(one.account) or ids or named[""]
            if not account:
                shown = ", ".join(filter(None, (one.account, *one.names))) or one.ref
                outcome[record] = ("error", "no_account", shown[:500])
                continue
            accounts[record] = account
            if not one.session:
                outcome[record] = ("unused", None, None)
                continue
            session = {**one.session, **charge_of(one), "account": account.code}
            if not self.has_speech:
                parts = session["parts"]
                session["parts"] = [p for p in parts if p["kind"] not in SPEECH]
            if record.revision:
                session["revision"] = record.revision
            sessions.append((record, session))
        return sessions, accounts

    def _accounts(self, codes):
        """(account by code, account by provider's ID); "" is whose all others are."""
        company = self.company_id.id
        coded = self.env["voip.account"].search(
            [("company_id", "=", company), ("code", "in", list(codes))]
        )
        named = {one.name: one.account_id for one in self.account_ids}
        return {a.code: a for a in coded}, {**named, "": self.account_id}

    def _take_sessions(self, sessions):
        """Hand sessions over to be charged; {place: why it was refused}.

        :param list sessions: as ``voip.ai.session.ingest`` takes them
        """
        doors = self.env["voip.ai.session"].sudo()
        answer = doors._keep(self.company_id.id, False, sessions)
        return {error["index"]: error["message"] for error in answer["errors"]}

    # === WHAT BECAME OF A FETCH === #

    def _fetched(self):
        now = self.env.cr.now().replace(microsecond=0)
        later = now + timedelta(minutes=self.interval_minutes)
        self.write(
            {
                **self._job_done_values(),
                "fetched_at": now,
                "state": "on",
                "try_count": 0,
                "retry_at": later,
            }
        )
        self._untell_managers()

    def _missed(self, error, transact=run_money):
        result = super()._missed(error, transact)
        if isinstance(error, Away) and error.seconds:
            transact(self.env, lambda env: self.with_env(env)._wait(error.seconds))
            self.env.invalidate_all(flush=False)
        return result

    def _wait(self, seconds):
        """Try no sooner than the provider asks."""
        now = self.env.cr.now().replace(microsecond=0)
        later = now + timedelta(seconds=seconds)
        if self.retry_at and self.retry_at < later:
            self.write({"retry_at": later})
            self._wake_worker(later)

    def _sentence(self, kind, error):
        if isinstance(error, Away):
            return error.reason
        return super()._sentence(kind, error)

    def _refusal(self, error):
        return self.env._(
            "The provider refuses: %s. Mend it, then Fetch Now.", str(error).rstrip(".")
        )

    def _put_off(self, tries, sentence):
        if tries >= TELL_AFTER:
            self._tell_managers(sentence)
        return super()._put_off(tries, sentence)
