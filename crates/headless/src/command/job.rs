//! What to render: from the command line, from a job file, or from both.

use super::error::CommandError;
use super::job_fields::{assignment, existing, frame_rate, frame_set, keys_by_frame, proxy, threads};
use super::objects::{LayersName, Object, objects};
use super::options::{ChannelsName, ContextName, DepthName, OnError, RenderOptions};
use super::scalar::Scalar;
use crate::host::{Components, Context, Profile};
use crate::sequence::{Bits, Compression, FrameSet, WriteSettings};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Everything that is known about a render before files and effect are looked at. Values are still text: only the effect knows what
/// they mean.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// The bundle, if it was named.
    pub bundle: Option<PathBuf>,
    /// The effect, if it was named.
    pub effect: Option<String>,
    /// Shot of the clip Source.
    pub input: String,
    /// Pattern to write.
    pub output: String,
    /// Shots of other clips.
    pub clips: BTreeMap<String, String>,
    /// Where Source lay when the job was exported: canonical x1, y1, x2, y2.
    pub region: Option<[f64; 4]>,
    /// Values of parameters.
    pub values: BTreeMap<String, String>,
    /// Keys of parameters.
    pub keys: BTreeMap<String, BTreeMap<i32, String>>,
    /// Frames; none for all of the shot.
    pub frames: Option<FrameSet>,
    /// Frames rendered at the same time.
    pub threads: usize,
    /// Context asked for.
    pub context: Option<Context>,
    /// Host imitated.
    pub host: Profile,
    /// Scale, 1 = full size.
    pub proxy: f64,
    /// How samples are stored.
    pub depth: Option<Bits>,
    /// Channels of the files.
    pub channels: Option<Components>,
    /// Packing of files.
    pub compression: Option<Compression>,
    /// Objects that get layers of their own, by number.
    pub objects: Vec<Object>,
    /// What their layers are.
    pub layers: LayersName,
    /// Frames per second of a movie.
    pub frame_rate: Option<f64>,
    /// What to do with files that exist.
    pub existing: Existing,
    /// What to do when a frame fails.
    pub on_error: OnError,
    /// Folder of results on disk.
    pub cache: Option<PathBuf>,
    /// Path of ffmpeg.
    pub ffmpeg: Option<PathBuf>,
    /// Say nothing but errors.
    pub quiet: bool,
}

/// What to do with files that exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Existing {
    /// Begin nothing.
    #[default]
    Refuse,
    /// Replace them.
    Overwrite,
    /// Leave their frames out.
    Skip,
}

impl Job {
    /// How files are written.
    pub fn write_settings(&self) -> WriteSettings {
        WriteSettings { depth: self.depth, channels: self.channels, compression: self.compression }
    }
}

/// Reads the job file, if one is named, lays the other options over it and checks the whole.
///
/// # Errors
/// When the file cannot be read, something needed is missing, or something makes no sense.
pub fn from_options(options: RenderOptions) -> Result<Job, CommandError> {
    fields(options)?.into_job()
}

/// As [`from_options`], with the pattern to write where neither the file nor an option names one.
///
/// # Errors
/// As there.
pub fn from_options_else(options: RenderOptions, output: String) -> Result<Job, CommandError> {
    let mut fields = fields(options)?;
    fields.out.get_or_insert(output);
    fields.into_job()
}

fn fields(options: RenderOptions) -> Result<Fields, CommandError> {
    let file = options.job.as_deref().map(read_file).transpose()?.unwrap_or_default();
    let fields = Fields::from_options(options)?;
    file.check_assignments()?;
    fields.check_assignments()?;
    Ok(fields.over(file))
}

/// The fields of a job: as the file has them, or as the options give them.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Fields {
    bundle: Option<PathBuf>,
    effect: Option<String>,
    r#in: Option<String>,
    out: Option<String>,
    clip: BTreeMap<String, String>,
    region: Option<[f64; 4]>,
    pub(super) set: BTreeMap<String, Scalar>,
    pub(super) key: BTreeMap<String, BTreeMap<String, Scalar>>,
    frames: Option<Scalar>,
    threads: Option<usize>,
    context: Option<ContextName>,
    host: Option<Profile>,
    proxy: Option<f64>,
    depth: Option<DepthName>,
    channels: Option<ChannelsName>,
    compression: Option<Compression>,
    object: BTreeMap<String, Scalar>,
    layers: Option<LayersName>,
    fps: Option<f64>,
    overwrite: Option<bool>,
    skip_existing: Option<bool>,
    on_error: Option<OnError>,
    cache: Option<PathBuf>,
    ffmpeg: Option<PathBuf>,
    quiet: Option<bool>,
}

fn read_file(path: &Path) -> Result<Fields, CommandError> {
    Ok(parse_file::<Fields>(path)?.placed_in(path.parent().unwrap_or(Path::new(""))))
}

pub(super) fn parse_file<T: DeserializeOwned>(path: &Path) -> Result<T, CommandError> {
    let failed = |problem: String| CommandError::JobFile { path: path.to_owned(), problem };
    let text = fs::read_to_string(path).map_err(|error| failed(error.to_string()))?;
    let is_json = match path.extension().and_then(|ending| ending.to_str()) {
        Some(ending) => ending.eq_ignore_ascii_case("json"),
        None => text.trim_start().starts_with('{'),
    };
    match is_json {
        true => serde_json::from_str(&text).map_err(|error| failed(error.to_string())),
        false => toml::from_str(&text).map_err(|error| failed(error.to_string())),
    }
}

impl Fields {
    fn from_options(options: RenderOptions) -> Result<Self, CommandError> {
        let assigned = Self::of_assignments(&options)?;
        let frames = (!options.work.frames.is_empty()).then(|| Scalar::Text(options.work.frames.join(",")));
        Ok(Self {
            bundle: options.work.bundle,
            effect: options.work.effect,
            r#in: options.work.input,
            out: options.output,
            frames,
            threads: options.threads,
            context: options.context,
            host: options.host,
            proxy: options.proxy,
            depth: options.depth,
            channels: options.channels,
            compression: options.compression,
            layers: options.layers,
            fps: options.fps,
            overwrite: options.overwrite.then_some(true),
            skip_existing: options.skip_existing.then_some(true),
            on_error: options.on_error,
            cache: options.cache,
            ffmpeg: options.work.ffmpeg,
            quiet: options.work.quiet.then_some(true),
            ..assigned
        })
    }

    /// What `--clip`, `--set` and `--key` say.
    pub(super) fn of_assignments(options: &RenderOptions) -> Result<Self, CommandError> {
        let mut fields = Self::default();
        for text in &options.work.clip {
            let (name, shot) = assignment("--clip", text, "NAME=SHOT, as Matte=garbage.%04d.png")?;
            fields.clip.insert(name.to_owned(), shot.to_owned());
        }
        for text in &options.object {
            let (name, number) = assignment("--object", text, "NAME=NUMBER, as rabbit=1")?;
            if fields.object.insert(name.to_owned(), Scalar::Text(number.to_owned())).is_some() {
                let (first, second) = (format!("--object {name}"), format!("another --object {name}"));
                return Err(CommandError::Exclusive { first, second });
            }
        }
        for text in &options.work.set {
            let (name, value) = assignment("--set", text, "NAME=VALUE, as invert=true")?;
            fields.set.insert(name.to_owned(), Scalar::Text(value.to_owned()));
        }
        for text in &options.work.key {
            const FORM: &str = "NAME@FRAME=VALUE, as point1Position@12=640,360";
            let (place, value) = assignment("--key", text, FORM)?;
            let (name, frame) = place
                .split_once('@')
                .filter(|(name, _)| !name.is_empty())
                .ok_or_else(|| CommandError::Assignment { option: "--key", text: text.clone(), form: FORM })?;
            let keys = fields.key.entry(name.to_owned()).or_default();
            keys.insert(frame.trim().to_owned(), Scalar::Text(value.to_owned()));
        }
        Ok(fields)
    }

    /// Paths that are not absolute start from this folder.
    fn placed_in(mut self, folder: &Path) -> Self {
        let text = |shot: &mut String| {
            if !shot.is_empty() {
                *shot = folder.join(&*shot).to_string_lossy().into_owned();
            }
        };
        let path = |path: &mut PathBuf| *path = folder.join(&*path);
        self.r#in.iter_mut().chain(&mut self.out).chain(self.clip.values_mut()).for_each(text);
        self.bundle.iter_mut().chain(&mut self.cache).chain(&mut self.ffmpeg).for_each(path);
        self
    }

    /// These fields where they are given, else those below. A value replaces the keys of its parameter below; keys replace its value
    /// and join its keys.
    fn over(self, mut below: Self) -> Self {
        for (name, value) in self.set {
            below.key.remove(&name);
            below.set.insert(name, value);
        }
        for (name, keys) in self.key {
            below.set.remove(&name);
            below.key.entry(name).or_default().extend(keys);
        }
        below.clip.extend(self.clip);
        below.object.extend(self.object);
        let (overwrite, skip_existing) = match self.overwrite.or(self.skip_existing) {
            Some(_) => (self.overwrite, self.skip_existing),
            None => (below.overwrite, below.skip_existing),
        };
        Self {
            bundle: self.bundle.or(below.bundle),
            effect: self.effect.or(below.effect),
            r#in: self.r#in.or(below.r#in),
            out: self.out.or(below.out),
            clip: below.clip,
            region: self.region.or(below.region),
            set: below.set,
            key: below.key,
            frames: self.frames.or(below.frames),
            threads: self.threads.or(below.threads),
            context: self.context.or(below.context),
            host: self.host.or(below.host),
            proxy: self.proxy.or(below.proxy),
            depth: self.depth.or(below.depth),
            channels: self.channels.or(below.channels),
            compression: self.compression.or(below.compression),
            object: below.object,
            layers: self.layers.or(below.layers),
            fps: self.fps.or(below.fps),
            overwrite,
            skip_existing,
            on_error: self.on_error.or(below.on_error),
            cache: self.cache.or(below.cache),
            ffmpeg: self.ffmpeg.or(below.ffmpeg),
            quiet: self.quiet.or(below.quiet),
        }
    }

    /// A parameter has a value or keys.
    fn check_assignments(&self) -> Result<(), CommandError> {
        match self.set.keys().find(|name| self.key.contains_key(*name)) {
            Some(name) => {
                Err(CommandError::Exclusive { first: format!("--set {name}"), second: format!("--key {name}@...") })
            }
            None => Ok(()),
        }
    }

    fn into_job(self) -> Result<Job, CommandError> {
        let missing = |option, purpose| CommandError::Missing { option, purpose };
        // Hosts do not tell an effect which files it works on: a job exported there leaves them empty.
        let named = |shot: Option<String>| shot.filter(|shot| !shot.is_empty());
        let input = named(self.r#in).ok_or_else(|| missing("--in", "the shot to read, as shot.%04d.exr"))?;
        if let Some((name, _)) = self.clip.iter().find(|(_, shot)| shot.is_empty()) {
            return Err(CommandError::MissingClip { name: name.clone() });
        }
        Ok(Job {
            bundle: self.bundle,
            effect: self.effect,
            input,
            output: self.out.ok_or_else(|| missing("--out", "where to write, as matte.%04d.exr"))?,
            clips: self.clip,
            region: self.region,
            values: self.set.into_iter().map(|(name, value)| (name, value.into_text())).collect(),
            keys: keys_by_frame(self.key)?,
            frames: self.frames.map(|frames| frame_set(frames.into_text())).transpose()?,
            threads: threads(self.threads)?,
            context: self.context.map(Context::from),
            host: self.host.unwrap_or(Profile::Strict),
            proxy: proxy(self.proxy)?,
            depth: self.depth.map(Bits::from),
            channels: self.channels.map(Components::from),
            compression: self.compression,
            objects: objects(self.object, self.layers)?,
            layers: self.layers.unwrap_or_default(),
            frame_rate: frame_rate(self.fps)?,
            existing: existing(self.overwrite, self.skip_existing)?,
            on_error: self.on_error.unwrap_or_default(),
            cache: self.cache,
            ffmpeg: self.ffmpeg,
            quiet: self.quiet.unwrap_or_default(),
        })
    }
}
