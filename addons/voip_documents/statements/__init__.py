"""Statements of account: what a customer owed, was charged and paid, from the books.

1. ``sql``: items, transfers between currencies or wallets, ageing, wallet days
2. ``statement``: their rows as a statement, exact texts
3. ``shown``: a statement on a page
4. ``words``: what they are called in the reader's language
5. ``voip_account``, ``res_partner``: whose statement it is, and who may read it
"""

from . import res_partner, voip_account
