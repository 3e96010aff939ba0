"""The page on which a partner answers a netting request, by its link alone."""

import re
from decimal import Decimal, InvalidOperation

from odoo.exceptions import UserError
from odoo.http import Controller, request, route

from ..netting.document import context_of
from ..netting.voip_netting_link import ADDRESS

LARGEST_NAME, LARGEST_TEXT, LARGEST_NOTE = 100, 500, 2000
LARGEST_AMOUNT = Decimal(10**15)
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
}
# Where it is the only mark, and no thousand: keyboards of phones may have no point.
DECIMAL_COMMA = re.compile(r"(\d+),(\d{1,2})")
STATUS = {"unknown": 404, "expired": 410, "answered": 410, "closed": 429}


class VoipNettingPage(Controller):
    @route(
        f"{ADDRESS}<string:token>",
        type="http",
        auth="public",
        methods=["GET"],
        sitemap=False,
    )
    def page(self, token):
        """Both sides' items and the result, or why there is nothing to see."""
        netting, why = self._found(token)
        if why:
            return self._nothing(why, netting)
        return self._show(netting, token)

    @route(
        ADDRESS.rstrip("/"),
        type="http",
        auth="public",
        methods=["POST"],
        sitemap=False,
    )
    def answer(self, token="", **form):
        """Accept, or counter item by item; the link is used up by it.

        The key is in the form: a refusal for another site's form logs the address.
        """
        netting, why = self._found(token)
        if why:
            return self._nothing(why, netting)
        env = netting.env
        try:
            name = _name(env, form)
            if form.get("answer") == "accept":
                _refuse_doubt(netting, form)
                note = _text(form, "note", LARGEST_NOTE)
                netting._accept(name, request.httprequest.remote_addr, note)
            else:
                note, answers = _counters(netting, form)
                address = request.httprequest.remote_addr
                netting._counter(name, address, note, answers)
        except _WrongError as wrong:
            return self._show(netting, token, str(wrong), form, status=422)
        except UserError:
            # Somebody answered, or staff changed it, a moment before.
            return self._nothing("answered", netting)
        done = {"netting": netting, "accepted": netting.state == "agreed"}
        return self._page("voip_documents.netting_done", done)

    def _found(self, token):
        """(netting, False), or (netting or none, why it answers nothing)."""
        tries = request.env["voip.netting.try"].sudo()
        address = request.httprequest.remote_addr or "?"
        nettings = request.env["voip.netting"]
        if tries._is_closed(address):
            return nettings, "closed"
        netting = nettings._by_token(token)
        if not netting:
            tries._note(address)
            return nettings, "unknown"
        language = netting.partner_id.lang
        if language:
            request.update_context(lang=language)
            netting = netting.with_context(lang=language)
        state = netting._link_state()
        return netting, state != "open" and state

    def _show(self, netting, token, wrong="", form=None, status=200):
        # Saved, so that the form's key is known when it comes back.
        request.session.touch()
        return self._page(
            "voip_documents.netting_page",
            {
                "data": context_of(netting),
                "token": token,
                "wrong": wrong,
                "form": form or {},
            },
            status,
        )

    def _nothing(self, why, netting):
        values = {"why": why, "company": netting.company_id.name or ""}
        return self._page("voip_documents.netting_nothing", values, STATUS[why])

    def _page(self, template, values, status=200):
        language = request.env["res.lang"]._get_data(code=request.env.lang or "en_US")
        page = {"lang": language.iso_code, "dir": language.direction}
        values = {**values, "html_data": page}
        response = request.render(template, values, status=status)
        response.headers.update(HEADERS)
        if status == STATUS["closed"]:
            response.headers["Retry-After"] = "3600"
        return response


class _WrongError(Exception):
    """What was sent is not complete; the message is for the partner."""


def _name(env, form):
    name = _text(form, "name", LARGEST_NAME).replace("\n", " ")
    if not name:
        raise _WrongError(env._("Please enter your name."))
    return name


def _text(form, name, most):
    """A field of the form, cut, without what is not printed."""
    value = form.get(name)
    if not isinstance(value, str):
        return ""
    kept = "".join(c for c in value if c.isprintable() or c == "\n")
    return kept.strip()[:most]


def _refuse_doubt(netting, form):
    """:raises _WrongError: who accepts says at an item that he does not agree"""
    for line in netting.line_ids:
        if any(_text(form, f"{name}_{line.id}", 40) for name in ("reason", "amount")):
            raise _WrongError(
                netting.env._(
                    "%s: you do not agree with this item. Send amounts and reasons, or"
                    " empty its fields to accept.",
                    line._title(),
                )
            )


def _counters(netting, form):
    """(remark, {line: (amount, reason)}) of items the partner does not agree with."""
    env, answers = netting.env, {}
    for line in netting.line_ids:
        reason = _text(form, f"reason_{line.id}", LARGEST_TEXT).replace("\n", " ")
        amount = _text(form, f"amount_{line.id}", 40)
        if amount and not reason:
            raise _WrongError(
                env._("%s: please say why the amount is another one.", line._title())
            )
        if reason:
            answers[line] = _amount(line, amount), reason
    note = _text(form, "note", LARGEST_NOTE)
    if not answers and not note:
        raise _WrongError(
            env._("Please say what you do not agree with: at an item, or below.")
        )
    return note, answers


def _amount(line, text):
    """An amount as plain text with the currency, "" where none was sent."""
    if not text:
        return ""
    try:
        # Decimal reads the digits of every script, but not the point of Arabic ones.
        comma = DECIMAL_COMMA.fullmatch(text)
        text = ".".join(comma.groups()) if comma else text.replace("\u066b", ".")
        value = Decimal(text)
        known = value.is_finite() and 0 <= value <= LARGEST_AMOUNT
    except InvalidOperation:
        known = False
    if not known or abs(value.as_tuple().exponent) > 20:
        raise _WrongError(
            line.env._(
                "%s: please enter the amount with a point and without separators, e.g."
                " 1234.50.",
                line._title(),
            )
        )
    return f"{value:f} {line.currency_id.name}"
