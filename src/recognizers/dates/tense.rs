//! Whether the clause around a date is about the past or the future.
//!
//! The rules of a pack's `tense.toml` name what tells, by the constant `cue`: `PAST`, `OVER` or `FUTURE` for verbs, and
//! for participles beside a date ("the vote due on Monday"); `BREAK` for words between two clauses ("which", "mais");
//! without it, for what only looks like a verb. The cue nearest before the date counts, else the nearest one behind
//! it; those of the date's own clause come before those elsewhere in the sentence.

use crate::mention::Span;
use crate::recognizers::rules::RuleSet;
use crate::text::Text;

/// What a clause is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tense {
    /// What has happened; "until" may still point ahead of it: "the road was closed until Friday".
    Past,
    /// What was over at that time: "all had left by Friday".
    Over,
    /// What is to come.
    Future,
}

/// Looking no further than this many bytes keeps the cost linear, however long a sentence is.
const REACH: usize = 160;

/// Marks between two clauses.
const MARKS: &[char] = &[';', ':', '(', ')', '[', ']', '«', '»', '“', '”', '"', '–', '—'];

/// The tense of the clause that holds `date`, if any word tells.
pub fn of_clause(rules: &RuleSet, text: &Text, date: Span) -> Option<Tense> {
    let around = around(text, date)?;
    let mut clause = marked_off(text.as_str(), around, date);
    let mut cues = Vec::new();
    rules.find_in(text, around, |matched| {
        let cue = matched.mention;
        match matched.get("cue") {
            Some("PAST") => cues.push((cue, Tense::Past)),
            Some("OVER") => cues.push((cue, Tense::Over)),
            Some("FUTURE") => cues.push((cue, Tense::Future)),
            Some("BREAK") if cue.end <= date.start => clause.start = clause.start.max(cue.end),
            Some("BREAK") if cue.start >= date.end => clause.end = clause.end.min(cue.start),
            _ => {}
        }
    });
    // What was over elsewhere tells nothing of this clause's end.
    let elsewhere = || nearest(&cues, date, around).filter(|tense| *tense != Tense::Over);
    nearest(&cues, date, clause).or_else(elsewhere)
}

/// The words of the date's sentence that are in reach.
fn around(text: &Text, date: Span) -> Option<Span> {
    let sentences = text.sentences();
    let sentence = sentences.get(sentences.partition_point(|sentence| sentence.span.end <= date.start))?;
    let words = &text.words()[sentence.words.clone()];
    let first = words.partition_point(|word| word.span.start + REACH < date.start);
    let last = words.partition_point(|word| word.span.start < date.end + REACH);
    let words = words.get(first..last)?;
    Some(Span::new(words.first()?.span.start, words.last()?.span.end))
}

/// What lies between the marks around the date.
fn marked_off(view: &str, around: Span, date: Span) -> Span {
    let before = Span::new(around.start.min(date.start), date.start).of(view);
    let after = Span::new(date.end, around.end.max(date.end)).of(view);
    let start = before.rfind(MARKS).map_or(around.start, |mark| around.start + mark);
    Span { start, end: after.find(MARKS).map_or(around.end, |mark| date.end + mark) }
}

/// The cue nearest before the date, else the one nearest behind it, of those within `limits`.
fn nearest(cues: &[(Span, Tense)], date: Span, limits: Span) -> Option<Tense> {
    let mut within = cues.iter().filter(|(cue, _)| limits.start <= cue.start && cue.end <= limits.end);
    let before = within.clone().rev().find(|(cue, _)| cue.end <= date.start);
    before.or_else(|| within.find(|(cue, _)| cue.start >= date.end)).map(|(_, tense)| *tense)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Document;
    use crate::language::Pack;

    #[test]
    fn packs_hold_what_their_examples_promise() {
        let mut failures = Vec::new();
        for pack in Pack::languages() {
            let rules = match pack.rules("tense.toml") {
                Ok(rules) => rules,
                Err(error) => {
                    failures.push(error.to_string());
                    continue;
                }
            };
            let find = |text: &str| {
                let text = Text::new(&Document::new(text));
                let mut found = Vec::new();
                rules.find_all(&text, |matched| {
                    let cue = matched.get("cue").unwrap_or_default().to_owned();
                    found.push((
                        matched.mention.of(text.as_str()).to_owned(),
                        matched.rule.name.clone(),
                        cue,
                    ));
                });
                found
            };
            for rule in rules.rules() {
                if !rule.name.starts_with(&format!("{}/", pack.code())) {
                    continue;
                }
                if rule.spec.examples.is_empty() || rule.spec.rejects.is_empty() {
                    failures.push(format!("{}: no examples or no rejects", rule.name));
                }
                for example in &rule.spec.examples {
                    let words = example.mention.as_ref().unwrap_or(&example.text);
                    let wanted = (words.clone(), rule.name.clone(), example.value.clone());
                    let found = find(&example.text);
                    if !found.contains(&wanted) {
                        failures.push(format!("{wanted:?} not found in {:?}: {found:?}", example.text));
                    }
                }
                for reject in &rule.spec.rejects {
                    if find(reject).iter().any(|(_, name, _)| *name == rule.name) {
                        failures.push(format!("{} matches {reject:?}", rule.name));
                    }
                }
            }
        }
        assert!(failures.is_empty(), "\n{}", failures.join("\n"));
    }

    /// The date stands between brackets.
    #[test]
    fn clauses() {
        use Tense::{Future, Over, Past};
        let rules = |code| Pack::get(code).unwrap().rules("tense.toml").unwrap();
        let (english, french) = (rules("en"), rules("fr"));
        for (language, marked, wanted) in [
            (&english, "The council will vote on [Monday].", Some(Future)),
            (&english, "The council voted on [Monday].", Some(Past)),
            (&english, "The shops met on [Thursday] and will reopen soon.", Some(Past)),
            (&english, "The bridge, which was damaged in [May], will reopen.", Some(Past)),
            (&english, "The report, which will be printed on [3 May], was long.", Some(Future)),
            (&english, "Guests invited in [May] will arrive soon.", Some(Past)),
            (&english, "On [Monday] the minister will speak.", Some(Future)),
            (&english, "She said trains would run again on [Friday].", Some(Future)),
            (&english, "The strike due on [Friday] is off.", Some(Future)),
            (&english, "The hearing was adjourned until [Friday].", Some(Future)),
            (&english, "All had left by [Friday].", Some(Over)),
            (&english, "They may have met in [March].", Some(Past)),
            (&english, "The fair takes place on [3 March].", Some(Future)),
            (&english, "The museum opens in [June].", Some(Future)),
            (&english, "The final is on [Saturday].", Some(Future)),
            (&english, "Her ferry leaves [Friday].", Some(Future)),
            (&english, "Its leaves in [June] are red.", None),
            (&english, "The final was on [Saturday].", Some(Past)),
            (&english, "The fair took place on [3 March].", Some(Past)),
            (&english, "A quiet [Monday] in town", None),
            (&english, "The vote is over. It will rain on [Monday].", Some(Future)),
            (&french, "Le conseil votera [lundi].", Some(Future)),
            (&french, "Le conseil a voté [lundi].", Some(Past)),
            (&french, "Le pont, qui a été fermé en [mai], rouvrira bientôt.", Some(Past)),
            (&french, "Les lignes devraient être toutes réparées [lundi].", Some(Future)),
            (&french, "Les coureurs blessés [samedi] ne partiront pas.", Some(Past)),
            (&french, "[Samedi], le marché ouvrira plus tôt.", Some(Future)),
            (&french, "Le marché se tiendra [samedi] ; la place était vide.", Some(Future)),
            (&french, "La grève, prévue en [septembre], inquiète.", Some(Future)),
            (&french, "Il a dit que l'audience aurait lieu [jeudi].", Some(Future)),
            (&french, "Il aurait quitté la ville [jeudi].", Some(Past)),
            (&french, "Tous avaient quitté la salle [jeudi].", Some(Over)),
            (&french, "Le marché a lieu [samedi].", Some(Future)),
            (&french, "Le marché a eu lieu [samedi].", Some(Past)),
            (&french, "Le salon se tient le [5 mai] à Brest.", Some(Future)),
            (&french, "Le salon s'est tenu le [5 mai].", Some(Past)),
            (&french, "Les forains attendent mille visiteurs [samedi].", Some(Future)),
            (&french, "Les forains attendent depuis [samedi].", None),
            (&french, "Une autre part [lundi] matin", None),
            (&french, "La soirée de [lundi] à l'opéra", None),
            (&french, "LE TUNNEL ROUVRIRA [LUNDI]", Some(Future)),
        ] {
            let (start, end) = (marked.find('[').unwrap(), marked.find(']').unwrap() - 1);
            let text = Text::new(&Document::new(marked.replace(['[', ']'], "")));
            assert_eq!(of_clause(language, &text, Span::new(start, end)), wanted, "{marked}");
        }
    }
}
