"""What charges: rated usage of any kind becomes rows, summaries and wallet movements.

Plain classes and SQL, no models. Each file imports only files before it:

1. ``append_only``: tables whose rows the database refuses to change
2. ``transaction``: transactions that move money, their locks, partitions and COPY
3. ``writer``: rated usage to summaries and one wallet movement per account and batch
"""
