use super::*;
use crate::Document;
use crate::language::Pack;

fn compile(source: &str) -> Result<RuleSet, String> {
    let file: RuleFile = toml::from_str(source).unwrap();
    RuleSet::compile(file.owned_by("xx/test"))
}

/// `rule: mention` for each match.
fn find(rules: &RuleSet, text: &str) -> Vec<String> {
    let text = Text::new(&Document::new(text));
    let mut found = Vec::new();
    rules.find_all(&text, |matched| {
        let name = matched.rule.name.rsplit('/').next().unwrap_or_default();
        found.push(format!("{name}: {}", matched.mention.of(text.as_str())));
    });
    found
}

#[test]
fn matching() {
    let rules = compile(
        r#"
        [lists.month]
        3 = ["mars", "l'an"]
        12 = ["décembre"]
        [patterns]
        day = '[0-9]{1,2}'
        [[rules]]
        name = "month"
        pattern = '{month}'
        [[rules]]
        name = "day-month"
        pattern = '(?:le )?(?P<mention>{day} {month})'
        [[rules]]
        name = "also-day-month"
        pattern = '{day} {month}'
        [[rules]]
        name = "exact"
        pattern = 'Mo'
        case_sensitive = true
        [[rules]]
        name = "guarded"
        pattern = 'plan'
        not_after = 'sur le '
        not_before = ' (?:B|{:month})'
        [[rules]]
        name = "hyphen"
        pattern = 'x-y z'
        "#,
    )
    .unwrap();
    let cases = [
        ("one word", "en mars.", &["month: mars"][..]),
        ("the longest match wins", "3 mars", &["day-month: 3 mars"]),
        (
            "of equal matches, the first rule",
            "12 décembre 12 mars",
            &["day-month: 12 décembre", "day-month: 12 mars"],
        ),
        ("what is outside the mention is not reported", "le 3 mars", &["day-month: 3 mars"]),
        ("a match ends at a word's end", "3 marsouins, marsouin", &[]),
        ("a match starts at a word's start", "demars, 123 mars", &["month: mars"]),
        (
            "case is ignored",
            "3 MARS, Décembre, DÉCEMBRE",
            &["day-month: 3 MARS", "month: Décembre", "month: DÉCEMBRE"],
        ),
        ("unless it counts", "Mo, mo, MO", &["exact: Mo"]),
        (
            "spaces of any width",
            "3\u{A0}mars, puis 4\u{202F}mars, et enfin, bien plus tard que prévu, le 5\r\nmars",
            &["day-month: 3\u{A0}mars", "day-month: 4\u{202F}mars", "day-month: 5\r\nmars"],
        ),
        ("not two of them", "3  mars", &["month: mars"]),
        ("not across a blank line", "3\n\nmars", &["month: mars"]),
        ("any apostrophe", "l’an, l'an, lan", &["month: l’an", "month: l'an"]),
        ("any hyphen", "x\u{2011}y z, x-y z, x y z", &["hyphen: x\u{2011}y z", "hyphen: x-y z"]),
        ("guard before", "le plan, sur le plan", &["guarded: plan"]),
        ("guard behind", "plan B, plan mars, plan C", &["month: mars", "guarded: plan"]),
        ("nothing", "", &[]),
    ];
    for (name, text, expected) in cases {
        assert_eq!(find(&rules, text), expected, "{name}");
    }
}

#[test]
fn captures() {
    let rules = compile(
        r#"
        [lists.unit]
        MB = ["Mo", "mégaoctets"]
        month = ["mo"]
        [patterns]
        digits = '[0-9]{1,4}'
        [[rules]]
        name = "size"
        pattern = '{count:digits} {unit}(?: {rest:digits})?'
        set = { kind = "size" }
        "#,
    )
    .unwrap();
    let text = Text::new(&Document::new("40 MÉGAOCTETS, 3 Mo, 5 mo"));
    let mut found = Vec::new();
    rules.find_all(&text, |matched| {
        let get = |name| matched.get(name).unwrap_or("-").to_owned();
        found.push([get("count"), get("unit"), get("rest"), get("kind"), get("other")].join(" "));
    });
    // A form as written comes before the same letters in another case.
    assert_eq!(found, ["40 MB - size -", "3 MB - size -", "5 month - size -"]);
}

/// What is remembered of other texts hides no match.
#[test]
fn words_that_begin_alike() {
    let rules = compile(
        r#"
        [[rules]]
        name = "month"
        pattern = 'mars'
        [[rules]]
        name = "animal"
        pattern = 'marsupial'
        [[rules]]
        name = "film"
        pattern = 'mars attaque'
        [[rules]]
        name = "exact"
        pattern = 'Marseille'
        case_sensitive = true
        "#,
    )
    .unwrap();
    let cases = [
        ("marchand ambulant", &[][..]),
        ("marché", &[]),
        ("marsouin gris", &[]),
        ("marsupiaux gris", &[]),
        ("marseille et MARSEILLE", &[]),
        ("mars", &["month: mars"]),
        ("mars\0\0\0\0", &["month: mars"]),
        ("mars attend encore", &["month: mars"]),
        ("mars attaque encore", &["film: mars attaque"]),
        ("marsupial gris", &["animal: marsupial"]),
        ("Marseille brille", &["exact: Marseille"]),
    ];
    for (text, expected) in cases.iter().chain(&cases).chain(cases.iter().rev()) {
        assert_eq!(find(&rules, text), *expected, "{text}");
    }
}

#[test]
fn a_language_stands_in_for_neutral_rules() {
    let own = r#"
        [lists.word]
        1 = ["un"]
        [[rules]]
        name = "count"
        examples = [{ text = "un" }]
        [[rules]]
        name = "mine"
        pattern = 'deux'
    "#;
    let neutral = r#"
        [lists.word]
        1 = ["1"]
        [[rules]]
        name = "count"
        pattern = '{word}'
        [[rules]]
        name = "mine"
        pattern = '2'
    "#;
    let [own, neutral] = [own, neutral].map(|source| toml::from_str::<RuleFile>(source).unwrap());
    let mut book = own.owned_by("fr/test");
    book.inherit(neutral.owned_by("und/test"));
    let rules = RuleSet::compile(book).unwrap();
    assert_eq!(find(&rules, "un 1 deux 2"), ["count: un", "count: 1", "mine: deux"]);
}

#[test]
fn broken_files_are_told() {
    let cases = [
        ("unknown list", "[[rules]]\nname = 'a'\npattern = '{month}'", "no list or pattern is named month"),
        ("circle", "[patterns]\na = '{:b}'\nb = '{:a}'\n[[rules]]\nname = 'a'\npattern = '{a}'", "circle"),
        ("syntax", "[[rules]]\nname = 'a'\npattern = '('", "unclosed group"),
        (
            "two of a name",
            "[[rules]]\nname = 'a'\npattern = 'x'\n[[rules]]\nname = 'a'\npattern = 'y'",
            "two rules are named",
        ),
        ("no pattern", "[[rules]]\nname = 'a'", "has no pattern"),
        ("two values", "[lists.a]\n1 = ['x']\n2 = ['x']", "one form stands for both"),
    ];
    for (name, source, expected) in cases {
        let error = compile(source).expect_err(name);
        assert!(error.contains(expected), "{name}: {error}");
    }
}

#[test]
fn every_expression_of_every_pack_compiles() {
    let mut expressions = 0;
    for pack in Pack::all() {
        for file in ["dates.toml", "sizes.toml", "tense.toml"] {
            let rules = pack.rules(file).unwrap();
            for rule in rules.rules() {
                let all = [Some(&rule.expression), rule.not_after.as_ref(), rule.not_before.as_ref()];
                for expression in all.into_iter().flatten() {
                    // Panics where the expression is wrong.
                    expression.regex();
                    expressions += 1;
                }
            }
        }
    }
    assert!(expressions > 200, "{expressions}");
}

#[test]
fn a_text_without_words_or_with_one_endless_word() {
    let rules = compile("[[rules]]\nname = 'a'\npattern = '[0-9]{1,4} a'").unwrap();
    for text in ["....", "\u{301}", "\0", &"1".repeat(100_000), &"1 ".repeat(100_000)] {
        assert_eq!(find(&rules, text), Vec::<String>::new());
    }
}
