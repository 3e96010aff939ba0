"""Who a call record is of: trunks and accounts it names, holders of its numbers."""
