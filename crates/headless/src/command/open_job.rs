//! A job at work: its files opened, its effect loaded, and an instance with everything that the job says of it.

use super::bundle_path::BundleSearch;
use super::cache::keep_results_in;
use super::clip_source::ClipSource;
use super::error::CommandError;
use super::interrupt::Interrupt;
use super::job::Job;
use super::notes::Notes;
use super::values::{Settings, Stage, input_clip, settings};
use crate::host::{
    Bundle, Character, Components, ContextDescription, Depth, Description, Host, HostError, ImageSource, Instance,
    InstanceOptions, Project, RectD, RectI,
};
use crate::sequence::{Bits, FfmpegSearch, Footage, FootageOptions, Format, FrameSet};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The clip that `--in` is for.
const SOURCE: &str = "Source";
/// Frames per second where no footage tells: cinema's.
const FRAME_RATE: f64 = 24.0;

/// The bundle of a job, its effect, and the one instance that does the work.
pub(super) struct OpenJob {
    pub(super) bundle: Bundle,
    pub(super) description: Description,
    pub(super) instance: Arc<Instance>,
    /// For each object that gets a layer, by its name, an instance that gives its matte alone.
    pub(super) objects: Vec<(String, Arc<Instance>)>,
}

impl OpenJob {
    /// Loads the effect and makes the instance.
    pub(super) fn new(job: &Job, shot: &Shot, footage: &JobFootage, notes: &Notes) -> Result<Self, CommandError> {
        // Nobody is there to ask, to tell, or to move a point of a frame that is done.
        let host = Host::with_character(Character { is_background: true, ..job.host.character().clone() });
        let bundle = Bundle::open(&host, &BundleSearch::from_environment(job.bundle.clone()).find()?)?;
        if let Some(folder) = &job.cache {
            keep_results_in(folder, &bundle)?;
        }
        let plugin = bundle.plugin(&effect_id(job, &bundle)?)?;
        let description = plugin.describe()?;
        let context = context(job, &description)?;
        if let Some(words) = job.region.and_then(|region| shot.differs_from(region)) {
            notes.note(&words);
        }
        let mut clips = vec![(SOURCE.to_owned(), Arc::clone(&footage.source))];
        clips.extend(footage.others.clone());
        let create = |values: &_, keys: &_| -> Result<Arc<Instance>, CommandError> {
            let options =
                shot.instance_options(context, clips.clone(), settings(values, keys, context, &shot.stage)?)?;
            Ok(Arc::new(Instance::create(&plugin, options)?))
        };
        let instance = create(&job.values, &job.keys)?;
        let objects = job.objects.iter().map(|object| {
            let (values, keys) = object.alone(context, &job.values, &job.keys)?;
            Ok((object.name.clone(), create(&values, &keys)?))
        });
        let objects = objects.collect::<Result<_, CommandError>>()?;
        notes.messages(&instance.take_messages());
        Ok(Self { bundle, description, instance, objects })
    }

    /// Ends the instance, and tells what it says against that.
    pub(super) fn close(self) -> Result<(), CommandError> {
        Ok(Arc::into_inner(self.instance).map_or(Ok(()), Instance::destroy)?)
    }
}

/// Has the instance's work stopped where the user does not want to wait for its end.
pub(super) fn abort_on(interrupt: &Interrupt, instance: &Arc<Instance>) {
    let running = Arc::downgrade(instance);
    interrupt.on_raise(move || {
        if let Some(instance) = running.upgrade() {
            instance.abort();
        }
    });
}

/// The shots of a job.
pub(super) struct JobFootage {
    pub(super) source: Arc<Footage>,
    /// Those of the other clips, by their names.
    others: BTreeMap<String, Arc<Footage>>,
}

impl JobFootage {
    /// Opens the files that a job names.
    pub(super) fn open(job: &Job) -> Result<Self, CommandError> {
        let source = open(job, &job.input)?;
        let others = job.clips.iter().map(|(name, shot)| Ok((name.clone(), open(job, shot)?)));
        Ok(Self { source, others: others.collect::<Result<_, CommandError>>()? })
    }

    /// The shots besides Source.
    pub(super) fn others(&self) -> Vec<&Footage> {
        self.others.values().map(Arc::as_ref).collect()
    }
}

fn open(job: &Job, shot: &str) -> Result<Arc<Footage>, CommandError> {
    let ffmpeg = FfmpegSearch::from_environment(job.ffmpeg.clone());
    // One frame for each thread, and two more: the ends of the span that is tracked, or the file that is read ahead.
    let options = FootageOptions { kept_frames: job.threads + 2, ffmpeg };
    Ok(Arc::new(Footage::open(shot, &options)?))
}

fn effect_id(job: &Job, bundle: &Bundle) -> Result<String, CommandError> {
    let available = bundle.effects();
    match (&job.effect, available.as_slice()) {
        (Some(id), _) if available.contains(id) => Ok(id.clone()),
        (Some(id), _) => Err(CommandError::Unknown { kind: "effect", name: id.clone(), available }),
        (None, [only]) => Ok(only.clone()),
        (None, _) => Err(CommandError::WhichEffect { available }),
    }
}

fn context<'a>(job: &Job, description: &'a Description) -> Result<&'a ContextDescription, CommandError> {
    let mut described = description.described.iter();
    let found = match job.context {
        Some(asked) => described.find(|context| context.context == asked),
        None => described.next(),
    };
    found.ok_or_else(|| {
        let (id, offered) = (description.id.clone(), description.contexts.clone());
        HostError::NoContext { id, asked: job.context, offered }.into()
    })
}

/// Whether the files of a job shall hold more than 8 bits: as asked for, or because the format has no fewer.
fn is_deep(job: &Job) -> bool {
    let format = || Format::of_name(&job.output).is_some_and(|format| matches!(format, Format::Dpx | Format::Movie));
    job.depth.map_or_else(format, |bits| bits != Bits::Eight)
}

/// The picture and the time line that the effect works in.
pub(super) struct Shot {
    stage: Stage,
    area: RectD,
    pub(super) scale: (f64, f64),
    pub(super) frame_rate: f64,
    range: (i32, i32),
    /// What the effect works in, where that is not what Source has: files of more than 8 bits shall hold more than what
    /// 8 bits can tell.
    depth: Option<Depth>,
}

impl Shot {
    pub(super) fn new(job: &Job, source: &Footage, frames: &[i32]) -> Self {
        let pixel_aspect = source.format().pixel_aspect;
        let stage = Stage { display: source.display(), pixel_aspect };
        let keys = job.keys.values().flat_map(|keys| keys.keys().copied());
        let footage = source.frames().and_then(|frames| frames.ends()).map(|(first, last)| [first, last]);
        let moments: Vec<i32> = keys.chain(frames.iter().copied()).chain(footage.into_iter().flatten()).collect();
        let (first, last) = (moments.iter().min(), moments.iter().max());
        Self {
            area: RectD::from_pixels(&stage.display, (1.0, 1.0), pixel_aspect),
            stage,
            depth: is_deep(job).then_some(Depth::Float),
            scale: (job.proxy, job.proxy),
            frame_rate: source.frame_rate().unwrap_or(FRAME_RATE),
            range: (first.copied().unwrap_or(1), last.copied().unwrap_or(1)),
        }
    }

    /// The same with a time line of these frames alone.
    pub(super) fn over(mut self, frames: &FrameSet) -> Self {
        self.range = frames.ends().unwrap_or(self.range);
        self
    }

    /// Words on a picture that lies elsewhere than the one that a job was made for: its positions would miss.
    fn differs_from(&self, [x1, y1, x2, y2]: [f64; 4]) -> Option<String> {
        let here = &self.area;
        let is_same =
            [(here.x1, x1), (here.y1, y1), (here.x2, x2), (here.y2, y2)].iter().all(|(a, b)| (a - b).abs() < 0.5);
        let words = |x1: f64, y1: f64, x2: f64, y2: f64| format!("{}x{} at {x1},{y1}", x2 - x1, y2 - y1);
        (!is_same).then(|| {
            format!(
                "the job was made for a picture of {}, and this one is {}: positions may miss",
                words(x1, y1, x2, y2),
                words(here.x1, here.y1, here.x2, here.y2)
            )
        })
    }

    fn instance_options(
        &self,
        context: &ContextDescription,
        clips: Vec<(String, Arc<Footage>)>,
        settings: Settings,
    ) -> Result<InstanceOptions, CommandError> {
        let mut sources: BTreeMap<String, Box<dyn ImageSource>> = BTreeMap::new();
        for (name, footage) in clips {
            let clip = input_clip(context, &name)?;
            let mask = clip.mask || clip.components.iter().all(|kind| *kind == Components::Alpha);
            sources.insert(name, Box::new(ClipSource::new(footage, mask, self.range, self.frame_rate)));
        }
        let project = Project {
            area: self.area,
            pixel_aspect: self.stage.pixel_aspect,
            frame_rate: self.frame_rate,
            range: (f64::from(self.range.0), f64::from(self.range.1)),
        };
        Ok(InstanceOptions {
            context: Some(context.context),
            project: Some(project),
            depth: self.depth,
            // Matte and picture together, also where the footage has no alpha.
            components: Some(Components::Rgba),
            clips: sources,
            values: settings.values,
            keys: settings.keys,
            ..InstanceOptions::default()
        })
    }

    /// The display window of rendered frames, in their pixels.
    pub(super) fn display(&self, pixel_aspect: f64) -> RectI {
        self.area.to_pixels(self.scale, pixel_aspect)
    }
}
