"""A concept is one TOML file; this is its type, and the one place that reads it.

Unknown keys are refused with the file, the key and the nearest known name, since a misspelt key that is ignored
costs a whole training before anybody notices.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationError, model_validator

from store.errors import ConfigError
from store.nearest import did_you_mean

CONFIGS = Path(__file__).parent.parent / "configs"

ClassName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]
Share = Annotated[float, Field(ge=0, le=1)]
# TensorFlow's seeds are 32-bit integers.
Seed = Annotated[int, Field(ge=0, lt=2**31)]


class Section(BaseModel):
    """A table of the file: closed to unknown keys, and frozen once read."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class RedditSource(Section):
    """A subreddit; all of its pictures get ``class`` as a weak label."""

    kind: Literal["reddit"]
    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9_]{2,21}$")]
    class_: ClassName = Field(alias="class")
    listings: tuple[Literal["new", "hot", "top", "rising"], ...] = ("new", "top")
    limit: Annotated[int, Field(ge=1, le=1000)] = 1000


class Crawl(Section):
    """What is crawled, and how often (five cron fields)."""

    schedule: Annotated[str, Field(pattern=r"^\S+( \S+){4}$")] = "0 */6 * * *"
    sources: tuple[RedditSource, ...] = ()


class Starter(Section):
    """What an empty store is filled with."""

    source: Literal["synthetic"] = "synthetic"
    count: Annotated[int, Field(ge=20, le=100_000)] = 1600
    positive_share: Share = 0.5
    seed: Seed = 1


class Shares(Section):
    """Percent of the near-duplicate groups a split gets."""

    train: int = 60
    val: int = 20
    test: int = 20

    @model_validator(mode="after")
    def _sum(self) -> Self:
        if self.train + self.val + self.test != 100 or min(self.train, self.val, self.test) < 1:
            raise ValueError("the three shares must be positive and sum to 100")
        return self


class SnapshotConfig(Section):
    """How labels are frozen into a manifest."""

    shares: Shares = Shares()
    near_duplicate_distance: Annotated[int, Field(ge=0, le=31)] = 31
    # From this many real pictures of every class on, the drawn starter stays out.
    enough_without_drawn: Annotated[int, Field(ge=1)] = 100


class TrainConfig(Section):
    """The recipe; rates are Adam's, sizes are pixels a side."""

    backbone: str = "mobilenet_v1"
    alpha: Annotated[float, Field(gt=0, le=2)] = 1.0
    input_size: Annotated[int, Field(ge=32, le=512, multiple_of=32)] = 160
    seed: Seed = 1
    batch_size: Annotated[int, Field(ge=2, le=1024)] = 32
    positive_share: Annotated[float, Field(gt=0, lt=1)] = 0.3
    head_epochs: Annotated[int, Field(ge=1, le=1000)] = 30
    head_learning_rate: Annotated[float, Field(gt=0)] = 1e-3
    # "auto": half-way, where the backbone says (training/backbones.py).
    unfreeze_from: str = "auto"
    # 200 epochs of random numbers fit into a 32-bit seed (training/fit.py).
    fine_tune_epochs: Annotated[int, Field(ge=0, le=200)] = 14
    fine_tune_learning_rate: Annotated[float, Field(gt=0)] = 2e-5
    early_stopping_patience: Annotated[int, Field(ge=1)] = 4
    reduce_lr_patience: Annotated[int, Field(ge=1)] = 2


class ThresholdConfig(Section):
    """The contract that the released threshold must meet on val."""

    contract: str = "precision >= 0.97"


class ExportConfig(Section):
    """What a bundle holds; the bound is a difference of probabilities."""

    quantization: Literal["uint16"] = "uint16"
    parity_bound: Annotated[float, Field(gt=0, lt=1)] = 0.01
    golden_pictures: Annotated[int, Field(ge=4, le=200)] = 24


class BucketShares(Section):
    """How a round's budget is divided over its buckets; what one bucket cannot use the others get."""

    ambiguous: Share = 0.34
    false_positive: Share = 0.33
    false_negative: Share = 0.33


class RoundConfig(Section):
    """A round of second looks."""

    budget: Annotated[int, Field(ge=1, le=100_000)] = 500
    shares: BucketShares = BucketShares()


class Concept(Section):
    """The whole file."""

    concept: ClassName
    title: str
    classes: Annotated[tuple[ClassName, ...], Field(min_length=2)]
    positive: ClassName
    crawl: Crawl = Crawl()
    starter: Starter = Starter()
    snapshot: SnapshotConfig = SnapshotConfig()
    train: TrainConfig = TrainConfig()
    threshold: ThresholdConfig = ThresholdConfig()
    export: ExportConfig = ExportConfig()
    round: RoundConfig = RoundConfig()

    # The file it was read from, for messages.
    _path: str = PrivateAttr("")

    @property
    def path(self) -> str:
        """The file that this was read from."""
        return self._path

    @model_validator(mode="after")
    def _classes(self) -> Self:
        if len(set(self.classes)) != len(self.classes):
            raise ValueError("classes: a class is named twice")
        if self.positive not in self.classes:
            raise ValueError(f"positive: '{self.positive}' is not among the classes {list(self.classes)}")
        for number, source in enumerate(self.crawl.sources):
            if source.class_ not in self.classes:
                raise ValueError(f"crawl.sources[{number}].class: '{source.class_}' is not among the classes")
        return self

    @property
    def positive_index(self) -> int:
        """Where the positive class stands in the model's output."""
        return self.classes.index(self.positive)

    @property
    def negative(self) -> str:
        """The class that a weak normal label gets: the first one that is not the positive one."""
        return next(name for name in self.classes if name != self.positive)


def load_config(name_or_path: str) -> Concept:
    """Read a concept by its name (``trypophobia``) or by the path of its TOML file.

    Raises ConfigError: file, key, what is wrong, and the nearest known name.
    """
    path = _locate(name_or_path)
    try:
        concept = Concept.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
        concept._path = str(path)
        return concept
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from error
    except ValidationError as error:
        problem = error.errors()[0]
        raise ConfigError(f"{path}: {_explain(dict(problem))}") from error


def with_recipe(concept: Concept, changes: Mapping[str, Any]) -> Concept:
    """Return the concept with keys of its ``[train]`` table replaced; ConfigError when a value does not fit."""
    try:
        recipe = TrainConfig.model_validate(concept.train.model_dump() | dict(changes))
    except ValidationError as error:
        problem = error.errors()[0]
        raise ConfigError(f"train.{_dotted(tuple(problem['loc']))}: {problem['msg']}") from error
    return concept.model_copy(update={"train": recipe})


def _locate(name_or_path: str) -> Path:
    if name_or_path.endswith(".toml"):
        path = Path(name_or_path)
        if path.is_file():
            return path
        raise ConfigError(f"{path}: no such file; a concept is a TOML file such as {CONFIGS.name}/trypophobia.toml")
    known = sorted(path.stem for path in CONFIGS.glob("*.toml"))
    if name_or_path in known:
        return CONFIGS / f"{name_or_path}.toml"
    raise ConfigError(f"no concept is called '{name_or_path}'{did_you_mean(name_or_path, known)}; known: {known}")


def _explain(problem: dict[str, Any]) -> str:
    location = tuple(problem["loc"])
    key = _dotted(location)
    if problem["type"] == "extra_forbidden":
        return f"{_dotted(location[:-1])}{': ' if location[:-1] else ''}unknown key '{location[-1]}'" + (
            did_you_mean(str(location[-1]), _known_keys(location[:-1]))
        )
    message = str(problem["msg"]).removeprefix("Value error, ")
    return f"{key}: {message}" if key else message


def _dotted(location: tuple[Any, ...]) -> str:
    parts = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return parts.removeprefix(".")


def _known_keys(location: tuple[Any, ...]) -> list[str]:
    """Follow ``location`` through the types to the section it names."""
    section: type[BaseModel] = Concept
    for part in location:
        if isinstance(part, int):
            continue
        by_name = {field.alias or name: field for name, field in section.model_fields.items()}
        annotation = by_name[part].annotation
        found = [kind for kind in (annotation, *get_args(annotation)) if _is_section(kind)]
        section = found[0]
    return [field.alias or name for name, field in section.model_fields.items()]


def _is_section(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)
