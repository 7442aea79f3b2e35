//! What stands around a name: nouns, verbs and prepositions beside it, words of hacking near it.

use std::cell::OnceCell;
use std::ops::Range;

use super::candidate::Candidate;
use super::evidence::{Evidence, EvidenceSet};
use super::lexicon::{Lexicon, is_unspaced};
use crate::mention::Span;
use crate::tagger::Name;
use crate::text::{Block, Casing, Shape, Text, fold};

/// How far a name's neighbours are sought, in bytes on either side.
const REACH: usize = 96;
/// Adjectives between a noun and a name.
const MOST_ADJECTIVES: usize = 2;
/// Words between a name and its deed.
const MOST_BEFORE_DEED: usize = 4;

/// An article, and where it speaks of hacking and crime.
pub(super) struct Surroundings<'a> {
    text: &'a Text,
    lexicon: &'a Lexicon,
    /// Those that a tagger sees.
    names: Option<&'a [Name]>,
    /// Where words of hacking stand, in order.
    cyber: Vec<Span>,
    /// Sought when first needed.
    crime: OnceCell<Vec<Span>>,
}

impl<'a> Surroundings<'a> {
    pub fn new(text: &'a Text, lexicon: &'a Lexicon, names: Option<&'a [Name]>) -> Surroundings<'a> {
        let cyber: Vec<Span> = lexicon.cyber.anywhere(text.as_str()).collect();
        Surroundings { text, lexicon, names, cyber, crime: OnceCell::new() }
    }

    /// Whether the article speaks of hacking at all.
    pub fn tells_of_hacking(&self) -> bool {
        !self.cyber.is_empty()
    }

    /// Whether it speaks of crime.
    pub fn tells_of_crime(&self) -> bool {
        !self.crime().is_empty()
    }

    fn crime(&self) -> &[Span] {
        self.crime.get_or_init(|| self.lexicon.crime.anywhere(self.text.as_str()).collect())
    }

    /// Adds what stands around a name to its evidence. An ordinary word that no cue is near and that is not
    /// `accompanied` by a better name is not looked at further.
    pub fn judge(&self, candidate: &mut Candidate<'_>, accompanied: bool) {
        let Some(block) = self.text.block_at(candidate.span.start) else { return };
        let span = candidate.span;
        let ordinary = candidate.is_ordinary();
        let evidence = &mut candidate.evidence;
        let no_cue = || self.cyber.is_empty() && !holds(self.crime(), &self.near(span), span);
        if ordinary && !accompanied && no_cue() {
            // Most names in the news end here, so it has to be cheap.
            evidence.add(Evidence::NoCue);
            return;
        }
        let named = self.before(span, block, evidence) | self.behind(span, block, evidence);
        // States are blamed too.
        let nouns = [
            Evidence::GroupBefore,
            Evidence::GroupBehind,
            Evidence::Apposition,
            Evidence::BrandBefore,
            Evidence::BrandBehind,
        ];
        if evidence.has(Evidence::PlaceName) && !nouns.iter().any(|&noun| evidence.has(noun)) {
            evidence.remove(Evidence::By);
        }
        // An article about a gang of that name is not about the place.
        if super::GROUPS.iter().any(|&group| evidence.has(group)) {
            evidence.remove(Evidence::PlaceName);
        }
        if named || !ordinary {
            // "The Play ransomware gang", "the Lazarus Group".
            evidence.remove(Evidence::Article);
        }
        let begins = ordinary && !self.lexicon.nouns_capitalized && self.begins(span);
        candidate.evidence.add_if(Evidence::SentenceStart, begins);
        let evidence = &mut candidate.evidence;
        // Where nouns have capitals a tagger knows better which of them belong to a name.
        let capitals_tell =
            block.casing == Casing::Sentence && !(self.lexicon.nouns_capitalized && self.names.is_some());
        if capitals_tell && !evidence.has(Evidence::Identifier) {
            self.longer(span, evidence);
        }
        self.subject(span, ordinary, evidence);
    }

    /// What stands before a name; whether it is a noun that goes with actors.
    fn before(&self, span: Span, block: &Block, evidence: &mut EvidenceSet) -> bool {
        let lexicon = self.lexicon;
        let from = boundary(self.text.as_str(), span.start.saturating_sub(REACH)).max(block.span.start);
        let folded = fold(&self.text.as_str()[from..span.start]);
        let mut rest = folded.trim_end();
        // In "d'Interlock" the mark elides.
        if let Some(inner) = rest.strip_suffix(is_opening)
            && !(rest.ends_with('\'') && inner.ends_with(char::is_alphabetic))
        {
            evidence.add(Evidence::Quoted);
            rest = inner.trim_end();
        }
        let mut adjectives = 0;
        loop {
            rest = rest.trim_end();
            let nouns = [
                (&lexicon.before_group, Evidence::GroupBefore),
                (&lexicon.before_by, Evidence::By),
                (&lexicon.before_other, Evidence::OtherBefore),
                (&lexicon.before_brand, Evidence::BrandBefore),
            ];
            // The longest tells: an operator is one of servers, a mobile operator is not.
            let starts = nouns.into_iter().filter_map(|(phrases, noun)| Some((phrases.at_end(rest)?, noun)));
            if let Some((_, noun)) = starts.min_by_key(|&(start, _)| start) {
                evidence.add(noun);
                return noun != Evidence::OtherBefore;
            }
            let last = rest.rfind(' ').map_or(0, |space| space + 1);
            let itself = lexicon.before_itself.at_end(rest);
            evidence.add_if(Evidence::Itself, itself.is_some());
            if let Some(start) = itself.or_else(|| lexicon.before_called.at_end(rest)) {
                rest = rest[..start].trim_end_matches([',', '،']);
                rest = rest.strip_suffix(is_opening).unwrap_or(rest);
            } else if let Some(start) = lexicon.article.at_end(rest) {
                evidence.add_if(Evidence::Article, adjectives == 0);
                rest = &rest[..start];
            } else if lexicon.adjectives_behind
                && adjectives < MOST_ADJECTIVES
                && self.is_adjective(&rest[last..])
            {
                adjectives += 1;
                rest = &rest[..last];
            } else {
                return false;
            }
        }
    }

    /// What stands behind a name; whether it is a noun or a deed that goes with actors.
    fn behind(&self, span: Span, block: &Block, evidence: &mut EvidenceSet) -> bool {
        let lexicon = self.lexicon;
        let to = boundary(self.text.as_str(), (span.end + REACH).min(block.span.end)).max(span.end);
        let folded = fold(&self.text.as_str()[span.end..to]);
        let spaced = self.text.as_str()[span.end..to].starts_with(char::is_whitespace);
        let mut rest = if spaced { &folded } else { self.without_suffix(&folded) };
        // In "KT는 해킹조직…" the particle parts the name from the noun; only its deeds follow it.
        let parted = rest.len() < folded.len() && !folded.starts_with('\'');
        rest = rest.trim_start_matches(is_closing).trim_start();
        let apposition = rest.starts_with(is_break);
        if apposition {
            rest = rest.trim_start_matches(is_break).trim_start();
        } else {
            rest = rest.trim_start_matches(['-', ' ']);
        }
        let whole = rest;
        for _ in 0..=MOST_ADJECTIVES + 1 {
            let group = if apposition { Evidence::Apposition } else { Evidence::GroupBehind };
            let nouns = [
                (&lexicon.behind_group, group),
                (&lexicon.before_group, group),
                (&lexicon.behind_other, Evidence::OtherBehind),
                (&lexicon.behind_brand, Evidence::BrandBehind),
                (&lexicon.behind_deed, Evidence::Deed),
            ];
            let from = if parted { nouns.len() - 2 } else { 0 };
            let ends =
                nouns[from..].iter().filter_map(|(phrases, noun)| Some((phrases.at_start(rest)?, *noun)));
            if let Some((_, noun)) = ends.rev().max_by_key(|&(end, _)| end) {
                evidence.add(noun);
                return noun != Evidence::OtherBehind;
            }
            if apposition && lexicon.before_other.at_start(rest).is_some() {
                evidence.add(Evidence::OtherBehind);
                return false;
            }
            if let Some(end) = lexicon.behind_called.at_start(rest) {
                rest = rest[end..].trim_start();
                continue;
            }
            if !apposition {
                evidence.add_if(Evidence::DeedFar, self.acts_further_on(whole));
                return false;
            }
            if let Some(end) = lexicon.article.at_start(rest) {
                rest = rest[end..].trim_start();
                continue;
            }
            let Some((first, others)) = rest.split_once(' ') else { return false };
            if !self.is_adjective(first) {
                return false;
            }
            rest = others;
        }
        false
    }

    /// Whether a deed follows a few words on.
    fn acts_further_on(&self, folded: &str) -> bool {
        let mut rest = folded;
        (0..MOST_BEFORE_DEED).any(|_| {
            let Some((word, others)) = rest.split_once(' ') else { return false };
            // What ends a clause ends the reach of its subject.
            rest = if word.chars().all(char::is_alphanumeric) { others } else { "" };
            self.lexicon.behind_deed.at_start(rest).is_some()
        })
    }

    /// What stands behind a name without what is written together with it: `'s`, a particle.
    fn without_suffix<'f>(&self, folded: &'f str) -> &'f str {
        if let Some(ending) = folded.strip_prefix('\'') {
            return ending.trim_start_matches(char::is_alphabetic);
        }
        let particles = self.lexicon.inflection.particles.iter();
        let rests = particles.filter_map(|particle| folded.strip_prefix(particle.as_str()));
        rests.min_by_key(|rest| rest.len()).unwrap_or(folded)
    }

    /// Whether a folded word may be an adjective: letters, and none of the language's small words.
    fn is_adjective(&self, word: &str) -> bool {
        let letters = |character: char| character.is_alphabetic() || matches!(character, '-' | '\'');
        word.chars().count() > 2 && word.chars().all(letters) && !self.lexicon.is_function_word(word)
    }

    /// Whether a capitalized neighbour makes the name a part of another one: `London Underground`.
    fn longer(&self, span: Span, evidence: &mut EvidenceSet) {
        let (text, view) = (self.text, self.text.as_str());
        let words = text.words_in(span);
        let joins = |gap: Span| matches!(gap.of(view), " " | "\u{A0}" | "\u{202F}" | "&");
        // Where all is in capitals they tell nothing.
        let shouted = !span.of(view).contains(char::is_lowercase);
        let names = |word: Span, shape: Shape| {
            let tells = shape.has_capital() && (!shouted || shape != Shape::Upper);
            tells && !self.lexicon.is_no_name(word.of(view)) && !self.is_cue(word)
        };
        let has = |kinds: &[Evidence]| kinds.iter().any(|&kind| evidence.has(kind));
        let noun_before = has(&[Evidence::GroupBefore, Evidence::BrandBefore, Evidence::By]);
        let noun_behind = has(&[Evidence::GroupBehind, Evidence::BrandBehind, Evidence::Deed]);
        if !self.lexicon.nouns_capitalized
            && !noun_before
            && let Some(word) = words.start.checked_sub(1).map(|index| text.words()[index])
            && word.span.end <= span.start
            && joins(Span::new(word.span.end, span.start))
            && names(word.span, word.shape)
            && !(self.begins(word.span) && self.is_told_to_start(span))
        {
            evidence.add(Evidence::Longer);
        }
        if !noun_behind
            && let Some(word) = text.words().get(words.end)
            && word.span.start >= span.end
            && joins(Span::new(span.end, word.span.start))
            && names(word.span, word.shape)
        {
            evidence.add(Evidence::Longer);
        }
    }

    /// Whether a tagger sees a name that starts there.
    fn is_told_to_start(&self, span: Span) -> bool {
        let names = self.names.unwrap_or_default();
        names.binary_search_by_key(&span.start, |name| name.span.start).is_ok()
    }

    /// Whether a word has its capital from the sentence that it begins.
    fn begins(&self, span: Span) -> bool {
        let (text, name) = (self.text, span.of(self.text.as_str()));
        let sentence = text.sentences().get(sentence_at(text, span.start));
        let first = sentence.and_then(|sentence| text.words().get(sentence.words.start));
        name.starts_with(char::is_uppercase) && first.is_some_and(|word| word.span.start == span.start)
    }

    /// Whether a sentence begins with a noun for actors, as if they had been named before it.
    fn begins_with_group(&self, sentence: Span) -> bool {
        if !self.tells_of_hacking() {
            return false;
        }
        let view = self.text.as_str();
        let to = boundary(view, (sentence.start + REACH).min(sentence.end));
        let folded = fold(&view[sentence.start..to]);
        let mut rest = folded.as_str();
        let nouns = [&self.lexicon.before_group, &self.lexicon.before_brand];
        while folded.len() - rest.len() < REACH_OF_START {
            if nouns.iter().any(|nouns| nouns.at_start(rest).is_some()) {
                return true;
            }
            // In scripts without spaces a noun may begin anywhere.
            let first = rest.chars().next().filter(|&first| is_unspaced(first));
            let (word, others) = match first {
                Some(first) => rest.split_at(first.len_utf8()),
                None => rest.split_once(' ').unwrap_or((" ", "")),
            };
            if !word.chars().all(char::is_alphabetic) {
                return false;
            }
            rest = others;
        }
        false
    }

    /// Whether a word is one of hacking or crime.
    fn is_cue(&self, word: Span) -> bool {
        let within = |cues: &[Span]| {
            let at = cues.partition_point(|cue| cue.end <= word.start);
            cues.get(at).is_some_and(|cue| cue.overlaps(word))
        };
        within(&self.cyber) || within(self.crime())
    }

    /// The sentence that holds a name, and those beside it.
    fn near(&self, span: Span) -> Range<usize> {
        let sentences = self.text.sentences();
        let index = sentence_at(self.text, span.start);
        let start = sentences.get(index.saturating_sub(1)).map_or(span.start, |before| before.span.start);
        let end = sentences.get(index + 1).or(sentences.last()).map_or(span.end, |behind| behind.span.end);
        start..end
    }

    /// What the sentence and the article are about.
    fn subject(&self, span: Span, ordinary: bool, evidence: &mut EvidenceSet) {
        let sentences = self.text.sentences();
        let index = sentence_at(self.text, span.start);
        let Some(sentence) = sentences.get(index) else { return };
        let near = self.near(span);
        let own = sentence.span.start..sentence.span.end;
        let holds = |cues: &[Span], range: &Range<usize>| holds(cues, range, span);
        let crime = holds(self.crime(), &own);
        evidence.add_if(Evidence::CyberSentence, holds(&self.cyber, &own));
        evidence.add_if(Evidence::CyberFar, !holds(&self.cyber, &near) && !self.cyber.is_empty());
        let next = sentences.get(index + 1).map(|next| next.span);
        let ends = !self.text.as_str()[span.end..sentence.span.end].contains(char::is_alphanumeric);
        evidence.add_if(Evidence::GroupNext, ends && next.is_some_and(|next| self.begins_with_group(next)));
        evidence.add_if(Evidence::CrimeSentence, crime);
        evidence.add_if(Evidence::CrimeNear, !crime && holds(self.crime(), &near));
        // A film may be signed too.
        if ordinary && !holds(&self.cyber, &near) && !holds(self.crime(), &near) {
            evidence.remove(Evidence::Itself);
        }
    }
}

/// In bytes: what may stand before a noun that begins a sentence.
const REACH_OF_START: usize = 24;

/// Whether a cue stands in the range, apart from the name itself.
fn holds(cues: &[Span], range: &Range<usize>, name: Span) -> bool {
    let from = cues.partition_point(|cue| cue.start < range.start);
    cues[from..].iter().take_while(|cue| cue.start < range.end).any(|cue| !cue.overlaps(name))
}

fn sentence_at(text: &Text, position: usize) -> usize {
    text.sentences().partition_point(|sentence| sentence.span.end <= position)
}

/// The start of the character that holds `position`.
pub(super) fn boundary(view: &str, mut position: usize) -> usize {
    while !view.is_char_boundary(position) {
        position -= 1;
    }
    position
}

/// Marks that open a quotation.
pub(super) fn is_opening(mark: char) -> bool {
    matches!(mark, '«' | '»' | '"' | '“' | '”' | '„' | '‘' | '‚' | '\'' | '「' | '『' | '《' | '〈')
}

/// Marks that close one, or brackets.
pub(super) fn is_closing(mark: char) -> bool {
    matches!(mark, '«' | '»' | '"' | '“' | '”' | '’' | '‘' | '\'' | '」' | '』' | '》' | '〉' | ')' | '）')
}

/// Marks between a name and its apposition.
fn is_break(mark: char) -> bool {
    matches!(mark, ',' | '(' | '–' | '—' | '،' | '、' | '，' | '（')
}
