use super::*;
use crate::Document;

const TEXTS: [&str; 4] = [
    "Angela Merkel met Emmanuel Macron in Paris on Monday, said the European Central Bank.",
    "Le maire de Lyon, Paul Roche, a visité le siège de Renault.",
    "東京で会議があった。トヨタ自動車の豊田章男社長が出席した。",
    "il pleut.",
];

fn names(tagger: &FastTagger, content: &str) -> Vec<Name> {
    tagger.read(&Text::new(&Document::new(content))).names
}

#[test]
fn plain_names_are_found() {
    let tagger = FastTagger::embedded();
    let cases = [
        (TEXTS[0], "Angela Merkel, Emmanuel Macron, Paris, European Central Bank"),
        (TEXTS[1], "Lyon, Paul Roche, Renault"),
        (TEXTS[3], ""),
        ("", ""),
    ];
    for (content, expected) in cases {
        let names = names(&tagger, content);
        let found: Vec<_> = names.iter().map(|name| name.span.of(content)).collect();
        assert_eq!(found.join(", "), expected);
    }
}

#[test]
fn a_text_is_read_alike_whatever_was_read_before() {
    let fresh: Vec<_> = TEXTS.iter().map(|text| names(&FastTagger::embedded(), text)).collect();
    let tagger = FastTagger::embedded();
    for round in 0..3 {
        for at in 0..TEXTS.len() {
            let at = (at * 3 + round) % TEXTS.len();
            assert_eq!(names(&tagger, TEXTS[at]), fresh[at], "{}", TEXTS[at]);
        }
    }
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for (text, expected) in TEXTS.iter().zip(&fresh) {
                    assert_eq!(&names(&tagger, text), expected, "{text}");
                }
            });
        }
    });
}

#[test]
fn memory_of_words_is_bounded() {
    let tagger = FastTagger::embedded();
    let text = |number: usize| {
        let word = |at: usize| format!("X{number}x{at}");
        (0..5_000).map(word).collect::<Vec<_>>().join(" ")
    };
    let first = names(&tagger, TEXTS[0]);
    (0..20).for_each(|number| {
        names(&tagger, &text(number));
    });
    let rooms = tagger.rooms.lock().unwrap();
    assert!(rooms.iter().all(|room| room.remembered() <= 2 * network::REMEMBERED), "words are forgotten");
    drop(rooms);
    assert_eq!(names(&tagger, TEXTS[0]), first);
}

#[test]
fn a_file_that_cannot_be_used_says_why() {
    let good = include_bytes!("../../../models/fast.safetensors").to_vec();
    let changed = |from: &str, to: &str| {
        let at = good.windows(from.len()).position(|window| window == from.as_bytes()).unwrap();
        let mut file = good.clone();
        file[at..at + from.len()].copy_from_slice(to.as_bytes());
        file
    };
    let mut damaged = good.clone();
    *damaged.last_mut().unwrap() ^= 1;
    let cases = [
        ("damage", damaged, "it is damaged"),
        ("another format", changed("depeche-fast", "depeche-slow"), r#"its format is "depeche-slow""#),
        ("cut short", good[..good.len() / 2].to_vec(), "not a safetensors file"),
        ("no file of this kind", b"names".to_vec(), "not a safetensors file"),
    ];
    for (case, file, expected) in cases {
        let error = Loaded::new(file.into()).err().expect(case).to_string();
        assert!(error.contains(expected), "{case}: {error}");
    }
}
