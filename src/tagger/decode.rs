//! From scores of tags to names: the best path without an I- that does not follow its B- or I-, and how probable
//! each name on it is.

use std::ops::Range;

use crate::values::EntityType;

/// The tags, in the model's order: outside; begin and inside of each type.
pub const TAGS: [&str; 7] = ["O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC"];

/// How well each tag fits a piece.
pub type Scores = [f32; TAGS.len()];

/// The probability of each tag of a piece, as if pieces were independent of each other.
pub type Probabilities = [f32; TAGS.len()];

/// A name among pieces.
#[derive(Clone, Debug, PartialEq)]
pub struct Tagged {
    /// Its pieces.
    pub pieces: Range<usize>,
    /// Person, organization or location.
    pub kind: EntityType,
    /// That a name of this type has just these pieces.
    pub probability: f32,
}

/// Scores as probabilities, softened by a temperature (Guo et al. 2017).
pub fn probabilities(scores: &Scores, temperature: f32) -> Probabilities {
    let most = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let weights = scores.map(|score| ((score - most) / temperature).exp());
    let sum: f32 = weights.iter().sum();
    weights.map(|weight| weight / sum)
}

/// The names of a sentence. Their probabilities are those of all paths without a stray I-, by the forward-backward
/// algorithm (Rabiner 1989).
pub fn names(pieces: &[Probabilities]) -> Vec<Tagged> {
    if pieces.is_empty() {
        return Vec::new();
    }
    let path = best_path(pieces);
    let (forward, norms) = forward(pieces);
    let backward = backward(pieces, &norms);
    let mut names: Vec<Tagged> = Vec::new();
    for (at, &tag) in path.iter().enumerate().filter(|(_, tag)| **tag != 0) {
        match names.last_mut() {
            Some(name) if is_inside(tag) => name.pieces.end = at + 1,
            _ => names.push(Tagged { pieces: at..at + 1, kind: kind(tag), probability: 0.0 }),
        }
    }
    for name in &mut names {
        let Range { start, end } = name.pieces;
        let (begin, inside) = (path[start], path[start] + 1);
        let before: f32 = if start == 0 { 1.0 } else { forward[start - 1].iter().sum() };
        let mut probability = before * pieces[start][begin] / norms[start];
        for at in start + 1..end {
            probability *= pieces[at][inside] / norms[at];
        }
        if end < pieces.len() {
            let last = path[end - 1];
            let others = (0..TAGS.len()).filter(|&next| next != inside && may_follow(last, next));
            probability *=
                others.map(|next| pieces[end][next] * backward[end][next]).sum::<f32>() / norms[end];
        }
        name.probability = probability.clamp(0.0, 1.0);
    }
    names
}

fn is_inside(tag: usize) -> bool {
    tag != 0 && tag.is_multiple_of(2)
}

fn may_follow(tag: usize, next: usize) -> bool {
    !is_inside(next) || tag == next || tag == next - 1
}

fn kind(tag: usize) -> EntityType {
    match tag {
        1 | 2 => EntityType::Person,
        3 | 4 => EntityType::Organization,
        _ => EntityType::Location,
    }
}

/// Viterbi's algorithm.
fn best_path(pieces: &[Probabilities]) -> Vec<usize> {
    let mut ways: Vec<[usize; TAGS.len()]> = Vec::with_capacity(pieces.len());
    let mut best = [0.0_f32; TAGS.len()];
    for (at, piece) in pieces.iter().enumerate() {
        let mut way = [0; TAGS.len()];
        let mut next_best = [f32::NEG_INFINITY; TAGS.len()];
        for tag in 0..TAGS.len() {
            let from = if at == 0 {
                if is_inside(tag) { f32::NEG_INFINITY } else { 0.0 }
            } else {
                let before = (0..TAGS.len()).filter(|&before| may_follow(before, tag));
                way[tag] = before.max_by(|&a, &b| best[a].total_cmp(&best[b])).unwrap_or(0);
                best[way[tag]]
            };
            next_best[tag] = from + piece[tag].max(f32::MIN_POSITIVE).ln();
        }
        best = next_best;
        ways.push(way);
    }
    let mut tag = (0..TAGS.len()).max_by(|&a, &b| best[a].total_cmp(&best[b])).unwrap_or(0);
    let mut path = vec![tag; pieces.len()];
    for at in (1..pieces.len()).rev() {
        tag = ways[at][tag];
        path[at - 1] = tag;
    }
    path
}

/// By piece, how probable each tag is given all pieces up to it, and what that was divided by.
fn forward(pieces: &[Probabilities]) -> (Vec<Probabilities>, Vec<f32>) {
    let mut all: Vec<Probabilities> = Vec::with_capacity(pieces.len());
    let mut norms = Vec::with_capacity(pieces.len());
    for piece in pieces {
        let mut now: Probabilities = std::array::from_fn(|tag| {
            let before: f32 = match all.last() {
                None if is_inside(tag) => 0.0,
                None => 1.0,
                Some(last) => {
                    (0..TAGS.len()).filter(|&before| may_follow(before, tag)).map(|before| last[before]).sum()
                }
            };
            before * piece[tag]
        });
        let norm = now.iter().sum::<f32>().max(f32::MIN_POSITIVE);
        now.iter_mut().for_each(|weight| *weight /= norm);
        all.push(now);
        norms.push(norm);
    }
    (all, norms)
}

/// By piece, how well all pieces behind it fit each of its tags.
fn backward(pieces: &[Probabilities], norms: &[f32]) -> Vec<Probabilities> {
    let mut all = vec![[1.0; TAGS.len()]; pieces.len()];
    for at in (1..pieces.len()).rev() {
        let behind = all[at];
        all[at - 1] = std::array::from_fn(|tag| {
            let next = (0..TAGS.len()).filter(|&next| may_follow(tag, next));
            next.map(|next| pieces[at][next] * behind[next]).sum::<f32>() / norms[at]
        });
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    const REST: f32 = 0.01;

    /// A piece that is one tag by a given probability, and a second one for the rest.
    fn piece(tags: &[(&str, f32)]) -> Probabilities {
        let mut piece = [REST; TAGS.len()];
        for (tag, probability) in tags {
            piece[TAGS.iter().position(|known| known == tag).unwrap()] = *probability;
        }
        let sum: f32 = piece.iter().sum();
        piece.map(|probability| probability / sum)
    }

    /// The probability of a name by adding up all paths.
    fn by_hand(pieces: &[Probabilities], name: &Tagged, begin: usize) -> f32 {
        let (mut all, mut with_name) = (0.0, 0.0);
        for code in 0..TAGS.len().pow(pieces.len() as u32) {
            let path: Vec<usize> =
                (0..pieces.len()).map(|at| code / TAGS.len().pow(at as u32) % TAGS.len()).collect();
            let legal = !is_inside(path[0]) && path.windows(2).all(|pair| may_follow(pair[0], pair[1]));
            if !legal {
                continue;
            }
            let weight: f32 = path.iter().zip(pieces).map(|(tag, piece)| piece[*tag]).product();
            all += weight;
            let is_name = path[name.pieces.start] == begin
                && path[name.pieces.start + 1..name.pieces.end].iter().all(|tag| *tag == begin + 1)
                && path.get(name.pieces.end).is_none_or(|tag| *tag != begin + 1);
            with_name += if is_name { weight } else { 0.0 };
        }
        with_name / all
    }

    #[test]
    fn an_inside_follows_its_beginning() {
        let stray =
            [piece(&[("I-ORG", 0.9), ("B-ORG", 0.3)]), piece(&[("I-ORG", 0.9)]), piece(&[("O", 0.9)])];
        let other =
            [piece(&[("B-PER", 0.9)]), piece(&[("I-LOC", 0.6), ("I-PER", 0.5)]), piece(&[("O", 0.9)])];
        let two = [piece(&[("B-LOC", 0.9)]), piece(&[("B-LOC", 0.9)])];
        let cases: [(&str, &[Probabilities], &str); 4] = [
            ("a stray inside begins", &stray, "0..2 Organization"),
            ("an inside of another type", &other, "0..2 Person"),
            ("two beginnings", &two, "0..1 Location, 1..2 Location"),
            ("nothing", &[], ""),
        ];
        for (case, pieces, expected) in cases {
            let found = names(pieces).into_iter().map(|name| format!("{:?} {:?}", name.pieces, name.kind));
            assert_eq!(found.collect::<Vec<_>>().join(", "), expected, "{case}");
        }
    }

    #[test]
    fn probabilities_are_those_of_all_paths() {
        let pieces = [
            piece(&[("O", 0.5), ("B-ORG", 0.4)]),
            piece(&[("B-PER", 0.7), ("I-ORG", 0.2)]),
            piece(&[("I-PER", 0.6), ("O", 0.5)]),
            piece(&[("B-LOC", 0.6), ("I-PER", 0.3)]),
            piece(&[("O", 0.9), ("I-LOC", 0.4)]),
        ];
        let found = names(&pieces);
        assert_eq!(found.len(), 2);
        for (name, begin) in found.iter().zip([1, 5]) {
            let expected = by_hand(&pieces, name, begin);
            assert!((name.probability - expected).abs() < 1e-5, "{name:?}: {expected}");
        }
    }
}
