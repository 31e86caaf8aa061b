"""Draws that only the seed and the ids decide."""

from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from lambdas.split_data.drawing import drawn_order

IDS = st.lists(st.text(max_size=6), unique=True, max_size=30)
SEEDS = st.integers(0, 2**32)


@given(IDS, SEEDS)
def test_every_id_is_drawn_once(ids, seed):
    assert sorted(drawn_order(ids, seed, "x").tolist()) == list(range(len(ids)))


@given(IDS, SEEDS, st.randoms(use_true_random=False))
def test_the_order_of_the_ids_does_not_matter(ids, seed, random):
    shuffled = list(ids)
    random.shuffle(shuffled)
    assert [ids[place] for place in drawn_order(ids, seed, "x")] == [
        shuffled[place] for place in drawn_order(shuffled, seed, "x")
    ]


@given(IDS, SEEDS)
def test_an_id_more_leaves_the_others_in_their_order(ids, seed):
    more = [*ids, "the new one"]
    order = [more[place] for place in drawn_order(more, seed, "x")]
    order.remove("the new one")
    assert order == [ids[place] for place in drawn_order(ids, seed, "x")]


def test_the_order_is_that_of_the_hashes():
    ids = ["a", "b", "c", "d"]
    hashes = {text: hashlib.blake2b(f"7/items/{text}".encode(), digest_size=16).hexdigest() for text in ids}
    assert [ids[place] for place in drawn_order(ids, 7, "items")] == sorted(ids, key=hashes.get)


def test_another_seed_or_purpose_draws_otherwise():
    ids = [str(number) for number in range(100)]
    orders = [drawn_order(ids, seed, purpose).tolist() for seed, purpose in ((1, "x"), (2, "x"), (1, "y"))]
    assert len({tuple(order) for order in orders}) == 3


def test_a_half_is_drawn_without_regard_to_the_id():
    ids = [str(number) for number in range(10_000)]
    half = drawn_order(ids, 7, "x")[:5_000]
    # Half of the drawn are from the lower half: 2,500 with a standard deviation of 25.
    assert 2_350 < (half < 5_000).sum() < 2_650
