//! The encoder: a transformer (Vaswani et al. 2017, laid out as BERT, Devlin et al. 2019) in bytes. At exits on the way
//! (BranchyNet, Teerapittayanon et al. 2016) the pieces halt that are no longer in doubt; the others go on attending to
//! them (Li et al. 2021, Accelerating BERT Inference for Sequence Labeling via Early-Exit).

use std::ops::Range;

use rten_gemm::{GemmExecutor, GemmInputA, GemmInputB, GemmOptions, PackedBMatrix};
use rten_simd::SimdOp;
use rten_tensor::NdTensorView;

use super::decode::{self, Probabilities, Scores, TAGS};
use super::model::{Embeddings, Exit, LayerWeights, Linear, Norm};
use super::ops::{Attention, AttentionScratch, Dequantize, Dot, Finish, LayerNorm, Quantized};

/// Rows that go through a matrix together, so that what comes out stays in the cache.
const BLOCK: usize = 32;

/// How far, in pieces of its sentence, an open piece attends to halted ones.
const REACH: usize = 16;

/// Reads sequences of pieces and tells, for each piece, how probable each tag is.
pub struct Encoder {
    embeddings: Embeddings,
    /// [positions, width]
    positions: Vec<f32>,
    norm: Norm,
    layers: Vec<Layer>,
    exits: Vec<Exit>,
}

struct Layer {
    queries: Matrix,
    keys_values: Matrix,
    out: Matrix,
    attention_norm: Norm,
    up: Matrix,
    down: Matrix,
    output_norm: Norm,
}

/// A matrix of bytes, laid out for the machine, with a scale and a bias for each column.
struct Matrix {
    packed: PackedBMatrix<i8>,
    scales: Vec<f32>,
    /// What each of an input's zeros adds to a column.
    shifts: Vec<f32>,
    bias: Vec<f32>,
}

/// Pieces that attend to each other.
#[derive(Clone, Debug)]
pub struct Sequence {
    /// The ids of the pieces, `<s>` and `</s>` included.
    pub ids: Vec<u32>,
    /// Of each, whether it has a tag.
    pub tagged: Vec<bool>,
    /// The sentences in it, within which pieces are neighbours; disjoint, in order.
    pub sentences: Vec<Range<usize>>,
}

/// What is said of a sentence: how probable each tag is, for each of its pieces that has one.
pub type Reading = Vec<Probabilities>;

impl Encoder {
    /// Lays the model out for this machine.
    pub fn new(
        embeddings: Embeddings,
        positions: Vec<f32>,
        norm: Norm,
        layers: Vec<LayerWeights>,
        exits: Vec<Exit>,
    ) -> Encoder {
        let gemm: GemmExecutor<u8, i8, i32> = GemmExecutor::new();
        let matrix = |linear| Matrix::new(linear, &gemm);
        let layer = |weights: LayerWeights| Layer {
            queries: matrix(weights.queries),
            keys_values: matrix(weights.keys_values),
            out: matrix(weights.out),
            attention_norm: weights.attention_norm,
            up: matrix(weights.up),
            down: matrix(weights.down),
            output_norm: weights.output_norm,
        };
        let layers = layers.into_iter().map(layer).collect();
        Encoder { embeddings, positions, norm, layers, exits }
    }

    /// The embeddings of all pieces.
    #[cfg(feature = "train")]
    pub fn embeddings(&self) -> Vec<f32> {
        let mut numbers = Vec::new();
        (0..self.embeddings.count()).for_each(|piece| self.embeddings.append(piece as u32, &mut numbers));
        numbers
    }

    /// The longest sequence that can be read, in pieces.
    pub fn max_pieces(&self) -> usize {
        self.positions.len() / self.embeddings.width()
    }

    /// Reads sequences, each by itself: what is said of one does not depend on the others. Returns a reading for each
    /// sentence, in order.
    pub fn read(&self, sequences: &[&Sequence]) -> Vec<Reading> {
        let mut work = Work::new(self, sequences);
        let mut exits = self.exits.iter().peekable();
        for (index, layer) in self.layers.iter().enumerate() {
            self.layer(layer, &mut work);
            if let Some(exit) = exits.next_if(|exit| exit.layers == index + 1) {
                work.halt(exit);
                if exits.peek().is_none() || work.rows.is_empty() {
                    break;
                }
            }
        }
        work.readings
    }

    fn layer(&self, layer: &Layer, work: &mut Work) {
        let width = self.embeddings.width();
        let Work { gemm, numbers, rows, sequences, keys_values, queries, attended, room, .. } = work;
        let Room { inner, bytes, open_bytes, inner_bytes, sums, scratch } = room;
        let open: Vec<usize> = (0..rows.len()).filter(|&row| rows[row].open).collect();
        keys_values.resize(2 * numbers.len(), 0.0);
        queries.resize(open.len() * width, 0.0);
        attended.resize(open.len() * width, 0.0);
        inner.resize(layer.up.bias.len(), 0.0);
        let mut queries_left = queries.chunks_exact_mut(width);
        let blocks = rows.chunks(BLOCK).zip(numbers.chunks(BLOCK * width));
        for ((rows, numbers), keys_values) in blocks.zip(keys_values.chunks_mut(BLOCK * 2 * width)) {
            bytes.set(numbers.chunks_exact(width));
            for (product, keys_values) in
                layer.keys_values.multiply(bytes, gemm, sums).zip(keys_values.chunks_exact_mut(2 * width))
            {
                product.write(Finish::Store, keys_values);
            }
            open_bytes.clear();
            (0..rows.len()).filter(|&row| rows[row].open).for_each(|row| open_bytes.push_row_of(bytes, row));
            for product in layer.queries.multiply(open_bytes, gemm, sums) {
                product.write(Finish::Store, queries_left.next().expect("every open row asks"));
            }
        }
        let (mut first, mut asked) = (0, 0);
        for &count in sequences.iter() {
            let keys_values = &keys_values[first * 2 * width..(first + count) * 2 * width];
            let asking = rows[first..first + count].iter().filter(|row| row.open).count();
            let range = asked * width..(asked + asking) * width;
            let (queries, out) = (&queries[range.clone()], &mut attended[range]);
            Attention { queries, keys_values, width, out, scratch }.dispatch();
            (first, asked) = (first + count, asked + asking);
        }
        for (open, attended) in open.chunks(BLOCK).zip(attended.chunks(BLOCK * width)) {
            bytes.set(attended.chunks_exact(width));
            for (product, &row) in layer.out.multiply(bytes, gemm, sums).zip(open) {
                let numbers = &mut numbers[row * width..(row + 1) * width];
                product.write(Finish::Add, numbers);
                layer.attention_norm.apply(numbers);
            }
            bytes.set(open.iter().map(|row| &numbers[row * width..(row + 1) * width]));
            inner_bytes.clear();
            for product in layer.up.multiply(bytes, gemm, sums) {
                product.write(Finish::Gelu, inner);
                inner_bytes.push(inner);
            }
            for (product, &row) in layer.down.multiply(inner_bytes, gemm, sums).zip(open) {
                let numbers = &mut numbers[row * width..(row + 1) * width];
                product.write(Finish::Add, numbers);
                layer.output_norm.apply(numbers);
            }
        }
    }
}

impl Matrix {
    fn new(linear: Linear, gemm: &GemmExecutor<u8, i8, i32>) -> Matrix {
        let Linear { weights, scales, bias } = linear;
        let outputs = bias.len();
        let packed =
            gemm.prepack_b(NdTensorView::from_data([weights.len() / outputs, outputs], weights.as_slice()));
        let mut shifts = vec![0.0; outputs];
        for row in weights.chunks_exact(outputs) {
            let columns = shifts.iter_mut().zip(row.iter().zip(&scales));
            columns.for_each(|(shift, (weight, scale))| *shift += f32::from(*weight) * scale);
        }
        Matrix { packed, scales, shifts, bias }
    }

    /// Multiplies rows by it; the products by row.
    fn multiply<'a>(
        &'a self,
        input: &'a Quantized,
        gemm: &GemmExecutor<u8, i8, i32>,
        sums: &'a mut Vec<i32>,
    ) -> impl Iterator<Item = Product<'a>> {
        let (rows, outputs) = (input.zeros.len(), self.bias.len());
        sums.resize(rows * outputs, 0);
        let a = NdTensorView::from_data([rows, self.packed.rows()], input.bytes.as_slice());
        // Zeros are subtracted afterwards: rten-gemm 0.27 takes those of the first rows for all others.
        let (a, b) = (GemmInputA::Unpacked(a), GemmInputB::Packed(&self.packed));
        gemm.gemm(sums, a, b, GemmOptions::default()).expect("the shapes fit");
        let inputs = input.zeros.iter().zip(&input.scales);
        let products = sums.chunks_exact(outputs).zip(inputs);
        products.map(|(sums, (&zero, &scale))| Product { sums, zero, scale, matrix: self })
    }
}

/// A row's product with a matrix.
struct Product<'a> {
    sums: &'a [i32],
    zero: u8,
    scale: f32,
    matrix: &'a Matrix,
}

impl Product<'_> {
    fn write(&self, finish: Finish, out: &mut [f32]) {
        let Product { sums, zero, scale, matrix: Matrix { scales, shifts, bias, .. } } = *self;
        Dequantize { sums, zero, scale, scales, shifts, bias, out, finish }.dispatch();
    }
}

impl Norm {
    /// Normalizes a row.
    fn apply(&self, row: &mut [f32]) {
        LayerNorm { row, scale: &self.scale, bias: &self.bias }.dispatch();
    }
}

impl Exit {
    fn scores(&self, row: &[f32]) -> Scores {
        let mut scores = [0.0; TAGS.len()];
        for ((score, weights), bias) in
            scores.iter_mut().zip(self.weights.chunks_exact(row.len())).zip(&self.bias)
        {
            *score = Dot { left: row, right: weights }.dispatch() + bias;
        }
        scores
    }
}

/// What a batch is at.
#[derive(Default)]
struct Work {
    gemm: GemmExecutor<u8, i8, i32>,
    width: usize,
    /// The rows of all sequences, one behind the other.
    numbers: Vec<f32>,
    rows: Vec<Row>,
    /// How many rows each sequence has.
    sequences: Vec<usize>,
    readings: Vec<Reading>,
    /// Of each row.
    keys_values: Vec<f32>,
    /// Of each open row.
    queries: Vec<f32>,
    attended: Vec<f32>,
    room: Room,
}

/// Room to work in.
#[derive(Default)]
struct Room {
    inner: Vec<f32>,
    bytes: Quantized,
    open_bytes: Quantized,
    inner_bytes: Quantized,
    sums: Vec<i32>,
    scratch: AttentionScratch,
}

/// A piece in the batch.
#[derive(Clone, Copy)]
struct Row {
    /// Its sentence in the batch; `<s>` and `</s>` are in none.
    sentence: Option<usize>,
    /// Of a piece that has a tag, its place in the sentence's reading.
    tag: Option<usize>,
    /// Whether it has not halted.
    open: bool,
}

impl Work {
    /// The sequences' embeddings.
    fn new(encoder: &Encoder, sequences: &[&Sequence]) -> Work {
        let width = encoder.embeddings.width();
        let (mut numbers, mut rows, mut readings) = (Vec::new(), Vec::new(), Vec::new());
        for sequence in sequences {
            for (&id, position) in sequence.ids.iter().zip(encoder.positions.chunks_exact(width)) {
                let start = numbers.len();
                encoder.embeddings.append(id, &mut numbers);
                numbers[start..].iter_mut().zip(position).for_each(|(number, position)| *number += position);
            }
            let first = rows.len();
            rows.resize(first + sequence.ids.len(), Row { sentence: None, tag: None, open: true });
            for sentence in &sequence.sentences {
                let mut tags = 0..;
                for at in sentence.clone() {
                    let tag = if sequence.tagged[at] { tags.next() } else { None };
                    rows[first + at] = Row { sentence: Some(readings.len()), tag, open: true };
                }
                readings.push(vec![Probabilities::default(); tags.start]);
            }
        }
        numbers.chunks_exact_mut(width).for_each(|row| encoder.norm.apply(row));
        Work {
            gemm: GemmExecutor::new(),
            width,
            numbers,
            rows,
            sequences: sequences.iter().map(|sequence| sequence.ids.len()).collect(),
            readings,
            keys_values: Vec::new(),
            queries: Vec::new(),
            attended: Vec::new(),
            room: Room::default(),
        }
    }

    /// Halts the pieces without a tag, and those whose tag the exit is sure of as well as of the tags beside them, so
    /// that no name is torn. What is not near an open piece of its sentence is taken out, and so are sequences without
    /// an open piece.
    fn halt(&mut self, exit: &Exit) {
        let mut unsure = vec![false; self.rows.len()];
        let rows = self.rows.iter().zip(self.numbers.chunks_exact(self.width));
        for ((row, numbers), unsure) in rows.zip(&mut unsure) {
            if let (true, Some(sentence), Some(tag)) = (row.open, row.sentence, row.tag) {
                let probabilities = decode::probabilities(&exit.scores(numbers), exit.temperature);
                *unsure = probabilities.into_iter().fold(0.0, f32::max) < exit.sure;
                self.readings[sentence][tag] = probabilities;
            }
        }
        let stays = near(&self.rows, 1, |at| unsure[at]);
        for (row, stays) in self.rows.iter_mut().zip(stays) {
            row.open &= stays && row.tag.is_some();
        }
        let kept = near(&self.rows, REACH, |at| self.rows[at].open);
        self.keep(&kept);
    }

    /// Takes out all rows but those `kept`, and `<s>` and `</s>` beside them.
    fn keep(&mut self, kept: &[bool]) {
        let width = self.width;
        let (mut from, mut to) = (0, 0);
        for count in &mut self.sequences {
            let range = from..from + *count;
            from = range.end;
            let any = kept[range.clone()].contains(&true);
            *count = 0;
            for at in range {
                if kept[at] || (any && self.rows[at].sentence.is_none()) {
                    self.numbers.copy_within(at * width..(at + 1) * width, to * width);
                    self.rows[to] = self.rows[at];
                    (to, *count) = (to + 1, *count + 1);
                }
            }
        }
        self.numbers.truncate(to * width);
        self.rows.truncate(to);
        self.sequences.retain(|&count| count > 0);
    }
}

/// Of each row, whether one like it stands at most `reach` rows away in the same sentence.
fn near(rows: &[Row], reach: usize, is_like_it: impl Fn(usize) -> bool) -> Vec<bool> {
    let mut near = vec![false; rows.len()];
    for at in (0..rows.len()).filter(|&at| is_like_it(at)) {
        let around = at.saturating_sub(reach)..(at + reach + 1).min(rows.len());
        around
            .filter(|&other| rows[other].sentence == rows[at].sentence)
            .for_each(|other| near[other] = true);
    }
    near
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_product_is_near_the_exact_one() {
        for (rows, inputs, outputs) in [(1, 64, 64), (23, 384, 1152), (130, 1536, 384)] {
            // Each row has a zero of its own.
            let number = |at: usize| ((at * 37 % 101) as f32 - (at / inputs % 60) as f32) / 20.0;
            let input: Vec<f32> = (0..rows * inputs).map(number).collect();
            let weights: Vec<i8> =
                (0..inputs * outputs).map(|at| ((at * 53 % 129) as i32 - 64) as i8).collect();
            let linear =
                Linear { weights: weights.clone(), scales: vec![0.01; outputs], bias: vec![0.5; outputs] };
            let gemm = GemmExecutor::new();
            let matrix = Matrix::new(linear, &gemm);
            let (mut bytes, mut sums, mut out) = (Quantized::default(), Vec::new(), vec![0.0; outputs]);
            bytes.set(input.chunks_exact(inputs));
            for (row, product) in matrix.multiply(&bytes, &gemm, &mut sums).enumerate() {
                product.write(Finish::Store, &mut out);
                for (column, found) in out.iter().enumerate().step_by(7) {
                    let weights = weights.iter().skip(column).step_by(outputs);
                    let products =
                        input[row * inputs..].iter().zip(weights).map(|(a, b)| a * f32::from(*b) * 0.01);
                    let exact = products.sum::<f32>() + 0.5;
                    let near = 0.02 * (inputs as f32).sqrt();
                    assert!((exact - found).abs() < near, "{rows}x{inputs}x{outputs}: {found} for {exact}");
                }
            }
        }
    }

    /// Lets a batch of sequences of sentences pass an exit. A piece is a letter: small ones have a tag that the exit is
    /// sure of, capital ones one that it is not, marks none. Returns what is left of the sequences, and what is open.
    fn passed(sequences: &[&[&str]]) -> (String, String) {
        const WIDTH: usize = 64;
        let exit = Exit {
            layers: 1,
            // The first number of a row is the score of its first tag.
            weights: (0..TAGS.len() * WIDTH).map(|at| if at == 0 { 1.0 } else { 0.0 }).collect(),
            bias: vec![0.0; TAGS.len()],
            temperature: 1.0,
            sure: 0.9,
        };
        let (mut numbers, mut rows, mut readings) = (Vec::new(), Vec::new(), Vec::new());
        let mut push = |letter: char, sentence: Option<usize>, tag: Option<usize>| {
            let mut row = [0.0; WIDTH];
            row[..2].copy_from_slice(&[if letter.is_uppercase() { 0.0 } else { 9.0 }, letter as u32 as f32]);
            numbers.extend(row);
            rows.push(Row { sentence, tag, open: true });
        };
        for sentences in sequences {
            push('<', None, None);
            for sentence in *sentences {
                let mut tags = 0..;
                for letter in sentence.chars() {
                    push(letter, Some(readings.len()), letter.is_alphabetic().then(|| tags.next().unwrap()));
                }
                readings.push(vec![Probabilities::default(); tags.start]);
            }
            push('>', None, None);
        }
        let count = |sentences: &&[&str]| 2 + sentences.iter().map(|it| it.chars().count()).sum::<usize>();
        let sequences = sequences.iter().map(count).collect();
        let mut work = Work { width: WIDTH, numbers, rows, sequences, readings, ..Work::default() };
        work.halt(&exit);
        assert_eq!(work.sequences.iter().sum::<usize>(), work.rows.len());
        let letters = work.numbers.chunks_exact(WIDTH).map(|row| char::from_u32(row[1] as u32).unwrap());
        let letters: Vec<char> = letters.collect();
        let open = letters.iter().zip(&work.rows).filter(|(_, row)| row.open).map(|(letter, _)| letter);
        (letters.iter().collect(), open.collect())
    }

    #[test]
    fn pieces_halt_where_they_and_their_neighbours_are_sure() {
        type Case<'a> = (&'a str, &'a [&'a [&'a str]], &'a str, &'a str);
        let cases: [Case<'_>; 6] = [
            ("all sure", &[&["abc", "d"]], "", ""),
            ("the neighbours of doubt go on", &[&["abcDefg"]], "<abcDefg>", "cDe"),
            ("a mark parts neighbours", &[&["ab.Cd"]], "<ab.Cd>", "Cd"),
            ("so does the end of a sentence", &[&["ab", "Cd", "ef"]], "<Cd>", "Cd"),
            ("a sequence without doubt is gone", &[&["ab"], &["aB"], &["c"]], "<aB>", "aB"),
            ("nothing but marks", &[&["."], &[""]], "", ""),
        ];
        for (case, sequences, left, open) in cases {
            assert_eq!(passed(sequences), (left.to_owned(), open.to_owned()), "{case}");
        }
    }
}
