"""Languages by their names."""


def language_names(env):
    """{code: name} of all languages, those that are not active, too."""
    languages = env["res.lang"].sudo().with_context(active_test=False).search([])
    return {language.code: language.name for language in languages}
