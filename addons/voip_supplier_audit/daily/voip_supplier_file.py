"""A file that a supplier brought, and what became of it."""

import base64
from hashlib import sha256

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.voip_billing_base.charge.transaction import run_money
from odoo.addons.voip_billing_base.const import MONEY
from odoo.addons.voip_billing_base.fields import Amount
from odoo.addons.voip_billing_base.reader.workbook import BadFile
from odoo.addons.voip_rating.calls.read import BadFile as BadCalls

from .names import CALLS, LINES, PDF, guessed, named

# Lines make the invoice that call records and its picture are of.
ORDER = {LINES: 0, CALLS: 1, PDF: 2, False: 3}
# What people say of a file.
SAID = {"kind", "number", "period_start", "period_end", "date", "total"}
RECORD_COLUMNS = {"amount": "amount", "rate": "rate", "prefix": "prefix"}


class VoipSupplierFile(models.Model):
    """Each file of a supplier is taken once, however often it comes."""

    _name = "voip.supplier.file"
    _description = "Supplier's File"
    _inherit = ["voip.mail.file", "mail.activity.mixin", "voip.job"]
    _order = "id desc"
    _check_company_auto = True

    _job_cron = "voip_supplier_audit.ir_cron_daily"
    _job_refusals = (UserError, BadFile, BadCalls)

    agreement_id = fields.Many2one(
        "voip.supplier.agreement",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    company_id = fields.Many2one(
        related="agreement_id.company_id", store=True, precompute=True, index=True
    )
    partner_id = fields.Many2one(
        related="agreement_id.partner_id", store=True, precompute=True, index=True
    )
    name = fields.Char(required=True, readonly=True)
    kind = fields.Selection(
        [(LINES, "Lines"), (CALLS, "Call records"), (PDF, "PDF")],
        help="What the file holds.",
    )
    number = fields.Char(
        string="Invoice Number", help="Of the invoice that the file belongs to."
    )
    period_start = fields.Date(string="From", help="First day of the period.")
    period_end = fields.Date(string="To", help="Last day of the period.")
    date = fields.Date(string="Invoice Date", help="Empty: the last day of the period.")
    total = Amount(
        help="As the supplier states it. Empty: the sum of the lines.",
        aggregator=None,
        **MONEY,
    )
    currency_id = fields.Many2one(related="agreement_id.currency_id")
    digest = fields.Char(string="SHA-256", required=True, readonly=True)
    data = fields.Binary(string="File", readonly=True, attachment=True)
    state = fields.Selection(
        [
            ("draft", "To Check"),
            ("waiting", "Waiting"),
            ("taken", "Taken"),
            ("failed", "Failed"),
        ],
        required=True,
        readonly=True,
        default="waiting",
        index=True,
    )
    invoice_id = fields.Many2one(
        "voip.supplier.invoice",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        check_company=True,
    )

    _digest_uniq = models.UniqueIndex(
        "(company_id, partner_id, digest)", "This file of the supplier is here already."
    )

    # === CRUD METHODS === #

    def write(self, vals):
        if not self.env.su and SAID & vals.keys():
            self._refuse_taken()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_taken(self):
        self._refuse_taken()

    def _refuse_taken(self):
        """:raises UserError: one of the files is taken, or is about to be"""
        if done := self.filtered(lambda file: file.state in ("waiting", "taken"))[:1]:
            raise UserError(
                self.env._(
                    "%(file)s is taken already, or about to be: what it holds and of"
                    " which invoice it is stays.",
                    file=done.name,
                )
            )

    # === ACTION METHODS === #

    def action_retry(self):
        """Have what failed tried again."""
        self.check_access("write")
        failed = self.filtered(lambda file: file.state == "failed").sudo()
        failed.write({"state": "waiting", **failed._job_done_values()})
        failed._untell_managers()
        self._wake_worker()

    def action_take(self):
        """Take files now that somebody has looked at; opens the last invoice.

        :raises UserError: a file is not what it is said to be
        """
        self.check_access("write")
        files = self.filtered(lambda file: file.state in ("draft", "failed")).sudo()
        for file in files.sorted(lambda one: (ORDER[one.kind], one.id)):
            file._refuse_unsaid()
            file.state = "waiting"
            file.flush_recordset()
            file._take_or_say()
        for file in files.grouped("agreement_id").values():
            file[:1]._untell_mailed()
        invoice = files.invoice_id[-1:]
        if not invoice:
            return None
        return {
            "type": "ir.actions.act_window",
            "res_model": invoice._name,
            "res_id": invoice.id,
            "views": [(False, "form")],
        }

    # === BUSINESS METHODS === #

    @api.model
    def _bring(self, agreement, name, data):
        """Keep a file, unless it was brought before; what another supplier brought
        waits for somebody.

        :return: a sentence where its content came under another name before, or False
        """
        values = _file_values(name, data)
        known = self._known(agreement, values["digest"])
        if not known:
            others = self._of_another(agreement, name, values["digest"])
            values |= {"state": "draft", "message": others} if others else {}
            self.create({"agreement_id": agreement.id, **values})
            return others
        # Of the same name: also one that was kept, and not moved because a run ended.
        if known.name != name:
            return known._came_again(name)
        return False

    def _came_again(self, name):
        text = self.env._(
            "%(file)s is the same as %(known)s, which came on %(day)s: it is not taken"
            " again.",
            file=name,
            known=self.name,
            day=fields.Datetime.context_timestamp(self, self.create_date).date(),
        )
        self.message_post(body=text)
        return text

    @api.model
    def _known(self, agreement, digest):
        """The file of this content that the supplier brought before, or none."""
        return self.search(
            [
                ("company_id", "=", agreement.company_id.id),
                ("partner_id", "=", agreement.partner_id.id),
                ("digest", "=", digest),
            ],
            limit=1,
        )

    @api.model
    def _of_another(self, owner, name, digest):
        """A sentence where another supplier brought the content before, or False.

        :param owner: agreement or invoice of the supplier who brings it now
        """
        known = self.search(
            [
                ("company_id", "=", owner.company_id.id),
                ("partner_id", "!=", owner.partner_id.id),
                ("digest", "=", digest),
            ],
            limit=1,
        )
        return bool(known) and self.env._(
            "%(file)s is the same as %(known)s, which came from %(supplier)s on"
            " %(day)s: take it only where it is of %(own)s, too.",
            file=name,
            known=known.name,
            supplier=known.partner_id.display_name,
            day=fields.Datetime.context_timestamp(known, known.create_date).date(),
            own=owner.partner_id.display_name,
        )

    @api.model
    def _take_waiting(self):
        """Take what waits; returns the files that were tried."""
        waiting = self.search(self._due_domain(), order="id")
        for file in waiting.sorted(lambda one: (ORDER[one.kind], one.id)):
            file._work()
        return waiting

    def _work(self):
        try:
            run_money(self.env, lambda env: self.with_env(env)._take())
        except Exception as error:  # noqa: BLE001 kept on the file
            self.env.invalidate_all(flush=False)
            self._missed(error)
        self.env.invalidate_all()

    def _take(self):
        self.env.cr.execute(
            "SELECT FROM voip_supplier_file WHERE id = %s AND state = 'waiting'"
            " FOR UPDATE",
            [self.id],
        )
        if not self.env.cr.rowcount:
            return
        self._refuse_unsaid()
        take = {LINES: self._take_lines, CALLS: self._take_calls, PDF: self._take_pdf}
        invoice = take[self.kind]()
        self.write(
            {"state": "taken", "invoice_id": invoice.id, **self._job_done_values()}
        )
        self._untell_managers()

    def _take_or_say(self):
        """:raises UserError: naming the file and why it cannot be read"""
        try:
            self._take()
        except (BadFile, BadCalls) as error:
            raise UserError(
                self.env._(
                    "%(file)s: %(reason)s. Ask for another one, or mend it and read it"
                    " on the invoice.",
                    file=self.name,
                    reason=error,
                )
            ) from error

    def _refuse_unsaid(self):
        """:raises UserError: it is not said what the file is, or of which invoice"""
        if not self.kind or not self.number:
            raise UserError(
                self.env._(
                    "%(file)s: its name does not say what it is. Name it"
                    " NUMBER_2026-09-01_2026-09-30.csv, NUMBER_calls.csv or NUMBER.pdf,"
                    " with the number of the invoice; or say here what it holds and of"
                    " which invoice it is.",
                    file=self.name,
                )
            )
        first, last = self.period_start, self.period_end
        if self.kind == LINES and not (first and last and first <= last):
            raise UserError(
                self.env._(
                    "%(file)s: say from which day to which day invoice %(number)s is.",
                    file=self.name,
                    number=self.number,
                )
            )

    def _take_lines(self):
        """The invoice of a sheet; where no total is said it is the sum of the lines."""
        invoices = self.env["voip.supplier.invoice"].with_company(self.company_id)
        if self._invoice(self.number):
            raise UserError(
                self.env._(
                    "%(file)s: invoice %(number)s is here already. Read the lines"
                    " there, or delete it and try again.",
                    file=self.name,
                    number=self.number,
                )
            )
        invoice = invoices.create(
            {
                "company_id": self.company_id.id,
                "partner_id": self.partner_id.id,
                "number": self.number,
                "period_start": self.period_start,
                "period_end": self.period_end,
                "date": self.date or self.period_end,
                "currency_id": self.agreement_id.currency_id.id,
                "total": self.total,
            }
        )
        wizard = self.env["voip.supplier.upload"].create(
            {
                "invoice_id": invoice.id,
                "file": self.data,
                "file_name": self.name,
                "set_total": not self.total,
            }
        )
        if wizard.problem:
            raise UserError(wizard.problem)
        wizard.action_read()
        return invoice

    def _take_calls(self):
        invoice = self._open_invoice(self.number)
        layout = self.agreement_id.record_format_id
        result, _stored, _known = invoice._take_file(
            base64.b64decode(self.data),
            self.name,
            layout._compiled() if layout else None,
            RECORD_COLUMNS,
            layout.tz,
        )
        if result.faulty:
            line, why = result.faults[0]
            raise UserError(
                self.env._(
                    "%(file)s: %(count)s of %(all)s lines are no records, the first is"
                    " line %(line)s: %(why)s.",
                    file=self.name,
                    count=result.faulty,
                    all=result.received,
                    line=line,
                    why=why,
                )
            )
        invoice.state = "imported"
        return invoice

    def _take_pdf(self):
        invoice = self._open_invoice(self.number)
        invoice.write({"pdf": self.data, "pdf_name": self.name})
        return invoice

    def _invoice(self, number):
        return self.env["voip.supplier.invoice"].search(
            [
                ("company_id", "=", self.company_id.id),
                ("partner_id", "=", self.partner_id.id),
                ("number", "=", number),
            ]
        )

    def _open_invoice(self, number):
        """The invoice of a number, locked.

        :raises UserError: there is none, or it is decided
        """
        invoice = self._invoice(number)
        if not invoice:
            raise UserError(
                self.env._(
                    "%(file)s: there is no invoice %(number)s of %(supplier)s yet:"
                    " bring its lines, and try again.",
                    file=self.name,
                    number=number,
                    supplier=self.partner_id.display_name,
                )
            )
        invoice._lock()
        invoice._refuse_decided()
        return invoice


def _file_values(name, data):
    """What is kept of a file; what its name says is filled in."""
    what = named(name) or guessed(name)
    return {
        "name": name,
        "digest": sha256(data).hexdigest(),
        "data": base64.b64encode(data),
        "kind": what.kind,
        "number": what.number,
        "period_start": what.first,
        "period_end": what.last,
    }
