"""A preset is a recipe of somebody's or of ours: it loads whole, and it yields to the concept's own table."""

import tomllib

import pytest

from store import config
from store.config import AugmentConfig, HeadConfig, TrainConfig, load_config, read_preset, with_recipe
from store.errors import ConfigError
from training.networks.backbones import find_backbone

PUBLISHED = ("mobilenet", "nsfw_model", "open_nsfw")
NAMES = (*PUBLISHED, "warm_start")


def flat(value, above=""):
    if isinstance(value, dict | list | tuple):
        for key, within in value.items() if isinstance(value, dict) else enumerate(value):
            yield from flat(within, f"{above}.{key}")
    else:
        yield above, value


def test_the_presets_are_the_files_there_are():
    assert sorted(path.stem for path in config.PRESETS.glob("*.toml")) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_preset_decides_every_key_it_names(name):
    recipe = TrainConfig(preset=name)

    assert dict(flat(read_preset(name))).items() <= dict(flat(recipe.model_dump())).items()


@pytest.mark.parametrize("name", NAMES)
def test_a_preset_leaves_no_augmentation_and_no_part_of_the_head_to_our_defaults(name):
    preset = read_preset(name)

    assert set(preset["augment"]) == set(AugmentConfig.model_fields)
    assert set(preset["head"]) == set(HeadConfig.model_fields)


@pytest.mark.parametrize("name", NAMES)
def test_a_preset_names_a_network_that_can_be_trained(name):
    preset = read_preset(name)

    assert find_backbone(preset["backbone"], preset["alpha"]).name == preset["backbone"]


@pytest.mark.parametrize("name", NAMES)
def test_a_preset_chosen_on_the_command_line_replaces_the_concepts_own_values(name):
    recipe = with_recipe(load_config("trypophobia"), {"preset": name, "seed": 5}).train

    assert recipe == TrainConfig(preset=name, seed=5)


def test_what_the_concept_says_itself_counts_above_its_preset():
    recipe = TrainConfig.model_validate({"preset": "nsfw_model", "head": {"l2": 0.1}, "batch_size": 8})

    assert (recipe.batch_size, recipe.head.l2, recipe.head.hidden) == (8, 0.1, (256, 128))


def test_the_recipes_differ_in_what_made_them_known():
    mobilenet, nsfw_model, open_nsfw = (TrainConfig(preset=name) for name in PUBLISHED)

    assert (mobilenet.backbone, mobilenet.decay, mobilenet.optimizer) == ("mobilenet_v1", "plateau", "adam")
    assert nsfw_model.head.dropout[1:] == (0.5, 0.25)
    assert (nsfw_model.head.l2, nsfw_model.decay) == (5e-4, "exponential")
    assert nsfw_model.augment.channel_shift == 20
    assert (open_nsfw.backbone, open_nsfw.head_rate_factor, open_nsfw.optimizer) == ("resnet50_thin", 5, "sgd")


def test_a_warm_start_learns_the_concepts_own_network_from_the_same_teachers_on_whole_pictures():
    own, warm = load_config("trypophobia").train, TrainConfig(preset="warm_start")
    whole = {"min_area": 1.0, "aspect": 1.0}

    assert (warm.backbone, warm.alpha, warm.cut, warm.input_size) == (
        own.backbone,
        own.alpha,
        own.cut,
        own.input_size,
    )
    assert (warm.augment, warm.synthetic, warm.distill.teachers) == (
        own.augment.model_copy(update=whole),
        own.synthetic,
        own.distill.teachers,
    )
    assert warm.distill.unlabelled_min_area == 1.0
    assert warm.start_share > own.start_share


def test_an_unknown_preset_is_refused_with_the_nearest_name():
    with pytest.raises(ConfigError, match="did you mean 'open_nsfw'"):
        read_preset("open_nsfww")


def test_every_file_says_where_it_comes_from():
    for path in config.PRESETS.glob("*.toml"):
        text = path.read_text()

        assert text.startswith("# The recipe of ")
        assert set(tomllib.loads(text)) == {"train"}


def test_another_backbone_takes_no_layer_names_of_the_concepts_own_with_it():
    concept = load_config("trypophobia")
    other = with_recipe(concept, {"backbone": "mobilenet_v1"}).train

    assert concept.train.cut
    assert (other.backbone, other.cut, other.unfreeze_from) == ("mobilenet_v1", "", "auto")
    assert other.distill == concept.train.distill


def test_a_cut_that_is_named_with_another_backbone_holds():
    other = with_recipe(load_config("trypophobia"), {"backbone": "mobilenet_v1", "cut": "conv_pw_11"}).train

    assert other.cut == "conv_pw_11"
