"""Records about a balance that runs low, and about paying afterwards."""

from datetime import datetime

AT = datetime(2026, 1, 5)


class BalanceRecords:
    @classmethod
    def _balance_records(cls, account):
        """A low balance that was told, and a recharge that failed."""
        account.low_balance_amount = 1000
        cls.env["voip.account"]._cron_low_balance()
        values = {
            "account_id": account.id,
            "company_id": account.company_id.id,
            "currency_id": account.currency_id.id,
            "amount": 20,
            "at": AT,
            "state": "failed",
        }
        recharge = account.env["voip.recharge"].sudo().create(values)
        asked = account.env["voip.postpaid.request"].create(
            {"account_id": account.id, "wanted_limit": 10, "reason": "References"}
        )
        return {
            "voip.postpaid.request": asked,
            "voip.balance.alert": account.alert_ids,
            "voip.recharge": recharge.with_env(account.env),
        }
