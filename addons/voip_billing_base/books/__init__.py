"""From journal items to wallets: what is open on a receivable line is in one wallet.

Plain SQL and functions, no models. Each file stands by itself:

1. ``attribute``: which account's wallet a receivable line belongs to
2. ``line_trigger``: the database keeps what a line has open in its wallet, and writes
   each change of it down for the wallet, whoever made it
3. ``label``: what is written down becomes wallet entries that say what moved them
"""
