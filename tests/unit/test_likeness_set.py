"""Copies of drawn photos are found, and strangers of the same kind are not: a small set with a known truth.

`make bench ONLY=likeness` does the same with 30,000 photos.
"""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from server.services.likeness import detail, judging, spots
from server.services.likeness.judging import judge, judge_all
from server.services.likeness.pictures import UNIT, Greys, moved, onto
from server.services.likeness.registering import Agreement, boxed, turned
from server.services.likeness.search import NEAR, HashTable, Index
from server.services.likeness.seen import PhotoViews
from server.services.likeness.spot_search import SpotIndex
from server.services.likeness.spots import Spots
from server.services.likeness.windows import VARIANTS, bits, packed, variant
from support.likeness.honest import colour, grained, poster_near
from support.likeness.measuring import Drawn, copies, greys, is_found, jpeg, measure
from support.likeness.reuse import REUSE, chat
from support.likeness.scenes import COPIES

SORTS = {name: lambda one, _dice, make=make: make(one) for name, make in COPIES.items()}
PLAIN = ("letterboxed", "chat, dark", "framed", "turned by 270")


@pytest.mark.slow
@pytest.mark.parametrize("sort", PLAIN)
def test_a_copy_within_something_is_found_whichever_came_first(sort: str) -> None:
    drawn = Drawn()
    photos = {number: PhotoViews.of(drawn(number)) for number in (1, 2, 3)}
    index = Index.of([(str(number), *seen.kept) for number, seen in photos.items()])
    copy = greys(jpeg(REUSE[sort](drawn.picture(1), np.random.default_rng(1))))
    assert is_found(copy, 1, index, drawn), "the original was here before"
    assert not any(is_found(copy, each, index, drawn) for each in (2, 3))
    seen = PhotoViews.of(copy)
    kept = Index.of([("copy", *seen.kept)])
    assert [near.name for near in kept.ask(photos[1])][:1] == ["copy"], "the copy was here before"


@pytest.mark.parametrize("window", [0, 7, 12, 30])
def test_the_bits_of_a_turned_window_are_those_that_the_matrix_says(window: int) -> None:
    """Both say what a variant is: the search by bits, and the comparison by a matrix."""
    picture = Drawn()(1)
    upright = bits(picture.laid(onto(UNIT), (128, 128)))
    for number in range(VARIANTS):
        by_matrix = bits(picture.laid(boxed(window) @ turned(number), (128, 128)))
        apart = np.bitwise_count(packed(variant(upright, number))[window] ^ packed(by_matrix)[0])
        assert apart <= 4


def test_the_tables_find_what_is_near_in_each_way_to_mirror_it() -> None:
    """As comparing each with each finds it; also at ten bits, whichever they are."""
    dice = np.random.default_rng(5)
    kept = dice.random((400, 8, 8)) < 0.5
    kept[:, 0, 0] = False
    asked = np.concatenate([variant(kept[nth * 40 : nth * 40 + 40], nth) for nth in range(4)])
    for each in asked:
        places = dice.permutation(np.arange(1, 64))[: dice.integers(0, NEAR + 3)]
        each.reshape(-1)[places] ^= True
    one, at, mirrored, far, _ = HashTable(packed(kept)).close(packed(asked))
    found = {(int(a), int(b)): (int(way), int(bits_)) for a, b, way, bits_ in zip(one, at, mirrored, far, strict=True)}
    ways = [np.bitwise_count(packed(asked)[:, None] ^ packed(variant(kept, way))[None]) for way in range(4)]
    least, best = np.min(ways, axis=0), np.argmin(ways, axis=0)
    wanted = {(int(a), int(b)): (int(best[a, b]), int(least[a, b])) for a, b in np.argwhere(least <= NEAR)}
    assert found == wanted
    assert len(wanted) > 100
    assert NEAR in least, "the farthest"


WAYS = ((4, Image.Transpose.TRANSPOSE), (1, Image.Transpose.FLIP_LEFT_RIGHT), (2, Image.Transpose.FLIP_TOP_BOTTOM))


@pytest.mark.parametrize("number", range(VARIANTS))
def test_the_spots_of_a_turned_picture_are_those_of_the_picture_turned(number: int) -> None:
    """As for windows: the bits say what the picture says."""
    grey = Drawn()(11).levels[0]
    seen, turned = Spots.of(Greys(grey)), grey
    places = seen.at[:, :2] * max(grey.size) + 0.5  # of pixels: a mirror is between them
    for bit, way in WAYS:
        if number & bit:
            turned = turned.transpose(way)
            places = places[:, ::-1] if bit == 4 else places
            places = np.where([bit == 1, bit == 2], np.array(turned.size) - places, places)
    there = Spots.of(Greys(turned))
    apart = np.linalg.norm(places[:, None] - (there.at[:, :2] * max(turned.size) + 0.5)[None], axis=2)
    apart += 50 * np.abs(np.log2(there.at[None, :, 2] / seen.at[:, None, 2]))
    same = np.flatnonzero(apart.min(axis=1) < 1)
    assert len(same) > 0.5 * len(seen.at) > 10
    bits_ = spots.packed(spots.variant(seen.bits[same], number))
    far = np.bitwise_count(bits_ ^ spots.packed(there.bits[apart.argmin(axis=1)[same]])).sum(axis=1)
    assert np.median(far) <= 4


@pytest.mark.parametrize("mirrored", [False, True])
def test_spots_tell_which_photo_lies_where(mirrored: bool) -> None:
    """A quarter of the size and aslant among other things, where no straight edge tells what a photo is."""
    drawn = Drawn()
    index = SpotIndex([Spots.of(drawn(number)).stored() for number in (10, 11, 12)])
    photo = drawn.picture(11)
    shown = photo.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if mirrored else photo
    small = shown.resize((round(photo.width * 0.5), round(photo.height * 0.5))).convert("RGBA")
    canvas = drawn.picture(35).resize((640, 640)).convert("RGBA")
    canvas.alpha_composite(small.rotate(4, Image.Resampling.BICUBIC, expand=True), (150, 120))
    found = index.ask(Spots.of(greys(jpeg(canvas.convert("RGB")))))
    assert [near.row for near in found][:1] == [1]
    wide, high = (round(each) for each in small.rotate(4, expand=True).size)
    middle = np.array([[150 + wide / 2, 120 + high / 2]]) / 640
    assert np.abs(moved(found[0].laid, middle) - 0.5).max() < 0.02
    right = moved(found[0].laid, middle + np.array([[0.05, 0]])) - moved(found[0].laid, middle)
    assert (right[0, 0] < 0) == mirrored


def test_photos_without_spots_are_neither_found_nor_in_the_way() -> None:
    """A wall, and what an older release looked at."""
    plain = Spots.of(Greys(Image.new("L", (640, 480), 128)))
    seen = Spots.of(Drawn()(11))
    index = SpotIndex([b"", plain.stored(), seen.stored()])
    assert index.ask(plain) == []
    assert [near.row for near in index.ask(seen)] == [2]
    assert SpotIndex([]).ask(seen) == []


POSTERS = (
    *((50733, 52318), (50958, 51333), (50243, 51058)),
    *((1813, 18458), (6093, 19258), (5698, 19258), (1088, 3298), (1088, 5308), (1088, 6648), (5213, 15468)),
)
"""Photos that one printed poster fills, on two walls: once taken for alike, by up to 100 % of their blocks. The last
seven by blocks and light together, before their plain places were asked."""


@pytest.mark.slow
@pytest.mark.parametrize("pair", POSTERS)
def test_one_poster_on_two_walls_is_two_photos(pair: tuple[int, int]) -> None:
    drawn = Drawn()
    asked, kept = (PhotoViews.of(drawn(number)) for number in pair)
    near = Index.of([("other", *kept.kept)]).ask(asked)
    assert near, "their hashes alone do not tell"
    own, theirs = (drawn(number) for number in pair)
    assert not any(judge(("asked", "other"), own, theirs, asked.corners[each.mine], each) for each in near)


@pytest.mark.slow
@pytest.mark.parametrize("pair", [(6_753, 19_318), (19_438, 24_358)])
def test_posters_that_blocks_and_light_call_alike_are_two_photos(pair: tuple[int, int]) -> None:
    """One in a thousand: nothing of the wall around them tells, and their plain places do not go together."""
    drawn = Drawn()
    asked, kept = (PhotoViews.of(drawn(number)) for number in pair)
    near = Index.of([("other", *kept.kept)]).ask(asked)
    assert near, "their hashes alone do not tell"
    pictures = {"asked": drawn(pair[0]), "other": drawn(pair[1])}
    assert judge_all("asked", asked, near, pictures.get) == []


@pytest.mark.slow
@pytest.mark.parametrize("dice", [10, 13])
def test_one_chat_with_another_photo_is_no_copy(dice: int) -> None:
    """All around the photo is the same: bars, names, words, at the same places."""
    drawn = Drawn()
    one, other = (
        greys(jpeg(chat(drawn.picture(310_000 + 3 * dice + nth), np.random.default_rng(dice)))) for nth in (0, 2)
    )
    asked, kept = PhotoViews.of(one), PhotoViews.of(other)
    near = Index.of([("other", *kept.kept)]).ask(asked)
    assert near, "their hashes alone do not tell"
    assert not any(judge(("asked", "other"), one, other, asked.corners[each.mine], each) for each in near)


@pytest.mark.slow
@pytest.mark.parametrize("sort", ["turned by 1 to 5", "chat, dark", "brightness, contrast"])
def test_a_copy_of_a_poster_is_found(sort: str) -> None:
    """What keeps two of them apart keeps no copy from its original."""
    drawn, number = Drawn(), POSTERS[0][0]
    seen = PhotoViews.of(drawn(number))
    copy = greys(jpeg(REUSE[sort](drawn.picture(number), np.random.default_rng(3))))
    assert is_found(copy, number, Index.of([(str(number), *seen.kept)]), drawn)


MISSED = (
    (501, "faces, band of text", 0),
    (501, "chat, two or three photos", 2),
    (501, "screen photographed", 0),
    (501, "phone with a chat photographed", 0),
    (501, "phone with a chat photographed", 3),
    (777, "faces, band of text", 5),
    (910001, "screen photographed with its surroundings", 1),
    (910001, "phone with a viewer photographed", 1),
    (910001, "phone with a chat photographed", 2),
    (910001, "phone with a chat photographed", 19),
    (31337, "chat, two or three photos", 4),
    (31337, "chat, two or three photos", 5),
    (556, "chat, two or three photos", 5),
    (31337, "faces, band of text", 19),
    (20261204, "phone with a viewer photographed", 1),
    (20261205, "brightness, contrast", 17),
    (20261205, "phone with a chat photographed", 21),
    (20261206, "phone with a chat photographed", 22),
    *((20261207, "phone with a chat photographed", nth) for nth in (48, 68, 78, 94)),
    (20261208, "phone with a chat photographed", 29),
    (20261209, "phone with a chat photographed", 26),
    (20261209, "phone with a chat photographed", 28),
    (20261211, "phone with a chat photographed", 100),
)
"""Copies that were missed, by the seed of their set, their sort and their place in it: by windows alone, for stripes
and a lamp on a screen, for being a third as large, between two others in a chat, under a band over a third of it, under
strong stripes, with nothing left in what was plain, on a screen without an edge above and below, with stripes across
all edges and all that is plain.
"""


@pytest.mark.slow
@pytest.mark.parametrize(("seed", "sort", "nth"), MISSED)
def test_a_copy_that_was_missed_is_found(seed: int, sort: str, nth: int) -> None:
    drawn = Drawn()
    number, _, dice = [each for each in copies(nth + 1, 30_000, seed) if each[1] == sort][nth]
    seen = PhotoViews.of(drawn(number))
    copy = greys(jpeg(REUSE[sort](drawn.picture(number), dice)))
    assert is_found(copy, number, Index.of([(str(number), *seen.kept)]), drawn)


@pytest.mark.slow
@pytest.mark.parametrize("grain", [4.0, 15.0])
def test_grain_makes_no_copy_of_an_honest_photo(grain: float) -> None:
    """Of one poster that fills both photos, on two walls, however dark the room of the second was."""
    pairs = 0
    for design in range(4):
        dice = np.random.default_rng([design, round(grain)])
        own, theirs = (greys(jpeg(poster_near(design, dice, strength))) for strength in (4.0, grain))
        asked, kept = PhotoViews.of(own), PhotoViews.of(theirs)
        for near in Index.of([("other", *kept.kept)]).ask(asked):
            assert judge(("asked", "other"), own, theirs, asked.corners[near.mine], near) is None
            pairs += 1
    assert pairs >= 3, "their hashes and spots alone do not tell"


@pytest.mark.slow
def test_detail_is_asked_of_few_pairs_those_with_most_in_common(monkeypatch: pytest.MonkeyPatch) -> None:
    """One poster hangs on many walls; a copy of one of these photos off a screen is near to all of them."""
    posters = {str(nth): greys(jpeg(poster_near(1, np.random.default_rng([7, nth]), 4.0))) for nth in range(6)}
    index = Index.of([(name, *PhotoViews.of(each).kept) for name, each in posters.items()])
    shown = Image.open(io.BytesIO(jpeg(poster_near(1, np.random.default_rng([7, 3]), 4.0)))).convert("RGB")
    copy = greys(jpeg(REUSE["screen photographed"](shown, np.random.default_rng(0))))
    seen, pictures, asked = PhotoViews.of(copy), posters | {"copy": copy}, list[str]()

    def compare(*of: Any) -> detail.SharedDetail:
        asked.append(next(name for name, each in posters.items() if each is of[1]))
        return detail_of(*of)

    detail_of = detail.compare
    monkeypatch.setattr(detail, "compare", compare)
    found = judge_all("copy", seen, index.ask(seen), pictures.get)
    assert [each.pair for each in found] == [("3", "copy")]
    assert len(asked) > 2, "light said no of the copy, and of others"
    every, photos = tuple(asked), len(set(asked))
    assert len(set(every[:photos])) < photos, "one photo lies in more ways than one before the last photo"
    for most in (1, photos):
        asked.clear()
        monkeypatch.setattr(judging, "DETAILED", most)
        found = judge_all("copy", seen, index.ask(seen), pictures.get)
        assert [each.pair for each in found] == [("3", "copy")]
        assert tuple(asked[:most]) == every[:most]
        assert len(set(asked)) >= most, "its ways keep no other photo out"


def test_posters_that_lie_wholly_over_a_photo_do_not_keep_its_original_out() -> None:
    """Their letters are all there; a copy has more blocks, its wall too, and stripes hide some of them."""
    prints = [(str(nth), _doubt(26, 26)) for nth in range(2 * judging.DETAILED)]
    chosen = judging.worth_detail([*prints, ("copy", _doubt(44, 39))])
    assert "copy" in {name for name, _ in chosen}
    walls = [(str(nth), _doubt(48, 22)) for nth in range(2 * judging.DETAILED)]
    assert "copy" in {name for name, _ in judging.worth_detail([*walls, ("copy", _doubt(20, 20))])}
    ways = [("one", _doubt(30, 28)) for _ in range(2 * judging.DETAILED)]
    assert "copy" in {name for name, _ in judging.worth_detail([*ways, ("copy", _doubt(30, 27))])}


def _doubt(textured: int, found: int) -> judging.UndecidedPair:
    return judging.UndecidedPair(("asked", "other"), Agreement(textured, found, np.eye(3)), np.eye(3), "own")


@pytest.mark.parametrize(
    ("has", "found", "ends", "said"),
    [
        (0.94, 0.83, 0.99, "not certain"),
        (1.0, 0.94, 0.86, "not certain"),
        (0.99, 0.9, 0.98, "certain"),
        (1.0, 0.8, 0.72, "no"),
        (1.0, 0.68, 0.99, "no"),
        (0.88, 0.8, 0.99, "no"),
    ],
)
def test_what_ends_where_its_original_does_is_a_copy(has: float, found: float, ends: float, said: str) -> None:
    """Stripes of a screen hide what is plain. Of one poster on two walls the border ends alike by 0.71 at most."""
    shared = detail.SharedDetail(1.0, 40, has, peak=3.0, ratio=1.0, found=found, tone=0.6, ends=ends)
    answer = ("certain" if shared.is_certain else "not certain") if shared.is_alike else "no"
    assert answer == said
    assert not detail.SharedDetail(0.9, 40, has, 3.0, 1.0, found, 0.6, ends).is_alike, "a part is not there"


@pytest.mark.slow
@pytest.mark.parametrize("source", [0, 1, 5])
def test_a_poster_on_a_screen_with_stripes_is_that_of_its_wall_alone(source: int) -> None:
    """Of one print on eight walls: under stripes the border of each may seem to end."""
    walls = {str(nth): poster_near(1, np.random.default_rng([7, nth]), 4.0) for nth in range(8)}
    posters = {name: greys(jpeg(each)) for name, each in walls.items()}
    index = Index.of([(name, *PhotoViews.of(each).kept) for name, each in posters.items()])
    shown = Image.open(io.BytesIO(jpeg(walls[str(source)]))).convert("RGB")
    copy = greys(jpeg(REUSE["screen photographed"](shown, np.random.default_rng(source))))
    seen = PhotoViews.of(copy)
    found = judge_all("copy", seen, index.ask(seen), (posters | {"copy": copy}).get)
    assert {name for each in found for name in each.pair} <= {str(source), "copy"}


@pytest.mark.slow
@pytest.mark.parametrize("sigma", [0.0, 8.0])
def test_the_detail_of_a_photo_is_found_under_noise_in_its_copy_alone(sigma: float) -> None:
    """A print without any texture, taken twice: the grain of a photo is in its copies, and in no other photo."""
    dice = np.random.default_rng(5)
    plain = Image.new("RGB", (640, 480), (200, 190, 170))
    for x, y, wide, high in dice.integers(20, 400, (40, 4)):
        ImageDraw.Draw(plain).rectangle((x, y, x + wide // 4, y + high // 4), colour(dice), colour(dice), 2)
    photo, again = (greys(jpeg(grained(plain, dice, strength))) for strength in (4.0, 4.0 + sigma))
    stripes = 9 * np.sin(np.arange(640) / 2)[None, :]
    noisy = np.asarray(photo.levels[0], dtype=np.float32) + stripes + dice.standard_normal((480, 640)) * sigma
    copy = Greys(Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8)))
    found, other = (detail.compare(photo, each, np.eye(3)) for each in (copy, again))
    assert found.is_alike
    assert found.is_certain
    assert other.found >= detail.FOUND, "all that is printed is there"
    assert other.has >= detail.SHARE
    assert not other.is_alike, "but nothing of what one photo alone has"


def test_a_matrix_takes_the_corners_where_they_are_said_to_go() -> None:
    corners = np.array([[0.1, 0.2], [0.8, 0.15], [0.9, 0.7], [0.05, 0.9]])
    assert np.allclose(moved(onto(corners), UNIT), corners)


GROUPS = 5
"""Parts of the ways to hand a photo in again, each measured by itself: together they take minutes."""


@pytest.mark.slow
@pytest.mark.costly
@pytest.mark.parametrize("group", range(GROUPS))
def test_copies_are_found(group: int) -> None:
    sorts = dict(list(REUSE.items())[group::GROUPS])
    found = measure(20, each=3, asked=1, seed=31, sorts=sorts)
    assert set(found.tried) == set(sorts), "every way to hand a photo in again was tried"
    most = {sort: "photographed" in sort for sort in sorts}  # a lamp, stripes: tests/bench/README.md has the figures
    assert all(found.missed[sort] <= most[sort] for sort in sorts), found.missed


@pytest.mark.slow
@pytest.mark.costly
def test_strangers_are_not_taken_for_copies() -> None:
    found = measure(80, each=0, asked=80, seed=31)
    assert (found.false, found.unsure) == (0, 0)


@pytest.mark.slow
@pytest.mark.costly
def test_what_was_found_before_is_still_found() -> None:
    found = measure(60, each=2, asked=1, seed=32, sorts=SORTS)
    assert not +found.missed


def test_the_dice_of_a_set_are_its_seed() -> None:
    taken = [(number, sort) for number, sort, _ in copies(2, 100, 1)]
    assert len(taken) == 2 * len(REUSE)
    assert taken == [(number, sort) for number, sort, _ in copies(2, 100, 1)]
