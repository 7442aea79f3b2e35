//! The network's gradient, and steps along it.

use rayon::prelude::*;
use rten_gemm::{GemmExecutor, GemmInputA, GemmInputB, GemmOptions};
use rten_tensor::NdTensorView;

use super::lessons::{Lesson, Lessons, Row};
use super::random::Random;
use crate::tagger::TAGS;
use crate::tagger::fast::Weights;
use crate::tagger::fast::network::SIDES;
use crate::tagger::fast::units::{CONTEXTS, REACH};

/// Sizes, and how to learn.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Numbers of a row.
    pub width: usize,
    /// Numbers of a hidden row.
    pub inner: usize,
    /// Two to this are the vectors of hashed features.
    pub hashed_bits: u32,
    /// Rows that count in a step.
    pub batch: usize,
    /// Of a step, at the start; it falls to nothing.
    pub rate: f32,
    /// Share of numbers of a row, and of hidden ones, that are hidden from a step (Srivastava et al. 2014).
    pub dropout: f32,
    /// Share of words whose spelling is hidden, so that pieces and endings learn to do without.
    pub blind: f32,
    /// Of all that is drawn.
    pub seed: u64,
}

/// A gradient is shared between so many threads; more would change sums, and with them the model.
const SHARES: usize = 2;

/// A network that learns.
pub struct Learner {
    plan: Plan,
    pieces: String,
    scores: Vec<f32>,
    /// Of pieces, as the encoder has them: [pieces, their width]
    embeddings: Vec<f32>,
    /// [width of embeddings, width], contexts, then weights and bias of each layer.
    dense: Vec<Vec<f32>>,
    /// Running means of gradients and of their squares (Adam, Kingma & Ba 2015).
    means: Vec<[Vec<f32>; 2]>,
    hashed: Vec<f32>,
    /// Sums of the squared gradients of each row (Duchi et al. 2011).
    squares: Vec<f32>,
    steps: u32,
}

/// What a share of a batch has to say.
struct Gradient {
    dense: Vec<Vec<f32>>,
    /// Of each row that is a word.
    rows: Vec<(Row, bool, Vec<f32>)>,
    loss: f64,
}

/// Layers: projection of pieces, contexts, then pairs.
const PROJECTION: usize = 0;
const CONTEXT: usize = 1;
const FIRST: usize = 2;
/// The second of them reads what the first makes, and adds to it.
const HIDDEN_LAYERS: usize = 2;

impl Learner {
    /// Of pieces, their log probabilities, and their embeddings.
    pub fn new(plan: Plan, pieces: String, scores: Vec<f32>, embeddings: Vec<f32>) -> Learner {
        let mut random = Random(plan.seed);
        let mut drawn = |count: usize, inputs: usize| -> Vec<f32> {
            let scale = (3.0 / inputs as f32).sqrt();
            (0..count).map(|_| random.sign() * scale).collect()
        };
        let from = embeddings.len() / scores.len();
        let Plan { width, inner, .. } = plan;
        let mut dense = vec![drawn(from * width, from), vec![0.0; CONTEXTS * width]];
        // Embeddings have numbers far below one.
        dense[PROJECTION].iter_mut().for_each(|number| *number *= 4.0);
        let inputs = (2 * SIDES + 1) * width;
        dense.extend([drawn(inputs * inner, inputs), vec![0.0; inner]]);
        dense.extend([drawn(3 * inner * inner, 3 * inner), vec![0.0; inner]]);
        dense.extend([drawn(inner * TAGS.len(), inner), vec![0.0; TAGS.len()]]);
        let means =
            dense.iter().map(|numbers| [vec![0.0; numbers.len()], vec![0.0; numbers.len()]]).collect();
        let hashed: Vec<f32> =
            drawn(width << plan.hashed_bits, 3).iter().map(|number| number * 0.05).collect();
        let squares = vec![0.0; 1 << plan.hashed_bits];
        Learner { plan, pieces, scores, embeddings, dense, means, hashed, squares, steps: 0 }
    }

    /// Sizes, and how it learns.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// One step, `left` of 1 at the start and of 0 at the end of training; returns the mean loss of a row.
    pub fn step(&mut self, lessons: &Lessons, batch: &[usize], left: f32) -> f64 {
        let open: usize = batch.iter().map(|&lesson| lessons.all[lesson].open).sum();
        let seed = self.plan.seed ^ (u64::from(self.steps) << 20);
        let mut shares: Vec<Vec<&Lesson>> = vec![Vec::new(); SHARES];
        batch.iter().enumerate().for_each(|(at, &lesson)| shares[at % SHARES].push(&lessons.all[lesson]));
        let gradients: Vec<Gradient> = shares
            .par_iter()
            .enumerate()
            .map(|(share, batch)| self.gradient(lessons, batch, Some(Random(seed + share as u64))))
            .collect();
        self.steps += 1;
        let loss = gradients.iter().map(|gradient| gradient.loss).sum::<f64>() / open as f64;
        let scale = 1.0 / open as f32;
        self.follow(lessons, &gradients, scale, self.plan.rate * left);
        loss
    }

    /// The mean loss of a row over lessons, without learning; scores are divided by `temperature`.
    pub fn loss(&self, lessons: &Lessons, of: &[usize], temperature: f32) -> f64 {
        let open: usize = of.iter().map(|&lesson| lessons.all[lesson].open).sum();
        let sum: f64 = of
            .par_chunks(64)
            .map(|of| {
                let batch: Vec<&Lesson> = of.iter().map(|&lesson| &lessons.all[lesson]).collect();
                let pass = self.forward(lessons, &batch, &mut None);
                loss(&pass, TAGS.len(), temperature, None)
            })
            .collect::<Vec<_>>()
            .iter()
            .sum();
        sum / open.max(1) as f64
    }

    /// All that changes while it learns, as bytes, for [`Learner::restore`].
    pub fn state(&self) -> Vec<u8> {
        let numbers = self.changing().flatten().flat_map(|number| number.to_le_bytes());
        self.steps.to_le_bytes().into_iter().chain(numbers).collect()
    }

    /// Goes on from a state of a learner of the same plan; whether it was one.
    #[must_use]
    pub fn restore(&mut self, state: &[u8]) -> bool {
        let size = 4 + 4 * self.changing().map(Vec::len).sum::<usize>();
        let Some((steps, mut rest)) = state.split_first_chunk().filter(|_| state.len() == size) else {
            return false;
        };
        self.steps = u32::from_le_bytes(*steps);
        let means = self.means.iter_mut().flatten();
        for numbers in self.dense.iter_mut().chain(means).chain([&mut self.hashed, &mut self.squares]) {
            let (bytes, others) = rest.split_at(4 * numbers.len());
            let read = bytes.as_chunks().0.iter().map(|number| f32::from_le_bytes(*number));
            numbers.iter_mut().zip(read).for_each(|(number, read)| *number = read);
            rest = others;
        }
        true
    }

    fn changing(&self) -> impl Iterator<Item = &Vec<f32>> {
        self.dense.iter().chain(self.means.iter().flatten()).chain([&self.hashed, &self.squares])
    }

    /// As a model file has it.
    pub fn weights(&self, temperature: f32) -> Weights {
        let width = self.plan.width;
        let mut piece_vectors = vec![0.0; self.scores.len() * width];
        let from = self.embeddings.len() / self.scores.len();
        product(
            &GemmExecutor::new(),
            view(&self.embeddings, self.scores.len(), from, [from, 1]),
            view(&self.dense[PROJECTION], from, width, [width, 1]),
            0.0,
            &mut piece_vectors,
        );
        let layer = |index: usize| (self.dense[index].clone(), self.dense[index + 1].clone());
        Weights {
            width,
            pieces: self.pieces.clone(),
            scores: self.scores.clone(),
            piece_vectors,
            hashed: self.hashed.clone(),
            contexts: self.dense[CONTEXT].clone(),
            layers: [FIRST, FIRST + 2, FIRST + 4].map(layer),
            temperature,
        }
    }

    fn slot(&self, hash: u64) -> usize {
        (hash & ((1 << self.plan.hashed_bits) - 1)) as usize * self.plan.width
    }

    /// The hashed features of a row; without the word itself if it is blind to it.
    fn features<'a>(
        &'a self,
        lessons: &'a Lessons,
        row: &'a Row,
        blind: bool,
    ) -> impl Iterator<Item = usize> + 'a {
        let word = row.word.map(|word| &lessons.words[word as usize]);
        let hashes = word.into_iter().flat_map(move |word| word.hashes.iter().skip(usize::from(blind)));
        hashes.chain(row.pairs.iter().flatten()).map(|hash| self.slot(*hash))
    }

    fn forward<'a>(&self, lessons: &Lessons, batch: &[&'a Lesson], random: &mut Option<Random>) -> Pass<'a> {
        let Plan { width, inner, dropout, blind, .. } = self.plan;
        let from = self.embeddings.len() / self.scores.len();
        const EMPTY: Row = Row { word: None, context: 0, pairs: [None; 2], target: None };
        let empty: &'static Row = &EMPTY;
        let mut rows: Vec<&'a Row> = vec![empty; REACH];
        batch.iter().for_each(|lesson| rows.extend(lesson.rows.iter()));
        let count = rows.len();
        let mut pieces = vec![0.0; count * from];
        let mut blinded = vec![false; count];
        for (at, row) in rows.iter().enumerate() {
            let Some(word) = row.word else { continue };
            let word = &lessons.words[word as usize];
            let share = 1.0 / word.pieces.len().max(1) as f32;
            for piece in &word.pieces {
                let numbers = &self.embeddings[*piece as usize * from..][..from];
                let sums = pieces[at * from..][..from].iter_mut();
                sums.zip(numbers).for_each(|(sum, number)| *sum += share * number);
            }
            blinded[at] = random.as_mut().is_some_and(|random| random.share() < blind);
        }
        let gemm = GemmExecutor::new();
        let mut read = vec![0.0; count * width];
        let projection = view(&self.dense[PROJECTION], from, width, [width, 1]);
        product(&gemm, view(&pieces, count, from, [from, 1]), projection, 0.0, &mut read);
        for (at, row) in rows.iter().enumerate() {
            if row.word.is_none() {
                continue;
            }
            let numbers = &mut read[at * width..][..width];
            let context = usize::from(row.context) * width;
            add(&self.dense[CONTEXT][context..][..width], numbers);
            for slot in self.features(lessons, row, blinded[at]) {
                add(&self.hashed[slot..][..width], numbers);
            }
        }
        let mut masks = Vec::new();
        masks.push(hide(&mut read, dropout, random));
        let mut passed = vec![read];
        let mut count = count - 2 * SIDES;
        for layer in 0..HIDDEN_LAYERS {
            let (weights, bias) = (&self.dense[FIRST + 2 * layer], &self.dense[FIRST + 2 * layer + 1]);
            let input = passed.last().expect("rows were read");
            let mut out = bias.repeat(count);
            let (step, inputs) = (if layer == 0 { width } else { inner }, weights.len() / inner);
            let weights = view(weights, inputs, inner, [inner, 1]);
            product(&gemm, view(input, count, inputs, [step, 1]), weights, 1.0, &mut out);
            out.iter_mut().for_each(|number| *number = number.max(0.0));
            masks.push(hide(&mut out, dropout, random));
            if layer > 0 {
                add(&input[inner..][..out.len()], &mut out);
            }
            passed.push(out);
            count -= 2;
        }
        let count = count + 2;
        let (weights, bias) = (&self.dense[self.dense.len() - 2], &self.dense[self.dense.len() - 1]);
        let mut scores = bias.repeat(count);
        let last = view(passed.last().expect("there is a layer"), count, inner, [inner, 1]);
        product(&gemm, last, view(weights, inner, TAGS.len(), [TAGS.len(), 1]), 1.0, &mut scores);
        Pass { rows, blinded, pieces, masks, passed, scores, count }
    }

    fn gradient(&self, lessons: &Lessons, batch: &[&Lesson], mut random: Option<Random>) -> Gradient {
        let Plan { width, inner, .. } = self.plan;
        let pass = self.forward(lessons, batch, &mut random);
        let gemm = GemmExecutor::new();
        let mut dense: Vec<Vec<f32>> = self.dense.iter().map(|numbers| vec![0.0; numbers.len()]).collect();
        let tags = TAGS.len();
        let mut scores = vec![0.0; pass.scores.len()];
        let loss = loss(&pass, tags, 1.0, Some(&mut scores));
        let mut count = pass.count;
        let last = dense.len() - 2;
        let input = &pass.passed[HIDDEN_LAYERS];
        product(
            &gemm,
            view(input, inner, count, [1, inner]),
            view(&scores, count, tags, [tags, 1]),
            0.0,
            &mut dense[last],
        );
        sum_rows(&scores, &mut dense[last + 1]);
        let mut back = vec![0.0; count * inner];
        let weights = view(&self.dense[last], tags, inner, [1, tags]);
        product(&gemm, view(&scores, count, tags, [tags, 1]), weights, 0.0, &mut back);
        for layer in (0..HIDDEN_LAYERS).rev() {
            let (step, index) = (if layer == 0 { width } else { inner }, FIRST + 2 * layer);
            let input = &pass.passed[layer];
            let mut below = vec![0.0; input.len()];
            if layer > 0 {
                add(&back, &mut below[inner..]);
            }
            let out = &pass.passed[layer + 1];
            let kept = &pass.masks[layer + 1];
            for (at, number) in back.iter_mut().enumerate() {
                let own = if layer > 0 { out[at] - input[inner + at] } else { out[at] };
                *number = if own > 0.0 { *number * kept.get(at).copied().unwrap_or(1.0) } else { 0.0 };
            }
            let inputs = self.dense[index].len() / inner;
            product(
                &gemm,
                view(input, inputs, count, [1, step]),
                view(&back, count, inner, [inner, 1]),
                0.0,
                &mut dense[index],
            );
            sum_rows(&back, &mut dense[index + 1]);
            let mut spread = vec![0.0; count * inputs];
            let weights = view(&self.dense[index], inner, inputs, [1, inner]);
            product(&gemm, view(&back, count, inner, [inner, 1]), weights, 0.0, &mut spread);
            for (at, numbers) in spread.chunks_exact(inputs).enumerate() {
                add(numbers, &mut below[at * step..][..inputs]);
            }
            back = below;
            count += 2;
        }
        if let Some(mask) = pass.masks.first().filter(|mask| !mask.is_empty()) {
            back.iter_mut().zip(mask).for_each(|(number, kept)| *number *= kept);
        }
        let from = self.embeddings.len() / self.scores.len();
        for (row, numbers) in pass.rows.iter().zip(back.chunks_exact_mut(width)) {
            // What stands between words is nothing, whatever would be better there.
            if row.word.is_none() {
                numbers.fill(0.0);
            }
        }
        let rows = pass.rows.len();
        product(
            &gemm,
            view(&pass.pieces, from, rows, [1, from]),
            view(&back, rows, width, [width, 1]),
            0.0,
            &mut dense[PROJECTION],
        );
        let mut words = Vec::with_capacity(rows);
        for ((row, blind), numbers) in pass.rows.iter().zip(&pass.blinded).zip(back.chunks_exact(width)) {
            if row.word.is_some() {
                add(numbers, &mut dense[CONTEXT][usize::from(row.context) * width..][..width]);
                words.push((**row, *blind, numbers.to_vec()));
            }
        }
        Gradient { dense, rows: words, loss }
    }

    fn follow(&mut self, lessons: &Lessons, gradients: &[Gradient], scale: f32, rate: f32) {
        const KEPT: [f32; 2] = [0.9, 0.99];
        let warmed = KEPT.map(|kept| 1.0 - kept.powi(self.steps as i32));
        for (index, numbers) in self.dense.iter_mut().enumerate() {
            let [means, squares] = &mut self.means[index];
            for at in 0..numbers.len() {
                let gradient = scale * gradients.iter().map(|it| it.dense[index][at]).sum::<f32>();
                means[at] = KEPT[0] * means[at] + (1.0 - KEPT[0]) * gradient;
                squares[at] = KEPT[1] * squares[at] + (1.0 - KEPT[1]) * gradient * gradient;
                numbers[at] -= rate * (means[at] / warmed[0]) / ((squares[at] / warmed[1]).sqrt() + 1e-8);
            }
        }
        let width = self.plan.width;
        for (row, blind, numbers) in gradients.iter().flat_map(|gradient| &gradient.rows) {
            let square =
                numbers.iter().map(|number| number * number).sum::<f32>() * scale * scale / width as f32;
            if square == 0.0 {
                continue;
            }
            let slots: Vec<usize> = self.features(lessons, row, *blind).collect();
            for slot in slots {
                let sum = &mut self.squares[slot / width];
                *sum += square;
                let step = 4.0 * rate * scale / (sum.sqrt() + 1e-8);
                let vector = &mut self.hashed[slot..][..width];
                vector.iter_mut().zip(numbers).for_each(|(number, gradient)| *number -= step * gradient);
            }
        }
    }
}

/// What a batch was read as, by layer.
struct Pass<'a> {
    rows: Vec<&'a Row>,
    blinded: Vec<bool>,
    /// Means of the embeddings of each row's pieces.
    pieces: Vec<f32>,
    /// By layer, what each number was multiplied by when some were hidden; empty if none were.
    masks: Vec<Vec<f32>>,
    /// The rows, then what each layer made of them.
    passed: Vec<Vec<f32>>,
    scores: Vec<f32>,
    /// Rows that have scores: all but those at the ends.
    count: usize,
}

/// The sum of cross entropies between targets and what is said; and its gradient by score.
fn loss(pass: &Pass<'_>, tags: usize, temperature: f32, mut gradient: Option<&mut Vec<f32>>) -> f64 {
    let sides = (pass.rows.len() - pass.count) / 2;
    let mut sum = 0.0;
    for (at, scores) in pass.scores.chunks_exact(tags).enumerate() {
        let Some(target) = pass.rows[at + sides].target else { continue };
        let most = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let whole: f32 = scores.iter().map(|score| ((score - most) / temperature).exp()).sum();
        let due: f32 = target.iter().map(|share| f32::from(*share)).sum();
        for (tag, (score, share)) in scores.iter().zip(target).enumerate() {
            let log = (score - most) / temperature - whole.ln();
            let share = f32::from(share) / due;
            sum -= f64::from(share * log);
            if let Some(gradient) = gradient.as_mut() {
                gradient[at * tags + tag] = log.exp() - share;
            }
        }
    }
    sum
}

type Gemm = GemmExecutor<f32, f32, f32>;
type View<'a> = NdTensorView<'a, f32, 2>;

fn view(numbers: &[f32], rows: usize, columns: usize, strides: [usize; 2]) -> View<'_> {
    NdTensorView::from_slice_with_strides([rows, columns], numbers, strides).expect("the numbers are there")
}

/// left × right + kept × out, into out.
fn product(gemm: &Gemm, left: View<'_>, right: View<'_>, kept: f32, out: &mut [f32]) {
    let options = GemmOptions { beta: kept, ..GemmOptions::default() };
    gemm.gemm(out, GemmInputA::Unpacked(left), GemmInputB::Unpacked(right), options).expect("the shapes fit");
}

fn add(numbers: &[f32], to: &mut [f32]) {
    to.iter_mut().zip(numbers).for_each(|(sum, number)| *sum += number);
}

fn sum_rows(rows: &[f32], to: &mut [f32]) {
    rows.chunks_exact(to.len()).for_each(|row| add(row, to));
}

/// Hides a share of the numbers, and makes up for it in the others; returns what each was multiplied by.
fn hide(numbers: &mut [f32], share: f32, random: &mut Option<Random>) -> Vec<f32> {
    let Some(random) = random.as_mut().filter(|_| share > 0.0) else { return Vec::new() };
    let kept = 1.0 / (1.0 - share);
    let mut mask = Vec::with_capacity(numbers.len());
    for number in numbers {
        let factor = if random.share() < share { 0.0 } else { kept };
        *number *= factor;
        mask.push(factor);
    }
    mask
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Document;
    use crate::mention::Span;
    use crate::tagger::fast::FastTagger;
    use crate::text::Text;
    use crate::train::Labels;
    use crate::values::EntityType;

    const PIECES: &str = "<s>\n</s>\n<unk>\na\nb\no\nr\ns\n▁\n▁Ana\n▁b\n";
    const TEXTS: [&str; 3] = ["Ana saw Bora. Ana rose", "no bar", "Bar Ana, so far (Bora) or Ana"];

    fn plan() -> Plan {
        let (batch, rate, dropout, blind, seed) = (64, 0.01, 0.0, 0.0, 7);
        Plan { width: 4, inner: 16, hashed_bits: 6, batch, rate, dropout, blind, seed }
    }

    fn scores() -> Vec<f32> {
        (0..PIECES.lines().count()).map(|piece| -1.0 - piece as f32 / 4.0).collect()
    }

    fn learner() -> Learner {
        let mut random = Random(3);
        let embeddings = (0..PIECES.lines().count() * 3).map(|_| random.sign()).collect();
        Learner::new(plan(), PIECES.to_owned(), scores(), embeddings)
    }

    /// Lessons in which every "Ana" is a person.
    fn lessons() -> Lessons {
        let mut lessons = Lessons::new(PIECES, scores()).unwrap();
        for text in TEXTS {
            let names: Vec<_> = text
                .match_indices("Ana")
                .map(|(at, name)| (Span::new(at, at + name.len()), EntityType::Person))
                .collect();
            let labels = Labels { names: &names, types: &EntityType::NAMES };
            lessons.add(&Text::new(&Document::new(text)), Some(labels), &[]);
        }
        lessons
    }

    #[test]
    fn gradients_are_slopes() {
        let (mut learner, lessons) = (learner(), lessons());
        let batch: Vec<Lesson> = lessons.all.clone();
        let batch: Vec<&Lesson> = batch.iter().collect();
        let gradient = learner.gradient(&lessons, &batch, None);
        let all: Vec<usize> = (0..lessons.all.len()).collect();
        let open: usize = lessons.all.iter().map(|lesson| lesson.open).sum();
        for (index, slopes) in gradient.dense.iter().enumerate() {
            for at in (0..slopes.len()).step_by(slopes.len().div_ceil(7)) {
                let mut loss = |moved: f32| {
                    let kept = learner.dense[index][at];
                    learner.dense[index][at] += moved;
                    let loss = learner.loss(&lessons, &all, 1.0) * open as f64;
                    learner.dense[index][at] = kept;
                    loss
                };
                let slope = (loss(1e-3) - loss(-1e-3)) / 2e-3;
                let told = f64::from(slopes[at]);
                assert!((slope - told).abs() < 0.03 * slope.abs().max(1.0), "{index} {at}: {slope} {told}");
            }
        }
    }

    #[test]
    fn what_is_learned_is_what_the_tagger_reads() {
        let lessons = lessons();
        // One is interrupted on its way.
        let learn = |interrupted: bool| {
            let mut taught = learner();
            let all: Vec<usize> = (0..lessons.all.len()).collect();
            for step in 0..300 {
                if interrupted && step == 100 {
                    let state = taught.state();
                    taught = learner();
                    assert!(!taught.restore(&state[1..]));
                    assert!(taught.restore(&state));
                }
                taught.step(&lessons, &all, 1.0 - step as f32 / 300.0);
            }
            crate::tagger::fast::write(&taught.weights(1.0))
        };
        let file = learn(false);
        assert!(file == learn(true), "the same seed makes the same file");
        let folder = std::env::temp_dir().join(format!("depeche-train-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(FastTagger::FILE), file).unwrap();
        let tagger = FastTagger::open(&folder);
        std::fs::remove_dir_all(&folder).unwrap();
        let tagger = tagger.unwrap();
        for text in TEXTS {
            let names = tagger.read(&Text::new(&Document::new(text))).names;
            let found: Vec<_> = names.iter().map(|name| name.span.of(text)).collect();
            let expected: Vec<_> = text.matches("Ana").collect();
            assert_eq!(found, expected, "{text}");
            assert!(names.iter().all(|name| name.kind == EntityType::Person), "{text}");
        }
    }
}
