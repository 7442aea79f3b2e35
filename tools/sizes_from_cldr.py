#!/usr/bin/env python3
"""Writes the first `sizes.toml` of language packs from the unit forms of Unicode CLDR (licence Unicode-3.0).

    tools/sizes_from_cldr.py ../shared/cases/size_units_cldr.json src/language/packs de es it …

The file says, by language and unit (`gigabyte`), the forms that CLDR has. What und/sizes.toml has already is left out; a
pack that has a file keeps it. The forms are then extended by hand.
"""
import json
import sys
import tomllib
from pathlib import Path

CODES = {"bit": "bit", "byte": "B", "kilobit": "kbit", "kilobyte": "kB", "megabit": "Mbit", "megabyte": "MB", "gigabit": "Gbit",
         "gigabyte": "GB", "terabit": "Tbit", "terabyte": "TB", "petabyte": "PB"}


def main():
    forms, packs, *languages = sys.argv[1:]
    forms, packs = json.load(open(forms, encoding="utf-8")), Path(packs)
    neutral = tomllib.loads((packs / "und/sizes.toml").read_text(encoding="utf-8"))["lists"]
    for language in languages:
        path = packs / language / "sizes.toml"
        if not path.exists():
            path.write_text(pack(forms[language], neutral), encoding="utf-8")


def pack(forms, neutral):
    lists = {"symbol": {}, "unit": {}}
    for unit, words in forms.items():
        for word in words:
            name = "symbol" if is_symbol(word) else "unit"
            if word not in neutral[name].get(CODES[unit], []) and word.lower() not in neutral[name].get(CODES[unit], []):
                lists[name].setdefault(CODES[unit], []).append(word)
    out = ["# Amounts of data: the words, and examples for the grammar in the neutral pack. Unit forms from Unicode CLDR and by hand."]
    for name, values in lists.items():
        if values:
            out.append(f"\n[lists.{name}]")
            out += [f"{code} = {json.dumps(words, ensure_ascii=False)}" for code, words in values.items()]
    return "\n".join(out) + "\n"


def is_symbol(word):
    """Abbreviations differ by case: they have a capital behind their first letter, or at most three letters."""
    letters = [c for c in word if c.isalpha()]
    return any(c.isupper() for c in word[1:]) or len(letters) <= 3 and word.isascii() or len(letters) <= 2


if __name__ == "__main__":
    main()
