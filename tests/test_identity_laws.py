"""Clusters under laws, against the plain way: take the edges one by one and look at all that the union would hold."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from dagster_project.identity.clusters import Joined, Laws, join

Edge = tuple[int, int]
NO_LAWS = Laws(np.empty((0, 2), dtype=np.int64))
REASONS = ("cannot_link", "two_customers", "one_per_source", "too_large")


@dataclass(frozen=True)
class Given:
    """Clusters so far, edges from the strongest on, and what no cluster may be."""

    labels: np.ndarray
    edges: list[Edge]
    laws: Laws

    def join(self) -> Joined:
        ends = np.array(self.edges, dtype=np.int64).reshape(-1, 2)
        return join(self.labels, ends[:, 0], ends[:, 1], self.laws)


def law_broken(nodes: frozenset[int], laws: Laws) -> str | None:
    """The first law that a cluster of these nodes would break."""

    def held(values: np.ndarray) -> list[int]:
        return [int(values[node]) for node in nodes if values[node] >= 0]

    if any(one in nodes and other in nodes for one, other in laws.apart.tolist()):
        return "cannot_link"
    if laws.groups is not None and len(set(held(laws.groups))) > 1:
        return "two_customers"
    if laws.sources is not None:
        flagged = [node for node in nodes if laws.sources[node] >= 0]
        for one, other in combinations(flagged, 2):
            if laws.sources[one] == laws.sources[other] and laws.entities[one] != laws.entities[other]:
                return "one_per_source"
    if laws.weights is not None and sum(laws.weights[node] for node in nodes) > laws.limit:
        return "too_large"
    return None


def clusters(labels: Sequence[int]) -> set[frozenset[int]]:
    return {
        frozenset(node for node, other in enumerate(labels) if other == label)
        for label in {*map(int, labels)}
    }


def joined_plainly(given_: Given) -> tuple[set[frozenset[int]], dict[int, str]]:
    """The clusters and the refusals: each edge in turn, and nothing clever."""
    found, refusals = clusters(given_.labels), {}
    for number, (source, target) in enumerate(given_.edges):
        own, other = (next(c for c in found if node in c) for node in (source, target))
        if own == other:
            continue
        if why := law_broken(own | other, given_.laws):
            refusals[number] = why
        else:
            found = found - {own, other} | {own | other}
    return found, refusals


def connected(given_: Given) -> set[frozenset[int]]:
    return joined_plainly(replace(given_, laws=NO_LAWS))[0]


@st.composite
def companies(draw: st.DrawFn, lawless: bool = False) -> Given:
    """As the identity step uses it: entities first, clusters of them under the laws, and then more edges."""
    count = draw(st.integers(2, 12))
    node = st.integers(0, count - 1)

    def some_edges() -> list[Edge]:
        return draw(st.lists(st.tuples(node, node), max_size=14))

    def of_each(least: int, most: int) -> np.ndarray:
        return np.array(draw(st.lists(st.integers(least, most), min_size=count, max_size=count)))

    entities = join(np.arange(count), *np.array([*some_edges()[:3], (0, 0)]).T, NO_LAWS).labels
    if lawless:
        return Given(entities, some_edges(), NO_LAWS)
    told = draw(st.sets(st.sampled_from(REASONS), min_size=1))
    apart = [pair for pair in some_edges()[:3] if entities[pair[0]] != entities[pair[1]]]
    weights = np.zeros(count)
    weights[np.unique(entities)] = of_each(0, 2)[np.unique(entities)]
    laws = Laws(
        np.array(apart if "cannot_link" in told else [], dtype=np.int64).reshape(-1, 2),
        sources=of_each(-1, 1) if "one_per_source" in told else None,
        entities=entities,
        weights=weights if "too_large" in told else None,
        limit=draw(st.integers(2, 5)),
    )
    labels = Given(entities, some_edges(), laws).join().labels
    if "two_customers" in told:
        laws = replace(laws, groups=np.where(of_each(0, 1) == 1, of_each(-1, 2)[labels], -1))
    return Given(labels, some_edges(), laws)


@settings(max_examples=150, deadline=None)
@given(given_=companies())
def test_edges_are_taken_from_the_strongest_on_and_refused_where_a_law_would_break(given_: Given) -> None:
    found, refusals = joined_plainly(given_)
    joined = given_.join()
    assert clusters(joined.labels) == found
    assert joined.refusals == refusals


@settings(max_examples=150, deadline=None)
@given(given_=companies())
def test_every_cluster_holds_every_law(given_: Given) -> None:
    for cluster in clusters(given_.join().labels):
        assert law_broken(cluster, given_.laws) is None


@settings(max_examples=100, deadline=None)
@given(given_=companies(lawless=True))
def test_where_no_law_is_broken_clusters_are_what_hangs_together(given_: Given) -> None:
    joined = given_.join()
    assert clusters(joined.labels) == connected(given_)
    assert not joined.refusals


@settings(max_examples=100, deadline=None)
@given(given_=companies())
def test_a_cluster_is_named_by_its_smallest_node_and_none_is_taken_apart(given_: Given) -> None:
    labels = given_.join().labels
    assert {min(cluster) for cluster in clusters(labels)} == {*labels.tolist()}
    assert all(any(before <= now for now in clusters(labels)) for before in clusters(given_.labels))


@settings(max_examples=150, deadline=None)
@given(given_=companies())
def test_a_refusal_is_told_only_of_two_clusters_and_its_reason_is_true(given_: Given) -> None:
    joined = given_.join()
    found = clusters(joined.labels)
    for number, why in joined.refusals.items():
        own, other = (next(c for c in found if node in c) for node in given_.edges[number])
        assert own != other
        only = replace(
            given_.laws,
            apart=given_.laws.apart if why == "cannot_link" else NO_LAWS.apart,
            groups=given_.laws.groups if why == "two_customers" else None,
            sources=given_.laws.sources if why == "one_per_source" else None,
            weights=given_.laws.weights if why == "too_large" else None,
        )
        assert law_broken(own | other, only) == why


@settings(max_examples=100, deadline=None)
@given(given_=companies(), shuffled=st.permutations(range(12)))
def test_numbers_of_nodes_do_not_matter_where_edges_keep_their_order(
    given_: Given, shuffled: list[int]
) -> None:
    count = len(given_.labels)
    number_of = np.array([new for new in shuffled if new < count])  # old node -> new node
    laws = given_.laws

    def renumbered(values: np.ndarray | None) -> np.ndarray | None:
        if values is None:
            return None
        moved = np.empty_like(values)
        moved[number_of] = values
        return moved

    labels = np.empty(count, dtype=np.int64)
    for cluster in clusters(given_.labels):
        nodes = [int(number_of[node]) for node in cluster]
        labels[nodes] = min(nodes)
    other = Given(
        labels,
        [(int(number_of[source]), int(number_of[target])) for source, target in given_.edges],
        replace(
            laws,
            apart=number_of[laws.apart],
            groups=renumbered(laws.groups),
            sources=renumbered(laws.sources),
            entities=renumbered(laws.entities),
            weights=renumbered(laws.weights),
        ),
    )
    first, second = given_.join(), other.join()
    expected = {frozenset(int(number_of[node]) for node in cluster) for cluster in clusters(first.labels)}
    assert clusters(second.labels) == expected
    assert second.refusals == first.refusals


def test_each_law_refuses_and_the_others_keep_silent() -> None:
    """One edge, 0 - 1, and one law at a time: so that none of them goes untried above."""
    nodes = np.arange(2)
    laws = {
        "cannot_link": Laws(np.array([[1, 0]])),
        "two_customers": replace(NO_LAWS, groups=np.array([5, 6])),
        "one_per_source": replace(NO_LAWS, sources=np.array([3, 3]), entities=nodes),
        "too_large": replace(NO_LAWS, weights=np.array([1.0, 1.0]), limit=1),
    }
    assert tuple(laws) == REASONS
    for why, law in laws.items():
        assert Given(nodes, [(0, 1)], law).join().refusals == {0: why}
