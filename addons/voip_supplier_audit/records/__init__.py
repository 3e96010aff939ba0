"""Call records of suppliers, from a file or a machine to the table they are kept in.

``values`` reads one record, ``store`` brings many of them in once each, the model is
the window on the table, ``records_load`` the machine door; ``file`` reads files in
any intake format into columns of ``block``, ``records_file`` takes them in.
"""

from . import voip_supplier_record, records_load, records_file
