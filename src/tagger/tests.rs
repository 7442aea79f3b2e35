//! The embedded model: whole, read as it was trained, and the same whoever asks beside.

use std::borrow::Cow;
use std::num::NonZeroUsize;
use std::thread;

use super::*;
use crate::Document;

const FILE: &[u8] = include_bytes!("../../models/names.safetensors");

fn tagger(threads: usize) -> EncoderTagger {
    EncoderTagger::embedded(NonZeroUsize::new(threads).unwrap())
}

fn text(content: &str) -> Text {
    Text::new(&Document::new(content))
}

/// `ORG words | PER words`, in order.
fn found(names: &[Name], text: &Text) -> String {
    let names = names.iter().map(|name| {
        let kind = match name.kind {
            EntityType::Person => "PER",
            EntityType::Location => "LOC",
            _ => "ORG",
        };
        format!("{kind} {}", name.span.of(text.as_str()))
    });
    names.collect::<Vec<_>>().join(" | ")
}

#[test]
fn text_is_cut_as_the_base_model_cuts_it() {
    let model = Model::read(Cow::Borrowed(FILE)).unwrap();
    let lines: Vec<&str> = model.pieces.lines().collect();
    let pieces = Pieces::new(&model.pieces, model.scores.clone()).unwrap();
    // What the reference tokenizer of the base model says.
    let cases = [
        (
            "The mayor of Ghent met Ana Lima on Monday.",
            "▁The ▁mayor ▁of ▁Ghe nt ▁met ▁Ana ▁Lima ▁on ▁Monday .",
        ),
        ("L’université de Nantes n’a rien signé.", "▁L ’ université ▁de ▁Na ntes ▁n ’ a ▁rien ▁sig né ."),
        ("Мэр Казани подписал договор.", "▁М эр ▁Казан и ▁подписал ▁договор ."),
        ("東京都は水道料金を下げる。", "▁ 東京都 は 水 道 料金 を 下 げる 。"),
        ("서울시는 예산을 늘렸다.", "▁서울시 는 ▁예 산 을 ▁늘 렸다 ."),
        ("Ministři jednali v Praze.", "▁Mini stři ▁jedna li ▁v ▁Praze ."),
        ("كتب الوزير إلى المجلس", "▁كتب ▁الوزير ▁إلى ▁المجلس"),
        ("ﬁnances", "▁finance s"),
        ("e\u{301}tat", "▁état"),
    ];
    for (text, expected) in cases {
        let mut found = Vec::new();
        pieces.append(text, 0..text.len(), &mut found);
        let found: Vec<&str> = found.iter().map(|piece| lines[piece.id as usize]).collect();
        assert_eq!(found.join(" "), expected);
    }
}

#[test]
fn names_in_many_scripts() {
    let cases = [
        ("Le maire de Rennes, Paul Roche, a signé.", "LOC Rennes | PER Paul Roche"),
        ("Der Bürgermeister von Kassel, Jan Weber, hat unterschrieben.", "LOC Kassel | PER Jan Weber"),
        ("Мэр Казани Иван Петров подписал договор.", "LOC Казани | PER Иван Петров"),
        ("Nothing of the kind was said on that day.", ""),
        ("", ""),
    ];
    let tagger = tagger(1);
    for (content, expected) in cases {
        let text = text(content);
        assert_eq!(found(&tagger.tag(&[&text])[0], &text), expected);
    }
}

/// A list of so many people and their towns.
fn guests(count: usize) -> String {
    const GIVEN: [&str; 9] = ["Anna", "Paul", "Clara", "Jonas", "Eva", "Martin", "Julia", "Peter", "Lena"];
    const FAMILY: [&str; 7] = ["Keller", "Weber", "Hoffmann", "Schulz", "Becker", "Vogel", "Krause"];
    const TOWNS: [&str; 8] = ["Kassel", "Bremen", "Leipzig", "Köln", "Rostock", "Mainz", "Erfurt", "Kiel"];
    let guest = |index: usize| format!("{} {} aus {}", GIVEN[index % 9], FAMILY[index % 7], TOWNS[index % 8]);
    format!("Eingeladen waren {}.", (0..count).map(guest).collect::<Vec<_>>().join(", "))
}

#[test]
fn names_do_not_depend_on_what_is_read_beside() {
    let articles = [
        "The mayor of Ghent, Ana Lima, met the board of Harrow & Pell Ltd. She left on Monday.".to_owned(),
        "Le maire de Lyon a reçu Paul Roche.".to_owned(),
        "Мэр Казани Иван Петров подписал договор. ".repeat(40),
        // One sentence, longer than any window.
        guests(90),
        String::new(),
    ];
    let texts: Vec<Text> = articles.iter().map(|article| text(article)).collect();
    let all: Vec<&Text> = texts.iter().collect();
    let alone = tagger(1);
    let expected: Vec<_> = all.iter().map(|text| alone.tag(&[text]).remove(0)).collect();
    let names = expected[3].len();
    assert!(names >= 2 * 85, "names in the middle of a long sentence are found, not {names} of 180");
    for threads in [1, 2, 4] {
        let together = tagger(threads);
        assert_eq!(together.tag(&all), expected, "{threads} threads");
        thread::scope(|scope| {
            for (text, expected) in all.iter().zip(&expected) {
                let together = &together;
                scope.spawn(move || (0..3).for_each(|_| assert_eq!(together.tag(&[text])[0], *expected)));
            }
        });
    }
}

#[test]
fn a_file_that_cannot_be_used() {
    let changed = |from: &str, to: &str| {
        assert_eq!(from.len(), to.len());
        let mut file = FILE.to_vec();
        let at = file.windows(from.len()).position(|window| window == from.as_bytes()).unwrap();
        file[at..at + to.len()].copy_from_slice(to.as_bytes());
        file
    };
    let mut flipped = FILE.to_vec();
    *flipped.last_mut().unwrap() ^= 1;
    let cases = [
        ("a flipped bit", flipped, "it is damaged: its header says SHA-256"),
        ("cut off", FILE[..FILE.len() - 4].to_vec(), "not a safetensors file"),
        ("nothing", Vec::new(), "not a safetensors file"),
        ("another file", b"PK and so on, for long enough".to_vec(), "not a safetensors file"),
        ("another format", changed("depeche-names", "depeche-dates"), r#"its format is "depeche-dates""#),
        (
            "another version",
            changed(r#""version": "2""#, r#""version": "7""#),
            r#"its version is "7", this program reads "2""#,
        ),
    ];
    for (case, file, expected) in cases {
        let error = Model::read(file.into()).expect_err(case).to_string();
        assert!(error.contains(expected), "{case}: {error}");
    }
    let missing =
        EncoderTagger::open(Path::new("no/such/folder"), NonZeroUsize::MIN).unwrap_err().to_string();
    assert!(missing.contains("no/such/folder"), "{missing}");
}
