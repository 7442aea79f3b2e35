"""The documents of ../shared/corpora, as `depeche eval names` reads them."""

import hashlib
import itertools
import json
import sys

LABELS = {"PER": "person", "ORG": "organization", "LOC": "location"}


def read(path, limit=None):
    """The first documents of a corpus, each a text and its names. Neighbours of one document are joined; of a training
    set only what is not trained on is read, each sentence by itself. None, and a word about it, where it is missing."""
    if not path.exists():
        print(f"SKIPPED: {path} is not here", file=sys.stderr)
        return []
    with path.open(encoding="utf-8") as lines:
        sentences = [json.loads(line) for line in lines]
    if path.parent.parent.name == "train":
        groups = [[sentence] for sentence in sentences if is_held_out(sentence["text"])]
    else:
        groups = [list(group) for _, group in itertools.groupby(sentences, key=lambda sentence: sentence["id"])]
    return [join(group) for group in groups[:limit]]


def is_held_out(text):
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") % 10 == 0


def join(sentences):
    text, names = "", set()
    for sentence in sentences:
        text += "\n\n" if text else ""
        spans = [(start, end, LABELS.get(label)) for start, end, label in sentence["spans"]]
        names |= {(len(text) + start, len(text) + end, kind) for start, end, kind in spans if kind}
        text += sentence["text"]
    return text, names
