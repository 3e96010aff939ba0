"""Invoices go into the outbox by themselves, where their account says so."""

import logging

from markupsafe import escape
from psycopg2 import IntegrityError

from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError, UserError

from odoo.addons.voip_billing_base.charge.retry import temporary_kind

from ..const import MOVE_KINDS
from .timing import next_hour

_logger = logging.getLogger(__name__)
TASK = "mail.mail_activity_data_todo"
# Usage documents of accounts that send by themselves, without a mail and without a
# fault that a person has to mend first.
NEXT = """
SELECT m.id
  FROM account_move m JOIN voip_account a ON a.id = m.voip_account_id
 WHERE m.state = 'posted' AND m.move_type = ANY(%s) AND m.voip_period_end IS NOT NULL
   AND a.send_invoices AND m.create_date >= a.send_invoices_since
   AND m.voip_mail_fault IS NULL
   AND NOT EXISTS (SELECT FROM voip_delivery d WHERE d.move_id = m.id)
 ORDER BY m.id LIMIT 1
"""


class VoipAccount(models.Model):
    _inherit = "voip.account"

    send_invoices = fields.Boolean(
        string="Send Invoices by Themselves",
        tracking=True,
        help="Invoices and credit notes of usage that are posted from now on are made "
        "by the templates and mailed at the company's hour, in the account's time "
        "zone.",
    )
    send_invoices_since = fields.Datetime(readonly=True, copy=False)

    def write(self, vals):
        """What was posted before it is switched on is not sent."""
        if vals.get("send_invoices"):
            new = self.filtered(lambda account: not account.send_invoices)
            result = super().write(vals)
            new.sudo().send_invoices_since = self.env.cr.now()
            return result
        return super().write(vals)

    @api.model_create_multi
    def create(self, vals_list):
        accounts = super().create(vals_list)
        sending = accounts.filtered("send_invoices")
        sending.sudo().send_invoices_since = self.env.cr.now()
        return accounts


class AccountMove(models.Model):
    _inherit = "account.move"

    voip_mail_fault = fields.Char(
        string="Why Not Mailed",
        readonly=True,
        copy=False,
        help="It was to be mailed by itself, and could not. Send it by hand.",
    )


class VoipDelivery(models.Model):
    _inherit = "voip.delivery"

    # === CRON METHODS === #

    @api.model
    def _cron_hand_over(self):
        """Queue what was posted; posting itself never waits for it."""
        while self._hand_over_next():
            if not self.env["ir.cron"]._commit_progress(1):
                return

    # === BUSINESS METHODS === #

    @api.model
    def _hand_over_next(self):
        """Queue the next document; whether there was one."""
        self.env.flush_all()
        self.env.cr.execute(NEXT, [list(MOVE_KINDS)])
        row = self.env.cr.fetchone()
        if not row:
            return False
        move = self.env["account.move"].browse(row[0])
        hour = move.company_id.voip_mail_hour
        at = next_hour(self.env.cr.now(), move.voip_account_id.tz or "UTC", hour)
        at = at.replace(microsecond=0)
        if why := self._why_not_queued(move, lambda: self._queue(move, at)):
            move.voip_mail_fault = why
            move.activity_schedule(TASK, note=escape(why))
        return True

    @api.model
    def _why_not_queued(self, record, queue):
        """Why ``queue()`` fails for ``record``; None where it does its work.

        :raises Exception: what passes by itself, so that the next run tries it again
        """
        try:
            with self.env.cr.savepoint():
                queue()
        except UserError as error:
            if temporary_kind(error):
                raise
            _logger.info("%s is not mailed by itself: %s", record, error)
            return str(error)[:500]
        except (ConcurrencyError, IntegrityError):
            # Somebody made or queued the same by hand at this moment.
            raise
        except Exception as error:
            if temporary_kind(error):
                raise
            _logger.exception("%s is not mailed by itself", record)
            return self._sentence(None, error)[:500]
        return None
