# Static checks.  Every check runs; the exit code tells whether all passed.

LINT_FAILED=0

lint_step() {
    local title=$1
    shift
    say "lint: $title"
    "$@" || {
        echo "lint: $title FAILED" >&2
        LINT_FAILED=1
    }
}

tracked() {
    if git -C "$ROOT" rev-parse --git-dir >/dev/null 2>&1; then
        git -C "$ROOT" ls-files -co --exclude-standard
    else
        (cd "$ROOT" && find . -type f -not -path './.voip/*' -not -path './.git/*' | sed 's|^\./||')
    fi
}

own_module_dirs() {
    local manifest
    for manifest in "$ROOT"/addons/*/__manifest__.py; do dirname "$manifest"; done
}

lint_ruff() { (cd "$ROOT" && "$VENV/bin/ruff" check .); }

lint_pylint() {
    # shellcheck disable=SC2046 # a list of paths
    (cd "$ROOT" && "$PY" -m pylint -j 2 --rcfile=.pylintrc $(own_module_dirs))
}

# Left out: the order of attributes, the spelling of headers, generated readmes.
OCA_COSMETIC=xml-header-wrong,xml-tag-position,xml-field-numeric-without-eval
OCA_COSMETIC=$OCA_COSMETIC,xml-field-bool-without-eval,missing-readme
OCA_COSMETIC=$OCA_COSMETIC,prefer-readme-rst

lint_oca() {
    # shellcheck disable=SC2046 # a list of paths
    (cd "$ROOT" && PATH=$VENV/bin:$PATH "$VENV/bin/oca-checks-odoo-module" \
        --disable "$OCA_COSMETIC" $(own_module_dirs))
}

lint_licenses() {
    local odoo site
    odoo=$(odoo_site)/odoo/addons
    site=$(site_packages)/odoo/addons
    [ -z "${ODOO_HOME:-}" ] || odoo=$odoo,$ODOO_HOME/addons
    "$VENV/bin/manifestoo" --odoo-series 19.0 --select-include "$(own_modules)" \
        --addons-path "$ROOT/addons,$odoo,$site" --no-addons-path-from-import-odoo check-licenses &&
        ! grep -L '"license": "LGPL-3"' "$ROOT"/addons/*/__manifest__.py | grep .
}

# What Odoo dropped or renamed and still accepts in silence.
lint_outdated() {
    ! grep -rnE --include='*.py' --include='*.xml' \
        "<tree|tree,form|kanban-box|oe_chatter|<report |<act_window |groups_id|\b_sql_constraints|t-esc|type=.json\W|name_get|_name_search" \
        "$ROOT/addons"
}

# The project stands alone, and takes packages from where the machine does.
lint_standalone() {
    local hosts='[p]ypi\.org|[p]ythonhosted\.org|[n]pmjs\.(org|com)|[d]eb\.debian\.org|archive\.[u]buntu\.com|snapshot\.[d]ebian'
    ! (cd "$ROOT" && tracked | tr '\n' '\0' | xargs -0 grep -nIE -- "\.\./[s]hared|$hosts" 2>/dev/null)
}

lint_files() { (cd "$ROOT" && tracked | "$PY" tools/lint_files.py); }

lint_shell() {
    have shellcheck || {
        say "shellcheck is not installed: left out"
        return 0
    }
    (cd "$ROOT" && shellcheck -s bash -e SC1090,SC1091,SC2034 voip .ci/run tools/lock config/*.sh tools/voip/*.sh)
}

lint_nginx() { "$PY" "$ROOT/tools/lint_nginx.py"; }

cmd_lint() {
    cmd_setup
    lint_step ruff lint_ruff
    lint_step "files: syntax, size, deployment" lint_files
    lint_step "outdated Odoo names" lint_outdated
    lint_step "stands alone" lint_standalone
    lint_step licences lint_licenses
    lint_step "OCA checks" lint_oca
    lint_step pylint-odoo lint_pylint
    lint_step shell lint_shell
    lint_step nginx lint_nginx
    [ "$LINT_FAILED" = 0 ] || die "lint failed."
    say "lint passed"
}
