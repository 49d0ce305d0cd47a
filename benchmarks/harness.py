"""What all benchmarks share: databases of their own, processes of their own, figures.

`./dev bench` gives the environment: PostgreSQL by the variables of libpq, `DEV_TEMPLATE` the
database to clone, `ODOO_RC` the configuration of Odoo.
"""

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from configparser import RawConfigParser
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Figure:
    """A line of the table. `met` is None for a figure that has no goal of its own."""

    work: str
    measured: str
    goal: str = ""
    met: bool | None = None


@dataclass
class Cost:
    """What a piece of work took."""

    seconds: float = 0.0
    queries: int = 0


@contextmanager
def cost(cr) -> Iterator[Cost]:
    """Measure the time and the queries of what is done inside, on the cursor given."""
    measured = Cost()
    queries, start = cr.sql_log_count, time.perf_counter()
    yield measured
    measured.seconds = time.perf_counter() - start
    measured.queries = cr.sql_log_count - queries


def peak_memory() -> int:
    """Return the most memory that this process held so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def in_process(work: Callable, *args) -> Any:
    """Return `work(*args)`, run in a fresh process: no memory nor cache of the work before it."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(work, *args).result()


@contextmanager
def database(name: str) -> Iterator[str]:
    """Clone the template for the time of a benchmark."""
    name = f"bench_{name}_{os.getpid()}"
    template = os.environ["DEV_TEMPLATE"]
    subprocess.run(["createdb", "--template", template, name], check=True)
    in_process(_copy_attachments, template, name)
    try:
        yield name
    finally:
        subprocess.run(["dropdb", "--if-exists", "--force", name], check=True)
        in_process(_remove_attachments, name)


def _copy_attachments(template: str, name: str) -> None:
    store = _filestore(template)
    if store.is_dir():
        shutil.copytree(store, _filestore(name), copy_function=os.link)


def _remove_attachments(name: str) -> None:
    shutil.rmtree(_filestore(name), ignore_errors=True)


def _filestore(name: str) -> Path:
    return Path(_configure(name).filestore(name))


def _configure(name: str, *options: str):
    from odoo.tools import config

    arguments = ["-c", os.environ["ODOO_RC"], "-d", name, "--log-level=error", *options]
    config.parse_config(arguments, setup_logging=True)
    return config


@contextmanager
def environment(name: str, *options: str) -> Iterator[Any]:
    """Open a database with Odoo's superuser, in this process."""
    _configure(name, *options)
    from odoo import SUPERUSER_ID, api
    from odoo.modules.registry import Registry

    with Registry(name).cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        yield env(context=env["res.users"].context_get())


def run_odoo(name: str, *options: str) -> None:
    """Run Odoo until it ends, as for the installation of a module."""
    command = ["odoo", "-c", os.environ["ODOO_RC"], "-d", name, "--no-http", "--stop-after-init"]
    subprocess.run([*command, "--log-level=error", *options], check=True)


@contextmanager
def peer(module: str, *requirements: str) -> Iterator[tuple[str, str] | None]:
    """Install an addon of the OCA to measure beside ours; None where it is out of reach.

    Yield its database, and the option that has Odoo find it.
    """
    with tempfile.TemporaryDirectory() as folder:
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", folder]
        if subprocess.run([*pip, *requirements], capture_output=True).returncode:
            yield None
            return
        addons = f"--addons-path={_addons_path()},{Path(folder, 'odoo', 'addons')}"
        with database("peer") as name:
            run_odoo(name, addons, "-i", module)
            yield name, addons


def _addons_path() -> str:
    parser = RawConfigParser()
    parser.read(os.environ["ODOO_RC"])
    return parser["options"]["addons_path"]
