//! Packs are held to their examples; passages, half of them near-misses, to what is expected.

use std::num::NonZeroUsize;

use super::*;
use crate::catalog::{Kind, Overlay};
use crate::document::Document;
use crate::tagger::{EncoderTagger, NameTagger};

fn recognizer(language: &str) -> Actors {
    Actors::new(&Pack::get(language).unwrap(), Arc::new(Catalog::embedded())).unwrap()
}

fn find(actors: &Actors, document: &Document) -> (Text, Vec<Mention>) {
    let text = Text::new(document);
    let mut mentions = Vec::new();
    actors.recognize(&Article::new(&text), &mut mentions);
    (text, mentions)
}

fn canonical(mention: &Mention) -> &str {
    let Value::ThreatActor(ThreatActor { actor, .. }) = &mention.value else {
        panic!("not an actor: {mention:?}")
    };
    actor.as_ref().map_or("", |actor| &actor.name)
}

/// `words=canonical name`, with `?` for what is not catalogued; joined by `; `.
fn written(text: &Text, mentions: &[Mention]) -> String {
    let one = |mention: &Mention| {
        let name = canonical(mention);
        format!("{}={}", mention.span.of(text.as_str()), if name.is_empty() { "?" } else { name })
    };
    mentions.iter().map(one).collect::<Vec<_>>().join("; ")
}

/// A text that marks its actors, `The [Murkwater|?] gang`: without the marks, and as [`written`] has them.
fn marked(text: &str) -> (String, String) {
    let (mut plain, mut expected, mut rest) = (String::new(), Vec::new(), text);
    while let Some((before, (words, tail))) =
        rest.split_once('[').and_then(|(before, tail)| Some((before, tail.split_once('|')?)))
    {
        let (name, tail) = tail.split_once(']').expect("a mark ends");
        plain.extend([before, words]);
        expected.push(format!("{words}={name}"));
        rest = tail;
    }
    (plain + rest, expected.join("; "))
}

#[test]
fn packs_hold_to_their_examples() {
    let (tagger, catalog) = (EncoderTagger::embedded(NonZeroUsize::MIN), Arc::new(Catalog::embedded()));
    let mut failures = Vec::new();
    for pack in Pack::all() {
        let actors = Actors::new(&pack, catalog.clone()).unwrap();
        let words: lexicon::Words = pack.read("actors.toml").unwrap();
        let without = words.examples.iter().filter(|example| !example.contains('|')).count();
        assert!(words.examples.len() >= 3 && without >= 1, "{} lacks examples", pack.code());
        for example in &words.examples {
            let (plain, expected) = marked(example);
            let text = Text::new(&Document::new(&plain));
            let names = tagger.tag(&[&text]).pop().unwrap_or_default();
            let mut mentions = Vec::new();
            actors.recognize(&Article { names: Some(&names), ..Article::new(&text) }, &mut mentions);
            let found = written(&text, &mentions);
            if found != expected {
                failures.push(format!("{}: {example} gave {found}", pack.code()));
            }
        }
    }
    assert!(failures.is_empty(), "{failures:#?}");
}

#[test]
fn passages() {
    let cases = [
        // What a rule introduces.
        ("fr", "Le gang de rançongiciel Akira menace de publier les dossiers médicaux.", "Akira=Akira"),
        ("fr", "L'attaque a été revendiquée par Play dimanche soir.", "Play=Play"),
        ("fr", "Le groupe de cybercriminels russophone « Cuba » réclame deux millions.", "Cuba=Cuba"),
        ("fr", "Rhysida a revendiqué la cyberattaque contre la mairie.", "Rhysida=Rhysida"),
        ("fr", "La mairie a été paralysée par le rançongiciel Royal.", "Royal=Royal"),
        ("en", "The Play ransomware gang posted the files on Monday.", "Play=Play"),
        ("en", "Royal ransomware hit the city's dispatch system.", "Royal=Royal"),
        ("en", "Medusa, a ransomware group, asked for $3 million.", "Medusa=Medusa"),
        ("en", "Investigators blamed Cuba affiliates for the theft.", "Cuba=Cuba"),
        ("en", "CITY PAYS AFTER AKIRA RANSOMWARE ATTACK", "AKIRA=Akira"),
        // Identifiers and distinctive writings.
        ("fr", "L'enquête mène à APT28 et à UNC99881.", "APT28=APT28; UNC99881=?"),
        ("en", "Storm-0978 went after ministries.", "Storm-0978=RomCom"),
        ("en", "LockBit is back, and so is 8Base.", "LockBit=LockBit; 8Base=8base"),
        ("en", "Officials say Volt Typhoon lay in wait for years.", "Volt Typhoon=Volt Typhoon"),
        ("en", "Two ransomware gangs, Reuters said, are at work.", ""),
        ("fr", "Fancy Bear viserait les fédérations.", "Fancy Bear=APT28"),
        ("en", "Phishing mails came from Cold River.", "Cold River=Cold River"),
        // Beside a sure one, and once more elsewhere.
        ("fr", "Les soupçons visent Sandworm (alias Storm-0978).", "Sandworm=Sandworm; Storm-0978=RomCom"),
        (
            "en",
            "Sure of it: Lazarus hackers. The Lazarus Group denies.",
            "Lazarus=Lazarus Group; Lazarus Group=Lazarus Group",
        ),
        ("fr", "LockBit, Akira et Play ont frappé.", "LockBit=LockBit; Akira=Akira; Play=Play"),
        ("en", "The Akira ransomware gang struck. Akira wants money.", "Akira=Akira; Akira=Akira"),
        (
            "fr",
            "Les Fichiers Du Groupe Medusa\n\nLe gang de ransomware Medusa les vend.",
            "Medusa=Medusa; Medusa=Medusa",
        ),
        // Introduced, and not catalogued.
        ("fr", "Le groupe de hackers Ombrelune nie. Ombrelune accuse un rival.", "Ombrelune=?; Ombrelune=?"),
        ("en", "The little-known Murkwater ransomware gang took credit.", "Murkwater=?"),
        ("en", "The hacking group Glass Heron denied it.", "Glass Heron=?"),
        ("en", "The Russian Murkwater ransomware gang took credit.", "Murkwater=?"),
        // The bare name only.
        ("en", "The Lazarus hacking group stole it.", "Lazarus=Lazarus Group"),
        ("en", "Analysts of the Lazarus Group case met: hackers had erred.", "Lazarus Group=Lazarus Group"),
        (
            "en",
            "Hackers struck at noon. The malware was old. Later, money went to the Lazarus Group.",
            "Lazarus Group=Lazarus Group",
        ),
        (
            "en",
            "Hackers struck at noon. Later, money went to the Lazarus Group.",
            "Lazarus Group=Lazarus Group",
        ),
        // Ordinary words, places, companies, people, myths.
        ("fr", "L'économie de Cuba souffre d'une inflation record.", ""),
        ("fr", "Le groupe Play lance une offre de fibre optique.", ""),
        ("fr", "La famille royale reçoit les Bleus ; Royal Canin recrute.", ""),
        ("fr", "Méduse ou Medusa, la Gorgone du mythe, fascine.", ""),
        ("fr", "Une tentative d'ingérence attribuée à Cuba par Washington.", ""),
        ("fr", "Le rançongiciel a chiffré les serveurs de Play, l'opérateur polonais.", ""),
        ("fr", "Akira Kurosawa aurait aimé ce film.", ""),
        ("fr", "Le Monde Des Affaires Salue Le Plan Royal", ""),
        ("en", "Commuters on the London Underground faced delays.", ""),
        ("en", "The royal family will play host; Royal Mail issued stamps.", ""),
        ("en", "Royal Mail was hit by ransomware.", ""),
        ("en", "Arctic Wolf, the security company, warned of hackers.", ""),
        ("en", "A pack of wolves, a black cat and a fancy bear crossed.", ""),
        ("en", "Download it from Google Play; Medusa snakes not included.", ""),
        ("en", "Anonymous donors and the band Anonymous Choir sang.", ""),
        ("en", "Storm Ciaran hit on Monday; UNC beat Duke.", ""),
        ("en", "The Russian ransomware gang and a North Korean hacking group met.", ""),
        ("en", "One ransomware gang called it off.", ""),
        ("en", "The APT threat actor, an AI hacking group and the Cyber threat group.", ""),
        ("en", "Snatch the cup, Hive of bees, Black Suit on sale: Fog Over Conti's House", ""),
        ("en", "Typhoon Gaemi and the White Bear Lake festival.", ""),
        // A sure name does not drag its namesakes along.
        ("en", "Royal Mail was hit by the Royal ransomware gang.", "Royal=Royal"),
        ("en", "The Underground ransomware group spared the London Underground.", "Underground=Underground"),
        ("en", "APT28, Cuba and the like.", "APT28=APT28"),
        // Any language.
        ("und", "Hinter dem Angriff steckt LockBit, nicht Cuba oder APT29.", "LockBit=LockBit; APT29=APT29"),
    ];
    let by_language = ["fr", "en", "und"].map(|language| (language, recognizer(language)));
    let mut failures = Vec::new();
    for (language, passage, expected) in cases {
        let (_, actors) = by_language.iter().find(|(code, _)| *code == language).unwrap();
        let (text, mentions) = find(actors, &Document::new(passage));
        let found = written(&text, &mentions);
        if found != expected {
            failures.push(format!("{passage} gave {found}"));
        }
    }
    assert!(failures.is_empty(), "{failures:#?}");
}

#[test]
fn a_shared_name_names_its_other_bearers() {
    let (_, mentions) = find(&recognizer("en"), &Document::new("The Akira ransomware gang struck."));
    let Value::ThreatActor(found) = &mentions[0].value else { panic!("{mentions:?}") };
    let others: Vec<_> = found.other_candidates.iter().map(|actor| actor.name.as_str()).collect();
    assert_eq!(others, ["Storm-1567"]);
}

#[test]
fn a_user_decides_about_names() {
    let overlay = r#"{
        "actors": [{"name": "Ember Heron", "aliases": ["Royal"]}],
        "names": {"Cuba": "never", "Qilin": "always", "LockBit": "with_cue"}
    }"#;
    let overlay = Overlay::parse("own.json", overlay.to_owned()).unwrap();
    let catalog = Arc::new(Catalog::with_overlays(&[overlay]).unwrap());
    let actors = Actors::new(&Pack::get("en").unwrap(), catalog).unwrap();
    let cases = [
        ("The Cuba ransomware gang struck. Hackers of Cuba denied it.", ""),
        ("The museum shows Qilin, a beast of Chinese myth.", "Qilin=Qilin"),
        ("The Qilin Hotel opened.", ""),
        ("The Ember Heron hacking group stole the data.", "Ember Heron=Ember Heron"),
        ("The Royal ransomware gang struck.", "Royal=Royal"),
    ];
    for (passage, expected) in cases {
        let (text, mentions) = find(&actors, &Document::new(passage));
        assert_eq!(written(&text, &mentions), expected, "{passage}");
    }
}

#[test]
fn a_scheme_claims_what_its_names_imply() {
    let (_, mentions) =
        find(&recognizer("en"), &Document::new("The hacking group Umber Typhoon stole the data."));
    let Value::ThreatActor(found) = &mentions[0].value else { panic!("{mentions:?}") };
    assert!(found.actor.is_none());
    assert_eq!(found.kind(), Kind::Apt);
    let claims: Vec<_> = found.claims.iter().map(|claim| (&*claim.country_code, &*claim.source)).collect();
    assert_eq!(claims, [("CN", "Microsoft's naming scheme")]);
}

#[test]
fn another_name_of_a_shared_one_means_its_actor() {
    let text = "The hacking group Kimsuky, also known as APT43, sent phishing mails.";
    let (text, mentions) = find(&recognizer("en"), &Document::new(text));
    assert_eq!(written(&text, &mentions), "Kimsuky=Kimsuky; APT43=Kimsuky");
}

#[test]
fn names_are_found_in_their_forms_and_scripts() {
    let cases = [
        ("pl", "Gang ransomware ukradł dane, twierdzi jeden z hakerów LockBita.", "LockBita=LockBit"),
        ("de", "Der Niedergang LockBits freut die Ermittler nach dem Cyberangriff.", "LockBits=LockBit"),
        ("ru", "Хакеры из группировки «Лазарус» похитили криптовалюту.", "Лазарус=Lazarus Group"),
        ("ja", "ハッカー集団ラザルスによるサイバー攻撃と断定した。", "ラザルス=Lazarus Group"),
        ("ko", "북한 해킹 조직 김수키는 악성코드를 유포했다.", "김수키=Kimsuky"),
        ("zh", "黑客组织海莲花对多家机构发动网络攻击。", "海莲花=APT32"),
        ("ar", "قالت الشركة إن مجموعة القرصنة «لازاروس» سرقت العملات المشفرة.", "لازاروس=Lazarus Group"),
    ];
    let mut failures = Vec::new();
    for (language, passage, expected) in cases {
        let (text, mentions) = find(&recognizer(language), &Document::new(passage));
        let found = written(&text, &mentions);
        if found != expected {
            failures.push(format!("{passage} gave {found}"));
        }
    }
    assert!(failures.is_empty(), "{failures:#?}");
}

#[test]
fn titles_are_held_to_their_article() {
    let document =
        |content: &str| Document { title: "Cuba Strikes Hospital".to_owned(), ..Document::new(content) };
    let actors = recognizer("en");
    let (text, mentions) = find(&actors, &document("The Cuba ransomware gang locked the files."));
    assert_eq!(written(&text, &mentions), "Cuba=Cuba; Cuba=Cuba");
    let (text, mentions) = find(&actors, &document("Nurses on the island want better pay."));
    assert_eq!(written(&text, &mentions), "");
}

#[test]
fn the_sample_article_has_its_actors() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/articles");
    let mut checked = 0;
    let golden =
        std::fs::read_dir(&folder).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()));
    for path in golden.filter(|path| path.to_string_lossy().ends_with(".gold.json")) {
        let gold: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let field = |value: &serde_json::Value, name: &str| value[name].as_str().unwrap().to_owned();
        let document = Document { title: field(&gold, "title"), ..Document::new(field(&gold, "content")) };
        let (text, mut mentions) = find(&recognizer(&field(&gold, "lang")), &document);
        mentions.sort_by_key(|mention| mention.span);
        let parts = ["title_entities", "entities"].map(|part| gold[part].as_array().unwrap());
        let expected: Vec<String> = parts
            .into_iter()
            .flatten()
            .filter(|mention| mention["type"] == "THREAT_ACTOR")
            .map(|mention| format!("{}={}", field(mention, "text"), field(mention, "canonical")))
            .collect();
        assert!(!expected.is_empty());
        assert_eq!(written(&text, &mentions), expected.join("; "));
        checked += 1;
    }
    if checked == 0 {
        println!("SKIPPED: no golden article in ../shared/articles");
    }
}
