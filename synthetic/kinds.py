"""What can be drawn: hole clusters and their look-alikes."""

from dataclasses import dataclass

from synthetic import clusters, combs, hollows, materials, pores, prints, walls
from synthetic.scene import Surface


@dataclass(frozen=True)
class Kind:
    """A kind of picture; without a `surface` it is a background alone."""

    name: str
    positive: bool
    surface: Surface | None


KINDS: tuple[Kind, ...] = (
    Kind("lotus_pod", True, hollows.lotus_pod),
    Kind("pitted_skin", True, hollows.pitted_skin),
    Kind("barnacles", True, hollows.barnacles),
    Kind("suckers", True, hollows.suckers),
    Kind("honeycomb", True, combs.honeycomb),
    Kind("coral", True, pores.coral),
    Kind("brain_coral", True, pores.brain_coral),
    Kind("sponge", True, pores.sponge),
    Kind("foam", True, clusters.foam),
    Kind("spawn", True, clusters.spawn),
    Kind("pomegranate", True, clusters.pomegranate),
    Kind("seed_head", True, clusters.seed_head),
    Kind("polka_dots", False, prints.polka_dots),
    Kind("grid", False, prints.grid),
    Kind("checkerboard", False, prints.checkerboard),
    Kind("stripes", False, prints.stripes),
    Kind("text_page", False, prints.text_page),
    Kind("confetti", False, prints.confetti),
    Kind("concentric", False, prints.concentric),
    Kind("weave", False, materials.weave),
    Kind("bricks", False, walls.bricks),
    Kind("pebbles", False, materials.pebbles),
    Kind("cracked_ground", False, materials.cracked_ground),
    Kind("scales", False, walls.scales),
    Kind("wood", False, materials.wood),
    Kind("grass", False, materials.grass),
    Kind("ripples", False, materials.ripples),
    Kind("foliage", False, materials.foliage),
    Kind("windows", False, walls.windows),
    Kind("keys", False, walls.keys),
    Kind("few_holes", False, materials.few_holes),
    Kind("background", False, None),
)


def kind_named(name: str) -> Kind:
    """The kind of that name; ValueError lists the names there are."""
    for kind in KINDS:
        if kind.name == name:
            return kind
    raise ValueError(f"unknown kind {name!r} (there are: {', '.join(kind.name for kind in KINDS)})")
