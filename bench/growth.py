"""What grows while the cost must not: accounts, stored calls, history.

``growth_accounts``: a batch of 1,000 records, stored and rated, among 100,000 accounts,
trunks and numbers instead of 500. ``growth_calls``: the same on 20,000,000 calls of 15
months instead of 1,000,000; look-ups and the daily check on the way.
"""

import common
import growth_accounts
import growth_calls


def main():
    options = common.parser(__doc__, 1_000)
    options.set_defaults(accounts=100_000)
    options.add_argument("--runs", type=int, default=21, help="batches of each side")
    options.add_argument(
        "--invoiced", type=int, default=5_000, help="accounts with a year of invoices"
    )
    options.add_argument("--calls", type=int, default=20_000_000, help="stored at last")
    options.add_argument("--few-calls", type=int, default=1_000_000, help="at first")
    options.add_argument("--months", type=int, default=15, help="of the calls")
    options.add_argument("--only", choices=("accounts", "calls"), help="one part")
    options = options.parse_args()
    if options.only != "calls":
        growth_accounts.measure(options)
    if options.only != "accounts":
        growth_calls.measure(options)


if __name__ == "__main__":
    main()
