"""pytest plugin: collect the tests of ``tools/`` where there is no Odoo.

Importing ``maintenance_contract.tests.test_tools_x`` would first import the addon, that is
Odoo's models. Empty packages of these names stand in for it, so that only the test module
and what it imports from ``..tools`` are loaded.
"""

import sys
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]
ADDON = "maintenance_contract"


def _stand_in(name: str, folder: Path) -> None:
    module = ModuleType(name)
    module.__path__ = [str(folder)]
    sys.modules[name] = module


_stand_in(ADDON, ROOT)
_stand_in(f"{ADDON}.tests", ROOT / "tests")
