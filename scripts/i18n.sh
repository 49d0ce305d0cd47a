# shellcheck shell=bash
# ./dev i18n: the template of the terms, and the French translation merged with it.

# Odoo's export follows links: from the link of the addon it would walk .run, hence itself, without
# end. It is given a copy of what is installed.
stage_addon() {
    rm -rf "$RUN/stage"
    mkdir -p "$RUN/stage/$ADDON"
    (cd "$ROOT" && tar --exclude='./.*' --exclude=./tests --exclude=./benchmarks --exclude=./docs \
        --exclude=./scripts --exclude=__pycache__ -cf - .) | tar -xf - -C "$RUN/stage/$ADDON"
}

# The same file but for the dates of its header is no change.
same_terms() { diff -q -I '^"PO-Revision-Date:' -I '^"POT-Creation-Date:' "$1" "$2" >/dev/null 2>&1; }

export_template() {
    local pot=i18n/$ADDON.pot export=$RUN/stage/$ADDON.pot
    sed "s|$RUN/addons|$RUN/stage|" "$ODOO_RC" >"$RUN/stage.conf"
    logged i18n 'Odoo could not export the terms.' \
        odoo i18n export -c "$RUN/stage.conf" -d "$1" -l pot -o "$export" "$ADDON"
    mkdir -p "$ROOT/i18n"
    same_terms "$export" "$ROOT/$pot" || cp "$export" "$ROOT/$pot"
}

merge_french() {
    local pot=$ROOT/i18n/$ADDON.pot po=$ROOT/i18n/fr.po
    [ -f "$po" ] || msginit --no-translator -l fr -i "$pot" -o "$po"
    msgmerge --quiet --no-fuzzy-matching --no-wrap --update --backup=none "$po" "$pot"
    msgattrib --no-obsolete --no-wrap -o "$po" "$po"
    "$VENV/bin/python" -c '
import polib, sys
po = polib.pofile(sys.argv[1])
missing, fuzzy = po.untranslated_entries(), po.fuzzy_entries()
for entry in (missing + fuzzy)[:20]:
    print("  ", entry.msgid.replace("\n", " ")[:100])
print(f"fr.po: {len(po)} terms, {len(missing)} untranslated, {len(fuzzy)} fuzzy")' "$po"
}

cmd_i18n() {
    local database=i18n_$$
    setup_all
    use_cluster test
    use_template plain
    clone_database "$TEMPLATE" "$database"
    # shellcheck disable=SC2064  # its value of now
    trap "drop_database '$database'" EXIT
    stage_addon
    export_template "$database"
    merge_french
}
