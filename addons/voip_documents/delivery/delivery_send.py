"""How mails leave the outbox, and why none leaves twice.

1. A transaction takes the next mail that is due and commits that it is being sent.
2. The provider is asked to send it, with no transaction open.
3. Another transaction notes the outcome.

A mail found in *sending* when its next try comes is that of a sender that died, or of
an answer that was lost. Brevo is then asked for the mail's key: in its log the mail is
sent, else it goes again once ten minutes have passed. So long the log has settled, and
Brevo still knows the key (15 minutes at the least), which refuses a second mail. SMTP
knows no such question, and an account of Brevo knows no mail of another one: a person
decides, because a second invoice is worse than a late one.
"""

import logging
from dataclasses import dataclass
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.voip_billing_base.charge.retry import temporary_kind
from odoo.addons.voip_billing_base.charge.transaction import run_money

from .mail import Accepted, Away, Mail, Refused, Unsure
from .states import RANKS, summed_up
from .timing import MOST_TRIES, wait_after

_logger = logging.getLogger(__name__)
SETTLED = timedelta(minutes=10)
# So long Brevo is asked for a mail that it does not answer for.
LONGEST_QUESTION = timedelta(days=2)
DUE = """
SELECT id FROM voip_delivery
 WHERE state IN ('waiting', 'sending') AND COALESCE(retry_at, send_at) <= %s
   AND send_at <= %s AND company_id <> ALL(%s)
 ORDER BY COALESCE(retry_at, send_at), id LIMIT 1 FOR UPDATE SKIP LOCKED
"""


@dataclass(frozen=True, slots=True)
class Task:
    """A mail that was taken: its record, its try, whether it is asked for only."""

    delivery: int
    company: int
    tries: int
    is_asked: bool
    mail: Mail


class VoipDelivery(models.Model):
    _inherit = "voip.delivery"

    @api.model
    def _due_domain(self):
        now = fields.Datetime.to_string(self.env.cr.now())
        return [
            ("state", "in", ("waiting", "sending")),
            ("send_at", "<=", now),
            "|",
            ("retry_at", "=", False),
            ("retry_at", "<=", now),
        ]

    # === CRON METHODS === #

    @api.model
    def _cron_send(self):
        """Send what is due; a company whose provider is away waits for the next run."""
        stopped = []
        while self._send_next(stopped):
            if not self.env["ir.cron"]._commit_progress(1):
                self._go_on_later()
                return

    # === BUSINESS METHODS === #

    @api.model
    def _send_next(self, stopped):
        """Send the next mail; whether there was one.

        :param stopped: companies that are left out; one whose provider is away is added
        """
        task = run_money(self.env, lambda env: self.with_env(env)._take(stopped))
        if not task:
            return False
        outcome = self._ask_provider(task)
        if isinstance(outcome, Away | Unsure):
            stopped.append(task.company)
        run_money(self.env, lambda env: self.with_env(env)._note(task, outcome))
        return True

    @api.model
    def _take(self, stopped):
        """The next mail that is due, marked as being sent; None without any."""
        now = self.env.cr.now().replace(microsecond=0)
        self.flush_model()
        while True:
            self.env.cr.execute(DUE, [now, now, stopped or [0]])
            row = self.env.cr.fetchone()
            if not row:
                return None
            delivery = self.browse(row[0])
            delivery.invalidate_recordset()
            is_asked = delivery.state == "sending"
            if is_asked and delivery.provider != "brevo":
                sentence = self.env._("The sender stopped within this mail.")
                delivery._ask_person(sentence)
                delivery.flush_recordset()
                continue
            if not is_asked and (why := delivery._overtaken()):
                delivery.write({"state": "cancelled", "message": why})
                delivery.flush_recordset()
                continue
            if not is_asked and (paused := delivery._all_paused()):
                delivery._give_up(delivery.try_count, paused)
                delivery.flush_recordset()
                continue
            values = {"state": "sending", "retry_at": now + SETTLED}
            if not is_asked:
                values["tried_at"] = now
                values["try_count"] = delivery.try_count + 1
                company = delivery.company_id
                values["provider"] = company.voip_mail_provider
                values["provider_account"] = company._voip_brevo_account()
            delivery.write(values)
            try:
                with self.env.cr.savepoint():
                    return delivery._task(is_asked)
            except Exception as error:  # noqa: BLE001 the next mail has to go
                delivery._not_taken(error)

    def _not_taken(self, error):
        """Nothing was sent: it comes again, or is given up; others go before it.

        :raises Exception: ``error``, where it is the database's or the machine's and
            passes: the next run takes the mail
        """
        if temporary_kind(error):
            raise error
        sentence = self._sentence(None, error)
        if not isinstance(error, UserError):
            _logger.error("Mail %s of the outbox", self.id, exc_info=error)
        if isinstance(error, UserError) and self.try_count < MOST_TRIES:
            # A file may come back with the disk that it is on.
            now = self.env.cr.now().replace(microsecond=0)
            self.write(
                {
                    "state": "waiting",
                    "retry_at": now + wait_after(self.try_count),
                    "message": sentence,
                }
            )
            self._tell_managers(sentence)
        else:
            self._give_up(self.try_count, sentence)
        self.flush_recordset()

    def _task(self, is_asked):
        """:raises UserError: a file is not what was made"""
        mail = Mail(
            key=self.key,
            sender=self.company_id._voip_mail_sender(),
            to=tuple(
                (one.partner_id.name or "", one.email)
                for one in self.recipient_ids
                if one.state != "paused"
            ),
            subject=self.subject or "",
            html=str(self.body or ""),
            files=() if is_asked else tuple(self._files()),
        )
        return Task(self.id, self.company_id.id, self.try_count, is_asked, mail)

    @api.model
    def _ask_provider(self, task):
        """What the provider says: an outcome, or None where it has no such mail."""
        try:
            company = self.env["res.company"].browse(task.company)
            if not task.is_asked:
                return company._voip_mailer().send(task.mail)
            # By Brevo, whatever other mails go by now.
            found = company._voip_brevo().ask(task.mail.key)
            return Accepted(found) if found else None
        except (Refused, Away, Unsure) as outcome:
            return outcome
        except Exception as error:  # noqa: BLE001 nobody knows what it left behind
            _logger.exception("Mail %s of the outbox", task.delivery)
            return Unsure(type(error).__name__)

    def _note(self, task, outcome):
        """Keep what became of a try, unless another one has begun since."""
        delivery = self.browse(task.delivery)
        self.env.cr.execute(
            "SELECT state, try_count FROM voip_delivery WHERE id = %s FOR UPDATE",
            [task.delivery],
        )
        state, tries = self.env.cr.fetchone()
        delivery.invalidate_recordset()
        if isinstance(outcome, Accepted):
            if state in ("sending", "unsure", "waiting"):
                delivery._note_sent(outcome)
        elif state == "sending" and tries == task.tries:
            delivery._note_miss(outcome, task.is_asked)

    def _note_sent(self, accepted):
        self.write(
            {
                "state": "sent",
                "sent_at": fields.Datetime.now(),
                "provider_message": accepted.message,
                **self._job_done_values(),
            }
        )
        for one in self.recipient_ids.filtered(lambda one: one.state != "paused"):
            why = accepted.refused.get(one.email)
            state = "bounced" if why else "sent"
            # An event may have come before the answer.
            if RANKS[state] > RANKS[one.state]:
                one.write({"state": state, "reason": why})
        self.state = summed_up(self.recipient_ids.mapped("state"))
        self._keep_files()
        self._untell_managers()

    def _note_miss(self, outcome, is_asked):
        if outcome is None:
            self._note_absent()
            return
        sentence = self.env._("The provider said: %s", outcome.reason)
        is_away = isinstance(outcome, Away)
        if isinstance(outcome, Refused):
            self._give_up(self.try_count, sentence)
        elif is_asked:
            self._note_unanswered(outcome, sentence)
        elif self.provider != "brevo" and not is_away:
            self._ask_person(sentence)
        elif is_away and self.try_count >= MOST_TRIES:
            self._give_up(self.try_count, sentence)
        else:
            # What may have left is asked for first, after the last try, too.
            state = "waiting" if is_away else "sending"
            self._try_later(state, wait_after(self.try_count), outcome, sentence)

    def _try_later(self, state, wait, outcome, sentence):
        now = self.env.cr.now().replace(microsecond=0)
        wait = max(wait, timedelta(seconds=outcome.wait))
        self.write({"state": state, "retry_at": now + wait, "message": sentence})

    def _note_absent(self):
        """Brevo has no such mail, which its log tells for sure once it has settled."""
        now = self.env.cr.now().replace(microsecond=0)
        settled = self.tried_at + SETTLED
        own = self.provider_account
        if settled > now:
            self.write({"state": "sending", "retry_at": settled})
        elif own and own != self.company_id._voip_brevo_account():
            self._ask_person(
                self.env._(
                    "The mail was handed to another account of Brevo, or with another"
                    " key, than the one that is set now."
                )
            )
        elif self.try_count >= MOST_TRIES:
            never = self.env._("Brevo did not take the mail.")
            self._give_up(self.try_count, self.message or never)
        else:
            self.write({"state": "waiting", "retry_at": now})

    def _note_unanswered(self, outcome, sentence):
        """Brevo does not say whether it has the mail: a person looks in the end."""
        waited = self.env.cr.now().replace(microsecond=0) - self.tried_at
        if waited >= LONGEST_QUESTION:
            self._ask_person(sentence)
            return
        # Ever later, as the mail keeps its number of tries.
        wait = max(wait_after(self.try_count), waited / 8)
        self._try_later("sending", wait, outcome, sentence)

    def _ask_person(self, sentence):
        self.write({"state": "unsure", "retry_at": False, "message": sentence})
        self._tell_managers(
            self.env._("%s Look whether it arrived, then say so.", sentence)
        )
