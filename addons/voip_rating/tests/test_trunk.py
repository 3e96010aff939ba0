import ipaddress
import random

import psycopg2

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.voip_rating.engine.numbers import normalise

from .common import VoipRatingCommon


@tagged("post_install", "-at_install")
class TestTrunk(VoipRatingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account = cls._create_account()

    def test_each_side_needs_its_party(self):
        deck = self._create_deck(side="supplier")
        partner = self.env["res.partner"].create({"name": "Carrier"})
        faulty = [
            {},
            {"side": "supplier", "partner_id": partner.id},
            {"side": "supplier", "deck_id": deck.id},
            {"account_id": self.account.id, "deck_id": deck.id},
        ]
        for values in faulty:
            with self.subTest(values=values), self.assertRaises(ValidationError):
                self._create_trunk(**values)
        self.assertTrue(self._create_supplier_trunk(deck))

    def test_addresses_must_be_valid(self):
        for text in ("10.0.0.256", "10.0.0.1/24", "host.example", "10.0.0.1:5060"):
            with self.subTest(text=text), self.assertRaises(ValidationError):
                self._create_trunk(self.account, ip_addresses=text)
        trunk = self._create_trunk(
            self.account, ip_addresses="192.0.2.1, 203.0.113.0/28;2001:db8::/64"
        )
        self.assertEqual(
            [str(network) for network in trunk._networks()],
            ["192.0.2.1/32", "203.0.113.0/28", "2001:db8::/64"],
        )

    def test_an_address_and_technical_prefix_tell_one_trunk(self):
        self._create_trunk(self.account, ip_addresses="10.0.0.0/8 10.1.0.0/16")
        self._create_trunk(
            self.account, ip_addresses="10.2.0.1", tech_prefix="77#"
        )
        for text in ("10.2.0.1", "10.1.0.0/24", "0.0.0.0/0"):
            with self.subTest(text=text), self.assertRaises(ValidationError):
                self._create_trunk(self.account, ip_addresses=text)
        self._create_trunk(self.account, ip_addresses="11.0.0.1")

    def test_overlapping_networks_are_refused_as_a_comparison_of_all_says(self):
        dice = random.Random(5)
        kept = []
        for _number in range(120):
            length = dice.choice((0, 20, 24, 26, 28, 30, 32, 32))
            address = (10 << 24 | dice.randrange(1 << 12)) >> 32 - length << 32 - length
            network = ipaddress.ip_network((address, length))
            prefix = dice.choice((False, "7"))
            shared = any(
                prefix == other_prefix and network.overlaps(other)
                for other, other_prefix in kept
            )
            with self.subTest(network=network, prefix=prefix, kept=kept):
                try:
                    with self.env.cr.savepoint():
                        self._create_trunk(
                            self.account, ip_addresses=str(network), tech_prefix=prefix
                        )
                except ValidationError:
                    self.assertTrue(shared)
                else:
                    self.assertFalse(shared)
                    kept.append((network, prefix))
        self.assertTrue(20 < len(kept) < 100, len(kept))

    def test_a_trunk_comes_back_only_where_its_address_is_free(self):
        one = self._create_trunk(self.account, ip_addresses="10.0.0.1", active=False)
        other = self._create_trunk(self.account, ip_addresses="10.0.0.0/24")
        for values in ({"active": True}, {"active": True, "tech_prefix": False}):
            with self.subTest(values=values), self.assertRaises(ValidationError):
                one.write(values)
        one.write({"active": True, "tech_prefix": "9"})
        with self.assertRaises(ValidationError):
            other.tech_prefix = "9"

    def test_the_same_address_on_two_switches(self):
        one, other = self._create_switch(), self._create_switch()
        self._create_trunk(self.account, ip_addresses="10.0.0.1", switch_id=one.id)
        self._create_trunk(self.account, ip_addresses="10.0.0.1", switch_id=other.id)
        with self.assertRaises(ValidationError):
            self._create_trunk(self.account, ip_addresses="10.0.0.1")

    @mute_logger("odoo.sql_db")
    def test_codes_and_users_are_unique(self):
        self._create_trunk(self.account, code="one", auth_user="alice")
        for values in ({"code": "one"}, {"auth_user": "alice"}, {"tech_prefix": "7*"}):
            with (
                self.subTest(values=values),
                self.assertRaises(psycopg2.IntegrityError),
                self.env.cr.savepoint(),
            ):
                self._create_trunk(self.account, **values)
                self.env.flush_all()

    def test_number_rules(self):
        uk = {"country_code": "44", "national_prefix": "0"}
        cases = [
            ({}, "+442079460000", "442079460000"),
            ({}, "00442079460000", "442079460000"),
            ({}, "011442079460000", "442079460000"),
            (uk, "02079460000", "442079460000"),
            (uk | {"tech_prefix": "77#"}, "77#02079460000", "442079460000"),
            ({"strip_digits": 3}, "999442079460000", "442079460000"),
            ({"add_prefix": "44"}, "2079460000", "442079460000"),
            (uk | {"default_national": True}, "2079460000", "442079460000"),
            ({"international_prefixes": "810"}, "810442079460000", "442079460000"),
        ]
        for values, raw, expected in cases:
            with self.subTest(raw=raw, **values):
                trunk = self._create_trunk(self.account, **values)
                self.assertEqual(normalise(raw, trunk._number_rules()), expected)

    def test_senseless_number_rules_are_refused(self):
        for values in (
            {"national_prefix": "0"},
            {"country_code": "abc"},
            {"add_prefix": "x"},
            {"international_prefixes": "00 +"},
            {"local_length": 7},
        ):
            with self.subTest(values=values), self.assertRaises(ValidationError):
                self._create_trunk(self.account, **values)

    def test_what_records_find_a_trunk_by_is_not_edited(self):
        trunk = self._create_trunk(self._create_account())
        for values in ({"code_key": "other"}, {"auth_key": "other"}):
            with self.subTest(values=values), self.assertRaises(UserError):
                trunk.write(values)
