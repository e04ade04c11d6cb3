"""`make bench`: every benchmark of this folder, one after the other, or named ones, into docs/benchmarks.md."""

import json
import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

HERE = Path(__file__).resolve().parent
PAGE = HERE.parent / "docs" / "benchmarks.md"
INTRODUCTION = """# Benchmarks

Written by `make bench`. Ours and its peer are measured in one run, and a ratio says how many times better ours
is. The last column names the peer: another program on the same work, the page without any extension, an
imitation that judges nothing, or a bound. A time of 0 counts as 1 in a ratio. Each section was measured with
the model released by its day.
"""


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--quick", is_flag=True, help="Small versions, to see that they run; the page stays as it is.")
def main(names: tuple[str, ...], quick: bool) -> None:
    """Run the benchmarks, or only the named ones, and write what they found into docs/benchmarks.md."""
    scripts = {path.stem: path for path in (*HERE.glob("*.py"), *HERE.glob("*.mjs")) if path != Path(__file__)}
    if unknown := sorted({*names} - {*scripts}):
        raise click.BadParameter(f"{', '.join(unknown)}; there are {', '.join(sorted(scripts))}")
    for name in sorted(names or scripts):
        found = run(scripts[name], quick)
        if not quick:
            when = datetime.now(UTC).strftime("%Y-%m-%d")
            text = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
            # After each: what was measured stays when a later one fails.
            PAGE.write_text(page(text, section(found, scripts[name].name, machine(), when)), encoding="utf-8")
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


def page(before: str, new: str) -> str:
    """Return docs/benchmarks.md with a section put in the place of its older self, or among the others by name."""
    sections = {title(part): part for part in before.split("\n## ")[1:]}
    sections[title(new)] = new
    return "\n## ".join([INTRODUCTION, *(sections[name].rstrip("\n") + "\n" for name in sorted(sections))])


def title(section: str) -> str:
    """Return a section's first line."""
    return section.partition("\n")[0]


def section(bench: dict[str, Any], script: str, where: str, when: str) -> str:
    """Return what one benchmark found, without the marks of a heading: its name, the machine, the day, a table."""
    lines = [
        bench["bench"],
        "",
        f"`bench/{script}` says what is compared, and how. Measured on {when}, on {where}.",
    ]
    lines += ["", "| measure | ours | peer | ratio | aim | peer is |", "| --- | --- | --- | --- | --- | --- |"]
    for row in bench["results"]:
        cells = [row[name] for name in ("measure", "ours", "peer", "ratio", "aim", "peer_name")]
        lines.append(f"| {' | '.join('-' if cell is None else str(cell) for cell in cells)} |")
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
