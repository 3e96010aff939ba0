from . import mail_alias, mail_thread, mail_tracking_value, voip_mailbox, voip_mail_file
