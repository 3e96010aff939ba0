"""A record of each model of usage events, for what holds for every model."""

from datetime import UTC, date, datetime


def forget_sql(source):
    """SQL that leaves nothing of the events of a source that only tests use."""
    return f"""
        DELETE FROM voip_usage_event_key k USING voip_usage_event e
         WHERE e.source = '{source}' AND k.event_id = e.id;
        DELETE FROM voip_usage_event WHERE source = '{source}'
    """


class EventRecords:
    @classmethod
    def _event_records(cls, account):
        """A type of the company of ``account`` with a price, and an event of it."""
        env, company = account.env, account.company_id
        code = f"own_{account.id}"
        kind = env["voip.usage.event.type"].create(
            {
                "name": "Own",
                "code": code,
                "unit": "unit",
                "company_id": company.id,
                "is_priced": True,
                "service_id": env.ref("voip_billing_base.service_event").id,
            }
        )
        price = cls._event_price(account, kind)
        events = cls._event_counted(account, code)
        of_kind, of_price = [("type_id", "=", kind.id)], [("price_id", "=", price.id)]
        return {
            "voip.event.price": price,
            "voip.event.price.tier": price.tier_ids,
            "voip.event.pricelist": price.pricelist_id,
            "voip.event.webhook": env["voip.event.webhook"].create(
                {"name": "Own", "account_id": account.id, "company_id": company.id}
            ),
            "voip.usage.event": events.search([("event_ref", "=", code)]),
            "voip.usage.event.charge": env["voip.usage.event.charge"].search(of_price),
            "voip.usage.event.day": env["voip.usage.event.day"].search(of_kind),
            "voip.usage.event.refused": cls._event_refused(account, code),
            "voip.usage.event.type": kind,
            "voip.usage.event.volume": env["voip.usage.event.volume"].search(of_price),
        }

    @classmethod
    def _event_counted(cls, account, code):
        """One event of the type ``code`` was recorded and counted."""
        event = {
            "event_id": code,
            "account": account.code,
            "source": "matrix",
            "event_type": code,
            "units": 1,
            "occurred_at": datetime.now(UTC).isoformat(),
        }
        events = account.env["voip.usage.event"]
        events.sudo()._keep(account.company_id.id, [event])
        account.env.flush_all()
        events.sudo()._count_waiting(account.company_id.id)
        return events

    @classmethod
    def _event_refused(cls, account, code):
        """An event of the account that says no units."""
        env = account.env
        event = {"event_id": code, "account": account.code, "source": "refused"}
        env["voip.usage.event"].sudo()._keep(account.company_id.id, [event])
        return env["voip.usage.event.refused"].search([("event_ref", "=", code)])

    @classmethod
    def _event_price(cls, account, kind):
        """A price with a tier and free units: the event costs nothing."""
        pricelist = account.env["voip.event.pricelist"].create(
            {
                "name": "Own",
                "code": kind.code,
                "company_id": account.company_id.id,
                "currency_id": account.currency_id.id,
            }
        )
        account.event_pricelist_id = pricelist
        return account.env["voip.event.price"].create(
            {
                "pricelist_id": pricelist.id,
                "type_id": kind.id,
                "price": 1,
                "free_units": 1,
                "tiering": "whole",
                "tier_ids": [(0, 0, {"from_unit": 2, "price": 1})],
                "effective_from": date(2026, 1, 1),
            }
        )
