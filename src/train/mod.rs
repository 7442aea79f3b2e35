//! Training of the fast tagger: a small network learns what corpora annotate and, for what they leave open, what the
//! encoder says (Hinton et al. 2015).

mod gradient;
mod lessons;
mod random;

pub use gradient::{Learner, Plan};
pub use lessons::{Labels, Lesson, Lessons, Target};
use random::Random;

/// Puts items in an order that only the seed decides.
pub fn shuffle<T>(items: &mut [T], seed: u64) {
    Random(seed).shuffle(items);
}
