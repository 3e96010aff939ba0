"""Standing time and brevo, which loads all it has when somebody looks at its names."""

import freezegun

# It looks at every name of every module.
freezegun.configure(extend_ignore_list=["brevo"])
