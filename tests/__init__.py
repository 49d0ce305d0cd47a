"""Every module of tests is discovered: none can be forgotten here."""

from importlib import import_module
from pkgutil import iter_modules

for _module in iter_modules(__path__):
    if _module.name.startswith("test_"):
        import_module(f"{__name__}.{_module.name}")
