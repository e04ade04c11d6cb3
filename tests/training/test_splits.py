"""Splits keep what was given, never tear a group apart, and do not move as pictures are added."""

from hypothesis import given
from hypothesis import strategies as st

from store.config import Shares
from training.splits import Member, assign_splits, split_by_hash

SHARES = Shares()
SPLIT = st.sampled_from([None, "train", "val", "test", "ood"])


@given(st.lists(st.builds(Member, st.sampled_from("abcdef"), SPLIT), max_size=40))
def test_a_group_never_crosses_splits(members):
    splits = assign_splits(members, SHARES)

    by_group = {}
    for member, split in zip(members, splits, strict=True):
        if split is not None:
            by_group.setdefault(member.group, set()).add(split)
    assert all(len(found) == 1 for found in by_group.values())


@given(st.lists(st.builds(Member, st.sampled_from("abcdef"), SPLIT), max_size=40))
def test_a_given_split_is_kept_or_the_picture_stays_out(members):
    for member, split in zip(members, assign_splits(members, SHARES), strict=True):
        assert member.given is None or split in (member.given, None)


def test_a_near_duplicate_of_a_test_picture_is_never_trained_on():
    members = [Member("g", "train"), Member("g", "test"), Member("g", None), Member("h", "train")]

    splits = assign_splits(members, SHARES)

    assert splits == [None, "test", None, "train"]


def test_an_ungiven_near_duplicate_of_a_training_picture_joins_it():
    assert assign_splits([Member("g", "train"), Member("g", None)], SHARES) == ["train", "train"]


def test_shares_of_many_groups_come_near_what_was_asked():
    splits = [split_by_hash(f"group-{number}", SHARES) for number in range(5000)]

    assert abs(splits.count("train") / 5000 - 0.6) < 0.03
    assert abs(splits.count("val") / 5000 - 0.2) < 0.03
    assert abs(splits.count("test") / 5000 - 0.2) < 0.03
