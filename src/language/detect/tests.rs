//! Sentences, headlines and near-misses in thirty languages.

use super::Detector;
use crate::language::LanguageCode;
use crate::{Document, Engine, Options};

/// Text and code.
type Table = [(&'static str, &'static str)];

const SENTENCES: &Table = &[
    ("Le ministre a quitté la réunion sans répondre aux questions.", "fr"),
    ("Il pleut sur la côte depuis trois jours.", "fr"),
    ("The ferry left the harbour an hour late because of fog.", "en"),
    ("Nobody was hurt when the roof of the market fell in.", "en"),
    ("Die Feuerwehr rettete gestern zwei Kinder aus dem brennenden Haus.", "de"),
    ("Der Zug kam wegen einer Störung nicht in Köln an.", "de"),
    ("El alcalde anunció que las obras empezarán en otoño.", "es"),
    ("Il treno per Bari è arrivato con due ore di ritardo.", "it"),
    ("A ponte foi fechada porque não era segura.", "pt"),
    ("De brug blijft tot het einde van de maand dicht.", "nl"),
    ("Most zamknięto, ponieważ nie był bezpieczny dla kierowców.", "pl"),
    ("Мост закрыли, потому что он был опасен для машин.", "ru"),
    ("Міст закрили, бо він був небезпечний для водіїв.", "uk"),
    ("Мостът беше затворен, защото не е безопасен.", "bg"),
    ("Мост је затворен јер није био безбедан за возила.", "sr"),
    ("Most byl uzavřen, protože už nebyl pro řidiče bezpečný.", "cs"),
    ("Most zatvorili, pretože už nebol pre vodičov bezpečný.", "sk"),
    ("Most je zaprt, ker ni bil več varen za voznike.", "sl"),
    ("Most je zatvoren jer više nije bio siguran za vozače.", "hr"),
    ("Podul a fost închis pentru că nu mai era sigur.", "ro"),
    ("A hidat lezárták, mert már nem volt biztonságos.", "hu"),
    ("Bron stängdes eftersom den inte längre var säker.", "sv"),
    ("Broen blev lukket, fordi den ikke længere var sikker for bilisterne.", "da"),
    ("Broen ble stengt fordi den ikke lenger var trygg for noen.", "nb"),
    ("Silta suljettiin, koska se ei ollut enää turvallinen.", "fi"),
    ("Sild suleti, sest see ei olnud enam ohutu.", "et"),
    ("Tilts tika slēgts, jo tas vairs nebija drošs.", "lv"),
    ("Tiltas buvo uždarytas, nes jis nebuvo saugus.", "lt"),
    ("Köprü artık güvenli olmadığı için kapatıldı.", "tr"),
    ("El pont es va tancar perquè ja no era segur.", "ca"),
    ("Jembatan itu ditutup karena sudah tidak aman lagi.", "id"),
    ("Cây cầu đã bị đóng vì không còn an toàn.", "vi"),
    ("Η γέφυρα έκλεισε επειδή δεν ήταν πια ασφαλής.", "el"),
    ("أغلقت السلطات الجسر لأنه لم يعد آمنا منذ الأسبوع الماضي.", "ar"),
    ("این پل بسته شد چون دیگر برای مردم ایمن نبود.", "fa"),
    ("הגשר נסגר כי הוא לא היה בטוח עוד.", "he"),
    ("पुल को बंद कर दिया गया क्योंकि वह सुरक्षित नहीं था।", "hi"),
    ("橋は安全ではないため閉鎖されました。", "ja"),
    ("由于安全问题，这座桥已经关闭了。", "zh"),
    ("由於安全問題，這座橋已經關閉了。", "zh"),
    ("다리가 안전하지 않아 폐쇄되었습니다.", "ko"),
    ("สะพานถูกปิดเพราะไม่ปลอดภัย", "th"),
];

const HEADLINES: &Table = &[
    ("Un incendie ravage une usine à Roubaix", "fr"),
    ("Grève à la SNCF : ce qui vous attend lundi", "fr"),
    ("L'eau monte, les écoles ferment", "fr"),
    ("Ce que l'on sait de la panne géante", "fr"),
    ("Thousands march as strike enters second week", "en"),
    ("What we know about the missing boat", "en"),
    ("Warum der Strompreis jetzt wieder steigt", "de"),
    ("Tausende Haushalte ohne Strom nach Sturm", "de"),
    ("Miles de personas sin luz tras la tormenta", "es"),
    ("Maltempo, scuole chiuse anche domani nel Lazio", "it"),
    ("Duizenden huizen zonder stroom na storm in Zeeland", "nl"),
    ("Tysiące domów bez prądu po burzy na Pomorzu", "pl"),
    ("Тысячи домов остались без света после бури", "ru"),
];

/// The same words, as a newspaper may set them.
const TITLE_CASE: &Table = &[
    ("Le Gouvernement Retarde La Réforme Des Retraites", "fr"),
    ("Une Cyberattaque Contre Un Hôpital De Lyon", "fr"),
    ("Storm Leaves Thousands Without Power In Wales", "en"),
    ("Die Regierung Will Das Gesetz Nun Doch Nicht Ändern", "de"),
    ("El Gobierno Aplaza La Reforma De Las Pensiones", "es"),
];

const ALL_CAPS: &Table = &[
    ("LE GOUVERNEMENT RETARDE LA RÉFORME DES RETRAITES", "fr"),
    ("STORM LEAVES THOUSANDS WITHOUT POWER IN WALES", "en"),
    ("DIE REGIERUNG WILL DAS GESETZ NUN DOCH NICHT ÄNDERN", "de"),
    ("ПРАВИТЕЛЬСТВО ОТЛОЖИЛО РЕФОРМУ ДО СЛЕДУЮЩЕГО ГОДА", "ru"),
    ("HÜKÜMET REFORMU GELECEK YILA KADAR ERTELEDİ", "tr"),
];

/// About twenty characters, with a word or more that tells.
const SHORT: &Table = &[
    ("Où va l'argent public ?", "fr"),
    ("C'est déjà l'hiver", "fr"),
    ("Qui a payé le voyage", "fr"),
    ("Why they left so early", "en"),
    ("Wer soll das bezahlen?", "de"),
    ("¿Quién lo ha visto hoy?", "es"),
    ("Wie heeft dit gedaan?", "nl"),
    ("pro děti", "cs"),
    ("LE CHAT NOIR", "fr"),
    ("שלום 😀", "he"),
    ("😀👩🏽‍🚀🎉 לא", "he"),
];

/// Names of one language in the text of another.
const FOREIGN_NAMES: &Table = &[
    ("Apple, Microsoft et Google attaquent la décision devant le tribunal", "fr"),
    ("Le New York Times rachète le site The Athletic", "fr"),
    ("Black Friday, Cyber Monday : les pièges à éviter", "fr"),
    ("Le Bayern Munich et le Werder Brême se quittent sur un match nul", "fr"),
    ("Das Start-up Green Power Games sucht neue Investoren für sein Office", "de"),
    ("Homeoffice und Meeting: Was die Deutschen am Job wirklich stört", "de"),
    ("Le Monde and El País both ran the story on Sunday", "en"),
    ("Mayor of Saint-Étienne meets his São Paulo counterpart at the Élysée", "en"),
    ("Ο Elon Musk αγόρασε το Twitter πριν από δύο χρόνια", "el"),
    ("Компания Apple представила новый iPhone в Купертино", "ru"),
    ("Martin Keller met Paula Brandt in Basel on Monday.", "en"),
    ("Camille Durand a visité Brest le 3 mai 2024.", "fr"),
    ("Nora Keller rejoint Orbex en mai.", "fr"),
    ("アップルは新しい iPhone を発表した", "ja"),
];

/// What does not tell its language.
const UNTOLD: &[&str] = &[
    "",
    "2024-05-03 12:45 +33 1 23 45",
    "🚀🚀🎉 😀 🇫🇷",
    "+ - * / = €",
    "Emmanuel Macron Paris",
    "Airbus Boeing Embraer",
    "Madrid Berlin Roma",
    "Rio de Janeiro",
    "iPhone Samsung Galaxy S24",
    "iPhone 15 Pro",
    "Windows 11 Pro",
    "Anna Keller joined Orbex",
    "Le maire a dit non au projet de port. Il veut une autre étude avant l'été. \
     The mayor said no to the harbour. She wants another study before the summer.",
    "Der Bürgermeister ist gegen den neuen Hafen. Er will noch eine Studie bis zum Sommer. \
     The mayor is against the new harbour. He wants one more study by the summer.",
    "Burmistrz nie chce nowego portu. Mówi, że to jest za drogie dla miasta. \
     Le maire ne veut pas du nouveau port. Il dit que c'est trop cher pour la ville.",
    "Мэр сказал, что порт не нужен городу. Он хочет ещё одно исследование. \
     The mayor said that the city does not need a port. He wants another study.",
];

#[test]
fn sentences() {
    assert_detected(SENTENCES);
}

#[test]
fn headlines() {
    assert_detected(HEADLINES);
}

#[test]
fn title_case() {
    assert_detected(TITLE_CASE);
}

#[test]
fn all_caps() {
    assert_detected(ALL_CAPS);
}

#[test]
fn short_texts() {
    assert_detected(SHORT);
}

#[test]
fn foreign_names() {
    assert_detected(FOREIGN_NAMES);
}

#[test]
fn untold() {
    let detector = Detector::new();
    for text in UNTOLD {
        let language = detector.detect(text);
        assert_eq!((language.code.as_str(), language.reliable), ("und", false), "{text}");
    }
}

#[test]
fn three_words_are_never_reliable() {
    for text in ["Le chat noir", "The New York", "Der Spiegel", "Où sont-ils", "pro děti"] {
        assert!(!Detector::new().detect(text).reliable, "{text}");
    }
}

#[test]
fn sentences_are_reliable_and_supported_by_a_pack() {
    let detector = Detector::new();
    for (text, _) in SENTENCES.iter().filter(|(_, code)| ["fr", "en", "de", "ru", "ja"].contains(code)) {
        let language = detector.detect(text);
        assert!(language.reliable && (0.9..=1.0).contains(&language.confidence), "{text}: {language:?}");
        assert!(language.supported, "{text}: {language:?}");
    }
}

/// Halves and alternating paragraphs, from a few sentences to long documents, where only a sample is read.
#[test]
fn two_languages_in_equal_parts_are_untold() {
    let french =
        "Le conseil a voté contre le projet, mais les habitants ne sont pas tous du même avis sur le port. ";
    let english =
        "The council has voted against the plan, but not all of the people who live there are happy. ";
    let german =
        "Der Rat hat gegen den Plan gestimmt, aber nicht alle Bewohner sind mit dem Ergebnis zufrieden. ";
    let detector = Detector::new();
    for (first, second) in [(french, english), (english, french), (german, english), (french, german)] {
        for repeats in [1, 2, 5, 30, 300] {
            let halves = first.repeat(repeats) + &second.repeat(repeats);
            assert_eq!(detector.detect(&halves).code.as_str(), "und", "halves × {repeats}: {first}{second}");
            let paragraphs = format!("{}\n\n{}\n\n", first.repeat(4), second.repeat(4)).repeat(repeats);
            assert_eq!(
                detector.detect(&paragraphs).code.as_str(),
                "und",
                "paragraphs × {repeats}: {first}{second}"
            );
        }
        let quoted = first.repeat(6) + second;
        assert_ne!(detector.detect(&quoted).code.as_str(), "und", "a quotation: {quoted}");
    }
}

#[test]
fn sampling_stops_at_no_character() {
    let detector = Detector::new();
    for unit in ["é", "🚀", "e\u{301}", "漢", "ا", "\0", "\r\n", "a", "-'’"] {
        for repeats in [1, 799, 2_400, 2_401, 100_003] {
            let language = detector.detect(&unit.repeat(repeats));
            assert!((0.0..=1.0).contains(&language.confidence), "{unit:?} × {repeats}: {language:?}");
        }
    }
}

#[test]
fn equal_texts_are_told_equally() {
    let tables = [SENTENCES, HEADLINES, TITLE_CASE, ALL_CAPS, SHORT, FOREIGN_NAMES];
    let (first, second) = (Detector::new(), Detector::new());
    for (text, _) in tables.into_iter().flatten() {
        let language = first.detect(text);
        assert_eq!(language, first.detect(text), "{text}");
        assert_eq!(language, second.detect(text), "{text}");
        assert_eq!(language.confidence, (language.confidence * 1_000.0).round() / 1_000.0, "{text}");
    }
}

#[test]
fn hint_wins() {
    // Hint, code, supported.
    let cases = [
        ("vi", "vi", false),
        ("en", "en", true),
        ("no", "no", true),
        ("pt-BR", "pt-BR", true),
        ("fr-CA", "fr-CA", true),
        ("FR", "FR", true),
        ("zh-Hant-TW", "zh-Hant-TW", true),
        ("kk-Cyrl", "kk-Cyrl", false),
    ];
    for (hint, code, supported) in cases {
        let language = extract_with(hint).language;
        assert_eq!((language.code.as_str(), language.supported), (code, supported), "{hint}");
        assert!(language.reliable && language.confidence == 1.0, "{hint}");
    }
}

#[test]
fn hint_of_no_language_means_detect() {
    for hint in ["und", "UND"] {
        let language = extract_with(hint).language;
        assert_eq!((language.code.as_str(), language.supported), ("fr", true), "{hint}");
        assert!(language.confidence < 1.0, "{hint}");
    }
}

#[test]
fn title_counts() {
    let document =
        Document { title: "Warum das Wasser jetzt so teuer ist".to_owned(), ..Document::new("2,4 % · 12") };
    assert_eq!(Engine::new().extract(&document, &Options::default()).unwrap().language.code.as_str(), "de");
}

#[test]
fn no_letters_no_answer() {
    for text in ["", "12:30", "🚀"] {
        assert_eq!(Engine::new().detect_language(text), None, "{text}");
    }
}

fn extract_with(hint: &str) -> crate::Extraction {
    let language = LanguageCode::parse(hint);
    assert!(language.is_some(), "{hint} is well-formed");
    let document = Document { language, ..Document::new("Le maire est arrivé hier.") };
    Engine::new().extract(&document, &Options::default()).unwrap()
}

fn assert_detected(table: &Table) {
    let detector = Detector::new();
    let wrong: Vec<String> = table
        .iter()
        .map(|(text, code)| (text, code, detector.detect(text)))
        .filter(|(_, code, language)| language.code.as_str() != **code)
        .map(|(text, code, language)| {
            format!("{text}: {} ({}), not {code}", language.code, language.confidence)
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
