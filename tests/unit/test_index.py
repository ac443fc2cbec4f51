"""The index: complete or absent, reused where nothing changed, refused where it does not fit."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge.errors import IndexUnavailableError
from knowledge.index import PassageIndex, build_index, current_build, texts_of
from tests.build_values import COCAINE, SIDE_EFFECTS, WordEncoder, make_test_corpus


class CountingEncoder(WordEncoder):
    """Counts the texts it is given."""

    def __init__(self) -> None:
        self.encoded = 0

    def encode_passages(self, texts):
        self.encoded += len(texts)
        return super().encode_passages(texts)


class FailingEncoder(WordEncoder):
    """Breaks off."""

    def encode_passages(self, texts):
        raise RuntimeError("power cut")


def test_a_build_can_be_loaded_again(tmp_path: Path):
    corpus = make_test_corpus()
    name = build_index(corpus, WordEncoder(), tmp_path)
    index = PassageIndex.load(tmp_path, "words")
    assert (index.name, index.corpus) == (name, corpus)


def test_the_same_inputs_give_the_same_name_and_no_work(tmp_path: Path):
    encoder = CountingEncoder()
    names = {build_index(make_test_corpus(), encoder, tmp_path) for _ in range(2)}
    assert len(names) == 1
    assert encoder.encoded == len(texts_of(make_test_corpus()))


def test_only_changed_passages_are_encoded_again(tmp_path: Path):
    build_index(make_test_corpus(), WordEncoder(), tmp_path)
    encoder = CountingEncoder()
    build_index(make_test_corpus(COCAINE.replace("dummy pill", "placebo"), SIDE_EFFECTS), encoder, tmp_path)
    assert encoder.encoded == 1


def test_a_build_that_breaks_off_leaves_the_old_one_serving(tmp_path: Path):
    name = build_index(make_test_corpus(), WordEncoder(), tmp_path)
    with pytest.raises(RuntimeError):
        build_index(make_test_corpus(SIDE_EFFECTS.replace("sleepy", "tired")), FailingEncoder(), tmp_path)
    assert current_build(tmp_path).name == name
    assert PassageIndex.load(tmp_path, "words").corpus == make_test_corpus()


def test_a_missing_index_names_the_command_that_builds_it(tmp_path: Path):
    with pytest.raises(IndexUnavailableError, match="askwell knowledge build"):
        PassageIndex.load(tmp_path, "words")


def test_an_index_of_another_encoder_is_refused(tmp_path: Path):
    build_index(make_test_corpus(), WordEncoder(), tmp_path)
    with pytest.raises(IndexUnavailableError, match="built with 'words', wanted 'minilm"):
        PassageIndex.load(tmp_path, "minilm||")


@pytest.mark.parametrize("file", ["corpus.json", "vectors.npy", "manifest.json"])
def test_a_damaged_index_is_refused(tmp_path: Path, file: str):
    build_index(make_test_corpus(), WordEncoder(), tmp_path)
    (current_build(tmp_path) / file).write_bytes(b"{")
    with pytest.raises(IndexUnavailableError, match="damaged"):
        PassageIndex.load(tmp_path, "words")
