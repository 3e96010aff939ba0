"""An import from a provider that runs on this machine."""

from datetime import timedelta

from odoo import fields

from odoo.addons.voip_billing_base.tests.common import VoipBillingCommon

from . import provider_samples as samples
from .provider_server import ProviderServer


class ProviderCommon(VoipBillingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account = cls._create_account(code="acme")
        now = fields.Datetime.now().replace(microsecond=0)
        cls.now = now
        # Yesterday at ten: within what is fetched, and final.
        cls.day = (now - timedelta(days=1)).replace(
            hour=10, minute=0, second=0, tzinfo=samples.DAY.tzinfo
        )

    def setUp(self):
        super().setUp()
        self.server = ProviderServer()
        self.server.__enter__()
        self.addCleanup(self.server.__exit__)
        self.taken = []

    def _import(self, provider="vapi", key=None, **values):
        one = self.env["voip.ai.provider.import"].create(
            {
                "name": provider.title(),
                "provider": provider,
                "base_url": self.server.url,
                "start_at": self.now - timedelta(days=3),
                # Yesterday at ten is read again at any hour of today.
                "overlap_hours": 48,
                "account_id": self.account.id,
                **values,
            }
        )
        one.key = self.server.key if key is None else key
        return one

    def _records(self, one):
        return self.env["voip.ai.provider.record"].search(
            [("import_id", "=", one.id)], order="ref"
        )

    def _sessions_are_taken(self, refused=None):
        """Sessions that are handed over go to ``self.taken``."""

        def take(_self, sessions):
            self.taken += sessions
            return refused or {}

        self.patch(self.env.registry["voip.ai.provider.import"], "_take_sessions", take)
