"""docs/benchmarks.md: one benchmark's figures take the place of its older ones, the others stay."""

from bench.run_all import page, section

OURS = {"measure": "seconds", "ours": 2.0, "peer": 6.0, "ratio": 3.0, "aim": None, "peer_name": "theirs"}


def found(name, **changes):
    return section({"bench": name, "results": [{**OURS, **changes}]}, f"{name}.py", "a machine", "2026-01-02")


def test_a_benchmark_takes_the_place_of_its_older_self_and_the_others_stay():
    older = page(page("", found("train", ours=1.5)), found("page"))

    newer = page(older, found("train", ours=2.5))

    assert newer.count("## ") == 2
    assert "| seconds | 2.5 | 6.0 | 3.0 | - | theirs |" in newer
    assert "| seconds | 1.5" not in newer
    assert newer.index("## page") < newer.index("## train")
    assert page(newer, found("train", ours=2.5)) == newer
