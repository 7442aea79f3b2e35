//! The model file: what `training/export.py` writes, read and checked.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use half::f16;
use safetensors::{Dtype, SafeTensors};
use sha2::{Digest, Sha256};

use super::decode::TAGS;
use super::ops::ROW;

/// The format's version that this code reads.
const VERSION: &str = "2";

/// Numbers of a word embedding that share a scale.
const SCALED_TOGETHER: usize = 32;

/// A model file that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("model of names: {0}")]
pub struct ModelError(String);

impl ModelError {
    pub(super) fn new(what: impl Into<String>) -> ModelError {
        ModelError(what.into())
    }
}

/// All that the file holds.
#[derive(Debug)]
pub struct Model {
    /// SHA-256 of its tensors, in hexadecimal.
    pub digest: String,
    /// The pieces in byte order, each ended by a line feed, behind `<s>`, `</s>` and `<unk>`.
    pub pieces: String,
    /// The log probability of each piece.
    pub scores: Vec<f32>,
    pub embeddings: Embeddings,
    /// [positions, width]
    pub positions: Vec<f32>,
    pub norm: Norm,
    pub layers: Vec<LayerWeights>,
    /// By layers read, ascending; the last stands behind all of them.
    pub exits: Vec<Exit>,
}

/// Word embeddings in 4 bits (as the base model is shipped), a scale for each block.
pub struct Embeddings {
    file: Cow<'static, [u8]>,
    numbers: Range<usize>,
    scales: Range<usize>,
    width: usize,
}

/// A layer normalization's parameters.
#[derive(Debug)]
pub struct Norm {
    pub scale: Vec<f32>,
    pub bias: Vec<f32>,
}

/// A matrix [inputs, outputs] of bytes, with a scale and a bias for each output.
#[derive(Debug)]
pub struct Linear {
    pub weights: Vec<i8>,
    pub scales: Vec<f32>,
    pub bias: Vec<f32>,
}

#[derive(Debug)]
pub struct LayerWeights {
    pub queries: Linear,
    /// The keys' columns, then those of the values.
    pub keys_values: Linear,
    pub out: Linear,
    pub attention_norm: Norm,
    pub up: Linear,
    pub down: Linear,
    pub output_norm: Norm,
}

/// Where pieces may halt: from the numbers of a piece to the scores of its tags.
#[derive(Debug)]
pub struct Exit {
    /// Layers read before it.
    pub layers: usize,
    /// [tags, width]
    pub weights: Vec<f32>,
    pub bias: Vec<f32>,
    /// What its scores are divided by to become probabilities (Guo et al. 2017).
    pub temperature: f32,
    /// How probable the best tag of a piece must be for the piece to halt here.
    pub sure: f32,
}

impl Model {
    /// Reads a file, and checks that it is whole and of a version that is understood.
    pub fn read(file: Cow<'static, [u8]>) -> Result<Model, ModelError> {
        let Header { metadata, digest } = Header::read(&file, "depeche-names", VERSION)?;
        let entry = |key: &str| entry(&metadata, key);
        if entry("tags")? != TAGS.join(" ") {
            return Err(ModelError(format!("its tags are {:?}, not {:?}", entry("tags")?, TAGS.join(" "))));
        }
        let numbers = |key: &str| -> Result<Vec<f32>, ModelError> {
            serde_json::from_str(entry(key)?)
                .map_err(|error| ModelError(format!("`{key}` is not a list of numbers: {error}")))
        };
        let (temperatures, sure) = (numbers("temperatures")?, numbers("sure")?);
        let tensors = SafeTensors::deserialize(&file).map_err(|error| ModelError(error.to_string()))?;
        let tensors = Tensors(&tensors);

        let scores = tensors.floats("scores", &[None])?;
        let positions = tensors.halves("positions")?;
        let norm = tensors.norm("norm")?;
        let width = norm.scale.len();
        let mut layers = Vec::new();
        while tensors.has(&format!("layers.{}.qkv.weights", layers.len())) {
            layers.push(tensors.layer(layers.len(), width)?);
        }
        let exits = (1..=layers.len()).filter(|count| tensors.has(&format!("exits.{count}.weights")));
        let exits = exits.collect::<Vec<_>>();
        for (name, list) in [("temperatures", &temperatures), ("sure", &sure)] {
            has_size(name, list.len(), exits.len())?;
        }
        let exits = exits.into_iter().zip(temperatures.into_iter().zip(sure));
        let exits = exits
            .map(|(count, (temperature, sure))| tensors.exit(count, width, temperature, sure))
            .collect::<Result<Vec<_>, _>>()?;
        let pieces = String::from_utf8(tensors.bytes("pieces", Dtype::U8)?.to_vec())
            .map_err(|_| ModelError::new("`pieces` is not UTF-8"))?;
        let (numbers, scales) = (
            tensors.bytes("embeddings", Dtype::U8)?.as_ptr_range(),
            tensors.bytes("embeddings.scales", Dtype::F16)?.as_ptr_range(),
        );
        let base = file.as_ptr() as usize;
        let within = |range: Range<*const u8>| range.start as usize - base..range.end as usize - base;
        let (numbers, scales) = (within(numbers), within(scales));

        let model = Model {
            digest,
            scores,
            pieces,
            positions,
            norm,
            layers,
            exits,
            embeddings: Embeddings { numbers, scales, width, file: Cow::Borrowed(&[]) },
        };
        model.check(width)?;
        let embeddings = Embeddings { file, ..model.embeddings };
        Ok(Model { embeddings, ..model })
    }

    /// Checks what the tensors' own shapes do not.
    fn check(&self, width: usize) -> Result<(), ModelError> {
        let pieces = self.pieces.lines().count();
        let linears = |layer: &LayerWeights| {
            [&layer.queries, &layer.keys_values, &layer.out, &layer.up, &layer.down].map(|it| it.bias.len())
        };
        let widths = self.layers.iter().flat_map(linears).chain([width]);
        if let Some(width) = widths.into_iter().find(|width| !width.is_multiple_of(ROW)) {
            return Err(ModelError(format!("a row is {width} wide, which is no multiple of {ROW}")));
        }
        for (name, size, wanted) in [
            ("scores", self.scores.len(), pieces),
            ("embeddings", self.embeddings.numbers.len(), pieces * width / 2),
            ("embeddings.scales", self.embeddings.scales.len(), pieces * width / SCALED_TOGETHER * 2),
            ("positions", self.positions.len() % width, 0),
            ("last exit", self.exits.last().map_or(0, |exit| exit.layers), self.layers.len().max(1)),
        ] {
            has_size(name, size, wanted)?;
        }
        Ok(())
    }
}

/// What stands before the tensors of a file, once it is known to be whole and of a version that is understood.
pub(super) struct Header {
    pub metadata: HashMap<String, String>,
    /// SHA-256 of the tensors, in hexadecimal.
    pub digest: String,
}

impl Header {
    pub(super) fn read(file: &[u8], format: &str, version: &str) -> Result<Header, ModelError> {
        let (header_length, header) = SafeTensors::read_metadata(file)
            .map_err(|error| ModelError(format!("not a safetensors file: {error}")))?;
        let metadata = header.metadata().clone().unwrap_or_default();
        for (key, wanted) in [("format", format), ("version", version)] {
            let given = entry(&metadata, key)?;
            if given != wanted {
                return Err(ModelError(format!("its {key} is {given:?}, this program reads {wanted:?}")));
            }
        }
        let digest = hex(&file[size_of::<u64>() + header_length..]);
        let given = entry(&metadata, "sha256")?;
        if given != digest {
            return Err(ModelError(format!(
                "it is damaged: its header says SHA-256 {given}, its content has {digest}"
            )));
        }
        Ok(Header { metadata, digest })
    }
}

/// The SHA-256 of bytes, in hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn entry<'a>(metadata: &'a HashMap<String, String>, key: &str) -> Result<&'a str, ModelError> {
    metadata.get(key).map(String::as_str).ok_or_else(|| ModelError(format!("the header has no `{key}`")))
}

fn has_size(name: &str, size: usize, wanted: usize) -> Result<(), ModelError> {
    if size == wanted {
        return Ok(());
    }
    Err(ModelError(format!("`{name}` has {size} where {wanted} are due")))
}

impl Linear {
    /// Its first outputs, and the others.
    fn split(self, outputs: usize) -> (Linear, Linear) {
        let Linear { weights, mut scales, mut bias } = self;
        let (mut first, mut others) = (Vec::new(), Vec::new());
        for row in weights.chunks_exact(bias.len()) {
            first.extend_from_slice(&row[..outputs]);
            others.extend_from_slice(&row[outputs..]);
        }
        let others =
            Linear { weights: others, scales: scales.split_off(outputs), bias: bias.split_off(outputs) };
        (Linear { weights: first, scales, bias }, others)
    }
}

impl Embeddings {
    pub fn width(&self) -> usize {
        self.width
    }

    /// How many pieces have one.
    #[cfg(feature = "train")]
    pub fn count(&self) -> usize {
        self.numbers.len() * 2 / self.width
    }

    /// Appends a piece's numbers.
    pub fn append(&self, piece: u32, to: &mut Vec<f32>) {
        let (bytes, blocks) = (self.width / 2, self.width / SCALED_TOGETHER);
        let piece = piece as usize;
        let numbers = &self.file[self.numbers.clone()][piece * bytes..][..bytes];
        let scales = &self.file[self.scales.clone()][piece * blocks * 2..][..blocks * 2];
        for (block, scale) in numbers.chunks_exact(SCALED_TOGETHER / 2).zip(scales.chunks_exact(2)) {
            let scale = f16::from_le_bytes([scale[0], scale[1]]).to_f32();
            let number = |nibble: u8| (f32::from(nibble) - 8.0) * scale;
            to.extend(block.iter().map(|byte| number(byte & 15)));
            to.extend(block.iter().map(|byte| number(byte >> 4)));
        }
    }
}

impl std::fmt::Debug for Embeddings {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Embeddings").field("width", &self.width).finish_non_exhaustive()
    }
}

/// The file's tensors, by name.
pub(super) struct Tensors<'a>(pub &'a SafeTensors<'a>);

impl<'a> Tensors<'a> {
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.tensor(name).is_ok()
    }

    pub(super) fn bytes(&self, name: &str, kind: Dtype) -> Result<&'a [u8], ModelError> {
        let tensor = self.0.tensor(name).map_err(|_| ModelError(format!("there is no `{name}`")))?;
        if tensor.dtype() != kind {
            return Err(ModelError(format!("`{name}` is of {:?}, not {kind:?}", tensor.dtype())));
        }
        Ok(tensor.data())
    }

    /// Numbers of a shape; `None` is any size.
    pub(super) fn floats(&self, name: &str, shape: &[Option<usize>]) -> Result<Vec<f32>, ModelError> {
        let bytes = self.bytes(name, Dtype::F32)?;
        self.has_shape(name, shape)?;
        Ok(bytes.as_chunks().0.iter().map(|number| f32::from_le_bytes(*number)).collect())
    }

    fn halves(&self, name: &str) -> Result<Vec<f32>, ModelError> {
        let bytes = self.bytes(name, Dtype::F16)?;
        Ok(bytes.as_chunks().0.iter().map(|number| f16::from_le_bytes(*number).to_f32()).collect())
    }

    fn has_shape(&self, name: &str, wanted: &[Option<usize>]) -> Result<(), ModelError> {
        let shape =
            self.0.tensor(name).map_err(|_| ModelError(format!("there is no `{name}`")))?.shape().to_vec();
        let fits = shape.len() == wanted.len()
            && shape.iter().zip(wanted).all(|(size, wanted)| wanted.is_none_or(|wanted| wanted == *size));
        if fits { Ok(()) } else { Err(ModelError(format!("`{name}` has the shape {shape:?}"))) }
    }

    fn norm(&self, name: &str) -> Result<Norm, ModelError> {
        let scale = self.floats(&format!("{name}.scale"), &[None])?;
        let bias = self.floats(&format!("{name}.bias"), &[Some(scale.len())])?;
        Ok(Norm { scale, bias })
    }

    fn linear(&self, name: &str, inputs: usize, outputs: usize) -> Result<Linear, ModelError> {
        let weights = format!("{name}.weights");
        let bytes = self.bytes(&weights, Dtype::I8)?;
        self.has_shape(&weights, &[Some(inputs), Some(outputs)])?;
        Ok(Linear {
            weights: bytes.iter().map(|byte| byte.cast_signed()).collect(),
            scales: self.floats(&format!("{name}.scales"), &[Some(outputs)])?,
            bias: self.floats(&format!("{name}.bias"), &[Some(outputs)])?,
        })
    }

    fn layer(&self, index: usize, width: usize) -> Result<LayerWeights, ModelError> {
        let name = |part: &str| format!("layers.{index}.{part}");
        let inner = self.floats(&name("up.bias"), &[None])?.len();
        let (queries, keys_values) = self.linear(&name("qkv"), width, 3 * width)?.split(width);
        Ok(LayerWeights {
            queries,
            keys_values,
            out: self.linear(&name("out"), width, width)?,
            attention_norm: self.norm(&name("attention_norm"))?,
            up: self.linear(&name("up"), width, inner)?,
            down: self.linear(&name("down"), inner, width)?,
            output_norm: self.norm(&name("output_norm"))?,
        })
    }

    /// The file's matrix is [width, tags].
    fn exit(&self, layers: usize, width: usize, temperature: f32, sure: f32) -> Result<Exit, ModelError> {
        let name = format!("exits.{layers}.weights");
        let weights = self.floats(&name, &[Some(width), Some(TAGS.len())])?;
        let by_tag = (0..TAGS.len()).flat_map(|tag| weights.iter().skip(tag).step_by(TAGS.len()).copied());
        Ok(Exit {
            layers,
            weights: by_tag.collect(),
            bias: self.floats(&format!("exits.{layers}.bias"), &[Some(TAGS.len())])?,
            temperature,
            sure,
        })
    }
}
