# shellcheck shell=bash
# Debian packages: the only thing ./dev installs outside its folder.

chromium_path() {
    local name
    for name in google-chrome chromium chromium-browser google-chrome-stable; do
        command -v "$name" && return
    done
    return 1
}

# Not grep -q, here and elsewhere: it would end the writer of the pipe early, which then has failed.
has_library() { /sbin/ldconfig -p 2>/dev/null | grep -F "$1" >/dev/null; }

# Ask for the thing itself, not for the package: any system that has it will do.
missing_for_python() {
    have "$PYTHON" || echo python3
    "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null || echo python3-venv
    have git || echo git
    have msgfmt || echo gettext
}

missing_for_all() {
    missing_for_python
    have initdb || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || echo postgresql
    have pdftotext || echo poppler-utils
    chromium_path >/dev/null || echo chromium
    have fc-list || echo fontconfig
    [ -d /usr/share/fonts/truetype/dejavu ] || echo fonts-dejavu-core
    [ -d /usr/share/fonts/truetype/liberation ] || echo fonts-liberation
    has_library libmagic.so.1 || echo libmagic1
    has_library libXrender.so.1 || echo libxrender1
    has_library libXext.so.6 || echo libxext6
    has_library libfontconfig.so.1 || echo libfontconfig1
    [ -n "${ODOO_HOME:-}" ] || [ -f "$DEBIAN_KEYRING" ] || echo debian-archive-keyring
}

check_python() {
    "$PYTHON" -c "import sys; sys.exit(sys.version_info[:2] < (${PYTHON_MINIMUM/./, }))" ||
        die "$("$PYTHON" --version) is too old: Odoo $ODOO_SERIES needs $PYTHON_MINIMUM or later." \
            'Name another one: PYTHON=/path/to/python3 ./dev …'
}

# As root, or through sudo; sudo may ask for a password only where somebody can answer.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif [ -t 0 ]; then
        sudo "$@"
    else
        sudo -n "$@"
    fi
}

install_packages() {
    as_root apt-get update &&
        as_root env DEBIAN_FRONTEND=noninteractive \
            apt-get install -y --no-install-recommends "$@"
}

# setup_system missing_for_all|missing_for_python
setup_system() {
    local packages
    [ "$PYTHON" = python3 ] || have "$PYTHON" || die "PYTHON names no program: $PYTHON"
    mapfile -t packages < <("$1")
    [ "${#packages[@]}" -gt 0 ] || return 0
    have apt-get || die "missing on this machine (Debian's names): ${packages[*]}"
    if [ "$(id -u)" -ne 0 ] && ! { have sudo && { [ -t 0 ] || sudo -n true 2>/dev/null; }; }; then
        die 'packages are missing, and this is neither root nor a user with sudo. Have installed:' \
            "apt-get install ${packages[*]}"
    fi
    need_disk 2000 'Debian packages'
    say "Installing ${packages[*]}"
    logged apt "apt-get could not install: ${packages[*]} (no network?)" \
        install_packages "${packages[@]}"
    mapfile -t packages < <("$1")
    [ "${#packages[@]}" -eq 0 ] || die "still missing after apt-get install: ${packages[*]}"
}
