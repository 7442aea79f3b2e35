//! Names found against names annotated: precision, recall, F1, and whether confidence means what it says.

use std::ops::AddAssign;

use depeche::mention::Span;

use super::corpus::{Name, TYPES};

/// Rows of the reliability table.
const BINS: usize = 10;

/// A name that was found.
#[derive(Clone, Copy, Debug)]
pub struct Found {
    /// Where, and of which type.
    pub name: Name,
    /// The probability, in [0, 1], that it is right.
    pub confidence: f32,
}

/// How many names of one type or of several.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Annotated.
    pub annotated: usize,
    /// Found.
    pub found: usize,
    /// Found with their very span and type.
    pub exact: usize,
    /// Found with their type on a span that overlaps, each annotated name once.
    pub overlapping: usize,
}

impl Counts {
    /// The share of what was found that is right.
    pub fn precision(&self) -> Option<f64> {
        ratio(self.exact, self.found)
    }

    /// The share of what was annotated that was found.
    pub fn recall(&self) -> Option<f64> {
        ratio(self.exact, self.annotated)
    }

    /// The harmonic mean of precision and recall; `None` where nothing is annotated.
    pub fn f1(&self) -> Option<f64> {
        self.f1_of(self.exact)
    }

    /// The same with every overlap taken as right, which forgives articles and titles.
    pub fn overlap_f1(&self) -> Option<f64> {
        self.f1_of(self.overlapping)
    }

    fn f1_of(&self, right: usize) -> Option<f64> {
        (self.annotated > 0).then(|| 2.0 * right as f64 / (self.annotated + self.found) as f64)
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Counts) {
        self.annotated += other.annotated;
        self.found += other.found;
        self.exact += other.exact;
        self.overlapping += other.overlapping;
    }
}

/// The counts of every type, in the order of [`TYPES`].
#[derive(Clone, Copy, Debug, Default)]
pub struct Score(pub [Counts; TYPES.len()]);

impl Score {
    /// Compares the names of one document.
    pub fn of(annotated: &[Name], found: &[Found]) -> Score {
        let spans = |names: &[Name]| names.iter().map(|name| name.span).collect::<Vec<_>>();
        Score(TYPES.map(|kind| {
            let annotated: Vec<Name> = annotated.iter().filter(|name| name.kind == kind).copied().collect();
            let found: Vec<Name> = found.iter().map(|it| it.name).filter(|name| name.kind == kind).collect();
            Counts {
                annotated: annotated.len(),
                found: found.len(),
                exact: found.iter().filter(|name| annotated.contains(name)).count(),
                overlapping: overlapping(&spans(&annotated), &spans(&found)),
            }
        }))
    }

    /// The counts of all types together.
    pub fn micro(&self) -> Counts {
        let mut sum = Counts::default();
        self.0.iter().for_each(|counts| sum += *counts);
        sum
    }
}

impl AddAssign for Score {
    fn add_assign(&mut self, other: Score) {
        self.0.iter_mut().zip(other.0).for_each(|(sum, counts)| *sum += counts);
    }
}

/// How many pairs overlap, no span in two of them. Neither side overlaps itself.
pub fn overlapping(annotated: &[Span], found: &[Span]) -> usize {
    let mut free = found.to_vec();
    let mut pairs = 0;
    for span in annotated {
        if let Some(index) = free.iter().position(|it| it.overlaps(*span)) {
            free.remove(index);
            pairs += 1;
        }
    }
    pairs
}

/// How often names of about the same confidence are right.
#[derive(Debug, Default)]
pub struct Reliability([Bin; BINS]);

/// A row of the reliability table.
#[derive(Clone, Copy, Debug, Default)]
pub struct Bin {
    /// Names of such confidence.
    pub names: usize,
    /// Those with their very span and type.
    pub right: usize,
    /// Of their confidences.
    sum: f64,
}

impl Bin {
    /// What the engine says of them.
    pub fn mean_confidence(&self) -> Option<f64> {
        (self.names > 0).then(|| self.sum / self.names as f64)
    }

    /// What the corpora say of them.
    pub fn precision(&self) -> Option<f64> {
        ratio(self.right, self.names)
    }
}

impl Reliability {
    /// Notes a name that was found.
    pub fn add(&mut self, confidence: f32, right: bool) {
        let bin = &mut self.0[((confidence * BINS as f32) as usize).min(BINS - 1)];
        bin.names += 1;
        bin.right += usize::from(right);
        bin.sum += f64::from(confidence);
    }

    /// Each with its lower and upper end; the last one has its upper end too.
    pub fn bins(&self) -> impl Iterator<Item = (f64, f64, Bin)> {
        let end = |index: usize| index as f64 / BINS as f64;
        self.0.iter().enumerate().map(move |(index, bin)| (end(index), end(index + 1), *bin))
    }

    /// Expected calibration error (Naeini, Cooper, Hauskrecht 2015): the mean distance of confidence from precision
    /// over the bins, weighed by their names.
    pub fn expected_calibration_error(&self) -> Option<f64> {
        let names: usize = self.0.iter().map(|bin| bin.names).sum();
        let distance: f64 = self.0.iter().map(|bin| (bin.sum - bin.right as f64).abs()).sum();
        (names > 0).then(|| distance / names as f64)
    }
}

fn ratio(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

#[cfg(test)]
mod tests {
    use depeche::values::EntityType::{self, Location, Organization, Person};

    use super::*;

    fn name((start, end, kind): (usize, usize, EntityType)) -> Name {
        Name { span: Span::new(start, end), kind }
    }

    #[test]
    fn counts() {
        type Spans<'a> = &'a [(usize, usize, EntityType)];
        let cases: [(&str, Spans<'_>, Spans<'_>, [usize; 4]); 8] = [
            ("nothing", &[], &[], [0, 0, 0, 0]),
            ("equal", &[(0, 4, Person)], &[(0, 4, Person)], [1, 1, 1, 1]),
            ("missed", &[(0, 4, Person)], &[], [1, 0, 0, 0]),
            ("invented", &[], &[(0, 4, Person)], [0, 1, 0, 0]),
            ("of another type", &[(0, 4, Person)], &[(0, 4, Location)], [1, 1, 0, 0]),
            ("with an article", &[(0, 9, Location)], &[(4, 9, Location)], [1, 1, 0, 1]),
            (
                "in two halves",
                &[(0, 9, Organization)],
                &[(0, 4, Organization), (5, 9, Organization)],
                [1, 2, 0, 1],
            ),
            ("two in one", &[(0, 4, Person), (5, 9, Person)], &[(0, 9, Person)], [2, 1, 0, 1]),
        ];
        for (case, annotated, found, expected) in cases {
            let annotated: Vec<Name> = annotated.iter().copied().map(name).collect();
            let found: Vec<Found> =
                found.iter().map(|it| Found { name: name(*it), confidence: 0.5 }).collect();
            let counts = Score::of(&annotated, &found).micro();
            let numbers = [counts.annotated, counts.found, counts.exact, counts.overlapping];
            assert_eq!(numbers, expected, "{case}");
        }
    }

    #[test]
    fn figures() {
        let counts = Counts { annotated: 4, found: 2, exact: 1, overlapping: 2 };
        let figures = [counts.precision(), counts.recall(), counts.f1(), counts.overlap_f1()];
        assert_eq!(figures, [Some(1.0 / 2.0), Some(1.0 / 4.0), Some(1.0 / 3.0), Some(2.0 / 3.0)]);
        let spurious = Counts { found: 2, ..Counts::default() };
        assert_eq!((spurious.precision(), spurious.recall(), spurious.f1()), (Some(0.0), None, None));
    }

    #[test]
    fn calibration() {
        let mut reliability = Reliability::default();
        assert_eq!(reliability.expected_calibration_error(), None);
        for (confidence, right) in [(0.75, true), (0.75, false), (1.0, true), (0.0, false)] {
            reliability.add(confidence, right);
        }
        // Two of four names are off by a quarter.
        assert_eq!(reliability.expected_calibration_error(), Some(0.125));
        let filled: Vec<_> = reliability.bins().filter(|(_, _, bin)| bin.names > 0).collect();
        let rows: Vec<_> = filled.iter().map(|(low, _, bin)| (*low, bin.names, bin.precision())).collect();
        assert_eq!(rows, [(0.0, 1, Some(0.0)), (0.7, 2, Some(0.5)), (0.9, 1, Some(1.0))]);
    }
}
