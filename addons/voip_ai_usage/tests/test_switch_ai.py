"""A switch's key and records of AI voice: it reads, makes and changes none of them."""

from datetime import UTC, datetime

from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.voip_rating.tests.test_method_ids import TestMethodIds
from odoo.addons.voip_rating.tests.test_switch_methods import TestSwitchMethods

from ..providers.engine.openai_costs import read_day
from . import provider_samples as samples

OWN = (
    "voip.ai.provider",
    "voip.ai.model",
    "voip.ai.price",
    "voip.ai.plan",
    "voip.ai.subscription",
    "voip.ai.session",
    "voip.ai.charge",
    "voip.ai.volume",
    "voip.ai.month",
    "voip.ai.provider.import",
    "voip.ai.provider.account",
    "voip.ai.provider.record",
    "voip.ai.provider.day",
)


@tagged("post_install", "-at_install")
class TestSwitchAi(TestMethodIds):
    """The rules of switches and of ids, for a record of each model of AI voice."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        env, account = cls.env, cls.own["account"]
        provider = env["voip.ai.provider"].create({"name": "P", "code": "p"})
        model = env["voip.ai.model"].create(
            {"name": "M", "code": "m", "provider_id": provider.id}
        )
        for side in ("sale", "cost"):
            env["voip.ai.price"].create(
                {
                    "side": side,
                    "model_id": model.id,
                    "kind": "input",
                    "price": 1.0,
                    "currency_id": account.currency_id.id,
                    "effective_from": "2020-01-01",
                }
            )
        cls._plan_of(account)
        cls._fetched_of(account)
        session = {
            "session_id": "s",
            "account": account.code,
            "model": "m",
            "tokens": {"input": 9},
            "started_at": datetime.now(UTC).isoformat(),
        }
        company = account.company_id.id
        sessions = env["voip.ai.session"].sudo()
        sessions._keep(company, False, [session])
        env.flush_all()
        sessions._charge_waiting(company)
        env.invalidate_all()

    @classmethod
    def _plan_of(cls, account):
        env = cls.env
        plan = env["voip.ai.plan"].create(
            {
                "name": "Plan",
                "code": "plan",
                "included_tokens": 5,
                "currency_id": account.currency_id.id,
            }
        )
        env["voip.ai.subscription"].create(
            {
                "account_id": account.id,
                "plan_id": plan.id,
                "date_start": "2020-01-01",
            }
        )

    @classmethod
    def _fetched_of(cls, account):
        """An import from a provider, with a call and whose it is."""
        fetched = cls.env["voip.ai.provider.import"].create(
            {
                "name": "Vapi",
                "company_id": account.company_id.id,
                "account_ids": [(0, 0, {"name": "a", "account_id": account.id})],
            }
        )
        fetched._keep_records([samples.vapi()])
        fetched._keep_days([read_day(samples.costs(lines=()))], False)

    def _methods(self):
        """A switch sends sessions, and nothing else."""
        return super()._methods() - {("voip.ai.session", "ingest")}

    def test_each_model_of_ai_voice_has_a_record(self):
        for name in OWN:
            self.assertTrue(self.env[name].sudo().search([], limit=1), name)

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.models")
    def test_methods(self):
        TestSwitchMethods.test_a_switch_is_refused_every_method_that_is_no_door_of_its_own(
            self
        )

    def test_what_odoo_gives(self):
        TestSwitchMethods.test_a_switch_learns_and_changes_nothing_by_what_odoo_gives_a_model(
            self
        )

    def test_ids(self):
        TestMethodIds.test_ids_that_name_no_record_are_refused_with_a_sentence(self)
