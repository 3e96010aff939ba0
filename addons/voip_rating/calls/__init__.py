"""The way of a call record, from what a switch sent to a charged call.

Plain classes and SQL, no models. Each file is a step and imports only steps before it:

1. ``read``: a file in blocks of columns
2. ``column``, ``figures``, ``answer``, ``check``: columns of texts become checked
   records, or the first error of a row
3. ``claim``, ``store``: each call leg once, new records stored, refused ones queued
4. ``context``, ``resolve``: account, trunks, decks and E.164 numbers of each record;
   ``parties``: who that is, and who has the number that was called, or shown
5. ``price``, ``write``, ``rate``: both sides priced and converted, usage written
6. ``work``: the whole way of a batch, in one transaction
7. ``undo``: every charge of a batch reversed

``copy_queue`` carries what the steps ask and write to the database. Rated usage is
charged by :mod:`odoo.addons.voip_billing_base.charge`.
"""
