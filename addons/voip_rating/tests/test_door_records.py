"""The address to which switches post records: who gets in, in what forms, and how
what cannot be taken is answered."""

import base64
import gzip
import json
from datetime import UTC, datetime, time
from unittest.mock import patch
from urllib.parse import quote, urlencode

import psycopg2

from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.voip_http.hidden import without_key

from ..records import voip_cdr_post
from .test_door_http import QUIET, DoorCase

FORM = "application/x-www-form-urlencoded"
BASE64 = "application/x-www-form-base64-encoded"


class RecordsCase(DoorCase):
    def _url(self, *parts):
        return "/".join(["/voip/cdr", *parts])

    def _send(self, body, kind="application/json", url=None, **headers):
        if not isinstance(body, bytes | str):
            body = json.dumps(body)
        headers.setdefault("Authorization", f"Bearer {self.key}")
        return self.url_open(
            url or self._url(self.switch.code, "generic"),
            data=body,
            headers={"Content-Type": kind, **headers},
            timeout=60,
            method="POST",
        )

    def _basic(self, name, key):
        pair = base64.b64encode(f"{name}:{key}".encode()).decode()
        return f"Basic {pair}"

    def _work_posts(self):
        """The batches that the worker makes of what was posted, rated."""
        self.env.invalidate_all()
        with patch.object(voip_cdr_post, "REST_SECONDS", 0):
            self.env["voip.cdr.post"]._gather()
        batches = self.env["voip.cdr.batch"].search(
            [("door", "=", "post"), ("state", "=", "waiting")], order="id"
        )
        for batch in batches:
            batch._work()
        return batches

    def _stored(self, call_id):
        return self.env["voip.cdr"].search_count([("call_id", "=", call_id)])


@tagged("post_install", "-at_install")
class TestRecords(RecordsCase):
    def test_a_record_is_taken_in_every_form_that_switches_post(self):
        def text(name):
            return json.dumps(self._record(name, caller="+49 30 1"))

        cases = {
            "json": (text("json"), "application/json"),
            "charset": (text("charset"), "application/json; charset=utf-8"),
            "form": (f"cdr={quote(text('form'))}", FORM),
            "form-uuid": (f"uuid=a_1&cdr={quote(text('form-uuid'))}", FORM),
            "plus": (urlencode({"cdr": text("plus")}), FORM),
            "json-as-form": (text("json-as-form"), FORM),
            "json-as-text": (text("json-as-text"), "text/plain"),
            "unstated": (f"cdr={quote(text('unstated'))}", ""),
            "base64": (
                "cdr=" + base64.b64encode(text("base64").encode()).decode(),
                BASE64,
            ),
            "fields": (
                urlencode({**self._record("fields"), "answered": "true"}),
                FORM,
            ),
        }
        for name, (body, kind) in cases.items():
            with self.subTest(name):
                response = self._send(body, kind)
                self.assertEqual(response.status_code, 200, response.text[:400])
                self.assertEqual(response.json(), {"received": 1, "queued": 1})
                self.assertEqual(self._work_posts().accepted, 1)
                self.assertEqual(self._stored(name), 1)
                again = self._send(body, kind)
                self.assertEqual(again.status_code, 200)
                self.assertEqual(self._work_posts().duplicates, 1)
                self.assertEqual(self._stored(name), 1)
        self.assertWhole()

    def _freeswitch(self):
        """A record as mod_json_cdr writes it, of 47 seconds."""
        start = int(datetime.combine(self.day, time(), UTC).timestamp())
        variables = {
            "uuid": "fs-{}",
            "accountcode": self.account.code,
            "start_uepoch": f"{start}000000",
            "answer_uepoch": f"{start + 4}000000",
            "end_uepoch": f"{start + 51}000000",
            "billmsec": "47000",
            "sip_contact_uri": "%2B4930%40192.0.2.1",
            # A real record has some 400 variables.
            **{f"sip_h_X-{number}": "x" * 60 for number in range(400)},
        }
        profile = {
            "caller_id_number": "%2B49301",
            "destination_number": "%2B442071234567",
        }
        return {
            "core-uuid": "x",
            "variables": variables,
            "callflow": [{"caller_profile": profile}],
        }

    def test_a_record_of_mod_json_cdr_is_taken_as_it_is_posted(self):
        record = self._freeswitch()
        url = f"{self._url(self.switch.code, 'freeswitch_json')}?uuid=x"
        for number, (kind, shape) in enumerate(
            (
                ("application/json", "{}"),
                (FORM, "cdr={}"),
                (BASE64, "cdr={}"),
            )
        ):
            call_id = f"fs-{number}"
            record["variables"]["uuid"] = call_id
            text = json.dumps(record)
            coded = {
                FORM: quote(text),
                BASE64: base64.b64encode(text.encode()).decode(),
            }.get(kind, text)
            with self.subTest(kind):
                response = self._send(shape.format(coded), kind, url)
                self.assertEqual(response.status_code, 200, response.text[:400])
                self._work_posts()
                call = self.env["voip.cdr"].search([("call_id", "=", call_id)])
                self.assertEqual(call.called.lstrip("+"), "442071234567")
                self.assertEqual(call.duration_ms, 47_000)

    def test_a_list_of_100_records_is_a_batch_of_its_own(self):
        records = [self._record(f"list-{number}") for number in range(100)]
        few = self._send(records[1:]).json()
        self.assertEqual(few, {"received": 99, "queued": 99})
        answer = self._send(records).json()
        self.assertEqual((answer["received"], answer["accepted"]), (100, 100))
        batch = self.env["voip.cdr.batch"].browse(answer["batch"])
        self.assertEqual(batch.door, "api")
        self.assertEqual(self._work_posts().duplicates, 99)

    def test_a_record_in_the_error_queue_is_answered_with_200(self):
        response = self._send(self._record("bad", duration="-1"))
        self.assertEqual(response.status_code, 200, response.text[:400])
        batch = self._work_posts()
        self.assertEqual(batch.error_ids.mapped("call_id"), ["bad"])
        self.assertEqual((batch.received, batch.refused), (1, 1))
        self.assertFalse(batch.post_count)

    def test_the_key_comes_in_the_address_as_bearer_or_by_basic_authentication(self):
        code, url = self.switch.code, self._url(self.switch.code, "generic")
        for number, (address, header) in enumerate(
            (
                (f"{url}/{self.key}", ""),
                (f"{url}/{self.key}?uuid=a_5d8", ""),
                (f"{url}/{self.key}/", "Basic eDp5"),
                (url, f"bearer {self.key}"),
                (url, self._basic(code, self.key)),
            )
        ):
            with self.subTest(address=without_key(address), header=header[:7]):
                response = self._send(
                    self._record(f"key-{number}"), url=address, Authorization=header
                )
                self.assertEqual(response.status_code, 200, response.text[:400])
                self.assertNotIn("Set-Cookie", response.headers)

    @mute_logger(*QUIET)
    def test_without_the_key_of_the_switch_nothing_is_taken(self):
        other = self._create_switch()
        foreign = other.action_create_key()["context"]["default_key"]
        staff = self.env["res.users.apikeys"].with_user(self.env.ref("base.user_admin"))
        person = staff.sudo()._generate("rpc", "x", None)
        code, url = self.switch.code, self._url(self.switch.code, "generic")
        for address, header, status in (
            (url, "", 401),
            (url, "Bearer", 401),
            (url, "Bearer " + "0" * 40, 401),
            (url, "Basic !", 401),
            (url, self._basic(code, "0" * 40), 401),
            (url, self._basic("other", self.key), 401),
            (f"{url}/{'0' * 40}", f"Bearer {self.key}", 401),
            (f"{url}/%20%00", f"Bearer {self.key}", 401),
            (url, f"Bearer {foreign}", 403),
            (url, f"Bearer {person}", 403),
            (self._url(other.code, "generic"), f"Bearer {self.key}", 403),
            (self._url("none", "generic"), f"Bearer {self.key}", 403),
        ):
            with self.subTest(address=address, header=header[:12]):
                response = self._send(
                    self._record("never"), url=address, Authorization=header
                )
                self.assertEqual(response.status_code, status, response.text[:200])
                message = response.json()["message"]
                self.assertIn("API key", message)
                if status == 401:
                    # Nobody is told whose switch or key it may be.
                    for name in (code, other.code, self.user.name, "admin"):
                        self.assertNotIn(name, message)
                    sent = header.partition(" ")[2] or address != url
                    self.assertEqual("wrong or revoked" in message, bool(sent))
                    self.assertEqual("Send the API key" in message, not sent)
                    self.assertIn("asic", response.headers["WWW-Authenticate"])
        self.switch.action_revoke_keys()
        self.assertEqual(self._send(self._record("never")).status_code, 401)
        self.assertFalse(self.env["voip.cdr.post"].search_count([]))

    @mute_logger(*QUIET)
    def test_a_key_that_was_right_is_refused_once_it_is_no_longer(self):
        keys = self.env["res.users.apikeys"].sudo()
        key = keys.search([("user_id", "=", self.user.id)])
        user, never = self.user.sudo(), {"expiration_date": None}
        for name, record, values, restored in (
            ("expired", key, {"expiration_date": "2020-01-01"}, never),
            ("of another use", key, {"scope": "other"}, {"scope": "rpc"}),
            ("of no user", user, {"active": False}, {"active": True}),
        ):
            with self.subTest(name):
                for _again in range(2):
                    sent = self._send(self._record("right"))
                    self.assertEqual(sent.status_code, 200, sent.text[:300])
                for changed, status in ((values, 401), (restored, 200)):
                    columns = ", ".join(f"{column} = %s" for column in changed)
                    self.env.cr.execute(
                        f"UPDATE {record._table} SET {columns} WHERE id = %s",
                        [*changed.values(), record.id],
                    )
                    self.env.invalidate_all()
                    sent = self._send(self._record("right"))
                    self.assertEqual(sent.status_code, status, sent.text[:300])
        wrong = self._send(
            self._record("right"), Authorization=f"Bearer {self.key[:-1]}x"
        )
        self.assertEqual(wrong.status_code, 401)
        self.switch.action_revoke_keys()
        self.assertEqual(self._send(self._record("right")).status_code, 401)

    @mute_logger(*QUIET)
    def test_a_format_is_unknown_as_soon_as_it_is_archived(self):
        layout = self.env.ref("voip_rating.format_generic").sudo()
        layout = layout.copy({"code": "own", "shipped": False})
        url = self._url(self.switch.code, "own")
        self.assertEqual(self._send(self._record("own"), url=url).status_code, 200)
        layout.active = False
        self.env.flush_all()
        self.assertEqual(self._send(self._record("own"), url=url).status_code, 422)

    @mute_logger(*QUIET)
    def test_what_cannot_be_read_is_refused_with_a_sentence(self):
        good = json.dumps(self._record("never"))
        for body, kind, said in (
            ("", "application/json", "body is empty"),
            ("{", "application/json", "line 1, column 2"),
            ("5", "application/json", "no record"),
            (gzip.compress(good.encode()), "application/json", "packed with gzip"),
            (gzip.compress(f"cdr={good}".encode()), FORM, "packed with gzip"),
            ('[{"a": 1, "a": 2}]', "application/json", "a twice"),
            ('{"a": NaN}', "application/json", "NaN is no number"),
            (b'{"a": "\xff"}', "application/json", "not UTF-8"),
            ("[" * 9_000 + "]" * 9_000, "application/json", "100 levels deep"),
            (f"[{good}, 5]", "application/json", "number 1"),
            (f"cdr={quote(good)}&cdr=1", FORM, "'cdr' twice"),
            ("cdr=%zz", FORM, "encodes nothing"),
            ("a=%ff", FORM, "a: is not UTF-8"),
            ("cdr=%7B%22a%22:%22x%22y%22%7D", FORM, "set encode to false"),
            ("&".join(f"a{n}=1" for n in range(501)), FORM, "501 fields"),
            ("cdr=%%%", BASE64, "no base64"),
            ("x=e30=", BASE64, "cdr=<base64>"),
            (good, "multipart/form-data; boundary=x", "none of JSON"),
            (good, "text/xml", "none of JSON"),
        ):
            with self.subTest(body=body[:30], kind=kind):
                response = self._send(body, kind)
                self.assertEqual(response.status_code, 422, response.text[:300])
                self.assertIn(said, response.json()["message"])
        response = self._send(good, url=self._url(self.switch.code, "none-such"))
        self.assertEqual(response.status_code, 422)
        self.assertIn("none-such", response.json()["message"])
        self.assertFalse(self.env["voip.cdr.post"].search_count([]))

    @mute_logger(*QUIET)
    def test_a_body_beyond_all_bounds_is_refused(self):
        response = self._send(b"[" + b" " * (8 << 20) + b"]")
        self.assertEqual(response.status_code, 413)
        self.assertIn("larger than 8 MB", response.json()["message"])

    @mute_logger(*QUIET)
    def test_only_post_is_answered(self):
        url = self._url(self.switch.code, "generic")
        for address in (url, f"{url}/{self.key}"):
            for method in ("GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"):
                with self.subTest(method, address=without_key(address)):
                    response = self.url_open(address, method=method)
                    self.assertEqual(response.status_code, 405)
                    self.assertEqual(response.headers["Allow"], "POST")
                    kind = response.headers["Content-Type"].partition(";")[0]
                    self.assertEqual(kind, "application/json")
                    if method != "HEAD":
                        self.assertIn("POST only", response.json()["message"])

    @mute_logger(*QUIET)
    def test_while_the_database_is_away_records_are_to_be_sent_again(self):
        lost = psycopg2.OperationalError("server closed the connection unexpectedly")
        posts = type(self.env["voip.cdr.post"])
        with patch.object(posts, "_put", side_effect=lost):
            response = self._send(self._record("away"))
        self.assertEqual(response.status_code, 503, response.text[:300])
        self.assertGreater(int(response.headers["Retry-After"]), 0)
        self.assertEqual(self._send(self._record("away")).json()["queued"], 1)
        self.assertEqual(self._work_posts().accepted, 1)

    def test_a_key_in_the_address_is_in_no_log(self):
        url = f"{self._url(self.switch.code, 'generic', self.key)}?uuid=1"
        with self.assertLogs(level="DEBUG") as logs:
            self.assertEqual(self._send(self._record("log"), url=url).status_code, 200)
            self.url_open(url)
        lines = [line for line in logs.output if "/voip/cdr/" in line]
        self.assertTrue([line for line in lines if "werkzeug" in line], logs.output)
        self.assertIn(f"{self.switch.code}/generic/***?uuid=1", "\n".join(lines))
        # The test's own client names the address that it asks for.
        ours = [line for line in logs.output if "urllib3" not in line]
        self.assertNotIn(self.key, "\n".join(ours))
