"""The data of statements of account."""

from datetime import date
from decimal import Decimal

from odoo import api, models
from odoo.exceptions import UserError

from ..engine import epc, exact
from ..statements.sample import sample_statements
from ..statements.statement import AGES, ZERO
from ..statements.voip_account import FIRST
from ..statements.words import described, statement_words
from .figures import layout_of
from .subject import Subject

COLUMNS = (
    ("Currency", "line.currency", "text", -1, 9),
    ("Date", "line.date", "date", -1, 12),
    ("Type", "line.kind_text", "text", -1, 18),
    ("Document", "line.document", "text", -1, 22),
    ("Description", "line.description", "text", -1, 40),
    ("Debit", "line.debit", "number", -1, 14),
    ("Credit", "line.credit", "number", -1, 14),
    ("Balance", "line.balance", "number", -1, 14),
)


class VoipDocumentKindStatement(models.AbstractModel):
    _name = "voip.document.kind.statement"
    _inherit = "voip.document.kind"
    _description = "Statements of Account"
    _rank = 30
    _body = "voip_documents/templates/statement.html"
    _heads = COLUMNS
    _preview_field = "preview_account_id"

    def _label(self):
        return self.env._("Statement of Account")

    # === SUBJECTS === #

    @api.model
    def _named(self, record, account, first, last):
        accounts = self.env["voip.account"]
        if record and account:
            raise UserError(
                self.env._("record, account: give one or the other of a statement.")
            )
        days = accounts._statement_day("date_from", first), last
        found, customer = self._named_accounts(record, account)
        last = accounts._statement_day("date_to", days[1])
        last = last or found[0]._statement_today()
        if customer:
            return self._of_customer(
                found.partner_id.commercial_partner_id, found.company_id, days[0], last
            )
        view = "wallet" if found.mode == "prepaid" else "ledger"
        return self._of_account(found, days[0], last, view)

    def _named_accounts(self, record, account):
        """(accounts, whether they are all of a customer)."""
        accounts = self.env["voip.account"]
        if account:
            return accounts._statement_accounts(account, None), False
        if not isinstance(record, str) or not record:
            raise UserError(
                self.env._(
                    "record is the code of an account or a customer's reference."
                )
            )
        known = accounts.with_context(active_test=False).search_count
        mine = ("company_id", "in", self.env.companies.ids)
        if known([("code", "=", record), mine], limit=1):
            return accounts._statement_accounts(record, None), False
        if known(
            [("partner_id.commercial_partner_id.ref", "=", record), mine], limit=1
        ):
            return accounts._statement_accounts(None, record), True
        raise UserError(
            self.env._(
                "record: %s is no account's code and no customer's reference.",
                record[:60],
            )
        )

    @api.model
    def _of_account(self, account, first, last, view="ledger"):
        """The subject of one account's statement; a sub-account has its payer's."""
        payer = account.payer_id
        partner = payer.partner_id.commercial_partner_id
        company = account.company_id
        return Subject(payer, company, partner, payer, first, last, view)

    @api.model
    def _of_customer(self, partner, company, first, last):
        """The subject of all that a customer has with a company."""
        account = self.env["voip.account"]
        return Subject(partner, company, partner, account, first, last, "ledger")

    @api.model
    def _title(self, subject):
        who = subject.record.display_name
        return self.env._("Statement of %s", who)

    @api.model
    def _previewed(self, template):
        account = template.preview_account_id._origin
        if not account:
            return None
        last = account._statement_today()
        view = "wallet" if account.mode == "prepaid" else "ledger"
        return self._of_account(account, last.replace(day=1), last, view)

    @api.model
    def _sample(self):
        company = self.env.company
        account = self.env["voip.account"]
        subject = Subject(
            company.partner_id,
            company,
            company.partner_id,
            account,
            date(2026, 1, 1),
            date(2026, 1, 31),
            "ledger",
        )
        data, env = self._frame(subject, company.currency_id, "A00042-2026-01-31")
        data["customer"]["name"] = "Example Ltd <& Sons>"
        found = sample_statements(company.currency_id.name)
        return self._filled(data, env, found, company, False)

    # === DATA === #

    @api.model
    def _data(self, subject, lang=None):
        first = subject.first or FIRST
        if subject.account:
            wallet = subject.view == "wallet"
            found = subject.account._statement(first, subject.last, wallet)
        else:
            found = subject.partner._voip_statement(
                subject.company, first, subject.last
            )
        customer = subject.partner.ref or subject.partner.display_name
        who = subject.account.code or customer
        spans = "-".join(
            day.isoformat() for day in (subject.first, subject.last) if day
        )
        currency = subject.company.sudo().currency_id
        data, env = self._frame(subject, currency, f"{who}-{spans}", lang)
        return self._filled(data, env, found, subject.company, subject.view == "wallet")

    def _filled(self, data, env, found, company, is_wallet):
        """``data`` with the statements and how to pay."""
        labels = statement_words(env)
        data["labels"].update(
            labels,
            customer=env._("Customer"),
            period=env._("Period"),
            nothing=env._("Nothing happened up to the last day."),
            ledger_sign=env._("A balance above zero is owed to us."),
            wallet_sign=env._("A balance above zero is yours to use."),
        )
        statements = [self._statement(one, data) for one in found]
        asked = not is_wallet and any(one.closing > 0 for one in found)
        rows = [row for one in statements for row in self._rows(one, labels)]
        return {
            **data,
            "is_wallet": is_wallet,
            "statements": statements,
            "lines": rows,
            "sums": [each for one in statements for each in self._sums(one, labels)],
            "payment": self._payment(company.sudo(), data["number"], asked),
            "notes": [],
        }

    def _statement(self, one, data):
        """One currency of the statement; amounts as exact and as formatted text."""
        layout = self._layout(one.currency, data["language"]["code"])
        labels = data["labels"]

        def amount(name, value):
            text = exact.money_text(exact.text_of(value), layout)
            return {name: one.text(value), f"{name}_text": text}

        lines = [self._movement(*row, amount, data) for row in one.rows()]
        ageing = [
            {
                "name": age,
                "label": labels[age],
                **amount("amount", one.ageing.get(age, ZERO)),
            }
            for age in (AGES if one.ageing else ())
        ]
        return {
            "currency": layout["currency"],
            **amount("opening", one.balance(one.opening)),
            "lines": lines,
            **amount("debit", one.total(1)),
            **amount("credit", one.total(-1)),
            **amount("closing", one.balance(one.closing)),
            "ageing": ageing,
            **amount("unbilled", one.unbilled or ZERO),
            "has_unbilled": bool(one.unbilled),
        }

    @staticmethod
    def _movement(line, debit, credit, balance, amount, data):
        """One movement; the side that has nothing is shown empty."""
        shown = {**amount("debit", debit), **amount("credit", credit)}
        for name, value in (("debit", debit), ("credit", credit)):
            if not value:
                shown[f"{name}_text"] = ""
            elif line.reason == "rounded":
                # With its decimals: of cents it is nothing.
                shown[f"{name}_text"] = exact.rate_text(value, data["format"], 0)
        day = line.date.isoformat()

        def day_text(each):
            return exact.date_text(each, data["format"]["date"])

        return {
            "date": day,
            "date_text": day_text(day),
            "kind": line.kind,
            "kind_text": data["labels"].get(line.kind, line.kind),
            "document": line.document,
            "description": described(line.description, day_text)
            or data["labels"].get(line.reason, ""),
            **shown,
            **amount("balance", balance),
        }

    def _layout(self, name, code):
        currencies = self.env["res.currency"].sudo().with_context(active_test=False)
        currency = currencies.search([("name", "=", name)], limit=1)
        return layout_of(self.env, code, currency)

    @staticmethod
    def _rows(one, labels):
        """Opening, movements and closing as rows of a table."""
        empty = {
            "date": "",
            "document": "",
            "description": "",
            "debit": "",
            "credit": "",
        }
        currency = one["currency"]["name"]
        for edge in ("opening", "closing"):
            if edge == "closing":
                for line in one["lines"]:
                    plain = {name: line[name] for name in ("debit", "credit")}
                    plain = {n: v if Decimal(v) else "" for n, v in plain.items()}
                    yield {**line, **plain, "currency": currency}
            row = {"kind": edge, "kind_text": labels[edge], "balance": one[edge]}
            yield {**empty, **row, "currency": currency}

    @staticmethod
    def _sums(one, labels):
        """What stands below a table: open by days past due, and not invoiced."""
        found = [(age["label"], age["amount"]) for age in one["ageing"]]
        if one["has_unbilled"]:
            found.append((labels["unbilled"], one["unbilled"]))
        name = one["currency"]["name"]
        return [{"label": f"{label} ({name})", "amount": a} for label, a in found]

    def _payment(self, company, number, asked):
        """The company's bank account, where there is something to pay."""
        bank = company._voip_bank()
        text = bank.acc_number or ""
        return {
            "is_asked": bool(asked and bank),
            "holder": (bank.acc_holder_name or company.name) if bank else "",
            "bank": bank.bank_id.name or "",
            "bic": bank.bank_id.bic or "",
            "number": text,
            "is_iban": epc.valid_iban("".join(text.split()).upper()),
            "communication": number,
        }
