"""What every act of the demo needs: the two companies, commits, wallets, runs."""

from datetime import datetime, timedelta

import decks
import expected as reckoning
import verdict
import world as worlds


class Stage:
    """State of the demo.

    ``env`` and ``env2`` see one company each, as superuser; ``parties`` are the decks
    and the accounts of the first one by code, ``ledgers`` what its wallets' ledgers
    must say by payer code.
    """

    def __init__(self, env, story, month):
        self.root, self.story, self.month = env, story, month
        self.world, self.other = worlds.MERIDIAN, worlds.THAMES
        self.first = worlds.first_day(month)
        self.following = worlds.next_month(self.first)
        self.zones = decks.load_zones()
        self.env = self.env2 = None
        self.parties = None
        self.ledgers = {}

    def commit(self):
        """Save, and see what other transactions saved."""
        self.root.cr.commit()
        self.root.invalidate_all()

    def show_wallets(self, when, unbilled):
        """Print the wallets of the first company and hold them against the books."""
        self.env.flush_all()
        percents = {
            code: reckoning.tax_percent(self.world, code) for code in self.parties[1]
        }
        found = verdict.wallets(self.env, self.story, self.ledgers, unbilled, percents)
        self.story.table(
            (f"wallet {when}", "currency", "ledger", "unbilled", "tax", "balance"),
            [
                (code, self.parties[1][code].currency_id.name, *figures)
                for code, figures in found.items()
                if self.parties[1][code].payer_id.code == code
            ],
        )

    def new_run(self, env, following=None):
        """A run as of the second day of the month after the billed one."""
        following = following or self.following
        moment = datetime.combine(following, datetime.min.time())
        return env["voip.billing.run"].create(
            {
                "company_id": env.company.id,
                "cutoff": moment + timedelta(hours=36),
                "invoice_date": following,
            }
        )
