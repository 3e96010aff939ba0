"""Names that several parts share."""

MANAGER = "voip_billing_base.group_voip_manager"
# Of a manager who has no address.
ACTIVITY_ADDRESS = "voip_supplier_audit.mail_activity_address"
