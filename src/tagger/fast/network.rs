//! A network of convolutions over words (Collobert et al. 2011): what a word is, from its pieces, the letters it begins
//! and ends with, and its shape; what its neighbours are; the tag that follows.

use std::collections::HashMap;

use foldhash::fast::RandomState;
use rayon::{ThreadPool, ThreadPoolBuilder};
use rten_gemm::{BiasVector, GemmExecutor, GemmInputA, GemmInputB, GemmOptions, PackedBMatrix};
use rten_simd::SimdOp;
use rten_tensor::NdTensorView;

use super::features::{self, HASHED};
use super::units::Units;
use crate::tagger::decode::{Probabilities, Scores, TAGS, probabilities};
use crate::tagger::ops::AddTwo;
use crate::tagger::pieces::{Piece, Pieces};

/// Rows to either side that the first layer reads beside its own; a later layer reads one.
pub const SIDES: usize = 2;
/// Rows that the first layer reads.
pub const WINDOW: usize = 2 * SIDES + 1;

/// Words whose vectors a thread remembers. Few make up most of any text.
pub const REMEMBERED: usize = 1 << 15;

/// Vectors in bytes, each with a scale.
pub struct Table {
    pub numbers: Vec<i8>,
    pub scales: Vec<f32>,
}

impl Table {
    fn add(&self, row: usize, factor: f32, to: &mut [f32]) {
        let scale = self.scales[row] * factor;
        let numbers = &self.numbers[row * to.len()..][..to.len()];
        to.iter_mut().zip(numbers).for_each(|(sum, number)| *sum += f32::from(*number) * scale);
    }
}

/// A layer: from a row and its neighbours to a row.
pub struct Layer {
    weights: PackedBMatrix<f32>,
    bias: Vec<f32>,
}

/// Rows that are multiplied together, at least: what comes of one must not depend on how many there are.
const TILE: usize = 16;

impl Layer {
    /// Of weights [inputs, outputs].
    pub fn new(weights: &[f32], bias: Vec<f32>) -> Layer {
        let gemm: Gemm = GemmExecutor::new();
        let shape = [weights.len() / bias.len(), bias.len()];
        Layer { weights: gemm.prepack_b(NdTensorView::from_data(shape, weights)), bias }
    }

    /// What it makes of each row of `input`, which is filled up with zeros.
    fn apply(&self, input: &mut Vec<f32>, gemm: &Gemm, out: &mut Vec<f32>) {
        let inputs = self.weights.rows();
        let rows = (input.len() / inputs).next_multiple_of(TILE);
        input.resize(rows * inputs, 0.0);
        out.resize(rows * self.bias.len(), 0.0);
        let (a, b) = (NdTensorView::from_data([rows, inputs], input.as_slice()), &self.weights);
        let bias = Some(BiasVector::Row(self.bias.as_slice()));
        let options = GemmOptions { bias, ..GemmOptions::default() };
        gemm.gemm(out, GemmInputA::Unpacked(a), GemmInputB::Packed(b), options).expect("the shapes fit");
    }
}

type Gemm = GemmExecutor<f32, f32, f32>;

thread_local! {
    /// A product spreads over the threads of the pool that it is in, and so small a one is not worth it.
    static ALONE: Option<ThreadPool> = ThreadPoolBuilder::new().num_threads(1).use_current_thread().build().ok();
}

/// All that a model file says.
pub struct Network {
    pub pieces: Pieces,
    /// By piece.
    pub piece_vectors: Table,
    /// By hash; their number is a power of two.
    pub hashed: Table,
    /// Vectors to what they add to the first hidden rows around them, [`WINDOW`] of them (Devlin et al. 2014).
    pub spread: Layer,
    /// The same of contexts.
    pub spread_contexts: Vec<f32>,
    /// Of the first hidden rows.
    pub bias: Vec<f32>,
    /// From a hidden row and the two beside it to what is added to it (He et al. 2016).
    pub second: Layer,
    /// To scores of tags.
    pub last: Layer,
    /// What scores are divided by to become probabilities (Guo et al. 2017).
    pub temperature: f32,
}

/// Room to read in, and what the words met before spread.
#[derive(Default)]
pub struct Room {
    slots: HashMap<Box<str>, usize, RandomState>,
    spread: Vec<f32>,
    /// By row, where its word is in `spread`.
    words: Vec<usize>,
    read: Vec<Piece>,
    vectors: Vec<f32>,
    products: Vec<f32>,
    hidden: Vec<f32>,
    windows: Vec<f32>,
}

#[cfg(test)]
impl Room {
    pub fn remembered(&self) -> usize {
        self.slots.len()
    }
}

impl Network {
    fn width(&self) -> usize {
        self.spread.weights.rows()
    }

    fn inner(&self) -> usize {
        self.bias.len()
    }

    /// How probable each tag of each row is; of open rows only is it worth anything.
    pub fn read(&self, view: &str, units: &Units, room: &mut Room) -> Vec<Probabilities> {
        ALONE.with(|_| ());
        let gemm = GemmExecutor::new();
        self.look_up(view, units, &gemm, room);
        self.read_first(units, room);
        self.read_pairs(view, units, &gemm, room);
        let inner = self.inner();
        let Room { hidden, windows, products, .. } = room;
        hidden.iter_mut().for_each(|number| *number = number.max(0.0));
        let open = |row: &usize| units.rows[*row].is_some_and(|unit| unit.open);
        let open: Vec<usize> = (0..units.rows.len()).filter(open).collect();
        windows.clear();
        open.iter().for_each(|row| windows.extend_from_slice(&hidden[(row - 1) * inner..(row + 2) * inner]));
        self.second.apply(windows, &gemm, products);
        windows.clear();
        for (row, products) in open.iter().zip(products.chunks_exact(inner)) {
            let numbers = hidden[row * inner..][..inner].iter().zip(products);
            windows.extend(numbers.map(|(number, more)| number + more.max(0.0)));
        }
        self.last.apply(windows, &gemm, products);
        let mut read = vec![[0.0; TAGS.len()]; units.rows.len()];
        for (row, scores) in open.iter().zip(products.chunks_exact(TAGS.len())) {
            let scores: &Scores = scores.try_into().expect("a score for each tag");
            read[*row] = probabilities(scores, self.temperature);
        }
        read
    }

    fn slot(&self, hash: u64) -> usize {
        (hash & (self.hashed.scales.len() as u64 - 1)) as usize
    }

    /// Makes sure that what each row's word spreads is known.
    fn look_up(&self, view: &str, units: &Units, gemm: &Gemm, room: &mut Room) {
        if room.slots.len() > REMEMBERED {
            room.slots.clear();
            room.spread.clear();
        }
        let width = self.width();
        let known = room.slots.len();
        room.words.clear();
        room.vectors.clear();
        for unit in &units.rows {
            let Some(unit) = unit else {
                room.words.push(usize::MAX);
                continue;
            };
            let word = unit.span.of(view);
            let slot = room.slots.get(word).copied().unwrap_or_else(|| {
                let slot = room.slots.len();
                room.slots.insert(word.into(), slot);
                room.vectors.resize((slot + 1 - known) * width, 0.0);
                self.describe(word, &mut room.read, &mut room.vectors[(slot - known) * width..]);
                slot
            });
            room.words.push(slot);
        }
        let met = room.slots.len() - known;
        if met > 0 {
            self.spread.apply(&mut room.vectors, gemm, &mut room.products);
            room.spread.extend_from_slice(&room.products[..met * WINDOW * self.inner()]);
        }
    }

    /// Adds a word's pieces and features to its vector.
    fn describe(&self, word: &str, read: &mut Vec<Piece>, vector: &mut [f32]) {
        let mut hashes = [0; HASHED];
        features::of_word(word, &self.pieces, read, &mut hashes);
        let share = 1.0 / read.len().max(1) as f32;
        read.iter().for_each(|piece| self.piece_vectors.add(piece.id as usize, share, vector));
        hashes.iter().for_each(|hash| self.hashed.add(self.slot(*hash), 1.0, vector));
    }

    /// Sums up what words and their contexts spread over the first hidden rows.
    fn read_first(&self, units: &Units, room: &mut Room) {
        let inner = self.inner();
        let Room { words, spread, hidden, .. } = room;
        hidden.clear();
        let is_open = |row: usize| units.rows.get(row).copied().flatten().is_some_and(|unit| unit.open);
        for row in 0..units.rows.len() {
            hidden.extend_from_slice(&self.bias);
            if !(is_open(row) || is_open(row + 1) || row > 0 && is_open(row - 1)) {
                continue;
            }
            let sums = &mut hidden[row * inner..][..inner];
            for (place, from) in around(row, units.rows.len()) {
                let Some(unit) = units.rows[from] else { continue };
                let word = &spread[(words[from] * WINDOW + place) * inner..][..inner];
                let context =
                    &self.spread_contexts[(usize::from(unit.context) * WINDOW + place) * inner..][..inner];
                AddTwo { to: sums, rows: [word, context] }.dispatch();
            }
        }
    }

    /// Adds what words spread that are written together: in scripts without spaces, characters.
    fn read_pairs(&self, view: &str, units: &Units, gemm: &Gemm, room: &mut Room) {
        let (width, inner) = (self.width(), self.inner());
        let Room { vectors, products, hidden, .. } = room;
        vectors.clear();
        let mut rows: Vec<usize> = Vec::new();
        for (row, unit) in units.rows.iter().enumerate() {
            let Some(unit) = unit else { continue };
            let Some(before) = unit.joined else { continue };
            let slot = self.slot(features::of_pair(before.of(view), unit.span.of(view)));
            for row in [row - 1, row].into_iter().filter(|row| units.rows[*row].is_some()) {
                if rows.last() != Some(&row) {
                    rows.push(row);
                    vectors.resize(rows.len() * width, 0.0);
                }
                let last = vectors.len() - width;
                self.hashed.add(slot, 1.0, &mut vectors[last..]);
            }
        }
        if rows.is_empty() {
            return;
        }
        self.spread.apply(vectors, gemm, products);
        for (from, products) in rows.iter().zip(products.chunks_exact(WINDOW * inner)) {
            for (place, row) in around(*from, units.rows.len()) {
                let sums = hidden[row * inner..][..inner].iter_mut();
                // A row is as far to the left of another as that is to its right.
                let numbers = &products[(WINDOW - 1 - place) * inner..][..inner];
                sums.zip(numbers).for_each(|(sum, number)| *sum += number);
            }
        }
    }
}

/// The places of a window around a row, and the rows at them.
fn around(row: usize, rows: usize) -> impl Iterator<Item = (usize, usize)> {
    let first = SIDES.saturating_sub(row);
    (first..WINDOW).map(move |place| (place, row + place - SIDES)).take_while(move |(_, row)| *row < rows)
}
