"""Asking providers for calls: :mod:`.http` carries a question, :mod:`.sources` knows
what each provider is asked. No Odoo, no database.
"""
