"""A whole build in small: generated texts, an encoder of two thin layers with random weights."""

from __future__ import annotations

import csv
from random import Random
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from appliance.workbench.pack import Packed
    from appliance.workbench.steps import Steps

WORDS = {
    "contract/lease": "tenant landlord rent premises lease term deposit",
    "contract/supply": "supplier goods delivery order price buyer term",
    "receipt": "total cash change tax item thank you",
}


def make_corpus(folder: Path) -> Path:
    """Ten documents a label, of words of its own and some that all share."""
    random = Random(2)
    rows = []
    for label, words in WORDS.items():
        for number in range(10):
            path = folder / f"{label.replace('/', '-')}-{number}.txt"
            vocabulary = [*words.split() * 3, "the", "of", "and", "to"]
            path.write_text(" ".join(random.choices(vocabulary, k=120)), encoding="utf-8")
            rows.append((path.name, label, "made up", "none"))
    with (folder / "labels.csv").open("w", newline="", encoding="utf-8") as table:
        csv.writer(table).writerows([("path", "label", "source", "licence"), *rows])
    (folder / "strangers").mkdir()
    for name in "abcd":
        (folder / "strangers" / name).write_text(f"unlike anything {name} " * 40, encoding="utf-8")
    return folder


def make_encoder(folder: Path) -> Path:
    """An untrained BERT of two layers and its tokenizer."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import BertConfig, BertModel, BertTokenizerFast

    names = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "of", "and", "to", *"abcdefghijklmnopqrstuvwxyz"]
    names += sorted({word for words in WORDS.values() for word in words.split()})
    vocabulary = {name: place for place, name in enumerate(dict.fromkeys(names))}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    BertTokenizerFast(tokenizer_object=tokenizer).save_pretrained(folder)
    tokenizer.save(str(folder / "tokenizer.json"))
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
        max_position_embeddings=64,
    )
    BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    return folder


@pytest.fixture(scope="package")
def steps(tmp_path_factory: pytest.TempPathFactory) -> Steps:
    from appliance.workbench.steps import Steps
    from appliance.workbench.training import Recipe
    from appliance.workbench.work import Build, Work

    folder = tmp_path_factory.mktemp("build")
    corpus, encoder, work = folder / "corpus", folder / "encoder", folder / "work"
    corpus.mkdir()
    work.mkdir()
    recipe = Recipe(epochs=2, window_tokens=32, encoder_rate=1e-3, head_rate=1e-2)
    build = Build(
        Work(make_corpus(corpus), work),
        make_encoder(encoder),
        recipe=recipe,
        folds=2,
        budget=0.05,
        windows=3,
        glance=12,
        threads=1,
    )
    steps = Steps(build)
    steps.train()
    steps.calibrate()
    steps.evaluate(rounds=2)
    return steps


@pytest.fixture(scope="module")
def packed(steps: Steps) -> Packed:
    return steps.pack_final()


@pytest.fixture(scope="module")
def model(steps: Steps, packed: Packed, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from appliance.workbench.factory import write_factory

    folder = tmp_path_factory.mktemp("model") / "factory"
    write_factory(steps, packed, folder)
    return folder
