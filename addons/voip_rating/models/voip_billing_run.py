"""Records that have no price yet stop the accounts they could belong to."""

import json
from collections import defaultdict
from datetime import datetime
from typing import NamedTuple

from odoo import models

from ..calls.parties.parties import Parties

NAMED = 5


class Unrated(NamedTuple):
    """What has no price yet.

    ``names`` are (trunk, account code, caller) of its records; empty: unknown.
    """

    kind: str
    switch_id: int
    start: datetime
    names: frozenset
    batch_id: int


class VoipBillingRun(models.Model):
    _inherit = "voip.billing.run"

    def _unrated(self):
        count, sentence, stopped = super()._unrated()
        due = self._due_moments()
        if not due:
            return count, sentence, stopped
        waits, hit = defaultdict(list), []
        for found, accounts in self._unrated_accounts(max(due.values())):
            met = [
                account
                for account in accounts & due.keys()
                if not found.start or found.start < due[account]
            ]
            for account in met:
                waits[account].append(found)
            if met:
                hit.append(found)
        sentence = "\n".join(filter(None, [sentence, self._unrated_sentence(hit)]))
        for account, some in waits.items():
            why = [stopped.get(account), self._unrated_sentence(some)]
            stopped[account] = "\n".join(filter(None, why))
        return count + len(hit), sentence, stopped

    def _unrated_accounts(self, until):
        """[(:class:`Unrated`, ids of the invoiced accounts it could belong to)]."""
        found = [*self._in_error(until), *self._unfinished()]
        switches, known = {}, {}
        for switch_id in {one.switch_id for one in found}:
            switch = self.env["voip.switch"].browse(switch_id)
            names = {
                name for x in found if x.switch_id == switch_id for name in x.names
            }
            switches[switch_id] = self._accounts_at(switch)
            owners = self._owners_of(switch, names)
            known[switch_id] = {
                name: owner or switches[switch_id] for name, owner in owners.items()
            }
        return [
            (
                one,
                set().union(*(known[one.switch_id][name] for name in one.names))
                if one.names
                else switches[one.switch_id],
            )
            for one in found
        ]

    # === WHAT HAS NO PRICE === #

    def _in_error(self, until):
        """:class:`Unrated` of each open error before ``until``."""
        self.env["voip.cdr.error"].flush_model()
        self.env.cr.execute(ERROR_SQL, [self.company_id.id, until])
        return [
            Unrated("error", switch_id, start, _names_of(payload, *fixes), batch_id)
            for switch_id, start, batch_id, payload, *fixes in self.env.cr.fetchall()
        ]

    def _unfinished(self):
        """:class:`Unrated` of each batch that is not rated, and of stuck posts.

        Of a file that is not read yet nobody knows whose calls it holds. Posts that are
        on their way stop nothing, as what comes a moment later: they never end.
        """
        batches = self.env["voip.cdr.batch"].search(
            [
                ("company_id", "=", self.company_id.id),
                ("state", "in", ("waiting", "failed")),
            ],
            order="id",
        )
        batches = batches.filtered(lambda batch: not batch._is_on_its_way())
        names = defaultdict(set)
        if stored := batches.filtered("accepted"):
            self.env.cr.execute(STORED_SQL, [stored.ids])
            for batch_id, *name in self.env.cr.fetchall():
                names[batch_id].add(tuple(name))
        return [
            Unrated(
                batch.state,
                batch.switch_id.id,
                batch.first_start or None,
                frozenset(names[batch.id]),
                batch.id,
            )
            for batch in batches
        ] + [
            Unrated("post", switch.id, None, frozenset(), 0)
            for switch in self.env["voip.cdr.post"]._late_switches(self.company_id)
        ]

    # === WHOSE IT COULD BE === #

    def _accounts_at(self, switch):
        """Ids of the invoiced accounts that a record of ``switch`` may mean."""
        self.env["voip.trunk"].flush_model()
        self.env.cr.execute(
            ACCOUNTS_SQL, {"company": self.company_id.id, "switch": switch.id}
        )
        return {row[0] for row in self.env.cr.fetchall()}

    def _owners_of(self, switch, names):
        """{name: ids of the invoiced accounts it names}; empty where it names none."""
        parties = Parties(self.env, self.company_id, switch)
        callers = {caller for trunk, code, caller in names if not (trunk or code)}
        parties.meet(
            {trunk for trunk, _code, _caller in names},
            set(),
            {code for _trunk, code, _caller in names},
            callers,
        )
        accounts = self.env["voip.account"]
        return {
            name: set(accounts.browse(_ids_of(parties, *name)).bill_account_id.ids)
            for name in names
        }

    # === WORDS === #

    def _unrated_sentence(self, found):
        counts = defaultdict(list)
        for one in found:
            counts[one.kind].append(
                one.switch_id if one.kind == "post" else one.batch_id
            )
        lines = []
        if errors := len(counts["error"]):
            lines.append(self.env._("%s records in the error queue.", errors))
        if waiting := len(counts["waiting"]):
            lines.append(self.env._("%s batches wait to be rated.", waiting))
        if counts["post"]:
            switches = self.env["voip.switch"].browse(counts["post"])
            names = ", ".join(switches.mapped("name"))
            lines.append(self.env._("Posted records wait: %s.", names))
        if counts["failed"]:
            lines.append(self._failed_sentence(counts["failed"]))
        return "\n".join(lines)

    def _failed_sentence(self, ids):
        batches = self.env["voip.cdr.batch"].browse(ids)
        names = [
            f"{batch.name} ({batch.file_name})" if batch.file_name else batch.name
            for batch in batches[:NAMED]
        ]
        if len(batches) > NAMED:
            names.append(self.env._("%s more", len(batches) - NAMED))
        return self.env._(
            "Failed batches: %(names)s. Mend what each says and rate it again; where"
            " its file cannot be read, choose Undo Batch and upload the mended file.",
            names=", ".join(names),
        )


def _names_of(payload, fix, trunk, account):
    """What a record in error names, with its corrections."""
    record = {}
    for text in (payload, fix):
        try:
            record.update(json.loads(text or "{}"))
        except (TypeError, ValueError):
            continue
    record["trunk"] = trunk or record.get("trunk")
    record["account"] = account or record.get("account")
    names = (record.get(name) or "" for name in ("trunk", "account", "caller"))
    return frozenset([tuple(str(name) for name in names)])


def _ids_of(parties, trunk, code, caller):
    """Account ids that the names mean, as rating finds them."""
    if code:
        account = parties.account_of_code(code)
        return [account.id] if account else []
    if trunk:
        return [t.account_id for t in parties.customer_trunks(trunk) if t.account_id]
    account = parties.account_of_caller(caller)
    return [account.id] if account else []


ERROR_SQL = """
SELECT switch_id, start, batch_id, payload, fix, fix_trunk, fix_account
  FROM voip_cdr_error
 WHERE company_id = %s AND state = 'open' AND (start IS NULL OR start < %s)
 ORDER BY id
"""
STORED_SQL = """
SELECT DISTINCT b.id, COALESCE(r.trunk, ''), COALESCE(r.account, ''),
       CASE WHEN r.trunk IS NULL AND r.account IS NULL THEN COALESCE(r.caller, '')
            ELSE '' END
  FROM voip_cdr_batch b
  JOIN voip_cdr_row r ON r.batch_id = b.id AND r.start >= b.first_start
   AND r.start <= b.last_start + interval '1 second'
 WHERE b.id = ANY(%s)
"""
# Those with trunks of other switches alone send no call through this one.
ACCOUNTS_SQL = """
SELECT DISTINCT a.bill_account_id FROM voip_account a
 WHERE a.company_id = %(company)s
   AND (EXISTS (SELECT FROM voip_account_number n WHERE n.account_id = a.id)
        OR EXISTS (SELECT FROM voip_trunk t
                    WHERE t.account_id = a.id AND t.side = 'customer'
                      AND COALESCE(t.switch_id, %(switch)s) = %(switch)s)
        OR NOT EXISTS (SELECT FROM voip_trunk t
                        WHERE t.account_id = a.id AND t.side = 'customer'))
"""
