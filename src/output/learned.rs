//! The soft edge by a network for matting, where the panel asks for one.
//!
//! ViTMatte is shown the part of the picture round the unknown band, with the trimap; RVM and MODNet, which find people, the
//! whole picture. What they find counts in the unknown band only. Where they do not see the object that the matte holds,
//! the edge is guided by colour, and told.

use std::sync::{Arc, Mutex, PoisonError};

use flow::{Thumbnail, luma_of_bytes};
use inference::{Abort, InferenceError, KeyBuilder, Origin};
use matte::{Learned, RefineMethod};
use openfx::{ClipKey, Error, Instance, RectI, Result};
use raster::{Plane, SourceEncoding, model_picture};
use segment::SegmentError;
use segment::matting::{self, Kind, Matter, Scene};

use super::learned_area::{Area, enlarge, sees_object, small_trimap, unknown_area};
use super::parameters::AUTOMATIC;
use super::settings::Settings;
use crate::engine::{Shared, shared};
use crate::picture::grid::Grid;
use crate::picture::placed::Placed;
use crate::picture::source_key::source_key;
use crate::refine::film::FlowPicture;
use crate::stages::{self, Stage};

/// Round the unknown band ViTMatte is shown so much more, in canonical units: it has to see what is sure on both sides.
const ROUND_BAND: f32 = 64.0;
/// The longer side below which memory that runs out is an error.
const SMALLEST: usize = 256;

/// The network that the panel asks for, during one render.
pub struct LearnedEdge<'a> {
    shared: &'a Shared,
    instance: &'a Instance,
    settings: &'a Settings,
    matter: Matter,
    passed_over: Vec<String>,
    frame: FrameOf<'a>,
    outcome: Mutex<Outcome>,
}

/// The frame that is rendered.
#[derive(Clone, Copy)]
pub struct FrameOf<'a> {
    /// Its picture, cut to the frame.
    pub source: Placed<'a>,
    /// How its colours are encoded.
    pub encoding: SourceEncoding,
    /// Width of a pixel over its height.
    pub pixel_aspect: f64,
    /// When.
    pub time: f64,
    /// Pixels for each canonical unit, of the action.
    pub scale: [f64; 2],
    /// The same as one length.
    pub unit: f32,
}

/// What came of it.
#[derive(Debug, Default)]
enum Outcome {
    /// Nothing was unknown.
    #[default]
    NotAsked,
    /// It was found so, in words.
    Found(String),
    /// The network does not see what the matte holds.
    Unfit,
    Failed(SegmentError),
}

/// What is told of a frame's edge: in the panel, and on the node.
#[derive(Debug, Default, PartialEq)]
pub struct Told {
    /// After the words of what comes in.
    pub line: String,
    /// What the user has to know.
    pub warning: Option<String>,
}

impl<'a> LearnedEdge<'a> {
    /// The network for a frame; `None` where the panel asks for none, or for any and none can be used: then that is told.
    ///
    /// # Errors
    /// A kind is asked for of which none can be used; the settings are refused.
    pub fn open(instance: &'a Instance, settings: &'a Settings, frame: FrameOf<'a>) -> Result<(Option<Self>, Told)> {
        if settings.delivery.refine.method != RefineMethod::Learned {
            return Ok((None, Told::default()));
        }
        let shared = shared().map_err(Error::effect)?;
        match matting::choose(&shared.engine, settings.learned_model) {
            Ok(matting::Choice { matter, passed_over }) => {
                let passed_over = passed_over.iter().map(ToString::to_string).collect();
                let outcome = Mutex::default();
                Ok((Some(Self { shared, instance, settings, matter, passed_over, frame, outcome }), Told::default()))
            }
            Err(error) if settings.learned_model == AUTOMATIC => {
                let warning = format!("The edge is guided by colour, as there is {error}.");
                Ok((
                    None,
                    Told { line: ", edge guided by colour: no learned model".to_owned(), warning: Some(warning) },
                ))
            }
            Err(error) => Err(Error::effect(error)),
        }
    }

    /// Fills in the alpha, by a trimap of the frame's size.
    pub fn fill(&self, trimap: &Plane<f32>, out: &mut Plane<f32>) -> Learned {
        let (outcome, answer) = match self.find(trimap, out) {
            Ok(words) if self.matter.kind() == Kind::VitMatte || sees_object(trimap, out) => {
                (Outcome::Found(words), Learned::Found)
            }
            Ok(_) => (Outcome::Unfit, Learned::Unfit),
            Err(error) => (Outcome::Failed(error), Learned::Stopped),
        };
        *self.outcome.lock().unwrap_or_else(PoisonError::into_inner) = outcome;
        answer
    }

    /// What came of it.
    ///
    /// # Errors
    /// Why there is no alpha, in words for the user; [`Error::Aborted`] where the host gave up.
    pub fn told(&self) -> Result<Told> {
        let outcome = std::mem::take(&mut *self.outcome.lock().unwrap_or_else(PoisonError::into_inner));
        let (kind, name) = (self.matter.kind(), self.matter.name());
        let mut told = match outcome {
            Outcome::NotAsked => Told::default(),
            Outcome::Found(words) => Told { line: format!(", {words}"), warning: None },
            Outcome::Unfit => Told {
                line: format!(", edge guided by colour: {name} does not see the object"),
                warning: Some(format!(
                    "{name} ({kind}) finds people, and none where the matte is: the edge is guided by colour. Install ViTMatte for other objects."
                )),
            },
            Outcome::Failed(error) if error.is_aborted() => return Err(Error::Aborted),
            Outcome::Failed(error) => return Err(Error::effect(error)),
        };
        self.passed_over.iter().for_each(|reason| told.line += &format!("; {reason}"));
        Ok(told)
    }

    /// The alpha at the frame's size, and how it was found; in a smaller picture where memory runs out.
    fn find(&self, trimap: &Plane<f32>, out: &mut Plane<f32>) -> std::result::Result<String, SegmentError> {
        let abort = &|| self.instance.aborted();
        let kind = self.matter.kind();
        let area = match kind {
            Kind::VitMatte => unknown_area(trimap, (ROUND_BAND * self.frame.unit).max(1.0) as usize),
            _ => Area { x: 0, y: 0, width: trimap.width(), height: trimap.height() },
        };
        let square_width = (area.width as f64 * self.frame.pixel_aspect.max(f64::MIN_POSITIVE)).round().max(1.0);
        let mut longest = self.settings.learned_size;
        loop {
            let size = self.matter.picture_size((square_width as usize, area.height), longest, abort)?;
            match self.find_at(trimap, area, size, out, abort) {
                Err(SegmentError::Inference(InferenceError::OutOfMemory { reason, .. }))
                    if kind != Kind::ModNet && size.0.max(size.1) > SMALLEST =>
                {
                    longest = (size.0.max(size.1) * 3 / 4).max(SMALLEST);
                    log::warn!("{}: no memory at {size:?}, going on at {longest}: {reason}", self.matter.name());
                }
                done => return done,
            }
        }
    }

    fn find_at(
        &self,
        trimap: &Plane<f32>,
        area: Area,
        size: (usize, usize),
        out: &mut Plane<f32>,
        abort: &dyn Abort,
    ) -> std::result::Result<String, SegmentError> {
        let view = self.frame.source.view.window(area.x, area.y, area.width, area.height);
        let picture = stages::measure(Stage::ModelPicture, || {
            model_picture(&view, self.frame.encoding, self.frame.source.premultiplied, size.0, size.1)
        });
        let small = (self.matter.kind() == Kind::VitMatte).then(|| small_trimap(trimap, area, size));
        let before = if self.matter.kind() == Kind::Rvm { self.before(&picture, size, abort)? } else { Vec::new() };
        let shown: Vec<_> = before.iter().rev().map(|picture| &picture.colours).collect();
        let scene = Scene { before: &shown, picture: &picture, trimap: small.as_ref() };
        let found = self.matter.matte(&scene, abort)?;
        enlarge(&found.alpha, area, out);
        let origin = match found.origin {
            Origin::Memory => "remembered",
            Origin::Disk => "from disk",
            Origin::Computed => "computed",
        };
        let frames = if before.is_empty() { String::new() } else { format!(", {} frames before", before.len()) };
        let (name, device) = (self.matter.name(), self.matter.device(abort)?);
        Ok(format!("edge by {name} on {device}, {} x {}{frames}, {origin}", size.0, size.1))
    }

    /// The frames before, the nearest first, up to a cut, a frame without a picture or the number that is asked for.
    fn before(
        &self,
        picture: &Plane<[u8; 3]>,
        size: (usize, usize),
        abort: &dyn Abort,
    ) -> std::result::Result<Vec<Arc<FlowPicture>>, SegmentError> {
        let mut next = Thumbnail::of(&luma_of_bytes(picture));
        let mut all = Vec::new();
        for back in 1..=history(self.instance, self.settings) {
            abort.check()?;
            let Some(found) = self.picture_at(self.frame.time - f64::from(back), size, abort)? else { break };
            if found.thumbnail.is_cut(&next) {
                break;
            }
            next = found.thumbnail.clone();
            all.push(found);
        }
        Ok(all)
    }

    /// The picture of another frame on the pixels of this one; `None` where there is none.
    fn picture_at(
        &self,
        time: f64,
        size: (usize, usize),
        abort: &dyn Abort,
    ) -> std::result::Result<Option<Arc<FlowPicture>>, SegmentError> {
        let FrameOf { source, encoding, pixel_aspect, scale, .. } = self.frame;
        let Ok(clip) = self.instance.clip(ClipKey::SOURCE) else { return Ok(None) };
        let Ok(Some(image)) = clip.image(time) else {
            // Hosts hand out nothing, too, once they gave up.
            abort.check()?;
            return Ok(None);
        };
        let Ok(placed) = Placed::whole(clip, &image, time, scale) else { return Ok(None) };
        let RectI { x1, y1, x2, y2 } = source.bounds;
        let key = KeyBuilder::new("learned picture 1").bytes(&source_key(&placed, encoding).0.to_le_bytes());
        let places = [placed.bounds.x1 - x1, placed.bounds.y2 - y2, x2 - x1, y2 - y1];
        let key = places.into_iter().fold(key, |key, number| key.number(i64::from(number) as u64));
        let key = key.number(size.0 as u64).number(size.1 as u64).finish();
        let made = self.shared.flow_pictures.get_or_compute::<InferenceError>(key, abort, || {
            let grid = Grid { bounds: source.bounds, pixel_aspect };
            let colours = stages::measure(Stage::ModelPicture, || grid.picture(&placed, encoding, size));
            let thumbnail = Thumbnail::of(&luma_of_bytes(&colours));
            Ok(FlowPicture { colours, thumbnail })
        })?;
        Ok(Some(made))
    }
}

/// Frames before a frame that its render fetches: for RVM, where it is what the panel asks for.
pub fn frames_before(instance: &Instance, settings: &Settings) -> i32 {
    let history = history(instance, settings);
    if settings.delivery.refine.method != RefineMethod::Learned || history == 0 {
        return 0;
    }
    let chosen = || matting::choose(&shared().ok()?.engine, settings.learned_model).ok();
    let remembers = match settings.learned_model {
        "rvm" => true,
        AUTOMATIC => chosen().is_some_and(|choice| choice.matter.kind() == Kind::Rvm),
        _ => false,
    };
    if remembers { history } else { 0 }
}

/// Frames that a network with a memory is shown before a frame; 0 where the host hands out no others.
fn history(instance: &Instance, settings: &Settings) -> i32 {
    if instance.host().hands_out_other_frames() { settings.learned_history } else { 0 }
}
