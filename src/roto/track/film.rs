//! The frames of Source as the tracker sees them, fetched from the host one at a time, and what is said on them.

use std::sync::Arc;

use inference::{Abort, DiskStore, Key};
use openfx::{ClipKey, Image, Instance};
use segment::ImageSegmenter;

use crate::engine::Shared;
use crate::picture::source_key::source_key;
use crate::roto::failure::FrameError;
use crate::roto::geometry::FrameGeometry;
use crate::roto::host_prompts::HostPrompts;
use crate::roto::keys::picture_key;
use crate::roto::matte_prompt::{matte_prompt, matte_prompt_image};
use crate::roto::model_frame::{ModelPicture, Picture};
use crate::roto::model_prompts::{ModelPrompts, ObjectPrompt, to_model};
use crate::roto::objects::model_key;
use crate::roto::prompts::prompts_at;
use crate::roto::settings::Settings;
use crate::stages::{self, Stage};

/// Source during one action, and the model that looks at it.
#[derive(Clone, Copy)]
pub struct Film<'a> {
    /// The caches.
    pub shared: &'a Shared,
    /// The model.
    pub segmenter: &'a dyn ImageSegmenter,
    /// The host's side.
    pub instance: &'a Instance,
    /// Pixels for each canonical unit, of the action.
    pub scale: [f64; 2],
    /// Where results are kept on disk.
    pub disk: Option<&'a DiskStore>,
    /// The panel. What of it counts here cannot be keyed.
    pub settings: &'a Settings,
    /// Whether the host gives up.
    pub abort: &'a dyn Abort,
}

/// A frame of Source.
#[derive(Debug, Clone, Copy)]
pub struct FilmFrame {
    /// When it is.
    pub time: f64,
    /// The name of its picture.
    pub source: Key,
    /// Where it lies for the model.
    pub geometry: FrameGeometry,
}

impl Film<'_> {
    /// The frame at `time`; `None` where Source has no picture.
    ///
    /// # Errors
    /// The host's refusal; aborted.
    pub fn frame(&self, time: f64) -> Result<Option<FilmFrame>, FrameError> {
        self.with_image(time, |picture| Ok(self.frame_of(time, picture)))
    }

    /// The frame at `time` with the picture that the model sees; `None` where Source has no picture.
    ///
    /// # Errors
    /// As [`Film::frame`].
    pub fn look(&self, time: f64) -> Result<Option<(FilmFrame, Arc<ModelPicture>)>, FrameError> {
        self.with_image(time, |picture| {
            let frame = self.frame_of(time, picture);
            let key = picture_key(frame.source, frame.geometry.model_size());
            let convert = || Ok(ModelPicture(picture.for_model(&frame.geometry)));
            Ok((frame, self.shared.pictures.get_or_compute::<FrameError>(key, self.abort, convert)?))
        })
    }

    /// What is said of an object on a frame, and what tells the masks of that from those of other models; `None` where
    /// nothing says what the object is.
    ///
    /// # Errors
    /// The host's refusal; a kind of prompt that the model cannot use.
    pub fn prompt(&self, object: usize, frame: &FilmFrame) -> Result<Option<(ObjectPrompt, Key)>, FrameError> {
        let mut prompts = self.prompts(frame.time, &frame.geometry)?;
        // Of the other objects nothing shall depend.
        prompts.objects.iter_mut().enumerate().filter(|(other, _)| *other != object).for_each(|(_, said)| *said = None);
        let model = model_key(self.segmenter, &prompts, self.abort)?;
        Ok(prompts.objects.into_iter().nth(object).flatten().map(|prompt| (prompt, model)))
    }

    /// What is said of all objects on the frame at `time`.
    ///
    /// # Errors
    /// The host's refusal.
    pub fn prompts(&self, time: f64, geometry: &FrameGeometry) -> Result<ModelPrompts, FrameError> {
        let prompts = prompts_at(&HostPrompts(self.instance.parameters()), time)?;
        let image = matte_prompt_image(self.instance, time, self.settings)?;
        let matte = matte_prompt(image.as_ref(), self.scale, self.settings)?;
        Ok(to_model(&prompts, &matte, geometry, self.settings.selection))
    }

    fn frame_of(&self, time: f64, picture: &Picture<'_>) -> FilmFrame {
        let source = stages::measure(Stage::SourceKey, || source_key(&picture.placed, picture.encoding));
        FilmFrame { time, source, geometry: picture.geometry(self.segmenter) }
    }

    /// Lets `work` look at the image, which goes back to the host before this returns; `None` where Source has none.
    ///
    /// # Errors
    /// The host's refusal; aborted; those of `work`.
    pub fn with_image<T>(
        &self,
        time: f64,
        work: impl FnOnce(&Picture<'_>) -> Result<T, FrameError>,
    ) -> Result<Option<T>, FrameError> {
        self.abort.check()?;
        let clip = self.instance.clip(ClipKey::SOURCE)?;
        let Some(image): Option<Image<'_>> = clip.image(time)? else {
            // Hosts hand out nothing, too, once they gave up.
            self.abort.check()?;
            return Ok(None);
        };
        work(&Picture::of(self.instance, clip, &image, (time, self.scale), self.settings)?).map(Some)
    }
}
