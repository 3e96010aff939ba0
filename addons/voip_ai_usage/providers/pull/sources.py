"""What each provider is asked: pages of a span of time, and one call again.

A page is read, stored and committed before the next; its key says where to go on.
"""

from dataclasses import dataclass
from datetime import UTC
from urllib.parse import quote

from ..engine import elevenlabs, openai, openai_costs, retell, vapi
from ..engine.told import BadRecord, moment, shown
from .http import Away, Http, Refused

# Status codes of a key of a page that the provider does not know any more.
LOST_KEY = (400, 404, 410, 422)


@dataclass(frozen=True, slots=True)
class Page:
    """:param list records: objects of the provider
    :param str next: key of the next page; "" after the last"""

    records: list
    next: str = ""


class LostPage(Away):
    """The provider knows the key of the page no more: the span begins again."""


class Source:
    """One provider's API; used in a ``with`` statement.

    :param str key: of the API
    :param str url: base address; empty: the provider's own
    :param dict limits: of :class:`.http.Http`
    """

    url = ""
    header = "Authorization"
    scheme = "Bearer "
    # Whether what changed later is found by when it changed, else by when it began.
    by_change = False

    def __init__(self, key, url="", **limits):
        self._http = Http(
            url or self.url, {self.header: f"{self.scheme}{key}"}, key, **limits
        )

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self._http.__exit__(*error)

    def page(self, since, until, key=""):
        """The page ``key`` of what is from ``since`` to ``until``; "" is the first.

        :raises LostPage: the key is known no more
        :raises Away, Refused: see there
        """
        try:
            page = self._page(since, until, key)
        except Refused as error:
            if key and error.status in LOST_KEY:
                raise LostPage(f"A page was lost: {error.reason}") from error
            raise
        except BadRecord as error:
            raise Away(f"The page cannot be read: {error}") from error
        if page.next and page.next == key:
            raise Away("The provider gives the same page again and again.")
        return page

    def one(self, ref):
        """A call as it is told now; None where the provider has it no more."""
        try:
            answer = self._one(quote(ref, safe=""))
        except Refused as error:
            if error.status == 404:
                return None
            raise
        return _object(answer)


class Vapi(Source):
    """The newest call comes first, so the pages go back in time."""

    url = "https://api.vapi.ai"
    by_change = True
    size = 100

    def _page(self, since, until, key):
        params = {
            "limit": self.size,
            "updatedAtGe": _iso(since),
            "updatedAtLt": _iso(until),
        }
        if key:
            params["createdAtLe"] = key
        calls = _objects(self._http.ask("GET", "/call", params))
        made = [moment(call, "createdAt") for call in calls]
        if None in made or made != sorted(made, reverse=True):
            raise Away("The calls are not in the order of when they were made.")
        if len(calls) < self.size:
            return Page(calls)
        last = _iso(made[-1])
        if last == key:
            raise Away(f"{self.size} calls and more were made at {last}.")
        # The last millisecond again: others may share it.
        return Page(calls, last)

    def _one(self, ref):
        return self._http.ask("GET", f"/call/{ref}")


class Retell(Source):
    url = "https://api.retellai.com"
    size = 200

    def _page(self, since, until, key):
        span = [int(at.timestamp() * 1000) for at in (since, until)]
        began = {"type": "range", "op": "bt", "value": span}
        body = {
            "filter_criteria": {"start_timestamp": began},
            "sort_order": "ascending",
            "limit": self.size,
        }
        if key:
            body["pagination_key"] = key
        answer = _object(self._http.ask("POST", "/v3/list-calls", body=body))
        return _keyed(answer, "items", "has_more", "pagination_key")

    def _one(self, ref):
        return self._http.ask("GET", f"/v2/get-call/{ref}")


class ElevenLabs(Source):
    """Its list tells no charge: each conversation is asked for."""

    url = "https://api.elevenlabs.io"
    header = "xi-api-key"
    scheme = ""
    size = 30

    def _page(self, since, until, key):
        params = {
            "call_start_after_unix": int(since.timestamp()),
            "call_start_before_unix": int(until.timestamp()) + 1,
            "page_size": self.size,
        }
        if key:
            params["cursor"] = key
        answer = _object(self._http.ask("GET", "/v1/convai/conversations", params))
        page = _keyed(answer, "conversations", "has_more", "next_cursor")
        refs = [one.get("conversation_id") for one in page.records]
        if not all(isinstance(ref, str) and ref for ref in refs):
            raise Away("A conversation has no conversation_id.")
        found = (self.one(ref) for ref in refs)
        return Page([one for one in found if one is not None], page.next)

    def _one(self, ref):
        return self._http.ask("GET", f"/v1/convai/conversations/{ref}")


class OpenAI(Source):
    """Hours of usage by project, key and model."""

    url = "https://api.openai.com"
    size = 48
    days_size = 180
    groups = ("project_id", "api_key_id", "model", "batch", "service_tier")

    def _page(self, since, until, key):
        hour = int(since.timestamp()) // 3600 * 3600
        params = {
            "start_time": hour,
            "end_time": int(until.timestamp()),
            "bucket_width": "1h",
            "limit": self.size,
            "group_by": list(self.groups),
        }
        if key:
            params["page"] = key
        path = "/v1/organization/usage/completions"
        page = _keyed(
            _object(self._http.ask("GET", path, params)),
            "data",
            "has_more",
            "next_page",
        )
        buckets = [openai.records(bucket) for bucket in page.records]
        return Page([record for bucket in buckets for record in bucket], page.next)

    def one(self, ref):
        """Nothing: a bucket is read again with its span of time."""
        return None

    def days(self, since, until):
        """[:class:`~..engine.openai_costs.Day`] of what was charged.

        :raises Away, Refused: see :class:`.http.Http`
        """
        params = {
            "start_time": int(since.timestamp()),
            "end_time": int(until.timestamp()),
            "bucket_width": "1d",
            "limit": self.days_size,
            "group_by": ["line_item"],
        }
        found, keys = [], set()
        while params.get("page") not in keys:
            keys.add(params.get("page"))
            answer = _object(self._http.ask("GET", "/v1/organization/costs", params))
            page = _keyed(answer, "data", "has_more", "next_page")
            try:
                found += map(openai_costs.read_day, page.records)
            except BadRecord as error:
                raise Away(f"The costs cannot be read: {error}") from error
            if not page.next:
                return found
            params["page"] = page.next
        raise Away("The provider gives the same page again and again.")


SOURCES = {
    "vapi": (Vapi, vapi),
    "retell": (Retell, retell),
    "elevenlabs": (ElevenLabs, elevenlabs),
    "openai": (OpenAI, openai),
}


def _object(answer):
    if not isinstance(answer, dict):
        raise Away(f"The answer is no object: {shown(answer)}")
    return answer


def _objects(answer):
    if not isinstance(answer, list) or not all(isinstance(o, dict) for o in answer):
        raise Away(f"The answer is no list of objects: {shown(answer)}")
    return answer


def _keyed(answer, name, more, key):
    """A page whose answer says whether there is another, and its key."""
    if name not in answer and more not in answer:
        raise Away(f"The answer has no {name}: {shown(answer)}")
    records = _objects(answer.get(name) or [])
    if answer.get(more) is False:
        return Page(records)
    following = answer.get(key) or ""
    if not isinstance(following, str) or len(following) > 4096:
        raise Away(f"{key}: {shown(following)} is no key of a page.")
    if not following and answer.get(more):
        raise Away(f"There is another page, but no {key}.")
    return Page(records, following)


def _iso(at):
    """A time as Vapi writes it, to the millisecond."""
    text = at.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")
