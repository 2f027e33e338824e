//! The options of the command line.

use super::compare_options::CompareOptions;
use super::objects::LayersName;
use super::qc_options::QcOptions;
use super::render_help::RENDER_HELP;
use super::splines_options::SplinesOptions;
use super::work_options::{FarmOptions, TrackOptions, VerifyOptions, WorkOptions};
use crate::host::{Components, Context, Profile};
use crate::sequence::{Bits, Compression};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use serde::Deserialize;
use std::path::PathBuf;

/// Renders image sequences through OpenFX effects, without a compositing program.
#[derive(Debug, Parser)]
#[command(name = "sam3roto", version, max_term_width = 100)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub action: Action,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Action {
    /// Render frames of a shot through an effect
    Render(Box<RenderOptions>),
    /// Track a shot ahead of need, into the cache folder
    Track(TrackOptions),
    /// Write a job for the machines of a farm, as Open Job Description
    Farm(Box<FarmOptions>),
    /// Check that rendered frames are there and whole
    Verify(VerifyOptions),
    /// Measure mattes against true ones, frame by frame
    Compare(CompareOptions),
    /// Turn mattes into animated Bezier curves: JSON, SVG, Nuke
    Splines(SplinesOptions),
    /// Tell which frames of a track to look at, and why
    Qc(QcOptions),
    /// List effects, clips and parameters of a bundle
    Describe(DescribeOptions),
    /// Check that everything needed is there, and say what to do where it is not
    Doctor(DoctorOptions),
    /// Show, check or empty the folder of results on disk
    Cache(CacheOptions),
    /// List, check or install models
    Models(ModelsOptions),
}

/// Options of `render`. Whatever is given here wins over the job file.
#[derive(Debug, Default, Args)]
#[command(after_long_help = RENDER_HELP)]
pub struct RenderOptions {
    /// Job file, TOML or JSON, with the same fields as these options
    #[arg(long, value_name = "FILE")]
    pub job: Option<PathBuf>,
    /// What to work on.
    #[command(flatten)]
    pub work: WorkOptions,
    /// Where to write: matte.%04d.exr, .png, .jpg, .tif or .dpx, or a movie matte.mov
    #[arg(long = "out", short, value_name = "PATTERN")]
    pub output: Option<String>,
    /// Frames rendered at the same time, where the effect allows it [default: 1]
    #[arg(long, short, value_name = "N")]
    pub threads: Option<usize>,
    /// Context to use the effect in [default: what the host likes best of what the effect offers]
    #[arg(long, value_enum)]
    pub context: Option<ContextName>,
    /// Host program to imitate [default: strict]
    #[arg(long, value_name = "PROFILE", value_parser = profile_parser())]
    pub host: Option<Profile>,
    /// Render at a fraction of the full size, such as 0.5
    #[arg(long, value_name = "SCALE")]
    pub proxy: Option<f64>,
    /// How samples are stored [default: the smallest way of the format that loses nothing]
    #[arg(long, value_enum)]
    pub depth: Option<DepthName>,
    /// Channels of the files; alpha alone is one channel [default: rgba, where effect and format have it]
    #[arg(long, value_enum)]
    pub channels: Option<ChannelsName>,
    /// How the pixels of EXR and TIFF files are packed [default: zip]
    #[arg(long, value_enum)]
    pub compression: Option<Compression>,
    /// Write one object of SAM3Roto as a layer of its own as well, as rabbit=1; EXR alone
    #[arg(long, value_name = "NAME=NUMBER")]
    pub object: Vec<String>,
    /// What the layers of the objects are [default: mattes]
    #[arg(long, value_enum)]
    pub layers: Option<LayersName>,
    /// Frames per second of a movie [default: those of the shot, else 24]
    #[arg(long, value_name = "RATE")]
    pub fps: Option<f64>,
    /// Replace files that exist
    #[arg(long, conflicts_with = "skip_existing")]
    pub overwrite: bool,
    /// Leave out frames whose file exists
    #[arg(long)]
    pub skip_existing: bool,
    /// What to do when a frame fails [default: stop]
    #[arg(long, value_enum)]
    pub on_error: Option<OnError>,
    /// Folder that keeps results for the next time; may be shared by a farm [default: the setting cache.folder]
    #[arg(long, value_name = "FOLDER")]
    pub cache: Option<PathBuf>,
}

/// Options of `describe`.
#[derive(Debug, Args)]
pub struct DescribeOptions {
    /// The .ofx.bundle [default: $SAM3ROTO_BUNDLE, else beside this program or in the OFX folders]
    #[arg(long, short, value_name = "BUNDLE")]
    pub bundle: Option<PathBuf>,
    /// Only this effect
    #[arg(long, short, value_name = "ID")]
    pub effect: Option<String>,
    /// Host program to imitate [default: strict]
    #[arg(long, value_name = "PROFILE", value_parser = profile_parser())]
    pub host: Option<Profile>,
    /// As JSON, with every property
    #[arg(long)]
    pub json: bool,
    /// As a page of documentation
    #[arg(long, conflicts_with = "json")]
    pub markdown: bool,
}

/// Options of `doctor`.
#[derive(Debug, Args)]
pub struct DoctorOptions {
    /// The .ofx.bundle [default: $SAM3ROTO_BUNDLE, else beside this program or in the OFX folders]
    #[arg(long, short, value_name = "BUNDLE")]
    pub bundle: Option<PathBuf>,
    /// Path of ffmpeg [default: $SAM3ROTO_FFMPEG, else on the PATH]
    #[arg(long, value_name = "PATH")]
    pub ffmpeg: Option<PathBuf>,
    /// As JSON
    #[arg(long)]
    pub json: bool,
}

/// Options of `cache`.
#[derive(Debug, Args)]
pub struct CacheOptions {
    /// What to do.
    #[command(subcommand)]
    pub action: CacheAction,
}

/// What to do with results on disk.
#[derive(Debug, Clone, Subcommand)]
pub enum CacheAction {
    /// Tell what is in the folder
    Stats(CacheTarget),
    /// Read every entry and remove the damaged ones
    Verify(CacheTarget),
    /// Remove every entry; files that are not the cache's stay
    Clear(CacheTarget),
}

/// Which folder, and how to tell.
#[derive(Debug, Clone, Args)]
pub struct CacheTarget {
    /// The folder [default: the setting cache.folder]
    #[arg(long, value_name = "FOLDER")]
    pub folder: Option<PathBuf>,
    /// The .ofx.bundle [default: $SAM3ROTO_BUNDLE, else beside this program or in the OFX folders]
    #[arg(long, short, value_name = "BUNDLE")]
    pub bundle: Option<PathBuf>,
    /// As JSON
    #[arg(long)]
    pub json: bool,
}

/// Options of `models`.
#[derive(Debug, Args)]
pub struct ModelsOptions {
    /// What to do.
    #[command(subcommand)]
    pub action: ModelsAction,
}

/// What to do with models.
#[derive(Debug, Clone, Subcommand)]
pub enum ModelsAction {
    /// Tell what is installed, and what each model can do
    List(ModelsTarget),
    /// Tell which file of a folder is what, and each tensor that does not fit
    Check {
        /// The folder
        folder: PathBuf,
        /// Where from, and how.
        #[command(flatten)]
        target: ModelsTarget,
    },
    /// Install a model into the user's folder of models; what is there already stays
    Install {
        /// A folder that holds the model, or the http(s) address of its model.toml, beside which its files lie
        #[arg(value_name = "FOLDER|URL")]
        source: String,
        /// Accept the licence that is shown, and do not ask
        #[arg(long, visible_alias = "accept-license")]
        accept_licence: bool,
        /// From an address: the checksum of model.toml (64 hexadecimal digits), or of one of its files (FILE=DIGITS)
        #[arg(long, value_name = "[FILE=]SHA256")]
        sha256: Vec<String>,
        /// Where from, and how.
        #[command(flatten)]
        target: ModelsTarget,
    },
}

/// Which plugin to ask, and how to tell.
#[derive(Debug, Clone, Args)]
pub struct ModelsTarget {
    /// The .ofx.bundle [default: $SAM3ROTO_BUNDLE, else beside this program or in the OFX folders]
    #[arg(long, short, value_name = "BUNDLE")]
    pub bundle: Option<PathBuf>,
    /// As JSON
    #[arg(long)]
    pub json: bool,
}

/// Contexts that can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ContextName {
    /// Any inputs.
    General,
    /// One input.
    Filter,
}

impl From<ContextName> for Context {
    fn from(name: ContextName) -> Self {
        match name {
            ContextName::General => Self::General,
            ContextName::Filter => Self::Filter,
        }
    }
}

/// How samples are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DepthName {
    /// 8 bit whole numbers.
    #[value(name = "8")]
    Eight,
    /// 10 bit whole numbers.
    #[value(name = "10")]
    Ten,
    /// 16 bit whole numbers.
    #[value(name = "16")]
    Sixteen,
    /// 16 bit floats.
    Half,
    /// 32 bit floats.
    Float,
}

impl From<DepthName> for Bits {
    fn from(name: DepthName) -> Self {
        match name {
            DepthName::Eight => Self::Eight,
            DepthName::Ten => Self::Ten,
            DepthName::Sixteen => Self::Sixteen,
            DepthName::Half => Self::Half,
            DepthName::Float => Self::Float,
        }
    }
}

/// Channels of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChannelsName {
    /// Colours and alpha.
    Rgba,
    /// Colours.
    Rgb,
    /// Alpha as a single channel.
    Alpha,
}

impl From<ChannelsName> for Components {
    fn from(name: ChannelsName) -> Self {
        match name {
            ChannelsName::Rgba => Self::Rgba,
            ChannelsName::Rgb => Self::Rgb,
            ChannelsName::Alpha => Self::Alpha,
        }
    }
}

/// What to do when a frame fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnError {
    /// Finish the frames under way, begin no other.
    #[default]
    Stop,
    /// Go on with the other frames.
    Continue,
}

/// Name of a host profile as it is typed.
pub fn profile_name(profile: Profile) -> &'static str {
    match profile {
        Profile::Strict => "strict",
        Profile::Nuke => "nuke",
        Profile::Resolve => "resolve",
        Profile::Fusion => "fusion",
        Profile::Natron => "natron",
        Profile::Mlt => "mlt",
    }
}

fn profile_parser() -> impl TypedValueParser<Value = Profile> {
    PossibleValuesParser::new(Profile::ALL.iter().map(|profile| profile_name(*profile))).try_map(|text| {
        Profile::ALL.iter().copied().find(|profile| profile_name(*profile) == text).ok_or("no such profile")
    })
}
