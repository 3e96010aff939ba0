"""What was answered and who was called, through every way in, up to the charge."""

import csv
import io
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from odoo.exceptions import ValidationError
from odoo.tests import Form, new_test_user, tagged

from ..engine.number_rules import LABELS
from .common import VoipRatingCommon

CALLERS = (
    "+4930123456",
    "4930123456",
    "0049 30 123456",
    "anonymous",
    "",
    "alice",
    "sip:alice@host",
    "112",
    "+44 (0)20 7946 0000",
    "99#4930123456",
    "4930\n123456",
    "4" * 128,
    "4" * 129,
)


@tagged("post_install", "-at_install")
class TestAnswerDoors(VoipRatingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        rates = (
            ("44", "1.00"),
            ("31", "9.00"),
            ("91", "5.00"),
            ("1", "0.50"),
            ("1312", "2.00"),
            ("999911", "0.01"),
        )
        cls.deck = cls._create_deck(
            rates=[
                {
                    "prefix": prefix,
                    "price_per_minute": price,
                    "connect_fee": "0.15",
                    "initial_increment": "60",
                    "next_increment": "60",
                }
                for prefix, price in rates
            ]
        )
        cls.account = cls._create_account(deck_id=cls.deck.id)
        cls.switch = cls._create_switch()
        cls.plain = cls._create_trunk(cls.account).code
        american = {"country_code": "1", "default_national": True}
        cls.american = cls._create_trunk(cls.account, **american).code
        cls.emergency = cls._create_trunk(
            cls.account, **american, short_codes="911=999911 411"
        ).code
        cls.stripping = cls._create_trunk(
            cls.account, strip_digits=2, add_prefix="44", tech_prefix="77#"
        ).code
        cls.day = cls.env.cr.now().date() - timedelta(days=2)
        cls.count = 0

    def _record(self, **values):
        type(self).count += 1
        start = f"{self.day}T10:00:00Z"
        return {
            "call_id": f"door-{self.count}",
            "called": "442071234567",
            "start": start,
            "answer": start,
            "duration": "60",
            "trunk": self.plain,
            **values,
        }

    def _by_json(self, record):
        answer = self.env["voip.cdr"].ingest(self.switch.code, [record], rate_now=True)
        return self.env["voip.cdr.batch"].browse(answer["batch"])

    def _by_csv(self, record):
        text = io.StringIO()
        csv.writer(text).writerows([record.keys(), record.values()])
        batch = self.env["voip.cdr.batch"]._take_file(
            self.switch, text.getvalue().encode(), "calls.csv"
        )
        batch._work()
        self.assertEqual(batch.state, "done", batch.message)
        return batch

    def _outcomes(self, **values):
        """What both ways in make of a record: an error's code, or its usage."""
        for way in (self._by_json, self._by_csv):
            record = self._record(**values)
            errors = way(record).error_ids
            if errors:
                yield errors.code, errors.message
            else:
                domain = [("source_ref", "=", record["call_id"])]
                yield self.env["voip.usage"].search(domain), record

    def assertCharged(self, amount, billed=60, kind="call", **values):
        for usage, record in self._outcomes(**values):
            self.assertNotIsInstance(usage, str, record)
            self.assertEqual(
                (usage.amount, usage.billed_seconds, usage.kind == "zero"),
                (amount, billed, kind == "zero"),
            )

    def assertRefused(self, code, **values):
        for found, message in self._outcomes(**values):
            self.assertEqual(found, code, message)

    def assertWhole(self):
        broken = [r for r in self.env["voip.check"].sudo().run() if r["violations"]]
        self.assertEqual(broken, [])

    def test_the_answer_decides_what_is_charged(self):
        end = f"{self.day}T10:01:00Z"
        never = {"answer": "1970-01-01 00:00:00"}
        for values, expected in (
            ({}, 1.15),
            ({"duration": "", "end": end}, 1.15),
            ({"hangup_cause": "NO_ANSWER", "sip_code": "487"}, 1.15),
            ({"answer": "", "duration": "25", "sip_code": "603"}, None),
            ({**never, "duration": "25", "hangup_cause": "NO ANSWER"}, None),
            ({"answered": "false", "answer": ""}, None),
            ({"answered": "false"}, "bad_duration"),
            ({"answer": "", "duration": "25", "sip_code": "200"}, "missing_field"),
            ({"duration": "0"}, 0.15),
            ({"duration": "0", "end": end}, "bad_duration"),
            ({"duration": "10800", "end": end}, "bad_duration"),
            ({"duration": ""}, "missing_duration"),
            ({**never, "answered": "true"}, "bad_time"),
            ({"duration": "0", "called": "7712345678"}, "no_rate"),
        ):
            with self.subTest(values):
                if isinstance(expected, str):
                    self.assertRefused(expected, **values)
                elif expected is None:
                    self.assertCharged(0, billed=0, kind="zero", **values)
                else:
                    billed = 0 if values.get("duration") == "0" else 60
                    self.assertCharged(expected, billed=billed, **values)
        self.assertWhole()

    def test_the_switch_states_by_how_much_durations_may_differ(self):
        values = {"duration": "57", "end": f"{self.day}T10:01:00Z"}
        self.assertRefused("bad_duration", **values)
        self.switch.duration_tolerance = 3
        self.assertCharged(1.15, **values)

    def test_a_missing_duration_is_corrected_and_rated_again(self):
        batch = self._by_json(self._record(duration=""))
        batch.error_ids.fix = '{"duration": 61}'
        batch.error_ids.action_rate_again()
        self.assertEqual(batch.error_ids.state, "fixed", batch.error_ids.message)
        self.assertEqual(batch.rated, 1)
        self.assertWhole()

    def test_a_short_code_is_an_error_or_a_destination_of_its_own(self):
        for trunk, called, expected in (
            (self.american, "911", "short_code"),
            (self.american, "+911", "short_code"),
            (self.american, "sip:911@host", "short_code"),
            (self.plain, "911", "short_code"),
            (self.emergency, "911", 0.16),
            (self.emergency, "411", "short_code"),
            (self.emergency, "9112345678", 0.65),
        ):
            with self.subTest(trunk=trunk, called=called):
                values = {"trunk": trunk, "called": called}
                if isinstance(expected, str):
                    self.assertRefused(expected, **values)
                else:
                    self.assertCharged(expected, **values)
        lenient = self.env["voip.trunk"].search([("code", "=", self.plain)])
        lenient.min_digits = 0
        self.assertCharged(5.15, called="911")

    def test_a_number_that_a_spreadsheet_made_a_decimal_is_that_number(self):
        self.assertCharged(1.15, called="442071234567.0")
        self.assertRefused("bad_number", called="442071234567.5")
        self.assertCharged(0.65, called="2125550100.0", trunk=self.american)
        for usage, record in self._outcomes(called="442071234567.0"):
            self.assertEqual(usage.called, "442071234567", record)

    def test_an_lrn_follows_the_country_of_the_trunk_or_of_the_number(self):
        for trunk, called, lrn, amount in (
            (self.american, "2125550100", "3125550100", 2.15),
            (self.american, "+442071234567", "3125550100", 2.15),
            (self.plain, "12125550100", "3125550100", 2.15),
            (self.plain, "12125550100", "13125550100", 2.15),
            (self.plain, "12125550100", "+13125550100", 2.15),
            (self.plain, "442071234567", "31201234567", 9.15),
            (self.stripping, "77#002071234567", "442071234567", 1.15),
        ):
            with self.subTest(trunk=trunk, called=called, lrn=lrn):
                self.assertCharged(amount, trunk=trunk, called=called, lrn=lrn)

    def test_an_lrn_that_is_a_short_code_is_no_country(self):
        for trunk, called, lrn in (
            (self.plain, "442071234567", "911"),
            (self.plain, "442071234567", "+911"),
            (self.plain, "442071234567", "919876"),
            (self.stripping, "77#002071234567", "91"),
            (self.american, "2125550100", "911"),
        ):
            with self.subTest(trunk=trunk, lrn=lrn):
                self.assertRefused("bad_number", trunk=trunk, called=called, lrn=lrn)

    def test_what_is_done_to_the_called_number_does_not_touch_the_caller(self):
        for caller, expected in (
            ("+4930123456", "4930123456"),
            ("4930123456", "4930123456"),
            ("77#4930123456", "77#4930123456"),
            ("anonymous", "anonymous"),
        ):
            called = "77#002071234567"
            values = {"trunk": self.stripping, "called": called, "caller": caller}
            for usage, record in self._outcomes(**values):
                with self.subTest(caller=caller):
                    self.assertEqual(usage.called, "442071234567", record)
                    self.assertEqual(usage.caller, expected)

    def test_quote_and_ingest_take_the_same_callers(self):
        for caller in CALLERS:
            with self.subTest(caller=caller[:30]):
                quote = self.env["voip.rate.deck"].quote(
                    deck=self.deck.code, called="442071234567", caller=caller
                )
                code = quote.get("error", {}).get("code")
                if code:
                    self.assertRefused(code, caller=caller)
                    continue
                steps = {step["step"]: step["value"] for step in quote["steps"]}
                for usage, record in self._outcomes(caller=caller):
                    self.assertNotIsInstance(usage, str, record)
                    known = usage.caller if steps["caller"] != "unknown" else "unknown"
                    self.assertEqual(steps["caller"], known)
        for answer in self.env["voip.rate.deck"].quote(
            deck=self.deck.code, called="911"
        ).values():
            self.assertEqual(answer["code"], "short_code")

    def _autumn(self):
        """The first moment, in UTC, of the hour that came twice in Berlin last."""
        berlin, hour = ZoneInfo("Europe/Berlin"), timedelta(hours=1)
        at = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - 3 * hour
        while at.astimezone(berlin).utcoffset() == (at + hour).astimezone(
            berlin
        ).utcoffset() or at.month < 9:
            at -= hour
        return at

    def test_calls_over_the_autumn_change_are_taken_and_doubtful_ones_listed(self):
        self.switch.tz = "Europe/Berlin"
        day = self._autumn().astimezone(ZoneInfo("Europe/Berlin")).date()
        sure = {
            "start": f"{day} 01:50:00",
            "answer": f"{day} 01:50:00",
            "end": f"{day} 02:30:00",
        }
        self.assertCharged(40.15, billed=2400, **sure, duration="2400")
        self.assertCharged(100.15, billed=6000, **sure, duration="6000")
        listed = [("ambiguous", "!=", False), ("start", ">=", day - timedelta(days=1))]
        self.assertFalse(self.env["voip.cdr"].search(listed))
        self.assertCharged(40.15, billed=2400, **sure, duration="")
        found = self.env["voip.cdr"].search(listed)
        self.assertEqual(len(found), 2)
        self.assertIn("end: the clock showed this twice", found[0].ambiguous)

    def test_a_number_is_tried_on_the_form_of_the_trunk(self):
        trunk = self._create_trunk(self.account, country_code="44")
        with Form(trunk) as form:
            for prefix, number, expected in (
                (False, "020 7123 4567", "begins with 0"),
                ("0", "020 7123 4567", "+442071234567"),
                ("0", "999", "short code"),
                ("0", "", ""),
            ):
                form.national_prefix = prefix
                form.tried_number = number
                with self.subTest(prefix=prefix, number=number):
                    self.assertIn(expected, form.tried_result or "")
        self.assertFalse(trunk.tried_number)

    def test_whoever_reads_trunks_tries_a_number(self):
        trunk = self._create_trunk(self.account, country_code="44")
        for role in ("viewer", "user", "manager"):
            user = new_test_user(
                self.env, f"try-{role}", f"voip_billing_base.group_voip_{role}"
            )
            action = trunk.with_user(user).action_try()
            tries = self.env[action["res_model"]].with_user(user)
            with Form(tries.with_context(**action["context"])) as form:
                form.number = "020 7123 4567"
                self.assertIn("Country Code and National Prefix", form.result)
            form.record.action_try()
        self.assertFalse(trunk.tried_number)

    def test_sentences_on_number_rules_name_the_fields_of_the_form(self):
        trunk = self._create_trunk(self.account)
        for name, label in LABELS.items():
            described = trunk._fields[name].get_description(self.env)
            self.assertEqual(described["string"], label)
        for values, said in (
            ({"country_code": "4x"}, "Country Code must be digits, not '4x'"),
            ({"national_prefix": "0"}, "National Prefix needs a Country Code"),
            ({"local_length": 7}, "Local digits needs a Country Code"),
            ({"country_code": "04"}, "Country Code does not begin with 0"),
            ({"international_prefixes": "0x"}, "International Prefixes must be digits"),
        ):
            with self.subTest(values), self.assertRaisesRegex(ValidationError, said):
                self._create_trunk(self.account, **values)

    def test_rules_that_contradict_the_country_are_told_when_saved(self):
        trunk = self._create_trunk(self.account, country_code="39", national_prefix="0")
        words = "Country 39 has no national prefix"
        self.assertIn(words, trunk.rules_warning)
        example = "0123456789 would be 39123456789"
        self.assertIn(example, trunk.rules_warning)
        self.assertIn(example, str(trunk.message_ids.mapped("body")))
        trunk.write({"national_prefix": False, "default_national": True})
        self.assertFalse(trunk.rules_warning)
        trunk.write({"country_code": "1", "national_prefix": "0"})
        self.assertIn("does not dial 0 before", trunk.rules_warning)
        self.assertFalse(self._create_trunk(self.account).message_ids.filtered(
            lambda message: "would be" in (message.body or "")
        ))
