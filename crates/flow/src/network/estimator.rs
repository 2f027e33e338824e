//! A network as an estimator.

use std::sync::Arc;

use inference::{Abort, Device, Engine, FoundModel, GraphTensor, InferenceError, Input, Key, KeyBuilder, ModelFile};
use ndarray::ArrayD;
use raster::{PixelLayout, PixelView, Plane, SourceEncoding, model_picture};

use super::{
    budget,
    contracts::ROLE,
    form::{Direction, Facts, Form, Output, Told},
    padding::Padding,
    tensors::{self, Found},
};
use crate::{BothWays, Flow, FlowError, FlowEstimator, Sampling, sample};

/// Changes when a network's results do, for the same file and pictures: sizes, padding, scaling.
const VERSION: &str = "flow network 1";

/// An installed network.
pub(super) struct Network {
    engine: Arc<Engine>,
    name: String,
    model: ModelFile,
    facts: Facts,
    graph: Graph,
    images: [&'static str; 2],
    key: Key,
    device: Device,
}

/// What the graph of a file says of itself.
struct Graph {
    flow: String,
    mixture: Option<&'static str>,
    /// Width and height, where it takes no others.
    fixed: Option<(usize, usize)>,
    /// Whether it takes several pairs at once.
    takes_batches: bool,
}

/// Why a network cannot be used.
pub(super) enum Refusal {
    /// The caller gave up.
    Aborted,
    /// In words.
    Problem(String),
}

impl From<InferenceError> for Refusal {
    fn from(error: InferenceError) -> Self {
        if matches!(error, InferenceError::Aborted) { Self::Aborted } else { Self::Problem(error.to_string()) }
    }
}

impl Network {
    /// A network from its folder. Its file is read whole once, for its checksum.
    pub fn open(
        engine: &Arc<Engine>,
        found: &FoundModel,
        form: &'static Form,
        abort: &dyn Abort,
    ) -> Result<Self, Refusal> {
        let model = found.model_file(ROLE, form.contract);
        let model = model.ok_or_else(|| Refusal::Problem("its file is not listed".to_owned()))?;
        let facts = Told::of(found.manifest.as_deref()).map_err(Refusal::Problem)?.over(form.facts);
        let graph = Graph::of(engine, &model, form).map_err(Refusal::Problem)?;
        let hash = engine.model_hash(&model, abort)?;
        let version = engine.runtime().map_err(InferenceError::from)?.version();
        let device = engine.placement(&model, abort)?.device;
        let key = KeyBuilder::new(VERSION)
            .bytes(form.family.as_bytes())
            .bytes(format!("{facts:?}").as_bytes())
            .bytes(&hash.0)
            .bytes(version.as_bytes())
            .bytes(device.to_string().as_bytes());
        let [first, second] = [0, 1].map(|index| form.contract.inputs.get(index).map_or("", |input| input.name));
        Ok(Self {
            engine: Arc::clone(engine),
            name: found.name.clone(),
            images: match facts.direction {
                Direction::FirstToSecond => [first, second],
                Direction::SecondToFirst => [second, first],
            },
            key: key.finish(),
            device,
            model,
            facts,
            graph,
        })
    }

    /// Where it runs.
    pub fn device(&self) -> Device {
        self.device
    }

    fn budget(&self) -> u64 {
        self.engine.guard().budget(self.device.place())
    }

    /// The pictures' place in what the network is given; nothing when they do not fit into it.
    fn padding(&self, inner: (usize, usize)) -> Option<Padding> {
        match self.graph.fixed {
            Some(outer) => (inner.0 <= outer.0 && inner.1 <= outer.1).then_some(Padding { inner, outer }),
            None => Some(Padding::free(inner, &self.facts)),
        }
    }

    /// In one run where the graph and the budget allow, else in two; and smaller where memory runs out all the same.
    fn both_within(&self, a: &Plane<[u8; 3]>, b: &Plane<[u8; 3]>, abort: &dyn Abort) -> Result<BothWays, FlowError> {
        let size = (a.width(), a.height());
        let wrong_size = || {
            let (width, height) = self.working_size(size.0, size.1);
            FlowError::Size { what: "the first picture", width, height, found_width: size.0, found_height: size.1 }
        };
        let padding = self.padding(size).ok_or_else(wrong_size)?;
        if self.graph.takes_batches && budget::fits(&padding, 2, self.budget()) {
            match self.together(a, b, &padding, abort) {
                Err(FlowError::Inference(InferenceError::OutOfMemory { reason, .. })) => {
                    log::warn!("{}: no memory for both directions at once: {reason}", self.name);
                }
                done => return done,
            }
        }
        let done = self.one_by_one(a, b, &padding, abort);
        let (Err(FlowError::Inference(InferenceError::OutOfMemory { reason, .. })), None) = (&done, self.graph.fixed)
        else {
            return done;
        };
        let Some(less) = budget::smaller(size, &self.facts) else { return done };
        log::warn!("{}: no memory at {size:?}, going on at {less:?}: {reason}", self.name);
        let [small_a, small_b] = [a, b].map(|picture| reduced(picture, less));
        enlarged(&self.both_within(&small_a?, &small_b?, abort)?, size)
    }

    fn together(
        &self,
        a: &Plane<[u8; 3]>,
        b: &Plane<[u8; 3]>,
        padding: &Padding,
        abort: &dyn Abort,
    ) -> Result<BothWays, FlowError> {
        let found = self.run([&[a, b], &[b, a]], padding, abort)?;
        Ok(both_ways(self.item(&found, 0, padding)?, self.item(&found, 1, padding)?))
    }

    fn one_by_one(
        &self,
        a: &Plane<[u8; 3]>,
        b: &Plane<[u8; 3]>,
        padding: &Padding,
        abort: &dyn Abort,
    ) -> Result<BothWays, FlowError> {
        let there = self.item(&self.run([&[a], &[b]], padding, abort)?, 0, padding)?;
        let back = self.item(&self.run([&[b], &[a]], padding, abort)?, 0, padding)?;
        Ok(both_ways(there, back))
    }

    /// The outputs for a batch of first and second pictures.
    fn run(
        &self,
        pairs: [&[&Plane<[u8; 3]>]; 2],
        padding: &Padding,
        abort: &dyn Abort,
    ) -> Result<Vec<ArrayD<f32>>, FlowError> {
        let [first, second] = pairs.map(|pictures| tensors::pictures(pictures, padding, &self.facts).into_dyn());
        let inputs = [(self.images[0], Input::F32(first.view())), (self.images[1], Input::F32(second.view()))];
        let outputs: Vec<&str> = [Some(self.graph.flow.as_str()), self.graph.mixture].into_iter().flatten().collect();
        Ok(self.engine.run(&self.model, &inputs, &outputs, abort)?)
    }

    /// Motion and confidence of one item of a batch.
    fn item(&self, found: &[ArrayD<f32>], index: usize, padding: &Padding) -> Result<Directed, FlowError> {
        let odd = |output: &str, words: String| {
            let (file, model) = (self.model.path.clone(), self.model.contract.name);
            let reason = format!("its output \"{output}\" cannot be used: {words}");
            FlowError::Inference(InferenceError::Run { file, model, reason })
        };
        let of = |place: usize, output: &str| {
            found.get(place).ok_or_else(|| odd(output, "the network did not give it".to_owned()))
        };
        let Found { flow, known } =
            tensors::motion(of(0, &self.graph.flow)?, index, padding).map_err(|words| odd(&self.graph.flow, words))?;
        let mixture = self
            .graph
            .mixture
            .map(|name| tensors::confidence(of(1, name)?, index, padding).map_err(|words| odd(name, words)));
        let confidence = match (mixture.transpose()?, known) {
            (Some(mut confidence), Some(known)) => {
                confidence.data_mut().iter_mut().zip(known.data()).for_each(|(trust, known)| *trust *= known);
                Some(confidence)
            }
            (confidence, known) => confidence.or(known),
        };
        Ok(Directed { flow, confidence })
    }
}

impl FlowEstimator for Network {
    fn name(&self) -> &str {
        &self.name
    }

    fn fingerprint(&self) -> Key {
        self.key
    }

    /// A graph of a fixed size wants just this size: pictures are stretched, which [`Flow::resized`] undoes.
    fn working_size(&self, width: usize, height: usize) -> (usize, usize) {
        match self.graph.fixed {
            Some(_) if width == 0 || height == 0 => (width, height),
            Some(size) => size,
            None => budget::working_size((width, height), &self.facts, self.budget()),
        }
    }

    fn both(&self, a: &Plane<[u8; 3]>, b: &Plane<[u8; 3]>, abort: &dyn Abort) -> Result<BothWays, FlowError> {
        FlowError::unless_same("the second picture", (a.width(), a.height()), (b.width(), b.height()))?;
        if a.is_empty() {
            return Err(FlowError::Empty);
        }
        self.both_within(a, b, abort)
    }
}

/// The motion of one direction.
struct Directed {
    flow: Flow,
    confidence: Option<Plane<f32>>,
}

fn both_ways(there: Directed, back: Directed) -> BothWays {
    let trust = |confidence: Option<Plane<f32>>, flow: &Flow| {
        confidence.unwrap_or_else(|| Plane::new(flow.width, flow.height, 1.0))
    };
    let any = there.confidence.is_some() || back.confidence.is_some();
    let confidence = any.then(|| [trust(there.confidence, &there.flow), trust(back.confidence, &back.flow)]);
    BothWays { forward: there.flow, backward: back.flow, confidence }
}

/// A picture at a smaller size.
fn reduced(picture: &Plane<[u8; 3]>, (width, height): (usize, usize)) -> Result<Plane<[u8; 3]>, FlowError> {
    let layout = PixelLayout::packed(picture.width(), picture.height(), raster::Depth::Byte, raster::Components::Rgb);
    let view = PixelView::new(picture.as_bytes(), layout).map_err(|_| FlowError::Empty)?;
    Ok(model_picture(&view, SourceEncoding::Display, false, width, height))
}

/// Motion on a larger grid over the same picture.
fn enlarged(both: &BothWays, (width, height): (usize, usize)) -> Result<BothWays, FlowError> {
    let plane = |plane: &Plane<f32>| {
        let scale = [plane.width() as f32 / width as f32, plane.height() as f32 / height as f32];
        let mut out = Plane::new(width, height, 0f32);
        for (y, row) in out.rows_mut().enumerate() {
            for (x, value) in row.iter_mut().enumerate() {
                let [x, y] = [(x as f32 + 0.5) * scale[0] - 0.5, (y as f32 + 0.5) * scale[1] - 0.5];
                *value = sample(plane, x, y, Sampling::Bilinear);
            }
        }
        out
    };
    Ok(BothWays {
        forward: both.forward.resized(width, height)?,
        backward: both.backward.resized(width, height)?,
        confidence: both.confidence.as_ref().map(|confidence| confidence.each_ref().map(plane)),
    })
}

impl Graph {
    /// Finds the outputs, the size and whether batches are taken.
    ///
    /// # Errors
    /// What does not fit, in words.
    fn of(engine: &Engine, model: &ModelFile, form: &Form) -> Result<Self, String> {
        let file = model.path.display();
        let tensors = engine.registry().tensors(&model.path);
        let (inputs, outputs) = tensors.ok_or_else(|| format!("{file} is no graph; install the model again"))?;
        let flow = match form.flow {
            Output::Named(name) => outputs.iter().find(|tensor| tensor.name == name),
            Output::Nth(index) => outputs.get(index),
        };
        let flow = flow.ok_or_else(|| {
            let names: Vec<_> = outputs.iter().map(GraphTensor::to_string).collect();
            format!(
                "{file} is not a {}: expected motion as output {}, found {}",
                form.contract.name,
                form.flow,
                names.join(", ")
            )
        })?;
        if !is_motion(flow) {
            let name = form.contract.name;
            return Err(format!("{file} is not a {name}: expected motion f32[?, 2, ?, ?] as output {flow}"));
        }
        let axis = |tensor: &GraphTensor, axis: usize| tensor.shape.as_ref()?.get(axis).copied().flatten();
        let images: Vec<&GraphTensor> = inputs.iter().take(2).collect();
        let of_all = |index: usize| images.iter().find_map(|image| axis(image, index));
        let fixed = match (of_all(3).map(usize::try_from), of_all(2).map(usize::try_from)) {
            (None, None) => None,
            (Some(Ok(width)), Some(Ok(height))) if width > 0 && height > 0 => Some((width, height)),
            _ => return Err(format!("{file} fixes one side of its pictures and leaves the other free")),
        };
        let mixture = form.mixture;
        let free = |tensor: &GraphTensor| axis(tensor, 0).is_none();
        let used = |tensor: &&GraphTensor| tensor.name == flow.name || Some(tensor.name.as_str()) == mixture;
        let takes_batches = inputs.iter().all(free) && outputs.iter().filter(used).all(free);
        Ok(Self { flow: flow.name.clone(), mixture, fixed, takes_batches })
    }
}

/// Whether a tensor can be vectors at a picture's size: what an exporter leaves unsaid is believed.
fn is_motion(tensor: &GraphTensor) -> bool {
    let two = |shape: &Vec<Option<i64>>| shape.len() == 4 && shape[1].is_none_or(|size| size == 2);
    tensor.element == "f32" && tensor.shape.as_ref().is_none_or(two)
}
