"""pytest plugin: each of the parallel test processes has its own stored files.

Odoo collects the garbage of the stored files after every test class: in a shared folder it takes
the files that a test of the other process has just stored, in a transaction it cannot see.
"""

import os
import shutil
from contextlib import contextmanager
from pathlib import Path

import pytest_odoo

from odoo.tools import config


@contextmanager
def own_filestore(original, name):
    """The stored files of the database ``name``, a copy of ``original``, while it is used."""
    if original == name:
        yield
        return
    # As in scripts/database.sh: stored files never change, hard links make the copy free.
    copy = Path(config.filestore(name))
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(config.filestore(original), copy, copy_function=os.link)
    try:
        yield
    finally:
        shutil.rmtree(copy)


pytest_odoo._shared_filestore = own_filestore
