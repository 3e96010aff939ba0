"""Kinds of documents: each says what it is made of and what is shipped for it."""

from datetime import date

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import file_open, format_date

from ..engine.shape import VERSION
from ..engine.shipped import whole
from .figures import layout_of
from .headings import headings
from .parties import account_data, company_data, customer_data
from .words import words

PREFIX = "voip.document.kind."
# What shipped templates of all modules share.
PARTS = "voip_documents/templates/parts"


def _read(path):
    with file_open(path) as file:
        return file.read()


class VoipDocumentKind(models.AbstractModel):
    """A kind of document; a module adds one by a model ``voip.document.kind.<name>``.

    Data is plain: text, whole numbers, lists and dicts only, so that it goes to the
    processes that make files; docs/documents.md tells its variables.
    """

    _name = "voip.document.kind"
    _description = "Kind of Document"
    _rank = 100
    _body = ""
    # Heading, variable, kind, decimals (-1: as it is) and width of shipped tables.
    _heads = ()
    # The field of a template that says what its preview shows.
    _preview_field = ""

    # === KINDS === #

    @api.model
    def _kinds(self):
        """[(name, label)] of all kinds, in the order of menus."""
        found = [name for name in self.env.registry if name.startswith(PREFIX)]
        ranked = sorted(found, key=lambda name: (self.env[name]._rank, name))
        return [(n.removeprefix(PREFIX), self.env[n]._label()) for n in ranked]

    @api.model
    def _of(self, kind):
        """The model of ``kind``."""
        return self.env[PREFIX + kind]

    @property
    def _kind(self):
        return self._name.removeprefix(PREFIX)

    def _label(self):
        """What the kind is called."""
        raise NotImplementedError

    # === SUBJECTS === #

    @api.model
    def _named(self, record, account, first, last):
        """The subject that a caller of the API names.

        :param record, account, first, last: texts as they came, or None
        :return: :class:`~.subject.Subject`
        :raises UserError: naming the argument
        """
        raise NotImplementedError

    @api.model
    def _named_account(self, code, company):
        """The account of ``code``; empty without one.

        :raises UserError: the user knows none
        """
        accounts = self.env["voip.account"]
        if not code:
            return accounts
        domain = [("code", "=", str(code)), ("company_id", "=", company.id)]
        account = accounts.search(domain)
        if not account:
            raise UserError(
                self.env._("account: there is no account %s.", str(code)[:60])
            )
        return account

    def _refuse_range(self, first, last):
        if first or last:
            raise UserError(
                self.env._("date_from and date_to are not for %s.", self._kind)
            )

    @api.model
    def _check(self, subject):
        """:raises UserError: no document can be made of it"""

    @api.model
    def _moment(self, subject):
        """The day that the file says it was made on: the same for the same document."""
        return subject.last or date(2000, 1, 1)

    @api.model
    def _title(self, subject):
        """What messages call the document."""
        return subject.record.display_name

    @api.model
    def _previewed(self, template):
        """The subject of a template's preview; None: sample data."""
        return None

    # === DATA === #

    @api.model
    def _data(self, subject, lang=None):
        """Plain data of ``subject``; who asks may read it.

        :param lang: code of a language instead of the receiver's
        """
        raise NotImplementedError

    @api.model
    def _sample(self):
        """Data of a document that nobody sent, in the user's language."""
        raise NotImplementedError

    def _words(self, currency):
        """``labels`` of the data."""
        found = {**words(self.env), "title": self._label()}
        return {name: word.replace("%s", currency) for name, word in found.items()}

    def _frame(self, subject, currency, number, lang=None):
        """What data of every kind has, and the environment of its language.

        :return: (dict, environment)
        """
        partner = subject.account.partner_id or subject.partner
        code = lang or partner.lang or self.env.lang or "en_US"
        kind = self.with_context(lang=code)
        record = {"company": subject.company, "partner": subject.partner}
        record = {n: r.sudo().with_env(kind.env(su=True)) for n, r in record.items()}
        layout = layout_of(self.env, code, currency)
        day = subject.last
        data = {
            "version": VERSION,
            "kind": self._kind,
            "is_draft": False,
            "number": number,
            "reference": "",
            "date": day.isoformat() if day else "",
            "date_text": format_date(kind.env, day) if day else "",
            "period": self._period(kind.env, subject),
            "currency": layout["currency"],
            "company": company_data(record["company"]),
            "customer": customer_data(record["partner"]),
            "account": account_data(subject.account.sudo()),
            "labels": kind._words(currency.name),
            "language": self._language(code),
            "format": layout,
        }
        return data, kind.env

    @staticmethod
    def _period(env, subject):
        days = {"start": subject.first, "end": subject.last}
        texts = {n: format_date(env, day) if day else "" for n, day in days.items()}
        text = " – ".join(text for text in texts.values() if text)
        if texts["end"] and not texts["start"]:
            text = env._("until %s", texts["end"])
        return {
            **{name: day.isoformat() if day else "" for name, day in days.items()},
            **{f"{name}_text": text for name, text in texts.items()},
            "text": text,
            "zone": subject.account.sudo().tz or "",
        }

    def _language(self, code):
        found = self.env["res.lang"].sudo()._lang_get(code)
        return {"code": code, "is_right_to_left": found.direction == "rtl"}

    # === SHIPPED === #

    @api.model
    def _shipped_body(self):
        return whole(_read(self._body), lambda name: _read(f"{PARTS}/{name}.html"))

    @api.model
    def _shipped_columns(self):
        names = ("heading", "path", "kind", "decimals", "width")
        return [
            (0, 0, {"sequence": 10 * number, **dict(zip(names, column, strict=True))})
            for number, column in enumerate(self._heads, 1)
        ]

    @api.model
    def _heading_words(self):
        """{shipped heading: the same in the language of the context}."""
        return headings(self.env)

    @api.model
    def _headings(self, code):
        """Shipped headings with their word in a language, those that differ.

        Empty where not all have one: a table is of one language.
        """
        words = self.with_context(lang=code)._heading_words()
        shipped = [heading for heading, *_more in self._heads]
        if not words.keys() >= set(shipped):
            return {}
        return {name: words[name] for name in shipped if words[name] != name}

    @api.model
    def _of_format(self, data, format_):
        """``data`` with what files of ``format_`` alone are made of.

        Headings of CSV stay: programs know its columns by them.
        """
        if format_ != "xlsx":
            return data
        return {**data, "headings": self._headings(data["language"]["code"])}
