"""Who a record belongs to: by code, user, network or number, by few questions."""

import ipaddress
import random

from odoo.tests import tagged

from odoo.addons.voip_rating.calls.parties.parties import Parties

from .common import VoipRatingCommon

CALLED = "442071234567"


@tagged("post_install", "-at_install")
class TestParties(VoipRatingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account = cls._create_account()
        cls.switch = cls._create_switch()
        cls.other_switch = cls._create_switch()

    def _trunk(self, ip_addresses, **values):
        return self._create_trunk(self.account, ip_addresses=ip_addresses, **values)

    def _parties(self, names=(), codes=(), callers=(), **values):
        parties = Parties(
            self.env, values.get("company", self.env.company), self.switch
        )
        parties.meet(names, names, codes, callers)
        return parties

    def _customer(self, name, called=CALLED):
        """The id of the customer trunk of ``name``, None when there is none."""
        found = self._parties([name]).customer_trunk(name, called)
        return found and found.id

    # === Networks === #

    def test_the_longest_network_around_an_address_wins(self):
        wide = self._trunk("10.0.0.0/8 2001:db8::/32", tech_prefix="1")
        near = self._trunk("10.1.0.0/16 2001:db8:1::/48", tech_prefix="2")
        host = self._trunk("10.1.2.3, 2001:db8:1::7", tech_prefix="3")
        anywhere = self._trunk("0.0.0.0/0", tech_prefix="4")
        for name, called, trunk in (
            ("10.200.0.1", "1" + CALLED, wide),
            ("10.1.9.9", "2" + CALLED, near),
            ("10.1.2.3", "3" + CALLED, host),
            ("192.0.2.1", "4" + CALLED, anywhere),
            ("2001:db8:ffff::1", "1" + CALLED, wide),
            ("2001:db8:1::8", "2" + CALLED, near),
            ("2001:DB8:1:0:0::7", "3" + CALLED, host),
            ("2001:db9::1", "4" + CALLED, None),
            # A shorter network is not asked when the prefix of the longest misses.
            ("10.1.2.3", "2" + CALLED, None),
            ("10.1.2.3", CALLED, None),
            ("::ffff:10.1.2.3", "3" + CALLED, None),
        ):
            with self.subTest(name=name, called=called):
                self.assertEqual(self._customer(name, called), trunk and trunk.id)

    def test_the_technical_prefix_decides_among_equal_networks(self):
        plain = self._trunk("198.51.100.0/24")
        short = self._trunk("198.51.100.0/24", tech_prefix="7")
        long = self._trunk("198.51.100.0/24", tech_prefix="77#")
        for called, trunk in ((CALLED, plain), ("71", short), ("77#1", long)):
            with self.subTest(called=called):
                self.assertEqual(self._customer("198.51.100.9", called), trunk.id)
        parties = self._parties(["198.51.100.9"])
        self.assertTrue(parties.needs_number("198.51.100.9"))

    def test_whose_trunks_never_match(self):
        company = self.env["res.company"].create({"name": "Other"})
        account = self.env["voip.account"].create(
            {
                "partner_id": self.account.partner_id.id,
                "company_id": company.id,
                "currency_id": company.currency_id.id,
                "tz": "UTC",
            }
        )
        address = "203.0.113.5"
        kinds = {
            "other switch": {"switch_id": self.other_switch.id},
            "inactive": {"active": False},
            "other company": {"company_id": company.id, "account_id": account.id},
        }
        for kind, values in kinds.items():
            with self.subTest(kind=kind):
                trunk = self._trunk(address, auth_user=f"user {kind}", **values)
                for name in (address, trunk.code, trunk.auth_user):
                    self.assertIsNone(self._customer(name), name)
        own = self._trunk("203.0.113.0/24", switch_id=self.switch.id)
        self.assertEqual(self._customer(address), own.id)

    def test_each_side_looks_among_its_own(self):
        customer = self._trunk("192.0.2.0/24")
        deck = self._create_deck(side="supplier")
        supplier = self._create_supplier_trunk(deck, ip_addresses="192.0.2.7")
        parties = self._parties(["192.0.2.7"])
        self.assertEqual(parties.customer_trunk("192.0.2.7", "").id, customer.id)
        self.assertEqual(parties.supplier_trunk("192.0.2.7", "").id, supplier.id)

    def test_a_code_or_user_goes_before_an_address(self):
        around = self._trunk("192.0.2.0/24")
        code = self._create_trunk(self.account, code="192.0.2.1")
        user = self._create_trunk(self.account, auth_user="192.0.2.2")
        for name, trunk in (
            ("192.0.2.1", code), ("192.0.2.2", user), ("192.0.2.3", around)
        ):
            with self.subTest(name=name):
                self.assertEqual(self._customer(name), trunk.id)

    def test_networks_follow_the_field(self):
        trunk = self._trunk("192.0.2.0/28 192.0.2.0/28")
        self.assertEqual(self._customer("192.0.2.1"), trunk.id)
        trunk.ip_addresses = "198.51.100.1"
        self.assertIsNone(self._customer("192.0.2.1"))
        self.assertEqual(self._customer("198.51.100.1"), trunk.id)
        trunk.active = False
        self.assertIsNone(self._customer("198.51.100.1"))
        trunk.active = True
        self.assertEqual(self._customer("198.51.100.1"), trunk.id)
        trunk.ip_addresses = False
        self.assertIsNone(self._customer("198.51.100.1"))

    def test_the_index_finds_what_a_scan_of_all_networks_finds(self):
        dice = random.Random(11)
        trunks = self.env["voip.trunk"]
        for number in range(40):
            version = dice.choice((4, 6))
            networks = {
                _network(dice, version) for _count in range(dice.randrange(1, 4))
            }
            text = " ".join(map(str, networks))
            trunks |= self._trunk(text, tech_prefix=str(number + 100))
        addresses = {
            str(_network(dice, version).network_address)
            for version in (4, 6)
            for _count in range(60)
        }
        around = trunks._around(self.env.company, self.switch, addresses)
        for address in addresses:
            scanned = {
                ("customer", trunk.id, network.prefixlen)
                for trunk in trunks
                for network in trunk._networks()
                if ipaddress.ip_address(address) in network
            }
            self.assertEqual(set(around[address]), scanned, address)
        self.assertTrue(any(around.values()))

    # === Names === #

    def test_codes_and_users_are_found_whatever_their_case(self):
        one = self._create_trunk(self.account, code="Same", auth_user="Élan")
        two = self._create_trunk(self.account, code="SAME")
        for name, trunk in (("Same", one), ("SAME", one), ("éLAN", one), ("ÉLAN", one)):
            with self.subTest(name=name):
                self.assertEqual(self._customer(name), trunk.id)
        two.tech_prefix = "44"
        self.assertEqual(self._customer("same"), two.id)
        two.code = "renamed"
        self.assertEqual(self._customer("same"), one.id)
        self.assertEqual(self._customer("RENAMED"), two.id)

    def test_accounts_by_code_and_number(self):
        self.account.number_ids = [(0, 0, {"number": "+49 30 1234"})]
        closed = self._create_account(active=False, code="Gone")
        parties = self._parties(
            codes=["", "Gone", "gone", self.account.code],
            callers=["0049301234", "+49301234", "4930", "anonymous"],
        )
        self.assertEqual(parties.account_of_code("Gone").id, closed.id)
        self.assertIsNone(parties.account_of_code("gone"))
        for caller in ("0049301234", "+49301234"):
            found = parties.account_of_caller(caller)
            self.assertEqual(found.id, self.account.id)
        for caller in ("4930", "anonymous"):
            self.assertIsNone(parties.account_of_caller(caller))

    def test_a_sub_account_is_sold_by_the_nearest_deck_above(self):
        deck = self._create_deck()
        top = self._create_account(deck_id=deck.id)
        below = self._create_account(parent_id=top.id, pay_by_parent=True)
        last = self._create_account(parent_id=below.id)
        parties = self._parties(codes=[last.code, below.code])
        self.assertEqual(parties.accounts[last.id].deck_id, deck.id)
        self.assertEqual(parties.accounts[last.id].payer_id, last.id)
        self.assertEqual(parties.accounts[below.id].payer_id, top.id)

    # === Cost === #

    def _queries(self, function):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        function()
        return self.env.cr.sql_log_count - before

    def _grow(self, count):
        partner = self.env["res.partner"].create({"name": "Many"})
        accounts = self.env["voip.account"].create(
            [
                {"code": f"many-{number}", "partner_id": partner.id, "tz": "UTC"}
                for number in range(count)
            ]
        )
        self.env["voip.account.number"].create(
            [
                {"account_id": account.id, "number": f"4940{number:06d}"}
                for number, account in enumerate(accounts)
            ]
        )
        return self.env["voip.trunk"].create(
            [
                {
                    "name": f"many-{number}",
                    "code": f"many-{number}",
                    "account_id": account.id,
                    "auth_user": f"user-{number}",
                    "ip_addresses": f"10.77.{number // 250}.{number % 250}",
                }
                for number, account in enumerate(accounts)
            ]
        )

    def test_questions_do_not_depend_on_how_many_names_a_chunk_has(self):
        trunks = self._grow(300)
        few, many = (
            (
                [
                    *trunks[:count].mapped("code"),
                    *trunks[:count].mapped("ip_addresses"),
                    *trunks[:count].mapped("auth_user"),
                ],
                [*trunks[:count].account_id.mapped("code"), "nobody"],
                [*trunks[:count].account_id.number_ids.mapped("number"), "anonymous"],
            )
            for count in (2, 300)
        )
        self._parties(*few)  # what Odoo keeps for the process is read
        self.assertEqual(
            self._queries(lambda: self._parties(*few)),
            self._queries(lambda: self._parties(*many)),
        )

    def test_only_what_is_named_is_read(self):
        first, *_others = trunks = self._grow(5)
        accounts = trunks.account_id
        for name in (first.code, first.auth_user, first.ip_addresses):
            with self.subTest(name=name):
                self.env.invalidate_all()
                parties = self._parties([name])
                self.assertEqual(set(parties.trunks), {first.id})
                self.assertEqual(set(parties.accounts), {first.account_id.id})
                for records in (trunks, accounts):
                    kept = records._fields["code"]._get_cache(self.env)
                    self.assertEqual(len(kept.keys() & set(records.ids)), 1)

    def test_known_names_are_asked_once_and_only_where_allowed(self):
        trunk = self._trunk("192.0.2.1")
        inside = []

        def call(function):
            inside.append(self._queries(function))

        names, codes = [trunk.code, "192.0.2.1", "nobody", ""], [self.account.code]
        parties = Parties(self.env, self.env.company, self.switch, call)

        def meet():
            for _chunk in range(3):
                parties.meet(names, names, codes, ["4930", "x"])
                parties.customer_trunk("192.0.2.1", CALLED)
                parties.account_of_caller("4930")

        self.assertEqual(self._queries(meet), sum(inside))
        self.assertEqual(len(inside), 1)

    def test_a_batch_asks_as_often_whatever_there_is_besides(self):
        deck = self._create_deck(rates=[{"prefix": "44"}])
        self.account.deck_id = deck
        self.account.number_ids = [(0, 0, {"number": "49301234"})]
        trunk = self._trunk("192.0.2.1")
        owners = (
            {"trunk": trunk.code},
            {"trunk": "192.0.2.1"},
            {"account": self.account.code},
            {"caller": "49301234"},
        )
        numbers = iter(range(1_000_000))

        def ingest():
            answer = self.env["voip.cdr"].ingest(
                switch=self.switch.code,
                records=[
                    {
                        "call_id": f"flat-{next(numbers)}",
                        "called": CALLED,
                        "start": f"{self.env.cr.now():%Y-%m-01T00:00:00Z}",
                        "duration": "60",
                        "answered": True,
                        **owner,
                    }
                    for owner in owners
                ],
                rate_now=True,
            )
            self.assertEqual(answer["rated"], 4, answer)

        ingest()
        before = self._queries(ingest)
        self._grow(300)
        self.assertEqual(self._queries(ingest), before)


def _network(dice, version):
    """A random network in a corner of the space, so that many nest."""
    bits, base = (32, 0xC0000200) if version == 4 else (128, 0x20010DB8 << 96)
    free = dice.randrange(0, 9)
    address = (base | dice.randrange(256)) >> free << free
    kind = ipaddress.IPv4Network if version == 4 else ipaddress.IPv6Network
    return kind((address, bits - free))
