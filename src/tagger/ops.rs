//! The encoder's arithmetic between its matrix products, each vectorized for the machine it runs on.

use rten_simd::ops::{BitOps, FloatOps, NarrowSaturate, NumOps, ToFloat};
use rten_simd::{Isa, Simd, SimdOp, SimdUnaryOp};
use rten_vecmath::{Exp, Normalize, NormalizeOptions, Sum, SumSquareSub};

/// Width of an attention head.
pub const HEAD: usize = 32;

/// The width of every row is a multiple of it, so that rows are whole vectors on any machine.
pub const ROW: usize = 64;

/// Keys, and columns of values, that attention takes at once: each loaded vector serves so many.
const AT_ONCE: usize = 8;

/// Rows of numbers as bytes: `number = (byte - zero) * scale`, with a zero and a scale for each row.
#[derive(Debug, Default)]
pub struct Quantized {
    pub bytes: Vec<u8>,
    pub zeros: Vec<u8>,
    pub scales: Vec<f32>,
}

impl Quantized {
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.zeros.clear();
        self.scales.clear();
    }

    /// Makes bytes of rows.
    pub fn set<'a>(&mut self, rows: impl Iterator<Item = &'a [f32]>) {
        self.clear();
        rows.for_each(|row| self.push(row));
    }

    /// Appends a row of others.
    pub fn push_row_of(&mut self, others: &Quantized, row: usize) {
        let width = others.bytes.len() / others.zeros.len();
        self.bytes.extend_from_slice(&others.bytes[row * width..(row + 1) * width]);
        self.zeros.push(others.zeros[row]);
        self.scales.push(others.scales[row]);
    }

    /// Appends a row.
    pub fn push(&mut self, row: &[f32]) {
        let start = self.bytes.len();
        self.bytes.resize(start + row.len(), 0);
        let (zero, scale) = Quantize { row, out: &mut self.bytes[start..] }.dispatch();
        self.zeros.push(zero);
        self.scales.push(scale);
    }
}

/// Makes bytes of a row: its range is spread over all of them, with an exact zero. Returns the zero and the scale.
struct Quantize<'a> {
    row: &'a [f32],
    out: &'a mut [u8],
}

impl SimdOp for Quantize<'_> {
    type Output = (u8, f32);

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) -> (u8, f32) {
        let (floats, ints, shorts, bytes) = (isa.f32(), isa.i32(), isa.i16(), isa.u8());
        let lanes = floats.len();
        let (mut least, mut most) = (floats.zero(), floats.zero());
        for numbers in self.row.chunks_exact(lanes) {
            let numbers = floats.load(numbers);
            (least, most) = (floats.min(least, numbers), floats.max(most, numbers));
        }
        let least = floats.fold_splat(least, 0.0, f32::min).to_array()[0];
        let most = floats.fold_splat(most, 0.0, f32::max).to_array()[0];
        let scale = ((most - least) / 255.0).max(f32::MIN_POSITIVE);
        let zero = (-least / scale).round_ties_even().min(255.0);
        let (factor, shift) = (floats.splat(scale.recip()), ints.splat(zero as i32));
        for (numbers, out) in self.row.chunks_exact(4 * lanes).zip(self.out.chunks_exact_mut(4 * lanes)) {
            let [a, b, c, d] = floats.load_many::<4>(numbers);
            let low = ints.narrow_saturate(scaled(isa, a, factor, shift), scaled(isa, b, factor, shift));
            let high = ints.narrow_saturate(scaled(isa, c, factor, shift), scaled(isa, d, factor, shift));
            bytes.store(shorts.narrow_saturate(low, high), out);
        }
        (zero as u8, scale)
    }
}

#[inline(always)]
fn scaled<I: Isa>(isa: I, numbers: I::F32, factor: I::F32, shift: I::I32) -> I::I32 {
    isa.i32().add(isa.f32().to_int_round(isa.f32().mul(numbers, factor)), shift)
}

/// One row of a product of bytes, as numbers: `out = (sums - zero * weight_sums) * scale * scales + bias`.
pub struct Dequantize<'a> {
    pub sums: &'a [i32],
    /// The byte that is zero in the row that was multiplied.
    pub zero: u8,
    /// What a byte of that row stands for.
    pub scale: f32,
    /// By column.
    pub scales: &'a [f32],
    /// By column `weight_sums * scales`.
    pub shifts: &'a [f32],
    /// By column.
    pub bias: &'a [f32],
    pub out: &'a mut [f32],
    pub finish: Finish,
}

/// What becomes of a row of a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finish {
    /// It replaces what was there.
    Store,
    /// It is added to what was there.
    Add,
    /// It goes through the Gaussian error linear unit (Hendrycks & Gimpel 2016).
    Gelu,
}

impl SimdOp for Dequantize<'_> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        let ops = isa.f32();
        match self.finish {
            Finish::Store => self.columns(
                isa,
                #[inline(always)]
                |number, _| number,
            ),
            Finish::Add => self.columns(
                isa,
                #[inline(always)]
                |number, before| ops.add(number, ops.load(before)),
            ),
            Finish::Gelu => self.columns(
                isa,
                #[inline(always)]
                |number, _| gelu(ops, number),
            ),
        }
    }
}

impl Dequantize<'_> {
    /// Calls `finish` with each vector of the product and what was there before.
    #[inline(always)]
    fn columns<I: Isa>(self, isa: I, finish: impl Fn(I::F32, &[f32]) -> I::F32) {
        let (floats, ints) = (isa.f32(), isa.i32());
        let lanes = floats.len();
        let (zero, scale) = (floats.splat(-f32::from(self.zero)), floats.splat(self.scale));
        let columns = self.sums.chunks_exact(lanes).zip(self.scales.chunks_exact(lanes));
        let columns = columns.zip(self.shifts.chunks_exact(lanes)).zip(self.bias.chunks_exact(lanes));
        for (out, (((sums, scales), shifts), bias)) in self.out.chunks_exact_mut(lanes).zip(columns) {
            let shift = floats.mul(zero, floats.load(shifts));
            let product = floats.mul_add(ints.to_float(ints.load(sums)), floats.load(scales), shift);
            let number = floats.mul_add(product, scale, floats.load(bias));
            floats.store(finish(number, out), out);
        }
    }
}

/// `x Φ(x)`, with the normal distribution Φ as an odd polynomial, fitted to the least error of the product, which is
/// 0.0002: far below what a byte tells apart.
#[inline(always)]
fn gelu<O: FloatOps<f32>>(ops: O, x: O::Simd) -> O::Simd {
    const WIDEST: f32 = 4.0;
    const TERMS: [f32; 7] = [
        0.397_883_33,
        -0.064_573_08,
        0.008_772_375,
        -0.000_814_012_9,
        4.795_527e-5,
        -1.598_590_5e-6,
        2.278_122_4e-8,
    ];
    let within = ops.clamp(x, ops.splat(-WIDEST), ops.splat(WIDEST));
    let square = ops.mul(within, within);
    let (last, terms) = TERMS.split_last().expect("there are terms");
    let sum =
        terms.iter().rev().fold(ops.splat(*last), |sum, term| ops.mul_add(sum, square, ops.splat(*term)));
    ops.mul(x, ops.mul_add(within, sum, ops.splat(0.5)))
}

/// The sum of the products of two rows.
pub struct Dot<'a> {
    pub left: &'a [f32],
    pub right: &'a [f32],
}

impl SimdOp for Dot<'_> {
    type Output = f32;

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) -> f32 {
        let ops = isa.f32();
        let columns = self.left.chunks_exact(ops.len()).zip(self.right.chunks_exact(ops.len()));
        let sums = columns
            .fold(ops.zero(), |sums, (left, right)| ops.mul_add(ops.load(left), ops.load(right), sums));
        ops.sum(sums)
    }
}

/// Adds two rows to a third.
pub struct AddTwo<'a> {
    pub to: &'a mut [f32],
    pub rows: [&'a [f32]; 2],
}

impl SimdOp for AddTwo<'_> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        let ops = isa.f32();
        let lanes = ops.len();
        let rows = self.rows[0].chunks_exact(lanes).zip(self.rows[1].chunks_exact(lanes));
        for (to, (one, other)) in self.to.chunks_exact_mut(lanes).zip(rows) {
            let sum = ops.add(ops.load(one), ops.load(other));
            ops.store(ops.add(ops.load(to), sum), to);
        }
    }
}

/// Layer normalization of one row in place (Ba et al. 2016).
pub struct LayerNorm<'a> {
    pub row: &'a mut [f32],
    pub scale: &'a [f32],
    pub bias: &'a [f32],
}

impl SimdOp for LayerNorm<'_> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        let width = self.row.len() as f32;
        let mean = Sum::new(self.row).eval(isa) / width;
        let variance = SumSquareSub::new(self.row, mean).eval(isa) / width;
        let options = NormalizeOptions {
            pre_scale_bias: mean,
            scale: 1.0 / (variance + 1e-12).sqrt(),
            element_scale: Some(self.scale),
            bias: 0.0,
            element_bias: Some(self.bias),
        };
        Normalize::new_mut(self.row, options).eval(isa);
    }
}

/// Scaled dot-product attention of one sequence (Vaswani et al. 2017). A row of `queries` holds those of all heads, a row
/// of `keys_values` the keys of all heads, then their values; a row of `out` the results of all heads for a query.
pub struct Attention<'a> {
    pub queries: &'a [f32],
    pub keys_values: &'a [f32],
    pub width: usize,
    pub out: &'a mut [f32],
    pub scratch: &'a mut AttentionScratch,
}

/// Room that attention works in: the queries' vectors hold one number of as many queries as fit.
#[derive(Debug, Default)]
pub struct AttentionScratch {
    /// By column of a head.
    queries: Vec<f32>,
    /// By key.
    scores: Vec<f32>,
}

impl SimdOp for Attention<'_> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        let Attention { queries, keys_values, width, out, scratch } = self;
        let ops = isa.f32();
        let lanes = ops.len();
        let rows = |at: usize| &keys_values[at * 2 * width..(at + 1) * 2 * width];
        let (length, count) = (keys_values.len() / (2 * width), queries.len() / width);
        scratch.queries.resize(HEAD * lanes, 0.0);
        scratch.scores.resize(length * lanes, 0.0);
        let scale = (HEAD as f32).sqrt().recip();

        for head in (0..width).step_by(HEAD) {
            for first in (0..count).step_by(lanes) {
                for lane in 0..lanes {
                    // Behind the last query it is asked again.
                    let query = &queries[(first + lane).min(count - 1) * width + head..][..HEAD];
                    let lane = scratch.queries[lane..].iter_mut().step_by(lanes);
                    lane.zip(query).for_each(|(to, number)| *to = number * scale);
                }
                let mut most = ops.splat(f32::NEG_INFINITY);
                for (block, scores) in scratch.scores.chunks_mut(AT_ONCE * lanes).enumerate() {
                    // Behind the last key it answers again.
                    let keys: [&[f32; HEAD]; AT_ONCE] = std::array::from_fn(|at| {
                        let row = rows((block * AT_ONCE + at).min(length - 1));
                        row[head..].first_chunk().expect("a head is whole")
                    });
                    let mut sums = [ops.zero(); AT_ONCE];
                    for (column, queries) in scratch.queries.chunks_exact(lanes).enumerate().take(HEAD) {
                        let queries = ops.load(queries);
                        for (sum, key) in sums.iter_mut().zip(keys) {
                            *sum = ops.mul_add(queries, ops.splat(key[column]), *sum);
                        }
                    }
                    for (sum, scores) in sums.into_iter().zip(scores.chunks_exact_mut(lanes)) {
                        most = ops.max(most, sum);
                        ops.store(sum, scores);
                    }
                }
                let mut total = ops.zero();
                for scores in scratch.scores.chunks_exact_mut(lanes) {
                    let weight = Exp::apply(isa, ops.sub(ops.load(scores), most));
                    total = ops.add(total, weight);
                    ops.store(weight, scores);
                }
                let share = ops.reciprocal(total);
                for column in (head..head + HEAD).step_by(AT_ONCE) {
                    let mut sums = [ops.zero(); AT_ONCE];
                    let values = keys_values.chunks_exact(2 * width);
                    for (weights, row) in scratch.scores.chunks_exact(lanes).zip(values) {
                        let weights = ops.load(weights);
                        let values: &[f32; AT_ONCE] =
                            row[width + column..].first_chunk().expect("a head is whole");
                        for (sum, value) in sums.iter_mut().zip(values) {
                            *sum = ops.mul_add(weights, ops.splat(*value), *sum);
                        }
                    }
                    for (at, sum) in sums.into_iter().enumerate() {
                        let numbers = ops.mul(sum, share).to_array();
                        for (lane, number) in numbers.as_ref().iter().enumerate().take(count - first) {
                            out[(first + lane) * width + column + at] = *number;
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers of either sign, none twice in a row.
    fn numbers(count: usize, seed: usize) -> Vec<f32> {
        (0..count).map(|at| (((at + seed) * 7919 % 257) as f32 - 128.0) / 64.0).collect()
    }

    fn attention_by_hand(queries: &[f32], keys_values: &[f32], width: usize) -> Vec<f32> {
        let length = keys_values.len() / (2 * width);
        let mut out = vec![0.0; queries.len()];
        for (at, out) in out.iter_mut().enumerate() {
            let (query, head, column) = (at / width * width, at % width / HEAD * HEAD, at % width);
            let dot = |key: usize| -> f32 {
                (head..head + HEAD).map(|at| queries[query + at] * keys_values[2 * key * width + at]).sum()
            };
            let weights: Vec<f32> = (0..length).map(|key| (dot(key) / (HEAD as f32).sqrt()).exp()).collect();
            let values = (0..length).map(|key| weights[key] * keys_values[(2 * key + 1) * width + column]);
            *out = values.sum::<f32>() / weights.iter().sum::<f32>();
        }
        out
    }

    #[test]
    fn attention_is_that_of_the_formula() {
        for (asking, length, width) in [(1, 1, 32), (5, 5, 64), (3, 16, 64), (23, 23, 64), (12, 37, 96)] {
            let many = |count, seed| numbers(count, seed).iter().map(|x| 3.0 * x).collect::<Vec<_>>();
            let (queries, keys_values) = (many(asking * width, length), many(length * 2 * width, asking));
            let mut out = vec![0.0; asking * width];
            // The room may have been used for a longer sequence.
            let mut scratch = AttentionScratch::default();
            for (queries, keys_values, out) in [
                (&numbers(40 * width, 1), &numbers(40 * 2 * width, 2), &mut vec![0.0; 40 * width]),
                (&queries, &keys_values, &mut out),
            ] {
                Attention { queries, keys_values, width, out, scratch: &mut scratch }.dispatch();
            }
            let expected = attention_by_hand(&queries, &keys_values, width);
            let worst = out.iter().zip(&expected).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            assert!(worst < 1e-4, "{asking} of {length} of {width}: {worst}");
        }
    }

    #[test]
    fn rows_are_normalized() {
        let mut row = numbers(64, 3);
        let (scale, bias) = (numbers(64, 4), numbers(64, 5));
        let mean = row.iter().sum::<f32>() / 64.0;
        let deviation = (row.iter().map(|x| (x - mean) * (x - mean)).sum::<f32>() / 64.0).sqrt();
        let expected: Vec<f32> = row
            .iter()
            .zip(scale.iter().zip(&bias))
            .map(|(x, (scale, bias))| (x - mean) / deviation * scale + bias)
            .collect();
        LayerNorm { row: &mut row, scale: &scale, bias: &bias }.dispatch();
        row.iter().zip(&expected).for_each(|(a, b)| assert!((a - b).abs() < 1e-5, "{a} for {b}"));
    }

    #[test]
    fn a_byte_is_near_its_number() {
        for row in [numbers(64, 1), vec![0.0; 64], vec![3.0; 64], vec![-0.1; 64]] {
            let mut bytes = Quantized::default();
            bytes.push(&row);
            for (number, byte) in row.iter().zip(&bytes.bytes) {
                let back = (f32::from(*byte) - f32::from(bytes.zeros[0])) * bytes.scales[0];
                assert!((number - back).abs() <= bytes.scales[0], "{back} for {number}");
            }
        }
    }

    #[test]
    fn a_row_of_a_product_is_finished() {
        let sums: Vec<i32> = (0..32).map(|at| at - 16).collect();
        let (shifts, scales, bias) = (vec![2.0 * 0.5; 32], vec![0.5; 32], vec![1.0; 32]);
        let linear = |at: usize| (at as f32 - 16.0 - 3.0 * 2.0) * 0.25 * 0.5 + 1.0;
        let gelu = |x: f32| 0.5 * x * (1.0 + (0.797_884_6 * (x + 0.044_715 * x * x * x)).tanh());
        for (finish, expected) in [
            (Finish::Store, Box::new(linear) as Box<dyn Fn(usize) -> f32>),
            (Finish::Add, Box::new(move |at| linear(at) + 2.0)),
            (Finish::Gelu, Box::new(move |at| gelu(linear(at)))),
        ] {
            let mut out = vec![2.0; 32];
            let (sums, scales, shifts, bias) = (&sums, &scales, &shifts, &bias);
            Dequantize { sums, zero: 3, scale: 0.25, scales, shifts, bias, out: &mut out, finish }.dispatch();
            for (at, found) in out.iter().enumerate() {
                // The unit's form with a tangent is within 0.0005 of the exact one.
                assert!(
                    (found - expected(at)).abs() < 0.001,
                    "{finish:?} {at}: {found} for {}",
                    expected(at)
                );
            }
        }
    }
}
