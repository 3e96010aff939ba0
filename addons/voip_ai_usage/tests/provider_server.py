"""A local server that answers as Vapi, Retell, ElevenLabs and OpenAI document.

No Odoo here. ``faults`` is a script: each request takes the next one, then all are
answered. ``(status, body, headers)``; or "slow", "drip", "drop" (the connection ends
within the answer), "garbage" (no JSON), "odd" (JSON of another shape), ``None``
(answered); or a callable of the server, which changes what it holds first.
"""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

SLOW_SECONDS = 1.5


class ProviderServer:
    """``with ProviderServer() as server``: ``server.url``, and lists of what it has."""

    def __init__(self, key="sk-test-0123456789"):
        self.key = key
        self.faults = []
        self.requests = []
        self.calls = []  # of Vapi
        self.retell = []
        self.conversations = []  # of ElevenLabs
        self.buckets = []  # of OpenAI
        self.costs = []
        # Keys of pages that the server has given, and may forget.
        self.keys = set()
        handler = type("Handler", (_Handler,), {"provider": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}
        )

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_error):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def paths(self):
        """(method, path) of the requests so far."""
        return [(method, path) for method, path, _params in self.requests]

    # === WHAT EACH OF THEM ANSWERS === #

    def answer(self, method, path, params):
        """(status, JSON value) of a request without a fault."""
        if (method, path) == ("GET", "/call"):
            return 200, self._vapi(params)
        if (method, path) == ("POST", "/v3/list-calls"):
            return self._retell(params)
        if (method, path) == ("GET", "/v1/convai/conversations"):
            return self._elevenlabs(params)
        if (method, path) == ("GET", "/v1/organization/usage/completions"):
            return self._openai(params, self.buckets)
        if (method, path) == ("GET", "/v1/organization/costs"):
            return self._openai(params, self.costs)
        return self._one(path)

    def _vapi(self, params):
        def fits(call):
            changed, made = call["updatedAt"], call["createdAt"]
            return params["updatedAtGe"] <= changed < params[
                "updatedAtLt"
            ] and made <= params.get("createdAtLe", "9")

        found = [call for call in self.calls if fits(call)]
        found.sort(key=lambda call: call["createdAt"], reverse=True)
        return found[: int(params["limit"])]

    def _retell(self, body):
        low, high = body["filter_criteria"]["start_timestamp"]["value"]
        found = [c for c in self.retell if low <= c["start_timestamp"] <= high]
        found.sort(key=lambda call: call["start_timestamp"])
        start, size = self._start(body.get("pagination_key")), body["limit"]
        if start is None:
            return 422, {"status": "error", "message": "Invalid pagination_key"}
        more = start + size < len(found)
        return 200, {
            "items": found[start : start + size],
            "has_more": more,
            **({"pagination_key": self._key(start + size)} if more else {}),
        }

    def _elevenlabs(self, params):
        low = int(params["call_start_after_unix"])
        high = int(params["call_start_before_unix"])

        def start_of(one):
            return one["metadata"]["start_time_unix_secs"]

        found = [c for c in self.conversations if low <= start_of(c) <= high]
        found.sort(key=start_of, reverse=True)
        start, size = self._start(params.get("cursor")), int(params["page_size"])
        if start is None:
            return 400, {"detail": {"status": "invalid_cursor"}}
        listed = [
            {
                "conversation_id": one["conversation_id"],
                "start_time_unix_secs": start_of(one),
                "status": one["status"],
            }
            for one in found[start : start + size]
        ]
        more = start + size < len(found)
        key = self._key(start + size) if more else None
        return 200, {"conversations": listed, "has_more": more, "next_cursor": key}

    def _openai(self, params, buckets):
        low, high = int(params["start_time"]), int(params["end_time"])
        found = [b for b in buckets if low <= b["start_time"] < high]
        found.sort(key=lambda bucket: bucket["start_time"])
        start, size = self._start(params.get("page")), int(params["limit"])
        if start is None:
            return 400, {"error": {"message": "Invalid page"}}
        more = start + size < len(found)
        return 200, {
            "object": "page",
            "data": found[start : start + size],
            "has_more": more,
            "next_page": self._key(start + size) if more else None,
        }

    def _one(self, path):
        where, _slash, ref = path.rpartition("/")
        for route, calls, name in (
            ("/call", self.calls, "id"),
            ("/v2/get-call", self.retell, "call_id"),
            ("/v1/convai/conversations", self.conversations, "conversation_id"),
        ):
            if where == route:
                for call in calls:
                    if call[name] == unquote(ref):
                        return 200, call
        return 404, {"message": "Not found"}

    def _key(self, start):
        key = f"page-{start}"
        self.keys.add(key)
        return key

    def _start(self, key):
        """Where a page begins; None for a key that the server does not know."""
        if not key:
            return 0
        return int(key.removeprefix("page-")) if key in self.keys else None


class _Handler(BaseHTTPRequestHandler):
    provider = None
    protocol_version = "HTTP/1.1"

    def log_message(self, *_arguments):
        return

    def do_POST(self):
        length = int(self.headers["Content-Length"])
        self._do(json.loads(self.rfile.read(length)))

    def do_GET(self):
        query = parse_qs(urlsplit(self.path).query)
        single = {name: v[0] for name, v in query.items() if len(v) == 1}
        self._do({**query, **single})

    def _do(self, params):
        server, path = self.provider, urlsplit(self.path).path
        server.requests.append((self.command, path, params))
        fault = server.faults.pop(0) if server.faults else None
        if callable(fault):
            fault = fault(server)
        if isinstance(fault, tuple):
            return self._answer(*fault)
        told = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if server.key not in (told, self.headers.get("xi-api-key")):
            # As OpenAI does: the wrong key is said back.
            text = f"Incorrect API key provided: {told}"
            return self._answer(401, {"error": {"message": text}}, {})
        if fault == "slow":
            time.sleep(SLOW_SECONDS)
        if fault == "garbage":
            return self._answer(200, "<html>busy</html>", {})
        if fault == "odd":
            return self._answer(200, {"detail": "maintenance"}, {})
        status, value = server.answer(self.command, path, params)
        return self._answer(status, value, {}, fault)

    def _answer(self, status, value, headers, fault=None):
        text = value if isinstance(value, str) else json.dumps(value)
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        for name, told in headers.items():
            self.send_header(name, told)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if fault == "drop":
            self.wfile.write(body[: len(body) // 2])
            self.close_connection = True
        elif fault == "drip":
            for place in range(len(body)):
                self.wfile.write(body[place : place + 1])
                self.wfile.flush()
                time.sleep(0.05)
        else:
            self.wfile.write(body)
