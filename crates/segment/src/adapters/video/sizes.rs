//! The sizes of an export, which its graphs declare.

use std::path::PathBuf;

use inference::{Engine, GraphTensor, ModelFile, Sizes};

use super::constants::Constants;

/// Pointers in the bank. Each is cut into as many tokens of a memory's width as it takes.
pub(super) const POINTERS: usize = 16;

/// Pixels of a picture lie on a cell of the embedding, on a side.
const PIXELS_PER_CELL: usize = 16;

/// Larger sizes are refused: they would ask for absurd amounts of memory.
const MOST: usize = 1 << 16;

/// Sizes of one export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BankSizes {
    /// Pixels on a side of the model's picture.
    pub image: usize,
    /// Cells on a side of the embedding.
    pub grid: usize,
    /// Channels of the embedding, and values of a pointer.
    pub channels: usize,
    /// Channels of a memory.
    pub width: usize,
    /// Memories in the bank.
    pub memories: usize,
}

/// A graph of another size than the others, or than constants.json.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: \"{tensor}\" is {found}, expected {expected}; keep the files of one export together", file.display())]
pub struct SizeError {
    /// The graph.
    file: PathBuf,
    /// Its tensor.
    tensor: &'static str,
    /// Its shape.
    found: String,
    /// What it has to be.
    expected: String,
}

impl BankSizes {
    /// Read off the encoder and the memory attention, and held against the constants.
    ///
    /// # Errors
    /// [`SizeError`] with the first tensor that does not fit.
    pub fn of(
        engine: &Engine,
        encoder: &ModelFile,
        attention: &ModelFile,
        constants: &Constants,
    ) -> Result<Self, SizeError> {
        let [_, _, image, _] = shape(engine, encoder, "pixel_values")?;
        let fits = image.is_multiple_of(PIXELS_PER_CELL) && constants.image_size.is_none_or(|size| size == image);
        check(encoder, "pixel_values", image, fits, || match constants.image_size {
            Some(size) => format!("{size} pixels on a side, as constants.json says"),
            None => format!("a multiple of {PIXELS_PER_CELL} pixels on a side"),
        })?;
        let [_, _, channels] = shape(engine, attention, "current_vision_features")?;
        let [rows, _, width] = shape(engine, attention, "memory")?;
        let row = constants.time.first().map_or(0, Vec::len);
        check(attention, "memory", width, width == row && channels.is_multiple_of(width), || {
            format!("rows of {row} values, as the temporal positions of constants.json")
        })?;
        let grid = image / PIXELS_PER_CELL;
        let pointers = POINTERS * (channels / width);
        let memories = rows.saturating_sub(pointers) / (grid * grid);
        let wanted = constants.memory_frames.unwrap_or(memories);
        let whole = memories == wanted && rows == memories * grid * grid + pointers;
        let known = (1..=constants.time.len()).contains(&memories);
        check(attention, "memory", format!("{rows} rows"), whole && known, || {
            let most = constants.memory_frames.unwrap_or(constants.time.len());
            format!("{most} memories of {grid} x {grid} rows and {POINTERS} pointers, together {} rows", {
                most * grid * grid + pointers
            })
        })?;
        Ok(Self { image, grid, channels, width, memories })
    }

    /// Cells of the embedding, which are the tokens of a memory.
    pub fn cells(&self) -> usize {
        self.grid * self.grid
    }

    /// Values of one memory.
    pub fn memory(&self) -> usize {
        self.cells() * self.width
    }

    /// Tokens of the whole bank.
    pub fn rows(&self) -> usize {
        self.memories * self.cells() + POINTERS * (self.channels / self.width)
    }

    /// For the contracts of the graphs.
    pub fn named(&self) -> Sizes {
        let (c, h) = (self.channels as i64, self.grid as i64);
        Sizes::new(&[
            ("S", self.image as i64),
            ("C", c),
            ("C/4", c / 4),
            ("C/8", c / 8),
            ("M", self.width as i64),
            ("h", h),
            ("2h", 2 * h),
            ("4h", 4 * h),
            ("h x h", h * h),
            ("rows", self.rows() as i64),
        ])
    }
}

/// The shape of an input that leaves none of its axes free.
fn shape<const N: usize>(engine: &Engine, graph: &ModelFile, tensor: &'static str) -> Result<[usize; N], SizeError> {
    let (inputs, _) = engine.registry().tensors(&graph.path).unwrap_or_default();
    let found: Option<&GraphTensor> = inputs.iter().find(|input| input.name == tensor);
    let sizes: Option<Vec<usize>> = found.and_then(|found| {
        let size = |size: &Option<i64>| usize::try_from((*size)?).ok().filter(|size| (1..=MOST).contains(size));
        found.shape.as_ref()?.iter().map(size).collect()
    });
    sizes.and_then(|sizes| sizes.try_into().ok()).ok_or_else(|| SizeError {
        file: graph.path.clone(),
        tensor,
        found: found.map_or("missing".to_owned(), ToString::to_string),
        expected: format!("{N} axes of fixed size, none over {MOST}"),
    })
}

fn check(
    graph: &ModelFile,
    tensor: &'static str,
    found: impl ToString,
    fits: bool,
    expected: impl FnOnce() -> String,
) -> Result<(), SizeError> {
    let (file, found) = (graph.path.clone(), found.to_string());
    if fits { Ok(()) } else { Err(SizeError { file, tensor, found, expected: expected() }) }
}
