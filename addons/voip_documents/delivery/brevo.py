"""Brevo's transactional API through brevo-python, whose own repeats are off.

What was sent is asked back by the key, which each mail carries as its tag; the key is
Brevo's idempotency key, too, which refuses a second mail for some minutes.
"""

import base64
import json
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

from .mail import Accepted, Away, Refused, Unsure

TIMEOUT_SECONDS = 20
CONNECT_SECONDS = 5
# The account has to be mended, not the mail: others would be refused, too.
ACCOUNT = (401, 402, 403)
RESET = "x-sib-ratelimit-reset"
LONGEST_WAIT = 24 * 3600


class Brevo:
    """One account of Brevo.

    :param key: API key
    :param url: base URL, with its version
    :param timeout: seconds that one read or write may take
    """

    can_ask = True

    def __init__(self, key, url, timeout=TIMEOUT_SECONDS):
        self._key = key
        self._url = url.rstrip("/")
        self._timeout = httpx.Timeout(timeout, connect=min(timeout, CONNECT_SECONDS))

    def send(self, mail):
        """Hand a mail over.

        :return: :class:`Accepted`
        :raises Refused, Away, Unsure: see there
        """
        with self._calls() as calls:
            answer = _told(
                lambda: calls.send_transac_email(**_arguments(mail)), mail.template
            )
        message = getattr(answer, "message_id", None)
        if not message:
            raise Unsure("the answer names no message")
        return Accepted(message)

    def ask(self, key):
        """Brevo's id of the mail that carries ``key``; None where it has none.

        :raises Away: Brevo does not say
        """
        try:
            with self._calls() as calls:
                report = _told(
                    lambda: calls.get_email_event_report(
                        tags=json.dumps([key]), limit=100, sort="asc"
                    )
                )
        except (Refused, Unsure) as error:
            raise Away(error.reason) from error
        for event in report.events or ():
            if key in (event.tag or ""):
                return event.message_id
        return None

    def template(self, number):
        """(name, whether it is active) of a template.

        :raises Refused: there is none
        :raises Away: Brevo does not say
        """
        try:
            with self._calls() as calls:
                found = _told(lambda: calls.get_smtp_template(str(number)), number)
        except Unsure as error:
            raise Away(error.reason) from error
        return found.name, bool(found.is_active)

    @contextmanager
    def _calls(self):
        # Some 30 MB, which only who sends by Brevo needs.
        from brevo import Brevo as Client

        with httpx.Client(timeout=self._timeout, follow_redirects=False) as http:
            yield Client(
                api_key=self._key,
                base_url=self._url,
                max_retries=0,
                httpx_client=http,
            ).transactional_emails


def _arguments(mail):
    arguments = {
        "sender": _person(*mail.sender),
        "to": [_person(*person) for person in mail.to],
        "subject": mail.subject,
        "tags": [mail.key],
        "headers": {"idempotencyKey": mail.key, "X-Mailin-custom": mail.key},
    }
    if mail.files:
        arguments["attachment"] = [
            {"name": name, "content": base64.b64encode(content).decode()}
            for name, _kind, content in mail.files
        ]
    if mail.template:
        return {**arguments, "template_id": mail.template, "params": mail.params}
    return {**arguments, "html_content": mail.html}


def _person(name, address):
    # Brevo refuses an empty name.
    return {"name": name or address, "email": address}


def _told(call, template=0):
    """What Brevo answered.

    :param template: number of the template that was asked for, named where it misses
    :raises Refused, Away, Unsure: it was not a plain yes
    """
    from brevo.core import ApiError

    try:
        return call()
    except ApiError as error:
        raise _outcome(error, template) from error
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
        raise Away("no connection") from error
    except httpx.TimeoutException as error:
        raise Unsure("no answer in time") from error
    except httpx.TransportError as error:
        raise Unsure("the connection broke") from error
    except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
        raise Away("the address of the API is wrong") from error
    except ValueError as error:
        # Pydantic's errors, too: it answered something that cannot be read.
        raise Unsure("the answer cannot be read") from error


def _outcome(error, template):
    status = error.status_code or 0
    code, text = _words(error.body)
    reason = " ".join(filter(None, (str(status), code, text)))[:500]
    if template and (status == 404 or "template" in text.lower()):
        reason = f"Brevo does not know or use template {template} ({reason})"
    if status == 429:
        return Away(reason, _seconds(error.headers))
    if status in ACCOUNT or 300 <= status < 400:
        return Away(reason)
    if status < 400 or status >= 500 or status == 408 or code.startswith("duplicate"):
        return Unsure(reason)
    return Refused(reason)


def _words(body):
    """(code, message) of an error's body, whatever it is."""
    if hasattr(body, "model_dump"):
        body = body.model_dump()
    if isinstance(body, dict):
        return str(body.get("code") or ""), str(body.get("message") or "")
    return "", str(body or "")[:200]


def _seconds(headers):
    """Seconds that Brevo asks to wait: by its own heading, or by that of HTTP."""
    named = {key.lower(): value for key, value in (headers or {}).items()}
    value = named.get(RESET) or named.get("retry-after") or ""
    try:
        seconds = int(float(value))
    except OverflowError:
        seconds = LONGEST_WAIT
    except ValueError:
        seconds = _until(value)
    return min(max(seconds, 0), LONGEST_WAIT)


def _until(text):
    """Seconds to a moment as HTTP writes it; 0 where it is none."""
    try:
        return int((parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError, OverflowError):
        return 0
