"""Measure what PERFORMANCE promises, each figure beside its goal: `./dev bench [PART…]`."""

import argparse
import os
import platform
import re
import subprocess
from pathlib import Path

import invoicing
import service_level
import visits
from harness import Figure

PARTS = {
    "generation": visits.generation,
    "contract": visits.contract,
    "deadline": service_level.deadline,
    "clocks": service_level.clocks,
    "tickets": service_level.tickets,
    "invoicing": invoicing.invoicing,
}
RESULTS = Path(__file__).with_name("RESULTS.md")


def main() -> None:
    """Run the parts asked for, all by default, and print their tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--write", action="store_true", help=f"write {RESULTS.name} too")
    options = parser.parse_args()
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"unknown part: {', '.join(sorted(unknown))}")
    tables = _read_tables()
    for part in options.parts or PARTS:
        print(f"{part}: {PARTS[part].__doc__}", flush=True)
        tables[part] = _table(part, PARTS[part]())
        print(f"\n{tables[part]}\n", flush=True)
    if options.write:
        known = "\n\n".join(tables[part] for part in PARTS if part in tables)
        RESULTS.write_text(f"# Measured\n\n{_machine()}\n\n{known}\n")


def _read_tables() -> dict[str, str]:
    """What was measured before, by part: those not measured this time stay."""
    _head, *tables = re.split(r"^(?=## )", RESULTS.read_text(), flags=re.MULTILINE)
    return {table.split("\n")[0].removeprefix("## "): table.rstrip() for table in tables}


def _machine() -> str:
    server = subprocess.run(
        ["psql", "-XAtc", "SHOW server_version"], capture_output=True, text=True, check=True
    ).stdout.split()[0]
    return (
        f"On {os.cpu_count()} cores, Python {platform.python_version()}, PostgreSQL {server}, "
        "Odoo 19.0, each part in one run of `./dev bench --write`."
    )


def _table(part: str, figures: list[Figure]) -> str:
    verdicts = {True: "yes", False: "**no**", None: ""}
    rows = [("work", "measured", "goal", "reached"), ("---",) * 4] + [
        (figure.work, figure.measured, figure.goal, verdicts[figure.met]) for figure in figures
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = (
        " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    )
    return f"## {part}\n\n" + "\n".join(f"| {line} |" for line in lines)


if __name__ == "__main__":
    main()
