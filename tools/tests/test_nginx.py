"""What the reverse proxy must not go without, and that it does what it says."""

import base64
import http.client
import http.server
import os
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from lint_nginx import CONF, localised, make_certificate, nginx_says  # noqa: E402
from nginx_conf import location_of, parse  # noqa: E402
from nginx_rules import problems  # noqa: E402

TEXT = CONF.read_text()
NGINX = shutil.which("nginx")
KEY = "bearer " + "0" * 40
# What is taken out or weakened, and a word of the sentence that must say so.
WITHOUT = [
    ("add_header Strict-Transport-Security", "Strict-Transport-Security"),
    ("add_header X-Content-Type-Options", "X-Content-Type-Options"),
    ("add_header X-Frame-Options", "X-Frame-Options"),
    ("add_header Content-Security-Policy", "Content-Security-Policy"),
    ("add_header Referrer-Policy", "Referrer-Policy"),
    ("proxy_cookie_flags session_id", "session's cookie"),
    ("proxy_cookie_flags ~", "cookies are not"),
    ("client_header_timeout", "client_header_timeout"),
    ("client_body_timeout", "client_body_timeout"),
    ("send_timeout", "send_timeout"),
    ("large_client_header_buffers", "large_client_header_buffers"),
    ("client_max_body_size", "client_max_body_size"),
    ("limit_conn connections", "limit_conn is missing"),
    ("limit_req_status", "limit_req_status"),
    ("limit_conn_status", "limit_conn_status"),
    ("limit_req zone=login", "/web/login: an address may send"),
    ("limit_req zone=doors", "/json/2/voip.cdr/ingest: an address may send"),
    ("limit_req zone=strangers", "without a key"),
    ("limit_req zone=records", "/voip/cdr/fra1/generic: an address may send"),
    ("limit_req zone=callers", "/voip/cdr/fra1/generic: requests without a key"),
    ("access_log", "access log shows keys"),
    ("error_log /dev/null", "error log shows keys"),
    ("proxy_set_header Host", "header Host is not passed on"),
    ("proxy_set_header X-Forwarded-For", "X-Forwarded-For is not passed on"),
    ("proxy_set_header X-Forwarded-Proto", "X-Forwarded-Proto is not passed on"),
    ("server_name ", "VOIP_SERVER_NAME"),
    ("return 444", "answers 444"),
    ("return 404", "/jsonrpc is not closed"),
]
WEAKER = [
    ("zone=login:10m rate=10r/m", "zone=login:10m rate=10r/s", "/web/login: an"),
    ("rate=50r/s", "rate=5000r/s", "/json/2/voip.cdr/ingest: an address"),
    ("limit_req_zone $binary_remote_addr zone=login", "limit_req_zone $uri zone=login",
     "/web/login: an address"),
    ("limit_conn_zone $binary_remote_addr", "limit_conn_zone $uri", "by address"),
    ("session/authenticate)", "x)", "/web/session/authenticate: an address"),
    ("$logged_uri $server", "$request_uri $server", "access log shows keys"),
    ("stdout voip", "stdout", "access log shows keys"),
    ("|reset_password", "", "/web/reset_password: an address"),
    ("|signup", "", "/web/signup: an address"),
    ("|xmlrpc", "", "/xmlrpc/2/object is not closed"),
    ("|web/database", "", "/web/database/manager is not closed"),
    ("nosniff always", "nosniff", "X-Content-Type-Options"),
    ("secure httponly", "secure", "session's cookie"),
    ("$host;\n    proxy_set_header X-Forwarded-For $remote_addr",
     "$host;\n    proxy_set_header X-Forwarded-For $http_x_forwarded_for",
     "X-Forwarded-For is not"),
    ("client_header_timeout 10s", "client_header_timeout 600s", "client_header"),
    ("client_max_body_size 32m", "client_max_body_size 8m", "client_max_body_size"),
    ("default $binary_remote_addr;\n        \"~", "default \"\";\n        \"~",
     "without a key"),
    ("443 ssl default_server", "443 ssl", "port 443 has no server"),
    ("80 default_server", "80", "port 80 has no server"),
    ("location / {", "location / {\nadd_header X-Own 1;", "location /: the header"),
    ("location / {", "location / {\nproxy_set_header X-Own 1;", "is not passed on"),
    ("location / {", "location / {\nproxy_cookie_flags x secure;", "location /: the"),
    ("location / {", "location / {\nclient_body_timeout 1h;", "location /: client"),
    ("location / {", "location /other {\nadd_header A 1;\nproxy_pass http://odoo;\n}\n"
     "location / {", "location /other: the header"),
    ("proxy_pass", "#", "nothing is passed"),
    ("http {", "http {{", "cannot be read|brace|nothing before"),
]  # fmt: skip


class TestRules(unittest.TestCase):
    def test_the_configuration_keeps_every_rule(self):
        self.assertEqual(list(problems(TEXT)), [])

    def test_whatever_is_taken_out_is_missed(self):
        for directive, said in WITHOUT:
            with self.subTest(directive):
                lines = TEXT.splitlines()
                kept = [row for row in lines if not row.strip().startswith(directive)]
                self.assertLess(len(kept), len(lines))
                self.assertRegex("\n".join(problems("\n".join(kept))), said)

    def test_whatever_is_weaker_is_told(self):
        for old, new, said in WEAKER:
            with self.subTest(new=new):
                self.assertIn(old, TEXT)
                self.assertRegex("\n".join(problems(TEXT.replace(old, new))), said)

    def test_a_location_is_found_as_nginx_finds_it(self):
        server = parse(
            "location / { a; } location /web { b; } location = /web/x { c; }"
            "location ~ ^/web/(y|z)$ { d; } location ^~ /web/static { e; }"
            "location ~* static { f; }"
        )
        for path, name in {
            "/": "a", "/webs": "b", "/web/x": "c", "/web/z": "d", "/web/zz": "b",
            "/web/static/1": "e", "/STATIC": "f", "/other": "a",
        }.items():  # fmt: skip
            with self.subTest(path):
                found = location_of(server, path).directives
                self.assertEqual([directive.name for directive in found], [name])

    @unittest.skipUnless(NGINX, "nginx is not installed")
    def test_nginx_says_it(self):
        self.assertEqual(nginx_says(TEXT), "")
        said = nginx_says(TEXT.replace("gzip on", "gzip perhaps"))
        self.assertIn('invalid value "perhaps"', said)


class Upstream(http.server.BaseHTTPRequestHandler):
    """Answers as Odoo does, in short."""

    def do_GET(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = self.headers.get("X-Forwarded-For", "").encode()
        self.send_response(200)
        self.send_header("Set-Cookie", "session_id=abc; Path=/")
        self.send_header("Set-Cookie", "cids=1; Path=/")
        self.send_header("X-Content-Type-Options", "nosniff")
        if self.path == "/odoo":
            self.send_header("X-Frame-Options", "DENY")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, *_arguments):
        """Silent."""


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _number in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


@unittest.skipUnless(NGINX, "nginx is not installed")
class TestProxy(unittest.TestCase):
    """nginx with this very configuration, before an upstream of this test."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp()
        # nginx's workers are of another user.
        os.chmod(cls.folder, 0o755)
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        make_certificate(cls.folder)
        cls.upstream = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
        threading.Thread(target=cls.upstream.serve_forever, daemon=True).start()
        cls.addClassCleanup(cls.upstream.server_close)
        cls.addClassCleanup(cls.upstream.shutdown)
        cls.plain, cls.secure = free_ports(2)
        conf = Path(cls.folder, "nginx.conf")
        conf.write_text(cls._text())
        command = ["nginx", "-c", str(conf), "-p", cls.folder, "-g", "daemon off;"]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        process = subprocess.Popen(command, **quiet)
        cls.addClassCleanup(process.wait)
        cls.addClassCleanup(process.terminate)
        cls._wait()

    @classmethod
    def _text(cls):
        text = localised(TEXT, cls.folder)
        port = cls.upstream.server_address[1]
        for old, new in (
            ("127.0.0.1:8069", f"127.0.0.1:{port}"),
            ("listen 80", f"listen 127.0.0.1:{cls.plain}"),
            ("listen 443", f"listen 127.0.0.1:{cls.secure}"),
            ("/dev/stdout", f"{cls.folder}/access.log"),
            ("/dev/stderr", f"{cls.folder}/error.log"),
            ("client_header_timeout 10s", "client_header_timeout 1s"),
        ):
            assert old in text, old
            text = text.replace(old, new)
        return text

    @classmethod
    def _wait(cls):
        for _attempt in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", cls.secure)) == 0:
                    return
            time.sleep(0.05)
        raise AssertionError("nginx did not start")

    def ask(self, path, method="GET", body=None, **headers):
        context = ssl.create_default_context(cafile=f"{self.folder}/fullchain.pem")
        context.check_hostname = False
        connection = http.client.HTTPSConnection(
            "localhost", self.secure, context=context, timeout=20
        )
        self.addCleanup(connection.close)
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, {"Host": "localhost", **names})
        answer = connection.getresponse()
        answer.text = answer.read().decode()
        return answer

    def statuses(self, count, path, **headers):
        return [self.ask(path, **headers).status for _number in range(count)]

    def test_every_answer_carries_the_headers_once(self):
        for path in ("/web", "/odoo", "/jsonrpc", "/json/2/x/y"):
            with self.subTest(path):
                found = self.ask(path, Authorization=KEY).headers
                for name, value in {
                    "Strict-Transport-Security": "max-age=31536000",
                    "X-Content-Type-Options": "nosniff",
                    "X-Frame-Options": "DENY" if path == "/odoo" else "SAMEORIGIN",
                    "Content-Security-Policy": "frame-ancestors 'self'",
                    "Referrer-Policy": "strict-origin-when-cross-origin",
                }.items():
                    self.assertEqual(found.get_all(name), [value])
                self.assertNotIn("Retry-After", found)

    def test_cookies_are_secure(self):
        cookies = self.ask("/web").headers.get_all("Set-Cookie")
        self.assertEqual(
            [cookie.lower() for cookie in cookies],
            [
                "session_id=abc; path=/; secure; httponly; samesite=lax",
                "cids=1; path=/; secure; samesite=lax",
            ],
        )

    def test_the_sender_cannot_say_where_it_is(self):
        answer = self.ask("/web", X_Forwarded_For="10.0.0.1")
        self.assertEqual(answer.text, "127.0.0.1")

    def test_logins_are_few(self):
        paths = "/web/login", "/web/reset_password", "//web//signup", "/web/login/totp"
        found = [self.ask(path).status for path in paths * 4]
        self.assertEqual(found[:11], [200] * 11)
        self.assertEqual(found[13:], [429] * 3)
        refused = self.ask("/web/session/authenticate", method="POST")
        self.assertEqual((refused.status, refused.headers["Retry-After"]), (429, "10"))
        self.assertIn("nosniff", refused.headers.get_all("X-Content-Type-Options"))

    def test_calls_without_a_key_are_few_and_those_with_one_many(self):
        self.assertEqual(self.statuses(11, "/json/2/x/y"), [200] * 11)
        self.assertIn(429, self.statuses(3, "/json/2/x/y", Authorization="bearer x"))
        many = self.statuses(60, "/json/2/x/y", Authorization=KEY)
        self.assertEqual(set(many), {200})

    def test_a_key_may_be_in_the_address_or_the_password_and_is_in_no_log(self):
        path = "/voip/cdr/fra1/generic"
        key = "0123456789abcdef0123456789abcdef01234567"
        basic = base64.b64encode(f"fra1:{key}".encode()).decode()
        for address, headers in (
            (f"{path}/{key}?uuid=1", {}),
            (f"/{path}/{key}", {}),
            (path, {"Authorization": f"Basic {basic}"}),
            (path, {"Authorization": KEY}),
        ):
            with self.subTest(address):
                found = self.statuses(15, address, **headers)
                self.assertEqual(set(found), {200})
        self.assertIn(429, self.statuses(13, f"{path}/{key[1:]}"))
        logs = [Path(self.folder, f"{name}.log") for name in ("access", "error")]
        text = "".join(log.read_text() for log in logs)
        self.assertIn(f'"GET {path}/*** HTTP/1.1" 200', text)
        self.assertIn("429", text)
        self.assertNotIn(key[1:], text)

    def test_a_body_of_32_megabytes_is_taken_and_none_beyond(self):
        size = 32 << 20
        answer = self.ask("/web/x", method="POST", body=b"x" * size)
        self.assertEqual(answer.status, 200)
        answer = self.ask("/web/x", method="POST", Content_Length=str(size + 1))
        self.assertEqual(answer.status, 413)

    def test_old_doors_are_closed(self):
        for path in ("/jsonrpc", "//xmlrpc/2/object", "/web/database/list"):
            self.assertEqual(self.ask(path).status, 404)

    def test_other_names_get_no_answer(self):
        with self.assertRaises(ConnectionResetError):
            self.ask("/web", Host="other.example")
        with self.assertRaises(ssl.SSLError):
            ssl.get_server_certificate(("127.0.0.1", self.secure), timeout=5)
        for host, status in (("other.example", None), ("localhost", 301)):
            connection = http.client.HTTPConnection("127.0.0.1", self.plain, timeout=5)
            self.addCleanup(connection.close)
            connection.request("GET", "/", headers={"Host": host})
            if status:
                answer = connection.getresponse()
                self.assertEqual(answer.status, status)
                self.assertEqual(answer.headers["Location"], "https://localhost/")
            else:
                with self.assertRaises(ConnectionResetError):
                    connection.getresponse()

    def test_who_sends_a_header_slowly_is_cut_off(self):
        with socket.create_connection(("127.0.0.1", self.plain), timeout=15) as slow:
            slow.sendall(b"GET / HTTP/1.1\r\nHost: local")
            try:
                answer = slow.recv(1_000)
            except ConnectionResetError:
                answer = b""
        self.assertNotIn(b"301", answer)


if __name__ == "__main__":
    unittest.main()
