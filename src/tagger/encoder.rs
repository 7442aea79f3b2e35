//! The encoder: a transformer (Vaswani et al. 2017, laid out as BERT, Devlin et al. 2019) in bytes, with exits on
//! the way (BranchyNet, Teerapittayanon et al. 2016).

use std::ops::Range;

use rten_gemm::{GemmExecutor, GemmInputA, GemmInputB, GemmOptions, PackedBMatrix};
use rten_simd::SimdOp;
use rten_tensor::NdTensorView;

use super::decode::{Scores, TAGS};
use super::model::{Embeddings, Exit, LayerWeights, Linear, Norm};
use super::ops::{Attention, AttentionScratch, Dequantize, Dot, Finish, LayerNorm, Quantized};

/// Rows that go through a matrix together, so that what comes out stays in the cache.
const BLOCK: usize = 32;

/// Reads sequences of pieces and tells, for each piece, how well each tag fits.
pub struct Encoder {
    embeddings: Embeddings,
    /// [positions, width]
    positions: Vec<f32>,
    norm: Norm,
    layers: Vec<Layer>,
    exits: Vec<Exit>,
}

struct Layer {
    qkv: Matrix,
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
    /// The sentences in it, each left at an exit by itself; disjoint, in order.
    pub sentences: Vec<Range<usize>>,
}

/// What an exit says of a sentence.
#[derive(Clone, Debug)]
pub struct Reading {
    /// The exit's index.
    pub exit: usize,
    /// For each of its pieces that has a tag.
    pub scores: Vec<Scores>,
}

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
            qkv: matrix(weights.qkv),
            out: matrix(weights.out),
            attention_norm: weights.attention_norm,
            up: matrix(weights.up),
            down: matrix(weights.down),
            output_norm: weights.output_norm,
        };
        let layers = layers.into_iter().map(layer).collect();
        Encoder { embeddings, positions, norm, layers, exits }
    }

    /// The longest sequence that can be read, in pieces.
    pub fn max_pieces(&self) -> usize {
        self.positions.len() / self.embeddings.width()
    }

    /// Reads sequences, each by itself: what is said of one does not depend on the others. A sentence is read up to
    /// the first exit whose scores are `sure`. Returns a reading for each sentence, in order.
    pub fn read(&self, sequences: &[&Sequence], sure: impl Fn(&Reading) -> bool) -> Vec<Reading> {
        let mut work = Work::new(self, sequences);
        let count = sequences.iter().map(|sequence| sequence.sentences.len()).sum();
        let mut readings: Vec<Option<Reading>> = vec![None; count];
        let mut exits = self.exits.iter().enumerate().peekable();
        for (index, layer) in self.layers.iter().enumerate() {
            self.layer(layer, &mut work);
            let Some((at, exit)) = exits.next_if(|(_, exit)| exit.layers == index + 1) else { continue };
            let last = exits.peek().is_none();
            work.leave(|sentence, rows| {
                let tagged = rows
                    .chunks_exact(self.embeddings.width())
                    .zip(sentence.tagged)
                    .filter(|(_, tagged)| **tagged);
                let reading = Reading { exit: at, scores: tagged.map(|(row, _)| exit.scores(row)).collect() };
                let done = last || sure(&reading);
                if done {
                    readings[sentence.number] = Some(reading);
                }
                done
            });
            if work.sequences.is_empty() {
                break;
            }
        }
        readings.into_iter().map(|reading| reading.expect("every sentence leaves at the last exit")).collect()
    }

    fn layer(&self, layer: &Layer, work: &mut Work<'_>) {
        let width = self.embeddings.width();
        let Work {
            gemm, numbers, sequences, qkv, attended, inner, bytes, inner_bytes, sums, scratch, ..
        } = work;
        qkv.resize(numbers.len() * 3, 0.0);
        attended.resize(numbers.len(), 0.0);
        inner.resize(layer.up.bias.len(), 0.0);
        for (numbers, qkv) in numbers.chunks(BLOCK * width).zip(qkv.chunks_mut(BLOCK * 3 * width)) {
            bytes.set(numbers, width);
            for (product, qkv) in layer.qkv.multiply(bytes, gemm, sums).zip(qkv.chunks_exact_mut(3 * width)) {
                product.write(Finish::Store, qkv);
            }
        }
        let (mut qkv_left, mut attended_left) = (qkv.as_slice(), attended.as_mut_slice());
        for Open { rows, .. } in sequences.iter() {
            let (qkv, out);
            (qkv, qkv_left) = qkv_left.split_at(rows * 3 * width);
            (out, attended_left) = attended_left.split_at_mut(rows * width);
            Attention { qkv, width, out, scratch }.dispatch();
        }
        for (attended, numbers) in attended.chunks(BLOCK * width).zip(numbers.chunks_mut(BLOCK * width)) {
            bytes.set(attended, width);
            for (product, numbers) in
                layer.out.multiply(bytes, gemm, sums).zip(numbers.chunks_exact_mut(width))
            {
                product.write(Finish::Add, numbers);
                layer.attention_norm.apply(numbers);
            }
            bytes.set(numbers, width);
            inner_bytes.clear();
            for product in layer.up.multiply(bytes, gemm, sums) {
                product.write(Finish::Gelu, inner);
                inner_bytes.push(inner);
            }
            for (product, numbers) in
                layer.down.multiply(inner_bytes, gemm, sums).zip(numbers.chunks_exact_mut(width))
            {
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
        let a = NdTensorView::from_data([rows, input.bytes.len() / rows], input.bytes.as_slice());
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

/// What a batch is at, and room to work in.
struct Work<'a> {
    gemm: GemmExecutor<u8, i8, i32>,
    width: usize,
    /// The rows of all sequences, one behind the other.
    numbers: Vec<f32>,
    sequences: Vec<Open<'a>>,
    qkv: Vec<f32>,
    attended: Vec<f32>,
    inner: Vec<f32>,
    bytes: Quantized,
    inner_bytes: Quantized,
    sums: Vec<i32>,
    scratch: AttentionScratch,
}

/// What is left of a sequence.
struct Open<'a> {
    rows: usize,
    /// Those that are still read.
    sentences: Vec<OpenSentence<'a>>,
}

struct OpenSentence<'a> {
    /// In the batch.
    number: usize,
    /// Within the sequence.
    rows: Range<usize>,
    /// Of each row, whether it has a tag.
    tagged: &'a [bool],
}

impl<'a> Work<'a> {
    /// The sequences' embeddings.
    fn new(encoder: &Encoder, sequences: &[&'a Sequence]) -> Work<'a> {
        let width = encoder.embeddings.width();
        let mut numbers = Vec::new();
        for sequence in sequences {
            for (&id, position) in sequence.ids.iter().zip(encoder.positions.chunks_exact(width)) {
                let start = numbers.len();
                encoder.embeddings.append(id, &mut numbers);
                numbers[start..].iter_mut().zip(position).for_each(|(number, position)| *number += position);
            }
        }
        numbers.chunks_exact_mut(width).for_each(|row| encoder.norm.apply(row));
        let mut numbers_left = 0..;
        let sequences = sequences.iter().map(|sequence| {
            let sentences = sequence.sentences.iter().zip(numbers_left.by_ref()).map(|(rows, number)| {
                OpenSentence { number, rows: rows.clone(), tagged: &sequence.tagged[rows.clone()] }
            });
            Open { rows: sequence.ids.len(), sentences: sentences.collect() }
        });
        Work {
            gemm: GemmExecutor::new(),
            width,
            numbers,
            sequences: sequences.collect(),
            qkv: Vec::new(),
            attended: Vec::new(),
            inner: Vec::new(),
            bytes: Quantized::default(),
            inner_bytes: Quantized::default(),
            sums: Vec::new(),
            scratch: AttentionScratch::default(),
        }
    }

    /// Takes out the sentences that `is_done`, given a sentence and its rows, and the sequences without any.
    fn leave(&mut self, mut is_done: impl FnMut(&OpenSentence<'_>, &[f32]) -> bool) {
        let width = self.width;
        let (mut from, mut to) = (0, 0);
        for sequence in &mut self.sequences {
            let rows = sequence.rows;
            let start = from;
            from += rows;
            let numbers = &self.numbers[start * width..from * width];
            let mut kept = vec![true; rows];
            sequence.sentences.retain(|sentence| {
                let Range { start, end } = sentence.rows;
                let done = is_done(sentence, &numbers[start * width..end * width]);
                kept[start..end].fill(!done);
                !done
            });
            if sequence.sentences.is_empty() {
                kept.fill(false);
            }
            for OpenSentence { rows, .. } in &mut sequence.sentences {
                let moved = kept[..rows.start].iter().filter(|&&kept| !kept).count();
                *rows = rows.start - moved..rows.end - moved;
            }
            sequence.rows = kept.iter().filter(|&&kept| kept).count();
            for row in (0..rows).filter(|&row| kept[row]) {
                let source = (start + row) * width;
                self.numbers.copy_within(source..source + width, to * width);
                to += 1;
            }
        }
        self.numbers.truncate(to * width);
        self.sequences.retain(|sequence| !sequence.sentences.is_empty());
    }
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
            bytes.set(&input, inputs);
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
}
