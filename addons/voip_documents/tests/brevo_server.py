"""A local server that answers as Brevo documents; no Odoo here.

Mails are kept by their tag. ``answers`` is a script: each POST takes the next one,
then all are accepted. ``(status, body, headers)``; or "slow", "drop" (accepted, no
answer), "garbage" (accepted, an answer that is no JSON).
"""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

SLOW_SECONDS = 1.5


class BrevoServer:
    """``with BrevoServer() as server``: ``server.url``, ``server.mails``."""

    def __init__(self, key="xkeysib-test"):
        self.key = key
        self.answers = []
        # Number: (name, whether it is active).
        self.templates = {7: ("Invoices", True), 8: ("Old", False)}
        self.mails = []
        self.requests = []
        self._seen = {}
        self._log = {}
        self._lock = threading.Lock()
        handler = type("Handler", (_Handler,), {"brevo": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/v3"
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

    def accept(self, mail):
        """Keep a mail once by its idempotency key; the id of the message."""
        with self._lock:
            key = mail.get("headers", {}).get("idempotencyKey")
            if key not in self._seen:
                self.mails.append(mail)
                number = len(self.mails)
                self._seen[key] = f"<2026010100.{number}@smtp-relay.mailin.fr>"
            return self._seen[key]

    def forget_keys(self):
        """What Brevo does after half an hour: the mails stay in its log."""
        self._log = {**self._log, **self._seen}
        self._seen = {}

    def events(self, tags):
        known = {**self._log, **self._seen}
        return [
            {
                "email": mail["to"][0]["email"],
                "date": "2026-01-01T00:00:00.000+00:00",
                "messageId": known[mail["headers"]["idempotencyKey"]],
                "event": "requests",
                "subject": mail["subject"],
                "tag": json.dumps(mail["tags"]),
                "from": mail["sender"]["email"],
            }
            for mail in self.mails
            if set(mail["tags"]) & set(tags)
        ]


class _Handler(BaseHTTPRequestHandler):
    brevo = None
    protocol_version = "HTTP/1.1"

    def log_message(self, *_arguments):
        return

    def do_POST(self):
        length = int(self.headers["Content-Length"])
        mail = json.loads(self.rfile.read(length))
        if not self._is_allowed():
            return
        script = self.brevo.answers
        answer = script.pop(0) if script else None
        if isinstance(answer, tuple):
            self._answer(*answer)
            return
        if (number := mail.get("templateId")) and number not in self.brevo.templates:
            text = f"Template with id {number} does not exist"
            self._answer(404, {"code": "document_not_found", "message": text}, {})
            return
        if number and not self.brevo.templates[number][1]:
            text = "Template is not active"
            self._answer(400, {"code": "invalid_parameter", "message": text}, {})
            return
        message = self.brevo.accept(mail)
        if answer == "slow":
            time.sleep(SLOW_SECONDS)
        if answer == "drop":
            self.close_connection = True
            return
        if answer == "garbage":
            self._answer(201, "<html>", {})
            return
        self._answer(201, {"messageId": message}, {})

    def do_GET(self):
        if not self._is_allowed():
            return
        if "/smtp/templates/" in self.path:
            self._template(self.path.rpartition("/")[2])
            return
        query = parse_qs(urlsplit(self.path).query)
        tags = json.loads(query.get("tags", ["[]"])[0])
        self._answer(200, {"events": self.brevo.events(tags)}, {})

    def _template(self, number):
        known = self.brevo.templates.get(int(number))
        if not known:
            body = {"code": "document_not_found", "message": "Document not found"}
            self._answer(404, body, {})
            return
        name, is_active = known
        moment = "2026-01-01T00:00:00.000Z"
        body = {
            "id": int(number),
            "name": name,
            "subject": "{{params.subject}}",
            "isActive": is_active,
            "testSent": False,
            "sender": {"name": "Carrier", "email": "billing@carrier.example"},
            "replyTo": "billing@carrier.example",
            "toField": "",
            "tag": "",
            "htmlContent": "<p>{{params.document}}</p>",
            "createdAt": moment,
            "modifiedAt": moment,
            "doiTemplate": False,
        }
        self._answer(200, body, {})

    def _is_allowed(self):
        self.brevo.requests.append((self.command, self.path))
        if self.headers.get("api-key") == self.brevo.key:
            return True
        body = {"code": "unauthorized", "message": "Key not found"}
        self._answer(401, body, {})
        return False

    def _answer(self, status, body, headers):
        content = body if isinstance(body, str) else json.dumps(body)
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content.encode())
