# shellcheck shell=bash
# Odoo's source: ODOO_HOME, a package given as a file, or Debian unstable's package.

DEBIAN_KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg

# The folder to put on Python's path, and the addons folder inside (Debian's layout or a checkout's).
odoo_site() { echo "${ODOO_HOME:-$RUN/odoo/usr/lib/python3/dist-packages}"; }

odoo_addons_path() {
    local site
    site=$(odoo_site)
    [ ! -d "$site/addons/web" ] || printf '%s,' "$site/addons"
    echo "$site/odoo/addons"
}

# apt with a configuration of our own beside the system's: it has unstable's lists, and only
# downloads. Its signatures are checked against Debian's keyring as always.
private_apt() {
    local apt=$RUN/apt
    apt-get -q -o Dir::Etc::sourcelist="$apt/sources.list" -o Dir::Etc::sourceparts=/dev/null \
        -o Dir::Etc::preferencesparts=/dev/null -o Dir::Etc::preferences=/dev/null \
        -o Dir::State::lists="$apt/lists" -o Dir::State::status="$apt/status" \
        -o Dir::Cache="$apt/cache" -o APT::Sandbox::User="$(id -un)" \
        -o APT::Update::Error-Mode=any "$@"
}

# The mirror this machine already uses for Debian's main archive.
debian_mirror() {
    # shellcheck disable=SC2016  # apt's own variable
    echo "${DEBIAN_MIRROR:-$(apt-get indextargets --format '$(REPO_URI)' 2>/dev/null |
        grep -m1 -E '/debian/?$')}"
}

private_apt_update() {
    local apt=$RUN/apt mirror suite
    have apt-get || die "Odoo's package is downloaded with apt-get, which is missing here." "$OTHER_ODOO"
    mirror=$(debian_mirror) || true
    [ -n "$mirror" ] || die "no Debian mirror is configured here: set DEBIAN_MIRROR=<its URL>." "$OTHER_ODOO"
    mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial"
    : >"$apt/status"
    for suite in sid bookworm; do
        echo "deb [signed-by=$DEBIAN_KEYRING] $mirror $suite main"
    done >"$apt/sources.list"
    logged apt-odoo "apt-get could not read Debian's package lists (no network?). $OTHER_ODOO" \
        private_apt update
}

OTHER_ODOO="Or give an Odoo $ODOO_SERIES: ODOO_HOME=<checkout>, or ODOO_DEB=<Debian package file>."

# given_package NAME: a package file that is already on this machine.
given_package() {
    local file
    if [ "$1" = "$ODOO_PACKAGE" ] && [ -n "${ODOO_DEB:-}" ]; then
        [ -f "$ODOO_DEB" ] || die "ODOO_DEB names no file: $ODOO_DEB"
        realpath "$ODOO_DEB"
        return
    fi
    for file in "$ROOT/../shared/vendor/$1"_*.deb; do
        [ ! -f "$file" ] || realpath "$file"
    done | tail -n 1
}

# download_packages FOLDER: into FOLDER the package files of Odoo and of what its tree links to.
download_packages() {
    local target file wanted=()
    for target in "$ODOO_PACKAGE/sid" "${ODOO_LINKED_PACKAGES[@]}"; do
        file=$(given_package "${target%/*}")
        if [ -n "$file" ]; then cp "$file" "$1/"; else wanted+=("$target"); fi
    done
    [ "${#wanted[@]}" -gt 0 ] || return 0
    private_apt_update
    (cd "$1" && logged apt-odoo "Debian no longer has all of: ${wanted[*]}, or there is no network. $OTHER_ODOO" \
        private_apt download "${wanted[@]}")
}

check_odoo_package() {
    local file=$1 version
    version=$(dpkg-deb -f "$file" Version 2>/dev/null) ||
        die "$(basename "$file") is not a Debian package." "$OTHER_ODOO"
    if [ "$version" != "$ODOO_VERSION" ]; then
        [[ $version == "$ODOO_SERIES".* ]] ||
            die "$(basename "$file") is Odoo $version, not $ODOO_SERIES." "$OTHER_ODOO"
        note odoo "Odoo $version is used; this addon was tested with $ODOO_VERSION."
    elif ! echo "$ODOO_SHA256  $file" | sha256sum --quiet --check 2>/dev/null; then
        die "$(basename "$file") does not have the SHA-256 expected of Odoo $ODOO_VERSION." "$OTHER_ODOO"
    else
        note odoo
    fi
}

unpack_odoo() {
    local packages=$RUN/apt/packages prefix=$RUN/odoo.new file mail
    need_disk 3000 "Odoo's source"
    say "Getting Odoo $ODOO_SERIES"
    rm -rf "$packages" "$prefix"
    mkdir -p "$packages" "$prefix"
    download_packages "$packages"
    check_odoo_package "$(ls "$packages/$ODOO_PACKAGE"_*.deb)"
    for file in "$packages"/*.deb; do
        dpkg-deb -x "$file" "$prefix" || die "could not unpack $(basename "$file") (disk full?)"
    done
    [ -z "$(find "$prefix" -xtype l -print -quit)" ] ||
        die "Odoo's tree has links to missing files:" "$(find "$prefix" -xtype l | head -n 3)"
    # Debian leaves out this file (only for the blurred background of video calls). Without it
    # every page logs an error, and every browser test fails on that.
    mail=$prefix/usr/lib/python3/dist-packages/odoo/addons/mail/static/lib/selfie_segmentation
    mkdir -p "$mail"
    [ -e "$mail/selfie_segmentation.js" ] || echo '// not in Debian' >"$mail/selfie_segmentation.js"
    rm -rf "$RUN/odoo" "$packages"
    mv "$prefix" "$RUN/odoo"
}

setup_odoo() {
    local key
    if [ -n "${ODOO_HOME:-}" ]; then
        grep -qs "version_info = (${ODOO_SERIES/./, }" "$ODOO_HOME/odoo/release.py" ||
            die "ODOO_HOME=$ODOO_HOME is not a checkout of Odoo $ODOO_SERIES."
        note odoo
        return
    fi
    key="$ODOO_VERSION ${ODOO_LINKED_PACKAGES[*]} ${ODOO_DEB:-}"
    stamped odoo "$key" && [ -d "$RUN/odoo" ] && return
    unpack_odoo
    stamp odoo "$key"
}
