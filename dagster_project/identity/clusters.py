"""Clusters under laws: connected components, and where one would break a law, the strongest edges first.

Nearly all components break none, and theirs are the same whatever the order of the edges. In the others edges are
taken from the strongest on, and one that would break a law is refused. Order is that of the edges given, which
must follow from the records alone, so that clusters never depend on what arrived when.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

# Why an edge was refused, in the order in which the laws are asked.
CANNOT_LINK, TWO_CUSTOMERS, ONE_PER_SOURCE, TOO_LARGE = (
    "cannot_link", "two_customers", "one_per_source", "too_large",
)  # fmt: skip


@dataclass(frozen=True)
class Laws:
    """What no cluster may be. Arrays have an entry for each node; -1 stands for none.

    `apart`: pairs of nodes never in one cluster, shape (n, 2). `groups`: a cluster holds nodes of one group at most.
    `sources`: a cluster holds one entity of each at most; `entities` are clusters of an earlier join, so no entity
    lies in two clusters. `weights` and `limit`: the weights of its entities together may not exceed the limit.
    """

    apart: np.ndarray
    groups: np.ndarray | None = None
    sources: np.ndarray | None = None
    entities: np.ndarray | None = None
    weights: np.ndarray | None = None
    limit: int = 0


@dataclass(frozen=True)
class Joined:
    """`labels`: the smallest node of each node's cluster. `refusals`: index of an edge -> why it was refused."""

    labels: np.ndarray
    refusals: dict[int, str]


def join(labels: np.ndarray, source: np.ndarray, target: np.ndarray, laws: Laws) -> Joined:
    """Join the clusters `labels` along the edges source -> target, strongest first, where the laws allow."""
    if not len(source):
        return Joined(labels, {})
    own, other = labels[source], labels[target]
    components = _components(own, other, labels)
    broken = _broken(labels, components, laws)
    if not broken.any():
        return Joined(_smallest(components), {})
    is_greedy = broken[components]
    edges = np.flatnonzero(is_greedy[source] & (own != other))
    greedy = _Greedy(labels, np.flatnonzero(is_greedy), laws)
    refusals = {}
    for edge in edges:
        why = greedy.join(int(own[edge]), int(other[edge]))
        if why:
            refusals[int(edge)] = why
    found = np.where(is_greedy, labels, _smallest(components))
    for label in np.unique(labels[is_greedy]):
        found[label] = greedy.root(int(label))
    found[is_greedy] = found[labels[is_greedy]]
    # clusters only grow, so what a law forbade once it forbids for good
    return Joined(_smallest(found), refusals)


def _components(own: np.ndarray, other: np.ndarray, labels: np.ndarray) -> np.ndarray:
    count = len(labels)
    graph = coo_matrix((np.ones(len(own), dtype=np.int8), (own, other)), shape=(count, count))
    return connected_components(graph, directed=False)[1][labels]


def _smallest(components: np.ndarray) -> np.ndarray:
    """Each component named by its smallest node."""
    count = len(components)
    smallest = np.full(int(components.max()) + 1, count)
    np.minimum.at(smallest, components, np.arange(count))
    return smallest[components]


def _broken(labels: np.ndarray, components: np.ndarray, laws: Laws) -> np.ndarray:
    """Whether each component breaks a law."""
    broken = np.zeros(int(components.max()) + 1, dtype=bool)
    if len(laws.apart):
        first, second = components[laws.apart[:, 0]], components[laws.apart[:, 1]]
        broken[first[first == second]] = True
    if laws.groups is not None:
        broken[_twice(components, laws.groups)] = True
    if laws.sources is not None and (flagged := laws.sources >= 0).any():
        entities = np.unique(
            np.stack([components[flagged], laws.sources[flagged], laws.entities[flagged]]), axis=1
        )
        held, times = np.unique(entities[:2], axis=1, return_counts=True)
        broken[held[0][times > 1]] = True
    if laws.weights is not None:
        total = np.zeros(len(broken))
        np.add.at(total, components, laws.weights)
        # what was one cluster before is no new one
        parts = np.bincount(components[np.unique(labels)], minlength=len(broken))
        broken[(total > laws.limit) & (parts > 1)] = True
    return broken


def _twice(components: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """The components that hold more than one group."""
    flagged = groups >= 0
    pairs = np.unique(np.stack([components[flagged], groups[flagged]]), axis=1)
    held, times = np.unique(pairs[0], return_counts=True)
    return held[times > 1]


class _Greedy:
    """Union-find over some nodes' clusters, each with what the laws ask about."""

    def __init__(self, labels: np.ndarray, nodes: np.ndarray, laws: Laws) -> None:
        self._parent: dict[int, int] = {}
        self._groups: dict[int, set[int]] = {}
        self._sources: dict[int, set[int]] = {}
        self._weight: dict[int, float] = {}
        self._enemies: dict[int, set[int]] = {}
        self._limit = laws.limit if laws.weights is not None else None
        for node in nodes.tolist():
            label = int(labels[node])
            self._parent[label] = label
            if laws.groups is not None and laws.groups[node] >= 0:
                self._groups.setdefault(label, set()).add(int(laws.groups[node]))
            if laws.sources is not None and laws.sources[node] >= 0:
                self._sources.setdefault(label, set()).add(int(laws.sources[node]))
            if laws.weights is not None:
                self._weight[label] = self._weight.get(label, 0) + float(laws.weights[node])
        for first, second in _both_ways(labels[laws.apart]):
            if first in self._parent and second in self._parent:
                self._enemies.setdefault(first, set()).add(second)

    def root(self, label: int) -> int:
        while (parent := self._parent[label]) != label:
            self._parent[label] = label = self._parent[parent]
        return label

    def join(self, own: int, other: int) -> str | None:
        """Join two clusters. Returns the law that forbids it, null where they are one now."""
        own, other = self.root(own), self.root(other)
        if own == other:
            return None
        if why := self._forbids(own, other):
            return why
        kept, gone = min(own, other), max(own, other)
        self._parent[gone] = kept
        for held in (self._groups, self._sources, self._enemies):
            if gone in held:
                held.setdefault(kept, set()).update(held.pop(gone))
        if self._limit is not None:
            self._weight[kept] += self._weight.pop(gone)
        return None

    def _forbids(self, own: int, other: int) -> str | None:
        if any(self.root(enemy) == other for enemy in self._enemies.get(own, ())):
            return CANNOT_LINK
        if len(self._groups.get(own, set()) | self._groups.get(other, set())) > 1:
            return TWO_CUSTOMERS
        if self._sources.get(own, set()) & self._sources.get(other, set()):
            return ONE_PER_SOURCE
        if self._limit is not None and self._weight[own] + self._weight[other] > self._limit:
            return TOO_LARGE
        return None


def _both_ways(pairs: np.ndarray) -> Iterator[tuple[int, int]]:
    for first, second in pairs.tolist():
        yield first, second
        yield second, first
