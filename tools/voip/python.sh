# The virtual environment: exact versions with hashes, Odoo by a .pth file.

# What pip says besides is shown only when it fails.
pip_install() {
    local log=$STATE/pip.log
    "$PY" -m pip install -q --disable-pip-version-check --root-user-action=ignore \
        --no-warn-conflicts --no-deps --require-hashes "$@" >"$log" 2>&1 || {
        tail -n 20 "$log" >&2
        die "pip could not install the Python packages, see above and $log."
    }
}

site_packages() {
    "$PY" -c 'import sysconfig; print(sysconfig.get_path("purelib"))'
}

ensure_venv() {
    local key
    key=$(hash_of "$ROOT/requirements.txt" "$ROOT/requirements-dev.txt")-$(python3 -V | tr -d ' ')
    if ! fresh "$STATE/venv.stamp" "$key" || [ ! -x "$PY" ]; then
        say "making the virtual environment"
        rm -rf "$VENV" "$STATE/venv.stamp"
        python3 -m venv "$VENV" || die "python3 -m venv failed: install python3-venv."
        say "installing Python packages"
        pip_install -r "$ROOT/requirements.txt"
        pip_install -r "$ROOT/requirements-dev.txt"
        stamp "$STATE/venv.stamp" "$key"
    fi
    realpath "$(odoo_site)" >"$(site_packages)/odoo.pth"
    "$PY" -c 'import odoo.release' 2>/dev/null || die "Odoo cannot be imported from $(odoo_site)."
}
