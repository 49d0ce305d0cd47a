import os
import select
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from unittest import SkipTest

import psycopg2

from odoo.tests import BaseCase
from odoo.tools import config

# What a slow machine may take to load Odoo, in seconds.
PATIENCE = 120

# Two shells call it before they do the same thing at the same moment.
MEET = """
import time
from pathlib import Path
from odoo.service.model import retrying

runner = {runner}

def meet(race):
    Path("{folder}", f"{{race}}-{{runner}}").touch()
    while not Path("{folder}", f"{{race}}-{{1 - runner}}").exists():
        time.sleep(0.001)
    env.cr.rollback()
    env.invalidate_all()
"""


class ProcessCase(BaseCase):
    """Odoo in processes of its own, on a database of its own.

    A case says in ``SET_UP`` what a shell does there first.
    """

    SET_UP = ""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        template = os.environ.get("DEV_TEMPLATE")
        if not template:
            raise SkipTest("DEV_TEMPLATE names no database to clone: run it with ./dev test")
        cls.database = f"test_{os.getpid()}"
        cls._execute_elsewhere(f'DROP DATABASE IF EXISTS "{cls.database}"')
        cls._execute_elsewhere(f'CREATE DATABASE "{cls.database}" TEMPLATE "{template}"')
        cls.addClassCleanup(
            cls._execute_elsewhere, f'DROP DATABASE IF EXISTS "{cls.database}" WITH (FORCE)'
        )
        cls._run_shell(cls.SET_UP)

    @staticmethod
    def _execute_elsewhere(statement):
        connection = psycopg2.connect(dbname="postgres")
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)
        connection.close()

    def _query(self, query):
        connection = psycopg2.connect(dbname=self.database)
        with connection.cursor() as cursor:
            cursor.execute(query)
            rows = cursor.fetchall()
        connection.commit()
        connection.close()
        return rows

    @classmethod
    def _start(cls, *arguments, **options):
        # Not in the repository: Python would find its folders before the modules of those names.
        return subprocess.Popen(
            [sys.executable, "-m", "odoo", *arguments],
            cwd=tempfile.gettempdir(),
            stdin=subprocess.PIPE,
            **options,
        )

    @classmethod
    def _start_shell(cls, script):
        shell = cls._start(
            *("shell", "-c", config["config"], "-d", cls.database, "--no-http"),
            "--log-level=error",
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        shell.stdin.write(script.encode())
        shell.stdin.close()
        return shell

    @classmethod
    def _end_shell(cls, shell):
        output, errors = shell.stdout.read().decode(), shell.stderr.read().decode()
        shell.stdout.close()
        shell.stderr.close()
        if shell.wait(PATIENCE) or "Traceback" in errors:
            raise AssertionError(errors)
        return output.split("\n")[:-1]

    @classmethod
    def _run_shell(cls, script):
        return cls._end_shell(cls._start_shell(script))

    def _race(self, script):
        """Run a script in two shells at once.

        :param str script: knows its number as ``runner``, 0 or 1, and calls ``meet(race)`` before
            each race, whose outcome it prints
        :rtype: list of pairs of outcomes, race by race
        """
        with tempfile.TemporaryDirectory() as folder:
            shells = [
                self._start_shell(MEET.format(folder=folder, runner=runner) + script)
                for runner in range(2)
            ]
            return list(zip(*map(self._end_shell, shells), strict=True))

    @contextmanager
    def _server(self):
        """A server with one thread for crons, killed at the end."""
        server = self._start(
            *("-c", config["config"], "-d", self.database, "--no-http"),
            *("--workers=0", "--max-cron-threads=1"),
            stderr=subprocess.PIPE,
        )
        try:
            yield server
        finally:
            with suppress(ProcessLookupError):
                server.kill()
            server.wait()
            server.stdin.close()
            server.stderr.close()

    def _wait_for(self, server, words):
        """Wake the crons up until the server logs these words."""
        self._wait_until(server, lambda seen: words in seen)

    def _wait_until(self, server, is_over):
        """Wake the crons up, and read what the server logs, until something is so.

        :param is_over: function of all that the server has logged
        """
        seen, end = b"", time.monotonic() + PATIENCE
        while not is_over(seen):
            self.assertLess(time.monotonic(), end, seen.decode())
            self._wake_crons()
            ready, _write, _error = select.select([server.stderr], [], [], 0.2)
            if ready:
                chunk = os.read(server.stderr.fileno(), 65_536)
                self.assertTrue(chunk, f"the server ended:\n{seen.decode()}")
                seen += chunk

    def _wake_crons(self):
        """Have the servers look at once for crons that are ready, not at their next poll."""
        self._execute_elsewhere(f"NOTIFY cron_trigger, '{self.database}'")
