"""Vector search by index type and size: recall against exact search, time, memory, building. Heavy. Run: make bench-vectors.

Vectors are synthetic: unit vectors around cluster centres, as texts on some thousand topics would be, and queries near
them. Uniform noise would have no neighbours worth finding.
"""

from __future__ import annotations

import argparse
import time
from typing import Any

import numpy as np
import psutil

from knowledge.encoder import Vectors

DIMENSION, QUERIES, NEIGHBOURS = 384, 200, 10
# Spread of a vector around its centre; 1.0 would make the noise as long as the centre itself.
SPREAD = 0.7


def clustered(count: int, generator: np.random.Generator, centres: Vectors) -> Vectors:
    """Return unit vectors around randomly chosen centres, shape (count, DIMENSION)."""
    vectors = np.empty((count, DIMENSION), dtype=np.float32)
    for begin in range(0, count, 50_000):
        some = vectors[begin : begin + 50_000]
        noise = generator.standard_normal(some.shape, dtype=np.float32) * (SPREAD / DIMENSION**0.5)
        some[:] = centres[generator.integers(len(centres), size=len(some))] + noise
        some /= np.linalg.norm(some, axis=1, keepdims=True)
    return vectors


def indexes(count: int) -> dict[str, tuple[Any, str, tuple[int, ...]]]:
    """Return the types to compare: name → (empty index, what its breadth of search is called, breadths to try)."""
    import faiss

    kinds: dict[str, tuple[Any, str, tuple[int, ...]]] = {"exact": (faiss.IndexFlatIP(DIMENSION), "", (0,))}
    if count > 10_000:
        lists = int(4 * count**0.5)
        inverted = faiss.index_factory(DIMENSION, f"IVF{lists},Flat", faiss.METRIC_INNER_PRODUCT)
        kinds[f"IVF{lists}"] = (inverted, "nprobe", (8, 16, 32, 64))
    if count <= 100_000:
        graph = faiss.IndexHNSWFlat(DIMENSION, 32, faiss.METRIC_INNER_PRODUCT)
        graph.hnsw.efConstruction = 120
        kinds["HNSW32"] = (graph, "efSearch", (80, 160, 320))
    return kinds


def build(index: Any, vectors: Vectors, generator: np.random.Generator) -> tuple[float, float]:
    """Fill an index; return seconds and megabytes."""
    before, begin = psutil.Process().memory_info().rss, time.perf_counter()
    if not index.is_trained:
        sample = generator.choice(len(vectors), min(len(vectors), 40 * index.nlist), replace=False)
        index.train(vectors[np.sort(sample)])
    index.add(vectors)
    return time.perf_counter() - begin, (psutil.Process().memory_info().rss - before) / 2**20


def ask(index: Any, queries: Vectors) -> tuple[list[set[int]], tuple[float, float]]:
    """Ask one query at a time; return what each found, and milliseconds (p50, p95)."""
    found, times = [], []
    for query in queries:
        begin = time.perf_counter()
        found.append(set(index.search(query[None], NEIGHBOURS)[1][0].tolist()))
        times.append((time.perf_counter() - begin) * 1000)
    middle, slow = np.percentile(times, [50, 95])
    return found, (float(middle), float(slow))


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sizes", type=int, nargs="*", default=[10_000, 100_000, 1_000_000])
    sizes = parser.parse_args().sizes
    import faiss

    faiss.omp_set_num_threads(1)
    generator = np.random.default_rng(0)
    centres = generator.standard_normal((4000, DIMENSION), dtype=np.float32)
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    print(
        f"{'vectors':>9} {'index':20} {'recall@10':>9} {'p50 ms':>7} {'p95 ms':>7} {'build s':>8} {'memory MB':>9}",
        flush=True,
    )
    for count in sizes:
        vectors, queries = clustered(count, generator, centres), clustered(QUERIES, generator, centres)
        truth: list[set[int]] = []
        for name, (index, breadth, values) in indexes(count).items():
            seconds, megabytes = build(index, vectors, generator)
            for value in values:
                if breadth:
                    faiss.ParameterSpace().set_index_parameter(index, breadth, value)
                found, (middle, slow) = ask(index, queries)
                truth = truth or found
                recall = np.mean([len(one & other) / NEIGHBOURS for one, other in zip(found, truth, strict=True)])
                label = f"{name} {breadth} {value}" if breadth else name
                print(
                    f"{count:9} {label:20} {recall:9.3f} {middle:7.2f} {slow:7.2f} {seconds:8.1f} {megabytes:9.0f}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
