"""What charges: rated usage of any kind becomes rows, summaries and wallet movements.

Plain classes and SQL, no models. Each file imports only files before it:

1. ``append_only``, ``columns``: tables that the database refuses to change; the columns
   of usage
2. ``exchange``, ``bounds``: what cannot be converted or held is refused
3. ``transaction``: transactions that move money, their locks, partitions and COPY
4. ``retry``: which errors pass by themselves, and when to try again
5. ``values``: days and values as PostgreSQL reads them
6. ``writer``: rated usage to summaries and one wallet movement per account and batch
7. ``taken_back``: charges and their usage are reversed
8. ``seal``, ``wallet_seal``: what a closed month and its wallet entries come to
9. ``upgrade``: what upgrades of the volume tables share
"""
