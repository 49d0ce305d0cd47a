# shellcheck shell=bash
# The virtual environment: pinned requirements, OCA addons, and Odoo's source on its path.

pip() { "$VENV/bin/python" -m pip --disable-pip-version-check --no-input "$@"; }

make_venv() {
    # An interrupted installation must not pass for a whole one.
    unstamp python
    unstamp link
    need_disk 1500 'the Python environment'
    say 'Installing the Python environment'
    "$VENV/bin/python" -c 'import pip' 2>/dev/null || rm -rf "$VENV"
    [ -d "$VENV" ] || logged venv 'could not create the Python environment.' "$PYTHON" -m venv "$VENV"
    logged pip 'pip could not install the requirements (no network?).' \
        pip install -r "$ROOT/requirements.txt" -r "$ROOT/requirements-dev.txt"
    # Their metadata asks for a distribution `odoo` that the package index does not have.
    logged pip 'pip could not install the OCA addons (no network?).' \
        pip install --no-deps -r "$ROOT/requirements-oca.txt"
}

site_packages() { "$VENV/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))'; }

link_addon() {
    mkdir -p "$RUN/addons"
    ln -sfn ../.. "$LINK"
}

setup_python() {
    local key version
    link_addon
    version=$("$PYTHON" -c 'import sys; print(sys.version, sys.base_prefix)')
    key=$(cat "$ROOT"/requirements*.txt <(echo "$version") | hash_of)
    stamped python "$key" && [ -x "$VENV/bin/python" ] && return
    # Another Python than last time: nothing of the old environment fits.
    stamped python-version "$version" || rm -rf "$VENV"
    make_venv
    stamp python-version "$version"
    stamp python "$key"
}

# `odoo` is a namespace package: with its folder on the path, the OCA addons installed in the
# environment join `odoo.addons` by themselves.
link_odoo() {
    local key
    key="$(odoo_site) $(cat "$RUN/stamps/python")"
    stamped link "$key" && [ -x "$RUN/bin/odoo" ] && return
    odoo_site >"$(site_packages)/odoo.pth"
    mkdir -p "$RUN/bin"
    # A script, not `python -m odoo`: Python puts the folder of a script, or else the working
    # folder, first on its path, and the repository (tools/, report/…) must not stand there.
    printf 'import odoo.cli\n\nodoo.cli.main()\n' >"$RUN/bin/odoo-bin"
    printf '#!/bin/sh\nexec "%s" "%s" "$@"\n' "$VENV/bin/python" "$RUN/bin/odoo-bin" >"$RUN/bin/odoo"
    chmod +x "$RUN/bin/odoo"
    stamp link "$key"
}
