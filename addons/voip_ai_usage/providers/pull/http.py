"""One question to a provider, and what its answer means.

The key goes in a header and nowhere else; where an answer says it back, it is masked.
"""

import math
import re
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import httpx

from ..engine.told import BadRecord, load

LOOPBACK = ("127.0.0.1", "localhost", "::1")
CONNECT_SECONDS = 5
READ_SECONDS = 30
ANSWER_SECONDS = 180
ANSWER_BYTES = 64 << 20
LONGEST_WAIT = 24 * 3600
LONGEST_REASON = 300
# Headers that say when to come back; the second is OpenAI's and Retell's.
WAITS = ("retry-after", "x-ratelimit-reset-requests")
UNITS = {"h": 3600, "m": 60, "s": 1, "ms": 0.001}
SPAN_PART = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)(ms|h|m|s)", re.ASCII)
SPAN = re.compile(f"(?:{SPAN_PART.pattern})+", re.ASCII)
MASK = "***"
KEY = re.compile(r"[\x21-\x7e]{1,512}")


class Away(ConnectionError):
    """It passes by itself: the provider is away, busy, or answers what is no answer.

    :param str reason: for staff; it holds no key
    :param int seconds: that the provider asked to wait; 0 where it did not
    """

    def __init__(self, reason, seconds=0):
        super().__init__(reason)
        self.reason = reason
        self.seconds = seconds


class Refused(Exception):
    """A person has to mend it: the key, the address, what is asked.

    :param int status: of HTTP
    """

    def __init__(self, reason, status=0):
        super().__init__(reason)
        self.reason = reason
        self.status = status


def is_safe(url):
    """Whether a key may be sent to an address: nobody reads it on the way."""
    try:
        parts = urlsplit(url or "")
        named = bool(parts.hostname) and not (parts.query or parts.fragment)
        plain = parts.username is None and parts.password is None
    except ValueError:
        return False
    own = parts.scheme == "http" and parts.hostname in LOOPBACK
    return named and plain and (own or parts.scheme == "https")


class Http:
    """A connection to one provider; used in a ``with`` statement.

    :param str url: base of all addresses
    :param dict headers: of each question; one of them holds ``key``
    :param str key: what is masked in reasons
    :param float read_seconds: that one read may take
    :param float answer_seconds: that a whole answer may take
    """

    def __init__(
        self,
        url,
        headers,
        key,
        read_seconds=READ_SECONDS,
        answer_seconds=ANSWER_SECONDS,
    ):
        if not is_safe(url):
            raise Refused(f"{url}: the address must begin with https://.")
        if not KEY.fullmatch(key or ""):
            # Else the library's own error would say the key.
            raise Refused("The key is empty, or holds what no key holds.")
        timeout = httpx.Timeout(read_seconds, connect=CONNECT_SECONDS)
        try:
            self._client = httpx.Client(
                base_url=url.rstrip("/"),
                headers=headers,
                timeout=timeout,
                follow_redirects=False,
            )
        except httpx.InvalidURL as error:
            raise Refused(f"{url}: it is no address.") from error
        self._key = key
        self._answer_seconds = answer_seconds

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self._client.close()

    def ask(self, method, path, params=None, body=None):
        """The JSON value that the provider answers, with exact numbers.

        :raises Away, Refused: there is no such answer
        """
        try:
            with self._client.stream(method, path, params=params, json=body) as answer:
                content = self._content(answer)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise Away("No connection to the provider.") from error
        except httpx.TimeoutException as error:
            raise Away("The provider did not answer in time.") from error
        except httpx.TransportError as error:
            raise Away("The connection to the provider broke.") from error
        except (httpx.InvalidURL, httpx.DecodingError, UnicodeError) as error:
            raise Away("The answer cannot be read.") from error
        if not 200 <= answer.status_code < 300:
            raise self._refusal(answer, content)
        try:
            return load(content)
        except BadRecord as error:
            shown = self._shown(content)
            raise Away(f"The answer is no JSON: {shown}") from error

    def _content(self, answer):
        """The body as text without the key; at most so long, and so large."""
        end = time.monotonic() + self._answer_seconds
        chunks, size = [], 0
        for chunk in answer.iter_bytes():
            size += len(chunk)
            if size > ANSWER_BYTES:
                raise Away(f"The answer has more than {ANSWER_BYTES >> 20} MB.")
            if time.monotonic() > end:
                raise Away("The provider did not answer in time.")
            chunks.append(chunk)
        content = b"".join(chunks).decode(errors="replace")
        return content.replace(self._key, MASK) if self._key else content

    def _refusal(self, answer, content):
        status = answer.status_code
        reason = f"HTTP {status}: {self._shown(content)}".rstrip(": ")
        if status == 429 or status == 408 or status >= 500:
            return Away(reason, _wait(answer.headers))
        return Refused(reason, status)

    def _shown(self, content):
        """The beginning of an answer in one line."""
        words = " ".join(content.split())
        return "".join(c for c in words if c.isprintable())[:LONGEST_REASON]


def _wait(headers):
    """Seconds that an answer asks to wait; 0 where it does not say."""
    for name in WAITS:
        if value := headers.get(name):
            return min(max(_seconds(value.strip()), 0), LONGEST_WAIT)
    return 0


def _seconds(value):
    """Seconds of a header: a number, a duration such as 6m0s or 120ms, or a date as
    HTTP writes it."""
    if SPAN.fullmatch(value):
        told = SPAN_PART.findall(value)
        return math.ceil(sum(float(count) * UNITS[unit] for count, unit in told))
    try:
        return math.ceil(float(value))
    except OverflowError:
        return LONGEST_WAIT
    except ValueError:
        return _until(value)


def _until(value):
    """Seconds to a date as HTTP writes it; 0 where it is none."""
    try:
        until = parsedate_to_datetime(value)
        return math.ceil((until - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError, OverflowError):
        return 0
