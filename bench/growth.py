"""What a batch of 1,000 records costs, stored and rated, as the data around it grows.

``growth_accounts``: 100,000 accounts, trunks and numbers instead of 500.
"""

import common
import growth_accounts


def main():
    options = common.parser(__doc__, 1_000)
    options.set_defaults(accounts=100_000)
    options.add_argument("--runs", type=int, default=21, help="batches of each side")
    options.add_argument(
        "--invoiced", type=int, default=5_000, help="accounts with a year of invoices"
    )
    growth_accounts.measure(options.parse_args())


if __name__ == "__main__":
    main()
