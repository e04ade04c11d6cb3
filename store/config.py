"""A concept is one TOML file; this is its type, and the one place that reads it.

Unknown keys are refused with the file, the key and the nearest known name, since a misspelt key that is ignored
costs a whole training before anybody notices.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationError, field_validator, model_validator

from store.errors import ConfigError
from store.nearest import did_you_mean

CONFIGS = Path(__file__).parent.parent / "configs"
PRESETS = CONFIGS / "presets"

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


class HeadConfig(Section):
    """What stands on the pooled features: hidden layers, the dropout before each layer, and how it answers."""

    hidden: tuple[Annotated[int, Field(ge=1, le=4096)], ...] = ()
    # One more than there are hidden layers: on the pooled features, then after every hidden layer.
    dropout: tuple[Annotated[float, Field(ge=0, lt=1)], ...] = (0.3,)
    l2: Annotated[float, Field(ge=0)] = 0.0
    output: Literal["softmax", "sigmoid"] = "softmax"

    @model_validator(mode="after")
    def _dropouts(self) -> Self:
        if len(self.dropout) != len(self.hidden) + 1:
            raise ValueError(
                f"dropout: {len(self.hidden)} hidden layers take {len(self.hidden) + 1} values, "
                "the first one for the pooled features"
            )
        return self


class AugmentConfig(Section):
    """Random views of a training picture; 0 (1 for `min_area` and `aspect`) switches one off."""

    flip: bool = True
    # Quarter turns and upside down: clusters have no up and down.
    turn: bool = True
    rotate: Annotated[float, Field(ge=0, le=180)] = 0.0  # degrees at most
    shift: Share = 0.0  # of the picture's side at most
    shear: Annotated[float, Field(ge=0, le=45)] = 0.0  # degrees at most
    # A crop keeps at least this share of the area: less, and a cluster in a corner is lost from its label.
    min_area: Annotated[float, Field(gt=0, le=1)] = 0.4
    aspect: Annotated[float, Field(ge=1, le=4)] = 1.33
    brightness: Share = 0.25
    contrast: Share = 0.35
    saturation: Share = 0.5
    channel_shift: Annotated[float, Field(ge=0, le=255)] = 15.0
    monochrome: Share = 0.1  # the last four are probabilities
    blur: Share = 0.0
    jpeg: Share = 0.0
    # Another resize filter than bilinear: the residue between Python's and the browser's must not matter.
    resize_filter: Share = 0.2


class SyntheticConfig(Section):
    """Composites: drawn hole clusters and their look-alikes, pasted onto normal photographs of the train split."""

    composites: Annotated[int, Field(ge=0, le=100_000)] = 0
    # Of a batch; it is taken from the share of both classes alike.
    share: Annotated[float, Field(ge=0, lt=1)] = 0.0

    @field_validator("composites")
    @classmethod
    def _with_a_twin(cls, composites: int) -> int:
        if composites == 1:
            raise ValueError("1 would have no normal twin; make it 0, or 2 and more")
        return composites


class TeacherConfig(Section):
    """A larger network whose answers a small one learns; everything else is the recipe's."""

    backbone: str
    alpha: Annotated[float, Field(gt=0, le=2)] = 1.0
    input_size: Annotated[int, Field(ge=32, le=512, multiple_of=8)] = 160
    unfreeze_from: str = "auto"
    fine_tune_epochs: Annotated[int, Field(ge=0, le=200)] = 8
    fine_tune_learning_rate: Annotated[float, Field(gt=0)] = 2e-5
    # Instead of the student's share of composites (synthetic.share): near the training sources they cost a head.
    composite_share: Annotated[float, Field(gt=0, lt=1)] | None = None


class DistillConfig(Section):
    """Who teaches, and how much is listened; without teachers the network learns from labels alone."""

    teachers: tuple[TeacherConfig, ...] = ()
    # Of the loss; the rest is the label's.
    weight: Share = 0.7
    # How much it counts, beside that loss, to see in a picture what the teachers see: their pooled features.
    features: Annotated[float, Field(ge=0, le=1000)] = 0.0
    # The same of the squared difference of logits: probabilities near 0 and 1 hardly tell how sure a teacher is.
    logits: Annotated[float, Field(ge=0, le=1000)] = 0.0
    temperature: Annotated[float, Field(gt=0, le=20)] = 2.0
    # Teachers look at so many different views of every picture. The student goes through them lap after lap, every
    # second one flipped where `augment.flip` is on.
    views: Annotated[int, Field(ge=1, le=100)] = 6
    # Test-time augmentation: they look at the mirror image of every view too, which takes twice the time.
    mirror: bool = False
    # So many pictures a batch, beside the labelled ones, about which only the teachers speak: pictures without a
    # label (as many as the snapshot has, if it has fewer), and mixtures of two of any kind.
    unlabelled: Annotated[int, Field(ge=0, le=1024)] = 0
    mixtures: Annotated[int, Field(ge=0, le=1024)] = 0
    # What a crop of one without a label keeps at least: it has no label to lose, so it may be far less.
    unlabelled_min_area: Annotated[float, Field(gt=0, le=1)] = 0.12
    # The share of them drawn from the likeliest tenth, to which the teachers give the positive class most.
    likely: Share = 0.0
    # So much of what the student sees is made small for it, as much half out of focus, grey, dark; it keeps its
    # label, and what teachers say of it as it was (training/pictures/spoil.py).
    spoil: Share = 0.0
    # So many students go through the views from different ones on; what ships is the mean of their weights.
    students: Annotated[int, Field(ge=1, le=10)] = 1

    @model_validator(mode="after")
    def _teachers_speak_of_them(self) -> "DistillConfig":
        if (self.unlabelled or self.mixtures) and not self.teachers:
            raise ValueError("unlabelled and mixtures are for teachers to judge: name some, or make both 0")
        return self


class TrainConfig(Section):
    """The recipe; rates are the optimiser's, sizes are pixels a side."""

    # A file of configs/presets whose values hold where this table says nothing.
    preset: str = ""
    backbone: str = "mobilenet_v1"
    alpha: Annotated[float, Field(gt=0, le=2)] = 1.0
    # The block that a shallow network ends with; "" is the whole one.
    cut: str = ""
    input_size: Annotated[int, Field(ge=32, le=512, multiple_of=8)] = 160
    seed: Seed = 1
    batch_size: Annotated[int, Field(ge=2, le=1024)] = 32
    positive_share: Annotated[float, Field(gt=0, lt=1)] = 0.3
    head: HeadConfig = HeadConfig()
    augment: AugmentConfig = AugmentConfig()
    synthetic: SyntheticConfig = SyntheticConfig()
    optimizer: Literal["adam", "sgd"] = "adam"
    head_epochs: Annotated[int, Field(ge=1, le=1000)] = 30
    head_learning_rate: Annotated[float, Field(gt=0)] = 1e-3
    # "auto": half-way, where the backbone says (training/networks/backbones.py).
    unfreeze_from: str = "auto"
    # 200 epochs of random numbers fit into a 32-bit seed (training/fitting/lessons.py).
    fine_tune_epochs: Annotated[int, Field(ge=0, le=200)] = 14
    fine_tune_learning_rate: Annotated[float, Field(gt=0)] = 2e-5
    # How much faster the head learns than the rest while fine-tuning.
    head_rate_factor: Annotated[float, Field(gt=0, le=1000)] = 1.0
    decay: Literal["plateau", "exponential", "cosine"] = "plateau"
    early_stopping_patience: Annotated[int, Field(ge=1)] = 4
    reduce_lr_patience: Annotated[int, Field(ge=1)] = 2
    # Of the weights that fine-tuning ends with, how much is what it began with: for a warm start, about half.
    start_share: Share = 0.0
    distill: DistillConfig = DistillConfig()

    @model_validator(mode="before")
    @classmethod
    def _fill_from_preset(cls, given: Any) -> Any:
        name = given.get("preset") if isinstance(given, Mapping) else None
        return _merged(read_preset(name), given) if isinstance(name, str) and name else given


class TrackConfig(Section):
    """Where the numbers of a training go besides its run folder; nothing is sent unless `wandb` says so."""

    wandb: bool = False
    project: str = "flinch"


class CardConfig(Section):
    """What the model card says that no measurement can: what the model is for, and its limits.

    ``limits`` hold of the concept whatever it is trained on; ``data_limits`` are facts of one data set, the
    snapshot ``data_snapshot``, and stand in no other run's card.
    """

    intended: str = ""
    limits: tuple[str, ...] = ()
    data_limits: tuple[str, ...] = ()
    # The whole id, which bundle.json calls snapshot_id.
    data_snapshot: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")] = ""

    @model_validator(mode="after")
    def _of_a_snapshot(self) -> Self:
        if self.data_limits and not self.data_snapshot:
            raise ValueError("data_limits: data_snapshot must say of which snapshot they are")
        return self


class ThresholdConfig(Section):
    """The contract that the released threshold must meet on val."""

    contract: str = "precision >= 0.97"


class EvaluateConfig(Section):
    """What is measured at the end of a training besides the splits themselves; all of it takes time."""

    stress: bool = True
    # At most so many pictures of test are attacked; 0: none.
    attacked: Annotated[int, Field(ge=0, le=10_000)] = 100
    outliers: bool = True
    # Milliseconds a picture in headless Chromium, where there is one.
    browser: bool = True


class ExportConfig(Section):
    """What a bundle holds; the bound is a difference of probabilities."""

    # What the kernels of convolutions are kept in; the network is rounded before it is evaluated.
    quantization: Literal["uint8", "uint16"] = "uint16"
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
    track: TrackConfig = TrackConfig()
    card: CardConfig = CardConfig()
    threshold: ThresholdConfig = ThresholdConfig()
    evaluate: EvaluateConfig = EvaluateConfig()
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
        """The class of weak normal labels and of normal composites: the first one that is not the positive one."""
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
    """Return the concept with keys of its ``[train]`` table replaced; ConfigError when a value does not fit.

    A ``preset`` among the changes is a recipe of its own: it takes the place of the whole table. Another
    ``backbone`` takes the width, the cut and the first layer to be trained with it: they are names of layers.
    """
    table: dict[str, Any] = {} if changes.get("preset") else concept.train.model_dump()
    if changes.get("backbone") not in (None, table.get("backbone")):
        table |= {"alpha": 1.0, "cut": "", "unfreeze_from": "auto"}
    try:
        recipe = TrainConfig.model_validate(_merged(table, changes))
    except ValidationError as error:
        problem = error.errors()[0]
        raise ConfigError(f"train.{_dotted(tuple(problem['loc']))}: {problem['msg']}") from error
    return concept.model_copy(update={"train": recipe})


def read_preset(name: str) -> dict[str, Any]:
    """Return the ``[train]`` table of configs/presets/NAME.toml; ConfigError when there is none."""
    path = PRESETS / f"{name}.toml"
    known = sorted(file.stem for file in PRESETS.glob("*.toml"))
    if name not in known:
        raise ConfigError(f"train.preset: no preset is called '{name}'{did_you_mean(name, known)}; known: {known}")
    try:
        return dict(tomllib.loads(path.read_text(encoding="utf-8"))["train"])
    except (tomllib.TOMLDecodeError, KeyError) as error:
        raise ConfigError(f"{path}: no [train] table that can be read ({error})") from error


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``below`` with the keys of ``above`` replaced, table by table."""
    merged = dict(below)
    for key, value in above.items():
        inner = merged.get(key)
        both = isinstance(inner, Mapping) and isinstance(value, Mapping)
        merged[key] = _merged(inner, value) if both else value  # type: ignore[arg-type]
    return merged


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
