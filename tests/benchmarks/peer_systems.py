"""One retrieval system, one run, as JSON: start-up, indexing, ranking, memory. Started by peers.py, each in a process of its own.

Peers run in .askwell/peers, an environment of their own; nothing of this project is imported for them.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

DEPTH = 100
Texts = list[tuple[str, str, str]]
Ask = Callable[[str], list[str]]


def ours(encoder: str, texts: Texts) -> Iterator[Any]:
    """Askwell's hybrid search."""
    import dataclasses

    from knowledge.encoder import SentenceTransformerEncoder
    from knowledge.evaluate import Text, build, search
    from knowledge.settings import KnowledgeSettings

    model = SentenceTransformerEncoder(dataclasses.replace(KnowledgeSettings(), encoder=encoder))
    yield None
    index, _ = build([Text(id=key, title=title, text=text) for key, title, text in texts], model)
    identifiers = [key for key, _, _ in texts]
    yield lambda query: next(search(index, [query], identifiers, model))


def plain_bm25s(_encoder: str, texts: Texts) -> Iterator[Any]:
    """bm25s as its read-me shows it, English stop words and stems."""
    import bm25s
    import Stemmer

    stemmer = Stemmer.Stemmer("english")
    yield None
    index = bm25s.BM25()
    joined = [f"{title} {text}" for _, title, text in texts]
    index.index(bm25s.tokenize(joined, stopwords="en", stemmer=stemmer, show_progress=False), show_progress=False)

    def ask(query: str) -> list[str]:
        tokens = bm25s.tokenize(query, stopwords="en", stemmer=stemmer, show_progress=False)
        rows, _ = index.retrieve(tokens, k=min(DEPTH, len(texts)), show_progress=False)
        return [texts[row][0] for row in rows[0]]

    yield ask


def langchain_faiss(encoder: str, texts: Texts) -> Iterator[Any]:
    """LangChain's FAISS vector store as a retriever."""
    from langchain_community.vectorstores import FAISS
    from langchain_huggingface import HuggingFaceEmbeddings

    embeddings = HuggingFaceEmbeddings(model_name=encoder, encode_kwargs={"normalize_embeddings": True})
    embeddings.embed_query("warm up")
    yield None
    store = FAISS.from_texts(
        [f"{title} {text}" for _, title, text in texts], embeddings, metadatas=[{"id": key} for key, _, _ in texts]
    )
    retriever = store.as_retriever(search_kwargs={"k": DEPTH})
    yield lambda query: [found.metadata["id"] for found in retriever.invoke(query)]


def haystack_memory(encoder: str, texts: Texts) -> Iterator[Any]:
    """Haystack's in-memory store: dense and BM25 retrievers joined by reciprocal ranks, its hybrid recipe."""
    from haystack import Document
    from haystack.components.embedders import SentenceTransformersDocumentEmbedder, SentenceTransformersTextEmbedder
    from haystack.components.joiners import DocumentJoiner
    from haystack.components.retrievers.in_memory import InMemoryBM25Retriever, InMemoryEmbeddingRetriever
    from haystack.document_stores.in_memory import InMemoryDocumentStore

    documents = SentenceTransformersDocumentEmbedder(model=encoder, progress_bar=False, normalize_embeddings=True)
    queries = SentenceTransformersTextEmbedder(model=encoder, progress_bar=False, normalize_embeddings=True)
    for embedder in (documents, queries):
        embedder.warm_up()
    yield None
    store = InMemoryDocumentStore()
    made = [Document(id=key, content=f"{title} {text}") for key, title, text in texts]
    store.write_documents(documents.run(made)["documents"])
    dense = InMemoryEmbeddingRetriever(store, top_k=DEPTH)
    lexical = InMemoryBM25Retriever(store, top_k=DEPTH)
    joiner = DocumentJoiner(join_mode="reciprocal_rank_fusion", top_k=DEPTH)

    def ask(query: str) -> list[str]:
        vector = queries.run(query)["embedding"]
        found = [dense.run(query_embedding=vector)["documents"], lexical.run(query=query)["documents"]]
        return [document.id for document in joiner.run(documents=found)["documents"]]

    yield ask


SYSTEMS = {"askwell": ours, "haystack": haystack_memory, "langchain": langchain_faiss, "bm25s": plain_bm25s}


def main() -> None:
    """Run the system named first on the corpus and queries named next; write what it found to the last file."""
    name, encoder, corpus, queries, output = sys.argv[1:]
    with open(corpus, encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    texts = [(str(row["_id"]), row.get("title") or "", row["text"]) for row in rows]
    with open(queries, encoding="utf-8") as file:
        asked = {str(row["_id"]): row["text"] for row in map(json.loads, file)}
    marks = [time.perf_counter()]
    system = SYSTEMS[name](encoder, texts)
    next(system)
    marks.append(time.perf_counter())
    ask: Ask = next(system)
    marks.append(time.perf_counter())
    ranked = {key: ask(text) for key, text in asked.items()}
    marks.append(time.perf_counter())
    result = {
        "start_seconds": marks[1] - marks[0],
        "passages_per_second": len(texts) / (marks[2] - marks[1]),
        "queries_per_second": len(asked) / (marks[3] - marks[2]),
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "ranked": ranked,
    }
    with open(output, "w", encoding="utf-8") as file:
        json.dump(result, file)


if __name__ == "__main__":
    main()
