//! A network as something that mattes.

use std::{fmt, sync::Arc};

use inference::{
    Abort, Contract, Device, Engine, Feature, FoundModel, InferenceError, Input, Key, KeyBuilder, ModelFile, Origin,
};
use ndarray::{Array1, ArrayD, IxDyn};
use raster::Plane;

use super::{
    contracts::{MODNET, ROLE, RVM, VITMATTE},
    sizes, tensors,
};
use crate::{
    error::SegmentError,
    identity::{Identity, identity},
};

/// A kind of network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Any object, by a trimap.
    VitMatte,
    /// People, with a memory of the frames before.
    Rvm,
    /// People.
    ModNet,
}

impl Kind {
    /// The family of its files.
    pub fn family(self) -> &'static str {
        match self {
            Self::VitMatte => "vitmatte",
            Self::Rvm => "rvm",
            Self::ModNet => "modnet",
        }
    }

    fn contract(self) -> &'static Contract {
        match self {
            Self::VitMatte => &VITMATTE,
            Self::Rvm => &RVM,
            Self::ModNet => &MODNET,
        }
    }

    /// What black and white are: 0..1 for RVM, -1..1 for the others (MODNet's `(im - 127.5) / 127.5`, and the mean and
    /// deviation of 0.5 in ViTMatte's `preprocessor_config.json`).
    fn range(self) -> [f32; 2] {
        if self == Self::Rvm { [0.0, 1.0] } else { [-1.0, 1.0] }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.contract().name)
    }
}

/// What a network is shown. All pictures are display-referred and of one size, which [`Matter::picture_size`] gives.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'a> {
    /// Frames before, oldest first, for a network that remembers; others are shown none of them.
    pub before: &'a [&'a Plane<[u8; 3]>],
    /// The frame.
    pub picture: &'a Plane<[u8; 3]>,
    /// Its trimap, of [`BACKGROUND`](super::BACKGROUND), [`UNKNOWN`](super::UNKNOWN) and [`OBJECT`](super::OBJECT), for a
    /// network that takes one.
    pub trimap: Option<&'a Plane<u8>>,
}

/// An alpha, and where it came from.
#[derive(Debug)]
pub struct Found {
    /// 0..1, of the picture's size.
    pub alpha: Plane<f32>,
    /// Whether the network ran for it.
    pub origin: Origin,
}

/// An installed network. Cheap to open: sessions come from the engine's cache at each call.
pub struct Matter {
    engine: Arc<Engine>,
    name: String,
    place: Arc<str>,
    kind: Kind,
    model: ModelFile,
    /// Width and height, where the graph takes no others.
    fixed: Option<(usize, usize)>,
}

impl fmt::Debug for Matter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Matter").field("name", &self.name).field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl Matter {
    /// A network from its folder.
    ///
    /// # Errors
    /// Why it cannot be used, in words.
    pub(super) fn open(engine: &Arc<Engine>, kind: Kind, found: &FoundModel) -> Result<Self, String> {
        if let Some(problem) = &found.problem {
            return Err(problem.clone());
        }
        let model = found.model_file(ROLE, kind.contract()).ok_or("its file is not listed")?;
        let fixed = fixed_size(engine, kind, &model)?;
        let place = format!("{} in {}", found.name, found.folder.display()).into();
        Ok(Self { engine: Arc::clone(engine), name: found.name.clone(), place, kind, model, fixed })
    }

    /// The name as installed.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What kind it is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Where it runs.
    ///
    /// # Errors
    /// [`SegmentError::Inference`]: aborted, a file missing or damaged, no runtime; so below.
    pub fn device(&self, abort: &dyn Abort) -> Result<Device, SegmentError> {
        Ok(self.engine.placement(&self.model, abort)?.device)
    }

    /// The size of picture for an area of so many square pixels, with `longest` pixels on its longer side at most (MODNet has
    /// a size of its own), and smaller where the memory that the engine may use is small.
    ///
    /// # Errors
    /// As [`Matter::device`].
    pub fn picture_size(
        &self,
        area: (usize, usize),
        longest: usize,
        abort: &dyn Abort,
    ) -> Result<(usize, usize), SegmentError> {
        let budget = self.engine.guard().budget(self.device(abort)?.place());
        Ok(sizes::picture_size(self.kind, area, longest, self.fixed, budget))
    }

    /// Finds the alpha of a scene, or finds it remembered: by the network and all that it is shown.
    ///
    /// # Errors
    /// As [`Matter::device`], and a failed run; [`SegmentError::PictureSize`] for a picture the graph does not take, or a
    /// trimap or frames before of another size.
    pub fn matte(&self, scene: &Scene<'_>, abort: &dyn Abort) -> Result<Found, SegmentError> {
        let size = self.checked_size(scene)?;
        let model = identity(&self.engine, "matting 1", &self.place, &[&self.model], abort)?;
        let (features, disk) = (self.engine.features(), self.engine.disk());
        let found = features.fetch_stored(self.key(&model, scene), disk, abort, || -> Result<_, SegmentError> {
            let alpha = match self.kind {
                Kind::Rvm => self.roll(scene, size, abort)?,
                _ => self.run_once(scene, size, abort)?,
            };
            let shape = IxDyn(&[size.1, size.0]);
            Ok(Feature::new(vec![ArrayD::from_shape_vec(shape, alpha).unwrap_or_default()]))
        })?;
        let alpha = found.value.tensors().first().map(|tensor| tensor.iter().copied().collect::<Vec<f32>>());
        let alpha = alpha.and_then(|alpha| Plane::from_vec(size.0, size.1, alpha).ok());
        let alpha = alpha.ok_or_else(|| self.odd("what was remembered is of another size".to_owned()))?;
        Ok(Found { alpha, origin: found.origin })
    }

    fn checked_size(&self, scene: &Scene<'_>) -> Result<(usize, usize), SegmentError> {
        let size = (scene.picture.width(), scene.picture.height());
        let outer = sizes::padded_size(self.kind, size, self.fixed);
        let wants_trimap = self.kind == Kind::VitMatte;
        let trimap = scene.trimap.map(|trimap| (trimap.width(), trimap.height()));
        let same = scene.before.iter().all(|picture| (picture.width(), picture.height()) == size);
        let multiple = self.kind != Kind::ModNet || (size.0 % sizes::MULTIPLE, size.1 % sizes::MULTIPLE) == (0, 0);
        let fits = self.fixed.is_none_or(|fixed| outer == fixed) && size.0 <= outer.0 && size.1 <= outer.1;
        if size.0.min(size.1) > 0 && same && multiple && fits && (!wants_trimap || trimap == Some(size)) {
            return Ok(size);
        }
        let with = if wants_trimap { " with a trimap of the same size" } else { "" };
        let expected = format!("{} takes pictures of the size it is asked for{with}", self.kind);
        Err(SegmentError::PictureSize { width: size.0, height: size.1, expected })
    }

    fn key(&self, model: &Identity, scene: &Scene<'_>) -> Key {
        let mut key = KeyBuilder::new("learned alpha 1").bytes(&model.key.0.to_le_bytes());
        key = key.number(scene.picture.width() as u64).number(scene.picture.height() as u64);
        key = key.bytes(scene.picture.as_bytes());
        if self.kind == Kind::Rvm {
            key = scene.before.iter().fold(key, |key, picture| key.bytes(picture.as_bytes()));
        }
        match scene.trimap.filter(|_| self.kind == Kind::VitMatte) {
            Some(trimap) => key.bytes(trimap.as_bytes()).finish(),
            None => key.finish(),
        }
    }

    fn run_once(&self, scene: &Scene<'_>, size: (usize, usize), abort: &dyn Abort) -> Result<Vec<f32>, SegmentError> {
        let outer = sizes::padded_size(self.kind, size, self.fixed);
        let trimap = scene.trimap.filter(|_| self.kind == Kind::VitMatte);
        let picture = tensors::picture(scene.picture, trimap, self.kind.range(), outer).into_dyn();
        let contract = self.kind.contract();
        let [input, output] =
            [contract.inputs, contract.outputs].map(|all| all.first().map_or("", |tensor| tensor.name));
        let found = self.engine.run(&self.model, &[(input, Input::F32(picture.view()))], &[output], abort)?;
        self.alpha(found.first(), size, outer)
    }

    /// Frame after frame from states of nothing: the alpha of the last.
    fn roll(&self, scene: &Scene<'_>, size: (usize, usize), abort: &dyn Abort) -> Result<Vec<f32>, SegmentError> {
        const OUTPUTS: [&str; 5] = ["pha", "r1o", "r2o", "r3o", "r4o"];
        let ratio = Array1::from(vec![sizes::downsample_ratio(size)]).into_dyn();
        let mut states = vec![ArrayD::<f32>::zeros(IxDyn(&[1, 1, 1, 1])); 4];
        let frames = scene.before.iter().copied().chain([scene.picture]);
        let mut alpha = None;
        for frame in frames {
            let picture = tensors::picture(frame, None, self.kind.range(), size).into_dyn();
            let mut inputs = vec![("src", Input::F32(picture.view())), ("downsample_ratio", Input::F32(ratio.view()))];
            inputs.extend(
                ["r1i", "r2i", "r3i", "r4i"].into_iter().zip(states.iter().map(|state| Input::F32(state.view()))),
            );
            let mut found = self.engine.run(&self.model, &inputs, &OUTPUTS, abort)?;
            if found.len() != OUTPUTS.len() {
                return Err(self.odd("it did not give all of its outputs".to_owned()).into());
            }
            states = found.split_off(1);
            alpha = found.pop();
        }
        self.alpha(alpha.as_ref(), size, size)
    }

    fn alpha(
        &self,
        output: Option<&ArrayD<f32>>,
        size: (usize, usize),
        outer: (usize, usize),
    ) -> Result<Vec<f32>, SegmentError> {
        let output = output.ok_or_else(|| self.odd("it gave no alpha".to_owned()))?;
        let name = self.kind.contract().outputs.first().map_or("", |tensor| tensor.name);
        let odd = |words| self.odd(format!("its output \"{name}\" cannot be used: {words}"));
        Ok(tensors::alpha(output, size, outer).map_err(odd)?)
    }

    fn odd(&self, reason: String) -> InferenceError {
        InferenceError::Run { file: self.model.path.clone(), model: self.model.contract.name, reason }
    }
}

/// The size that a graph fixes for its picture, if it does.
fn fixed_size(engine: &Engine, kind: Kind, model: &ModelFile) -> Result<Option<(usize, usize)>, String> {
    let file = model.path.display();
    let (inputs, _) = engine.registry().tensors(&model.path).ok_or_else(|| format!("{file} is no graph"))?;
    let name = kind.contract().inputs.first().map_or("", |input| input.name);
    let picture = inputs.iter().find(|tensor| tensor.name == name).and_then(|tensor| tensor.shape.clone());
    let side = |axis: usize| picture.as_ref().and_then(|shape| shape.get(axis).copied().flatten());
    match (side(3).map(usize::try_from), side(2).map(usize::try_from)) {
        (None, None) => Ok(None),
        (Some(Ok(width)), Some(Ok(height))) if width > 0 && height > 0 => Ok(Some((width, height))),
        _ => Err(format!("{file} fixes one side of its pictures and leaves the other free")),
    }
}
