//! The fast tagger's file: what `depeche train` writes, read and checked.

use std::collections::{BTreeMap, HashMap};

use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};

use super::network::{Layer, Network, Table, WINDOW};
use super::units::CONTEXTS;
use crate::tagger::decode::TAGS;
use crate::tagger::model::{Header, ModelError, Tensors, hex};
use crate::tagger::pieces::Pieces;

const FORMAT: &str = "depeche-fast";
/// The format's version that this code reads.
const VERSION: &str = "1";

/// The most numbers that a machine adds at once; hidden rows are made of so many.
const LANES: usize = 16;

/// What training makes.
#[derive(Clone, Debug)]
pub struct Weights {
    /// Numbers of a row that words are read as.
    pub width: usize,
    /// The pieces in byte order, as lines.
    pub pieces: String,
    /// The log probability of each piece.
    pub scores: Vec<f32>,
    /// [pieces, width]
    pub piece_vectors: Vec<f32>,
    /// [a power of two, width]
    pub hashed: Vec<f32>,
    /// [contexts, width]
    pub contexts: Vec<f32>,
    /// The first layer, the second and the last: weights [inputs, outputs], and bias.
    pub layers: [(Vec<f32>, Vec<f32>); 3],
    /// What scores are divided by to become probabilities.
    pub temperature: f32,
}

/// The bytes of a model file.
pub fn write(weights: &Weights) -> Vec<u8> {
    let width = weights.width;
    let floats =
        |numbers: &[f32]| numbers.iter().flat_map(|number| number.to_le_bytes()).collect::<Vec<u8>>();
    let mut tensors: Vec<(String, Dtype, Vec<usize>, Vec<u8>)> = vec![
        ("pieces".to_owned(), Dtype::U8, vec![weights.pieces.len()], weights.pieces.clone().into_bytes()),
        ("scores".to_owned(), Dtype::F32, vec![weights.scores.len()], floats(&weights.scores)),
        ("contexts".to_owned(), Dtype::F32, vec![CONTEXTS, width], floats(&weights.contexts)),
    ];
    for (name, table) in [("piece_vectors", &weights.piece_vectors), ("hashed", &weights.hashed)] {
        let (numbers, scales) = in_bytes(table, width);
        let rows = scales.len();
        tensors.push((name.to_owned(), Dtype::I8, vec![rows, width], numbers));
        tensors.push((format!("{name}.scales"), Dtype::F32, vec![rows], floats(&scales)));
    }
    for (layer, (numbers, bias)) in ["first", "second", "last"].into_iter().zip(&weights.layers) {
        let shape = vec![numbers.len() / bias.len(), bias.len()];
        tensors.push((format!("{layer}.weights"), Dtype::F32, shape, floats(numbers)));
        tensors.push((format!("{layer}.bias"), Dtype::F32, vec![bias.len()], floats(bias)));
    }
    let views = tensors.iter().map(|(name, kind, shape, bytes)| {
        let view = TensorView::new(*kind, shape.clone(), bytes).expect("the shape is that of the numbers");
        (name.as_str(), view)
    });
    let views: Vec<_> = views.collect();
    let file = |sha256: String| {
        let entry = |(key, value): (&str, String)| (key.to_owned(), value);
        let metadata: HashMap<String, String> = [
            ("format", FORMAT.to_owned()),
            ("version", VERSION.to_owned()),
            ("tags", TAGS.join(" ")),
            ("temperature", weights.temperature.to_string()),
            ("sha256", sha256),
        ]
        .map(entry)
        .into();
        safetensors::serialize(views.clone(), Some(metadata)).expect("tensors as they were made")
    };
    let unsigned = file(String::new());
    let (header, _) = SafeTensors::read_metadata(&unsigned).expect("a file as it was made");
    in_order(&file(hex(&unsigned[size_of::<u64>() + header..])))
}

/// The file with its header's entries in order, so that the same weights make the same bytes.
fn in_order(file: &[u8]) -> Vec<u8> {
    let (header, tensors) =
        file[size_of::<u64>()..].split_at(SafeTensors::read_metadata(file).expect("a file as it was made").0);
    let header: BTreeMap<String, serde_json::Value> =
        serde_json::from_slice(header).expect("a header as it was made");
    let mut header = serde_json::to_vec(&header).expect("it was JSON");
    header.resize(header.len().next_multiple_of(size_of::<u64>()), b' ');
    [&(header.len() as u64).to_le_bytes()[..], &header, tensors].concat()
}

/// Rows in bytes, and the scale of each.
fn in_bytes(table: &[f32], width: usize) -> (Vec<u8>, Vec<f32>) {
    let mut numbers = Vec::with_capacity(table.len());
    let mut scales = Vec::with_capacity(table.len() / width);
    for row in table.chunks_exact(width) {
        let most = row.iter().fold(0.0_f32, |most, number| most.max(number.abs()));
        let scale = if most > 0.0 { most / 127.0 } else { 1.0 };
        numbers.extend(row.iter().map(|number| (number / scale).round() as i8 as u8));
        scales.push(scale);
    }
    (numbers, scales)
}

/// The digest of a file, and the network in it.
pub fn read(file: &[u8]) -> Result<(String, Network), ModelError> {
    let Header { metadata, digest } = Header::read(file, FORMAT, VERSION)?;
    let tags = metadata.get("tags").map_or("", String::as_str);
    if tags != TAGS.join(" ") {
        return Err(ModelError::new(format!("its tags are {tags:?}, not {:?}", TAGS.join(" "))));
    }
    let temperature = metadata.get("temperature").and_then(|number| number.parse().ok());
    let temperature: f32 = temperature
        .filter(|number| *number > 0.0)
        .ok_or_else(|| ModelError::new("`temperature` is no number above 0"))?;
    let tensors = SafeTensors::deserialize(file).map_err(|error| ModelError::new(error.to_string()))?;
    let tensors = Tensors(&tensors);

    let scores = tensors.floats("scores", &[None])?;
    let pieces = std::str::from_utf8(tensors.bytes("pieces", Dtype::U8)?)
        .map_err(|_| ModelError::new("`pieces` is not UTF-8"))?;
    let count = pieces.lines().count();
    if count != scores.len() {
        return Err(ModelError::new(format!("`scores` has {} where {count} are due", scores.len())));
    }
    let contexts = tensors.floats("contexts", &[Some(CONTEXTS), None])?;
    let width = contexts.len() / CONTEXTS;
    let table = |name: &str, rows: Option<usize>| -> Result<Table, ModelError> {
        let scales = tensors.floats(&format!("{name}.scales"), &[rows])?;
        let numbers: Vec<i8> =
            tensors.bytes(name, Dtype::I8)?.iter().map(|byte| byte.cast_signed()).collect();
        if numbers.len() != scales.len() * width {
            return Err(ModelError::new(format!(
                "`{name}` has {} where {} are due",
                numbers.len(),
                scales.len() * width
            )));
        }
        Ok(Table { numbers, scales })
    };
    let piece_vectors = table("piece_vectors", Some(count))?;
    let hashed = table("hashed", None)?;
    if !hashed.scales.len().is_power_of_two() {
        return Err(ModelError::new(format!("`hashed` has {} rows, no power of two", hashed.scales.len())));
    }
    let layer = |name: &str, inputs: usize, outputs: Option<usize>| -> Result<_, ModelError> {
        let bias = tensors.floats(&format!("{name}.bias"), &[outputs])?;
        let weights = tensors.floats(&format!("{name}.weights"), &[Some(inputs), Some(bias.len())])?;
        Ok((weights, bias))
    };
    let (first, bias) = layer("first", WINDOW * width, None)?;
    if !bias.len().is_multiple_of(LANES) {
        return Err(ModelError::new(format!("`first.bias` has {}, no multiple of {LANES}", bias.len())));
    }
    let (second, second_bias) = layer("second", 3 * bias.len(), Some(bias.len()))?;
    let (last, last_bias) = layer("last", bias.len(), Some(TAGS.len()))?;
    let (spread, spread_contexts) = spread(&first, &contexts, width, bias.len());
    let network = Network {
        pieces: Pieces::new(pieces, scores)?,
        piece_vectors,
        hashed,
        spread,
        spread_contexts,
        bias,
        second: Layer::new(&second, second_bias),
        last: Layer::new(&last, last_bias),
        temperature,
    };
    Ok((digest, network))
}

/// The first layer by what it reads: what one row adds to each of the hidden rows around it; and what contexts add.
fn spread(first: &[f32], contexts: &[f32], width: usize, inner: usize) -> (Layer, Vec<f32>) {
    // From [place, number, hidden] to [number, place, hidden].
    let mut weights = vec![0.0; first.len()];
    for (at, row) in first.chunks_exact(inner).enumerate() {
        let (place, number) = (at / width, at % width);
        weights[(number * WINDOW + place) * inner..][..inner].copy_from_slice(row);
    }
    let mut spread = Vec::with_capacity(CONTEXTS * WINDOW * inner);
    for context in contexts.chunks_exact(width) {
        let start = spread.len();
        spread.resize(start + WINDOW * inner, 0.0);
        for (number, row) in context.iter().zip(weights.chunks_exact(WINDOW * inner)) {
            spread[start..].iter_mut().zip(row).for_each(|(sum, weight)| *sum += number * weight);
        }
    }
    (Layer::new(&weights, vec![0.0; WINDOW * inner]), spread)
}
