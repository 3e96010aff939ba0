"""Mails of documents: what providers are asked, and what becomes of a mail.

Pure, without Odoo: ``mail`` (a mail and its outcomes), ``brevo`` and ``smtp`` (the
providers), ``timing`` (back-off, local hour), ``states``, ``webhook`` (what Brevo
posts).
"""
