from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flask_logivet_rdv.scheduling.offer import Choices, Triple, choices

DOG, CAT, SNAKE = UUID(int=1), UUID(int=2), UUID(int=3)
EXAM, SURGERY = UUID(int=11), UUID(int=12)
JOHN, GREGORY = UUID(int=21), UUID(int=22)

TRIPLES = [
    Triple(DOG, EXAM, JOHN, 30),
    Triple(DOG, EXAM, GREGORY, 30),
    Triple(DOG, SURGERY, JOHN, 45),
    Triple(CAT, EXAM, JOHN, 30),
    Triple(CAT, SURGERY, JOHN, 45),
]


def test_the_first_list_alone_is_open_at_first() -> None:
    offered = choices(TRIPLES)
    assert (offered.species, offered.categories, offered.resources) == ((DOG, CAT), (), ())


def test_each_choice_opens_the_next_list() -> None:
    assert choices(TRIPLES, DOG).categories == (EXAM, SURGERY)
    assert choices(TRIPLES, DOG, EXAM).resources == (JOHN, GREGORY)


def test_three_choices_give_the_duration() -> None:
    assert choices(TRIPLES, DOG, SURGERY, JOHN).minutes == 45
    assert choices(TRIPLES, DOG, EXAM).minutes is None


def test_a_later_choice_without_the_earlier_one_is_ignored() -> None:
    assert choices(TRIPLES, category=EXAM, resource=JOHN) == choices(TRIPLES)
    assert choices(TRIPLES, DOG, resource=JOHN) == choices(TRIPLES, DOG)


@pytest.mark.parametrize(
    ("asked", "dropped"),
    [
        ((SNAKE, EXAM, JOHN), ("species",)),
        ((DOG, SNAKE, JOHN), ("category",)),
        ((DOG, SURGERY, GREGORY), ("resource",)),
        ((CAT, EXAM, GREGORY), ("resource",)),
        ((DOG, EXAM, JOHN), ()),
    ],
)
def test_a_choice_that_is_not_offered_is_dropped_and_named(
    asked: tuple[UUID, UUID, UUID], dropped: tuple[str, ...]
) -> None:
    assert choices(TRIPLES, *asked).dropped == dropped


def test_a_list_of_one_is_shown_and_chosen() -> None:
    offered = choices(TRIPLES, CAT, EXAM)
    assert (offered.resources, offered.chosen_resource, offered.minutes) == ((JOHN,), JOHN, 30)


def test_a_single_offer_is_chosen_whole() -> None:
    offered = choices(TRIPLES[:1])
    assert offered == Choices((DOG,), (EXAM,), (JOHN,), DOG, EXAM, JOHN, 30, ())


def test_nothing_is_offered_without_triples() -> None:
    assert choices([]) == Choices((), (), (), None, None, None, None, ())
    assert choices([], DOG, EXAM, JOHN).dropped == ("species",)


some_ids = st.sampled_from([UUID(int=n) for n in range(4)])


@settings(deadline=None)
@given(
    st.lists(st.builds(Triple, some_ids, some_ids, some_ids, st.just(30)), unique=True),
    st.none() | some_ids,
    st.none() | some_ids,
    st.none() | some_ids,
)
def test_whatever_is_chosen_was_offered_and_every_offer_can_be_chosen(
    triples: list[Triple], species: UUID | None, category: UUID | None, resource: UUID | None
) -> None:
    offered = choices(triples, species, category, resource)
    chosen = (offered.chosen_species, offered.chosen_category, offered.chosen_resource)
    assert (offered.minutes is not None) == ((*chosen, 30) in triples)
    for triple in triples:
        again = choices(triples, *triple[:3])
        assert (again.chosen_species, again.chosen_category, again.chosen_resource) == triple[:3]
        assert again.dropped == ()


def test_an_unknown_id_never_chooses() -> None:
    assert choices(TRIPLES, uuid4()).chosen_species is None
