//! One set of names from two witnesses: the tagger, which reads any language, and the pack's rules, which know its
//! cues and lists. Then the article agrees with itself.

use std::collections::HashMap;
use std::ops::Range;

use super::consistency::{By, Found};
use super::lexicon::{Class, WordId};
use super::scores::Kind;
use super::tokens::{Gap, Tokens};
use crate::mention::Span;
use crate::tagger::Name;
use crate::text::{Casing, Shape, Text, fold};
use crate::values::EntityType;

/// How much the two witnesses count against each other, in natural log-odds. Told by the development sets.
#[derive(Clone, Copy, Debug)]
pub struct Weights {
    /// Of the rules' log-odds.
    pub rules: f32,
    /// What the tagger's silence takes from a name that only the rules find.
    pub silence: f32,
    /// What speaks for the rules' name where the tagger sees parts of it only.
    pub whole: f32,
    /// What the other places of a name add to one, for each unit of theirs.
    pub elsewhere: f32,
    /// How much the other places of a name count where it is a place here and an organization there.
    pub metonymy: f32,
    /// What is taken from a word without a capital.
    pub small: f32,
    /// What is taken from a word by itself in a heading, where a capital tells nothing.
    pub heading: f32,
    /// What is taken from a word by itself that begins a sentence and is part of no other name.
    pub opening: f32,
    /// From this on, a name is looked for where neither witness saw it.
    pub sure: f32,
    /// A name with less is dropped. A tagger by itself misses more than it makes up.
    pub least: f32,
}

impl Weights {
    /// With the pack's own weight of its rules.
    pub const fn new(rules: f32) -> Weights {
        Weights {
            rules,
            silence: 0.8,
            whole: 3.0,
            elsewhere: 0.25,
            metonymy: 0.25,
            small: 2.0,
            heading: 2.0,
            opening: 1.0,
            sure: 2.0,
            least: if rules > 0.0 { 0.0 } else { -0.3 },
        }
    }
}

/// No witness is surer than this: 98 %.
const MOST: f32 = 4.0;

/// A name at one place, with what speaks for it.
#[derive(Clone, Debug)]
struct Claim {
    tokens: Range<usize>,
    span: Span,
    kind: Kind,
    /// Log-odds.
    weight: f32,
    by: By,
}

/// Puts together what the tagger and the rules say; by position, disjoint.
pub fn fuse(
    tagged: &[Name],
    ruled: Vec<Found>,
    text: &Text,
    tokens: &Tokens<'_>,
    weights: &Weights,
) -> Vec<Found> {
    let mut claims: Vec<Claim> =
        tagged.iter().filter_map(|name| claim(name, text, tokens, weights)).collect();
    if weights.rules > 0.0 {
        add_rules(&mut claims, ruled, weights);
    }
    agree(&mut claims, tokens, weights);
    let mut claims = disjoint(claims, weights);
    doubt_openings(&mut claims, tokens, weights);
    look_elsewhere(&mut claims, tokens, weights);
    let found = claims.into_iter().map(|claim| Found {
        tokens: claim.tokens,
        span: claim.span,
        kind: claim.kind,
        confidence: probability(claim.weight),
        by: claim.by,
    });
    found.collect()
}

/// The share of names of this weight that are right on the development sets (Platt 1999).
fn probability(weight: f32) -> f32 {
    const SLOPE: f32 = 0.8;
    const SHIFT: f32 = -0.3;
    1.0 / (1.0 + (-(SLOPE * weight + SHIFT)).exp())
}

fn log_odds(probability: f32) -> f32 {
    (probability / (1.0 - probability)).ln().clamp(-MOST, MOST)
}

/// The tagger's name, trimmed; `None` where a surer recognizer has the words, or nothing is left.
fn claim(name: &Name, text: &Text, tokens: &Tokens<'_>, weights: &Weights) -> Option<Claim> {
    let kind = match name.kind {
        EntityType::Person => Kind::Person,
        EntityType::Organization => Kind::Organization,
        _ => Kind::Location,
    };
    let words = text.words();
    let first = words.partition_point(|word| word.span.end <= name.span.start);
    let last = words.partition_point(|word| word.span.start < name.span.end);
    let (range, span) = trim(first..last, name.span, kind, tokens)?;
    if is_of_a_country(&range, kind, tokens) {
        return None;
    }
    let weight = log_odds(name.probability) - doubt(&range, tokens, weights);
    Some(Claim { tokens: range, span, kind, weight, by: By::Tagger })
}

/// "A Danish rival" is no place, and "the Danish state" no name: words for kinds of places beside that of a country.
fn is_of_a_country(range: &Range<usize>, kind: Kind, tokens: &Tokens<'_>) -> bool {
    let (mut at, mut nouns, mut demonyms) = (range.start, 0, 0);
    while at < range.end {
        match tokens.phrase_at(at) {
            Some(phrase) if phrase.is(Class::Demonym) => (at, demonyms) = (phrase.end, demonyms + 1),
            Some(phrase) if phrase.is(Class::PlaceNoun) => (at, nouns) = (phrase.end, nouns + 1),
            _ => return false,
        }
    }
    demonyms > 0 && (kind == Kind::Location || nouns > 0)
}

/// What is taken from a name of one word whose spelling says nothing for it.
fn doubt(range: &Range<usize>, tokens: &Tokens<'_>, weights: &Weights) -> f32 {
    let word = &tokens.all[range.start];
    let small = word.shape == Shape::Lower && word.span.of(tokens.view).contains(char::is_lowercase);
    match (range.len(), word.casing) {
        (1, Casing::Title | Casing::Upper) => weights.heading,
        (1, Casing::Sentence) if small => weights.small,
        _ => 0.0,
    }
}

/// Takes something from words that begin a sentence, which gives them their capital, and that no other name has.
fn doubt_openings(claims: &mut Vec<Claim>, tokens: &Tokens<'_>, weights: &Weights) {
    let word = |at: usize| tokens.all[at].word;
    let all: Vec<_> = claims.iter().flat_map(|claim| claim.tokens.clone().map(word)).collect();
    claims.retain_mut(|claim| {
        let first = &tokens.all[claim.tokens.start];
        // Words are rarely taken for places.
        let opens = claim.tokens.len() == 1
            && claim.kind != Kind::Location
            && first.initial
            && first.casing == Casing::Sentence
            && first.shape == Shape::Capitalized;
        if opens && all.iter().filter(|&&other| other == first.word).count() == 1 {
            claim.weight -= weights.opening;
        }
        claim.weight > weights.least
    });
}

/// Takes off what does not belong to a name: articles, a person's titles, a possessive ending.
fn trim(
    mut range: Range<usize>,
    span: Span,
    kind: Kind,
    tokens: &Tokens<'_>,
) -> Option<(Range<usize>, Span)> {
    let mut span = span;
    while range.len() > 1 {
        let gap = tokens.gap(range.end - 1);
        let last = &tokens.all[range.end - 1];
        if gap == Gap::Apostrophe
            && last.span.of(tokens.view).eq_ignore_ascii_case("s")
            && last.span.len() == 1
        {
            range.end -= 1;
            span.end = tokens.all[range.end - 1].span.end;
        } else {
            break;
        }
    }
    while range.len() > 1 {
        let Some(phrase) = tokens.phrase_at(range.start).filter(|phrase| phrase.end < range.end) else {
            break;
        };
        let title = kind == Kind::Person && (phrase.is(Class::Honorific) || phrase.is(Class::Role));
        let article = phrase.is(Class::Article) && tokens.all[range.start].shape == Shape::Lower;
        if !(title || article) {
            break;
        }
        range.start = phrase.end;
        span.start = tokens.all[range.start].span.start;
    }
    if range.is_empty() || tokens.all[range.clone()].iter().any(|token| token.taken) {
        return None;
    }
    Some((range, span))
}

/// Adds what the rules say: to the tagger's own claim where both see the same, else as a claim of its own.
fn add_rules(claims: &mut Vec<Claim>, ruled: Vec<Found>, weights: &Weights) {
    let tagged = claims.len();
    for found in ruled {
        let weight = weights.rules * log_odds(found.confidence);
        let same =
            claims[..tagged].iter_mut().find(|claim| claim.span == found.span && claim.kind == found.kind);
        if let Some(claim) = same {
            claim.weight += weight.max(0.0);
            continue;
        }
        let mut others = claims[..tagged].iter().filter(|claim| claim.span.overlaps(found.span)).peekable();
        let contested = others.peek().is_some();
        let whole = contested && others.all(|claim| found.span.contains(claim.span));
        let weight = match (contested, whole) {
            (_, true) => weight + weights.whole,
            (true, false) => weight,
            (false, _) => weight - weights.silence,
        };
        claims.push(Claim { tokens: found.tokens, span: found.span, kind: found.kind, weight, by: found.by });
    }
}

/// Lets a name's other places speak for its type at each of them: within an article a name keeps its sense (Gale,
/// Church & Yarowsky 1992), but that a town may also stand for its team.
fn agree(claims: &mut [Claim], tokens: &Tokens<'_>, weights: &Weights) {
    let form = |span: Span| fold(span.of(tokens.view));
    let mut sums: HashMap<String, [f32; 3]> = HashMap::new();
    for claim in claims.iter().filter(|claim| claim.weight > 0.0) {
        sums.entry(form(claim.span)).or_default()[claim.kind as usize] += claim.weight;
        if claim.kind == Kind::Person && claim.tokens.len() > 1 {
            let surname = tokens.span(&tokens.surname(&claim.tokens));
            sums.entry(form(surname)).or_default()[Kind::Person as usize] += claim.weight;
        }
    }
    for claim in claims.iter_mut().filter(|claim| claim.weight > 0.0) {
        let sums = sums[&form(claim.span)];
        let others = sums[claim.kind as usize] - claim.weight;
        let gain = |kind: Kind| {
            let person = kind == Kind::Person || claim.kind == Kind::Person;
            let pull = if person { 1.0 } else { weights.metonymy };
            pull * (sums[kind as usize] - others) - claim.weight
        };
        let other = Kind::ALL.into_iter().filter(|kind| *kind != claim.kind);
        let best = other.max_by(|a, b| gain(*a).total_cmp(&gain(*b))).expect("there are other types");
        if gain(best) > 0.0 {
            claim.kind = best;
        } else {
            claim.weight += weights.elsewhere * others.clamp(0.0, MOST);
        }
    }
}

/// The best of claims that overlap; those that more speaks against than for are dropped.
fn disjoint(mut claims: Vec<Claim>, weights: &Weights) -> Vec<Claim> {
    claims.retain(|claim| claim.weight > weights.least);
    claims.sort_by(|a, b| {
        b.weight.total_cmp(&a.weight).then(b.span.len().cmp(&a.span.len())).then(a.span.cmp(&b.span))
    });
    let mut kept: std::collections::BTreeMap<usize, Claim> = std::collections::BTreeMap::new();
    for claim in claims {
        let before = kept.range(..claim.span.end).next_back();
        if before.is_none_or(|(_, other)| other.span.end <= claim.span.start) {
            kept.insert(claim.span.start, claim);
        }
    }
    kept.into_values().collect()
}

/// Finds the names that are sure where nobody saw them: written as names, and not within another name.
fn look_elsewhere(claims: &mut Vec<Claim>, tokens: &Tokens<'_>, weights: &Weights) {
    let mut sure: HashMap<Vec<WordId>, (Kind, f32)> = HashMap::new();
    let mut longest: HashMap<WordId, usize> = HashMap::new();
    // Words in small letters that no lexicon has are not told apart.
    let is_told = |at: usize| tokens.all[at].word as usize + 1 < tokens.word_count();
    let is_sure = |claim: &&Claim| claim.weight >= weights.sure && claim.tokens.clone().all(is_told);
    for claim in claims.iter().filter(is_sure) {
        let words = tokens.words(&claim.tokens);
        let most = longest.entry(words[0]).or_default();
        *most = words.len().max(*most);
        let known = sure.entry(words).or_insert((claim.kind, claim.weight));
        if claim.weight > known.1 {
            *known = (claim.kind, claim.weight);
        }
    }
    if sure.is_empty() {
        return;
    }
    let mut busy = vec![false; tokens.all.len()];
    claims.iter().for_each(|claim| busy[claim.tokens.clone()].fill(true));
    let mut more = Vec::new();
    let mut at = 0;
    while at < tokens.all.len() {
        let most = longest.get(&tokens.all[at].word).copied().unwrap_or(0);
        let place = (1..=most.min(tokens.all.len() - at)).rev().find_map(|count| {
            let range = at..at + count;
            let joined = tokens.all[at + 1..at + count].iter().all(|token| token.gap.joins());
            let free = range.clone().all(|at| !busy[at] && !tokens.all[at].taken);
            let (kind, weight) = (joined && free).then(|| sure.get(&tokens.words(&range))).flatten()?;
            is_written_as_name(&range, tokens).then(|| Claim {
                span: tokens.span(&range),
                tokens: range,
                kind: *kind,
                weight: weight / 2.0,
                by: By::Elsewhere,
            })
        });
        at = place.as_ref().map_or(at + 1, |place| place.tokens.end);
        more.extend(place);
    }
    claims.extend(more);
    claims.sort_by_key(|claim| claim.span);
}

/// Whether the words stand as a name does: with a capital, alone; in a heading, where a capital tells nothing, only
/// what is no ordinary word.
fn is_written_as_name(range: &Range<usize>, tokens: &Tokens<'_>) -> bool {
    let words = &tokens.all[range.clone()];
    let capital = words.iter().any(|token| token.shape.has_capital());
    let neighbour = |at: usize, gap: Gap| {
        gap == Gap::Space && tokens.all[at].shape.has_capital() && !tokens.all[at].initial
            || gap == Gap::Hyphen
    };
    let alone = words[0].casing != Casing::Sentence
        || !(range.start > 0 && neighbour(range.start - 1, tokens.gap(range.start))
            || range.end < tokens.all.len() && neighbour(range.end, tokens.gap(range.end)));
    let ordinary = range.len() == 1
        && (tokens.seen_lower(words[0].word) || tokens.word_is(range.start, Class::FunctionWord));
    capital && alone && !ordinary
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Document;
    use crate::language::Pack;
    use crate::recognizers::names::lexicon::Lexicon;

    /// What a tagger says: words, type, probability; from left to right.
    type Said = [(&'static str, EntityType, f32)];

    /// What comes of what a tagger says, without rules.
    fn fused(content: &str, said: &Said) -> String {
        let lexicon = Lexicon::new(&Pack::neutral()).unwrap();
        let text = Text::new(&Document::new(content));
        let tokens = Tokens::new(&text, &lexicon, &[]);
        let mut from = 0;
        let tagged: Vec<Name> = said
            .iter()
            .map(|(words, kind, probability)| {
                let start = from + content[from..].find(words).unwrap();
                from = start + words.len();
                Name { span: Span::new(start, from), kind: *kind, probability: *probability }
            })
            .collect();
        let found = fuse(&tagged, Vec::new(), &text, &tokens, &Weights::new(0.0));
        let found = found.iter().map(|found| format!("{:?} {}", found.kind, found.span.of(content)));
        found.collect::<Vec<_>>().join(" | ")
    }

    #[test]
    fn an_article_agrees_with_itself() {
        use EntityType::{Location, Organization, Person};
        let cases: [(&str, &str, &Said, &str); 8] = [
            ("a possessive", "Ana Lima's bus", &[("Ana Lima's", Person, 0.9)], "Person Ana Lima"),
            ("a title", "met Dr Lima", &[("Dr Lima", Person, 0.9)], "Person Lima"),
            ("a doubtful name", "met Lima", &[("Lima", Person, 0.3)], ""),
            ("a word without a capital", "the union split", &[("union", Organization, 0.8)], ""),
            (
                "one place that is told otherwise",
                "Orbex rose. Orbex fell. Orbex rose.",
                &[("Orbex", Organization, 0.95), ("Orbex", Person, 0.8), ("Orbex", Organization, 0.95)],
                "Organization Orbex | Organization Orbex | Organization Orbex",
            ),
            (
                "a surname",
                "Ana Veyra spoke. Veyra left.",
                &[("Ana Veyra", Person, 0.98), ("Veyra", Location, 0.6)],
                "Person Ana Veyra | Person Veyra",
            ),
            (
                "a sure name that was overlooked",
                "Orbex rose. Then Orbex fell.",
                &[("Orbex", Organization, 0.97)],
                "Organization Orbex | Organization Orbex",
            ),
            (
                "other words without capitals are other words",
                "東京 と 大阪",
                &[("東京", Location, 0.97), ("大阪", Organization, 0.6)],
                "Location 東京 | Organization 大阪",
            ),
        ];
        for (case, content, said, expected) in cases {
            assert_eq!(fused(content, said), expected, "{case}");
        }
    }
}
