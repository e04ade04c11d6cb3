"""`make bench`: every benchmark of this folder, one after the other, and docs/benchmarks.md written anew."""

import json
import os
import platform
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

HERE = Path(__file__).resolve().parent
PAGE = HERE.parent / "docs" / "benchmarks.md"


@click.command()
@click.option("--quick", is_flag=True, help="Small versions, to see that they run; the page stays as it is.")
def main(quick: bool) -> None:
    """Run the benchmarks and write what they found into docs/benchmarks.md."""
    scripts = sorted({*HERE.glob("*.py"), *HERE.glob("*.mjs")} - {Path(__file__).resolve()})
    found = [{"script": script.name, **run(script, quick)} for script in scripts]
    if not quick:
        PAGE.write_text(page(found, machine(), datetime.now(UTC).strftime("%Y-%m-%d")), encoding="utf-8")
        click.echo(f"written {PAGE}")


def run(script: Path, quick: bool) -> dict[str, Any]:
    """Run one benchmark, show what it says, and return the JSON of its last line."""
    lines = []
    command = ["node" if script.suffix == ".mjs" else sys.executable, str(script), *(["--quick"] if quick else [])]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        for line in running.stdout or ():
            click.echo(line, nl=False)
            lines.append(line)
    if running.returncode:
        raise click.ClickException(f"{script.name} ended with {running.returncode}")
    result: dict[str, Any] = json.loads(lines[-1])
    return result


def page(benches: Sequence[dict[str, Any]], where: str, when: str) -> str:
    """Return docs/benchmarks.md: a table a benchmark, with the machine and the day."""
    lines = ["# Benchmarks", "", f"`make bench` wrote this page on {when}, on {where}.", ""]
    lines += ["Ours and the peer do the same work in one run; a ratio says how many times better ours is.", ""]
    for bench in benches:
        lines += [f"## {bench['bench']}", "", f"What is compared, and how: `bench/{bench['script']}`.", ""]
        lines += ["| measure | ours | peer | ratio | aim | peer is |", "| --- | --- | --- | --- | --- | --- |"]
        for row in bench["results"]:
            cells = [row[name] for name in ("measure", "ours", "peer", "ratio", "aim", "peer_name")]
            lines.append(f"| {' | '.join('-' if cell is None else str(cell) for cell in cells)} |")
        lines.append("")
    return "\n".join(lines)


def machine() -> str:
    """Return the machine in words: cores, processor, system, Python."""
    names = Path("/proc/cpuinfo")
    text = names.read_text(encoding="utf-8") if names.is_file() else ""
    model = next((line.partition(":")[2].strip() for line in text.splitlines() if "model name" in line), "")
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return (
        f"{cores} cores of {model or platform.machine()}, {platform.system()}, Python {platform.python_version()}"
    )


if __name__ == "__main__":
    main()
