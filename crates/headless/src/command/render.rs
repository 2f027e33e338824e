//! `sam3roto render`.

use super::bundle_path::BundleSearch;
use super::cache::keep_results_in;
use super::clip_source::ClipSource;
use super::engine_report::{REPORT_SYMBOL, counter_rows, stage_rows};
use super::error::CommandError;
use super::frame_work::{Outcome, for_each_frame};
use super::interrupt::Interrupt;
use super::job::Job;
use super::notes::Notes;
use super::plan::{Plan, plan};
use super::summary::{StageTimes, Summary};
use super::values::{Settings, Stage, input_clip, settings};
use super::{print_out, software};
use crate::host::{
    Bundle, Character, Components, ContextDescription, Depth, Description, Host, HostError, ImageSource, Instance,
    InstanceOptions, Project, RectD, RectI, RenderRequest, RenderThreadSafety, Rendered,
};
use crate::sequence::{
    FfmpegSearch, Footage, FootageOptions, Picture, Provenance, WriteSettings, describe_frames, write_picture,
};
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

/// The clip that `--in` is for.
const SOURCE: &str = "Source";
/// Frames per second where no footage tells: cinema's.
const FRAME_RATE: f64 = 24.0;

/// Renders what a job asks for.
pub(super) fn render(job: Job, interrupt: &Interrupt) -> Result<(), CommandError> {
    let begun = Instant::now();
    let source = open(&job, &job.input, job.threads)?;
    let others = job.clips.iter().map(|(name, shot)| Ok((name.clone(), open(&job, shot, job.threads)?)));
    let others: BTreeMap<String, Arc<Footage>> = others.collect::<Result<_, CommandError>>()?;
    let plan = plan(&job, &source, &others.values().map(Arc::as_ref).collect::<Vec<_>>())?;
    let notes = Notes::new(plan.frames.len(), job.quiet);
    plan.notes.iter().for_each(|text| notes.note(text));

    // Nobody is there to ask, to tell, or to move a point of a frame that is done.
    let host = Host::with_character(Character { is_background: true, ..job.host.character().clone() });
    let bundle = Bundle::open(&host, &BundleSearch::from_environment(job.bundle.clone()).find()?)?;
    if let Some(folder) = &job.cache {
        keep_results_in(folder, &bundle)?;
    }
    let plugin = bundle.plugin(&effect_id(&job, &bundle)?)?;
    let description = plugin.describe()?;
    let context = context(&job, &description)?;
    let threads = threads(&job, &description, &notes);
    let shot = Shot::new(&job, &source, &plan);
    if let Some(words) = job.region.and_then(|region| shot.differs_from(region)) {
        notes.note(&words);
    }
    let settings = settings(&job.values, &job.keys, context, &shot.stage)?;
    let mut clips = vec![(SOURCE.to_owned(), Arc::clone(&source))];
    clips.extend(others);
    let options = shot.instance_options(context, clips, settings)?;
    let instance = Arc::new(Instance::create(&plugin, options)?);
    notes.messages(&instance.take_messages());

    let running = Arc::downgrade(&instance);
    interrupt.on_raise(move || {
        if let Some(instance) = running.upgrade() {
            instance.abort();
        }
    });
    let work = Work {
        job: &job,
        instance: &instance,
        shot: &shot,
        files: plan.frames.iter().cloned().collect(),
        notes: &notes,
        effect: &description.id,
        sequential: threads == 1,
        source: &source,
        times: Mutex::default(),
    };
    let frames: Vec<i32> = plan.frames.iter().map(|(frame, _)| *frame).collect();
    let failed = |frame: i32, reason: &str| notes.error(&format!("frame {frame}: {reason}"));
    let outcome = for_each_frame(&frames, threads, job.on_error, interrupt, |frame| work.frame(frame), failed);
    let times = work.times.into_inner();
    notes.messages(&instance.take_messages());
    notes.finish();

    let report = bundle.report(REPORT_SYMBOL, "counters").and_then(|text| serde_json::from_str(&text).ok());
    let report = report.unwrap_or(serde_json::Value::Null);
    let summary = Summary {
        done: outcome.done.len(),
        skipped: plan.skipped,
        effect: description.id.clone(),
        output: job.output.clone(),
        threads,
        elapsed: begun.elapsed(),
        times,
        plugin_stages: stage_rows(&report),
        counters: counter_rows(&report),
    };
    if !job.quiet {
        print_out(&summary.text())?;
    }
    conclude(&outcome, frames.len(), interrupt)?;
    Arc::into_inner(instance).map_or(Ok(()), Instance::destroy)?;
    Ok(())
}

fn open(job: &Job, shot: &str, threads: usize) -> Result<Arc<Footage>, CommandError> {
    let ffmpeg = FfmpegSearch::from_environment(job.ffmpeg.clone());
    // One frame for each thread, and two more: the ends of the span that is tracked, or the file that is read ahead.
    let options = FootageOptions { kept_frames: threads + 2, ffmpeg };
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

fn threads(job: &Job, description: &Description, notes: &Notes) -> usize {
    if job.threads == 1 || description.flags.thread_safety == RenderThreadSafety::FullySafe {
        return job.threads;
    }
    notes.note(&format!("{} renders one frame at a time: --threads is not used", description.id));
    1
}

fn conclude(outcome: &Outcome, asked: usize, interrupt: &Interrupt) -> Result<(), CommandError> {
    if interrupt.is_raised() {
        return Err(CommandError::Interrupted { done: outcome.done.len(), asked });
    }
    if outcome.failed.is_empty() {
        return Ok(());
    }
    let frames: Vec<i32> = outcome.failed.iter().map(|(frame, _)| *frame).collect();
    Err(CommandError::FramesFailed { failed: frames.len(), asked, list: describe_frames(&frames) })
}

/// The picture and the time line that the effect works in.
struct Shot {
    stage: Stage,
    area: RectD,
    scale: (f64, f64),
    frame_rate: f64,
    range: (i32, i32),
    /// What the effect works in, where that is not what Source has: files of more than 8 bits shall hold more than what
    /// 8 bits can tell.
    depth: Option<Depth>,
}

impl Shot {
    fn new(job: &Job, source: &Footage, plan: &Plan) -> Self {
        let pixel_aspect = source.first().frame.pixel_aspect();
        let stage = Stage { display: source.display(), pixel_aspect };
        let keys = job.keys.values().flat_map(|keys| keys.keys().copied());
        let footage = source.frames().and_then(|frames| frames.ends()).map(|(first, last)| [first, last]);
        let frames = plan.frames.iter().map(|(frame, _)| *frame);
        let moments: Vec<i32> = keys.chain(frames).chain(footage.into_iter().flatten()).collect();
        let (first, last) = (moments.iter().min(), moments.iter().max());
        Self {
            area: RectD::from_pixels(&stage.display, (1.0, 1.0), pixel_aspect),
            stage,
            depth: job.depth.filter(|depth| *depth != Depth::Byte).map(|_| Depth::Float),
            scale: (job.proxy, job.proxy),
            frame_rate: source.frame_rate().unwrap_or(FRAME_RATE),
            range: (first.copied().unwrap_or(1), last.copied().unwrap_or(1)),
        }
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
    fn display(&self, pixel_aspect: f64) -> RectI {
        self.area.to_pixels(self.scale, pixel_aspect)
    }
}

/// What every frame's work needs.
struct Work<'a> {
    job: &'a Job,
    instance: &'a Instance,
    shot: &'a Shot,
    files: BTreeMap<i32, PathBuf>,
    notes: &'a Notes,
    effect: &'a str,
    sequential: bool,
    source: &'a Footage,
    times: Mutex<StageTimes>,
}

impl Work<'_> {
    /// Renders and writes one frame.
    fn frame(&self, frame: i32) -> Result<(), String> {
        let request = RenderRequest {
            scale: self.shot.scale,
            sequential: self.sequential,
            ..RenderRequest::at(f64::from(frame))
        };
        let rendered = self.render(frame, &request).map_err(|error| error.to_string())?;
        self.notes.messages(&rendered.messages);
        let writing = Instant::now();
        self.write(frame, &rendered).map_err(|error| error.to_string())?;
        let timings = rendered.timings;
        self.times.lock().add(&StageTimes {
            read: timings.images,
            render: timings.render,
            host: timings.prepare + timings.check,
            write: writing.elapsed(),
        });
        self.notes.step();
        Ok(())
    }

    /// Renders one frame. Where frames come one after the other the next one's file is read meanwhile.
    fn render(&self, frame: i32, request: &RenderRequest) -> Result<Rendered, HostError> {
        let next = self.files.range(frame..).nth(1).filter(|_| self.sequential);
        std::thread::scope(|scope| {
            if let Some((&next, _)) = next {
                scope.spawn(move || self.source.read_ahead(next));
            }
            self.instance.render(request)
        })
    }

    fn write(&self, frame: i32, rendered: &Rendered) -> Result<(), CommandError> {
        let Some(path) = self.files.get(&frame) else { return Ok(()) };
        let display = self.shot.display(rendered.frame.pixel_aspect());
        let picture = Picture::new(rendered.frame.clone()).with_display(display);
        let settings =
            WriteSettings { depth: self.job.depth, channels: self.job.channels, compression: self.job.compression };
        let provenance = Provenance { software: software(), effect: self.effect.to_owned(), frame };
        Ok(write_picture(path, &picture, &settings, &provenance)?)
    }
}
