"""Standing time, and a library that loads all it has when its names are looked at.

freezegun looks at every name of every module, and reads what to leave alone where a
decorator stands: this comes before any of them.
"""

import freezegun

freezegun.configure(extend_ignore_list=["brevo"])
