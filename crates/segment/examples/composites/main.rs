//! Shots with known masks, made of other shots: objects cut out by their masks and put over other footage, where they
//! move, turn, grow, hide behind something, leave and come back, meet others that look like them, blur, and change their
//! light. What follows objects is measured on them by the example `track_davis`, so that its constants are not chosen
//! on the few shots whose masks somebody drew.
//!
//! ```text
//! cargo run --release -p segment --example composites -- --out FOLDER --backgrounds FOLDER,FOLDER,... SHOT...
//! ```
//!
//! A shot is a folder with `frames/` and `masks/`, as for `track_davis`; a background is a folder of pictures. Both are
//! run through forwards and backwards. `--out` gets one such shot for every line of [`scenes::SCENES`]: equal bytes for
//! equal footage.

mod layers;
mod scenes;

use std::{env, error::Error, fs, path::Path, path::PathBuf};

use image::{GrayImage, Rgb, RgbImage};

use layers::{Cutout, Pose, blob, paste};
use scenes::{HEIGHT, Object, SCENES, Scene, WIDTH};

type Any<T> = Result<T, Box<dyn Error>>;

fn main() -> Any<()> {
    let (mut out, mut backgrounds, mut shots) = (None, Vec::new(), Vec::new());
    let mut words = env::args().skip(1);
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or(format!("{word} needs a value"));
        match word.as_str() {
            "--out" => out = Some(PathBuf::from(value()?)),
            "--backgrounds" => backgrounds = value()?.split(',').map(PathBuf::from).collect(),
            _ => shots.push(PathBuf::from(word)),
        }
    }
    let out = out.ok_or("where to? --out FOLDER")?;
    let backgrounds = backgrounds.iter().map(|folder| files(folder)).collect::<Any<Vec<_>>>()?;
    let shots = shots
        .iter()
        .map(|shot| Ok(files(&shot.join("frames"))?.into_iter().zip(files(&shot.join("masks"))?).collect()))
        .collect::<Any<Vec<Vec<_>>>>()?;
    if backgrounds.is_empty() || shots.is_empty() {
        return Err("which shots, over which backgrounds?".into());
    }
    let footage = Footage { backgrounds, shots };
    for scene in &SCENES {
        footage.make(scene, &out.join(scene.name))?;
        println!("{}", scene.name);
    }
    Ok(())
}

fn files(folder: &Path) -> Any<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut files = entries.map(|entry| Ok(entry?.path())).collect::<Any<Vec<_>>>()?;
    files.sort();
    if files.is_empty() { Err(format!("{} is empty", folder.display()).into()) } else { Ok(files) }
}

/// One of a row, there and back again.
fn to_and_fro<T>(row: &[T], index: usize) -> &T {
    let round = (2 * row.len()).saturating_sub(2).max(1);
    let at = index % round;
    &row[if at < row.len() { at } else { round - at }]
}

struct Footage {
    backgrounds: Vec<Vec<PathBuf>>,
    /// Frames and their masks.
    shots: Vec<Vec<(PathBuf, PathBuf)>>,
}

impl Footage {
    fn make(&self, scene: &Scene, folder: &Path) -> Any<()> {
        for sub in ["frames", "masks"] {
            fs::create_dir_all(folder.join(sub))?;
        }
        for frame in 0..scene.frames {
            let (picture, mask) = self.frame(scene, frame)?;
            picture.save(folder.join(format!("frames/{frame:05}.png")))?;
            mask.save(folder.join(format!("masks/{frame:05}.png")))?;
        }
        Ok(())
    }

    fn frame(&self, scene: &Scene, frame: usize) -> Any<(RgbImage, GrayImage)> {
        let mut picture = self.background(scene.background, frame)?;
        let mut seen = vec![0f32; (WIDTH * HEIGHT) as usize];
        if let Some(pose) = scene.other.and_then(|pose| pose(frame as f32)) {
            let other = self.cutout(scene.object, scene.first + scene.apart, frame)?;
            paste(&mut picture, &other, &[pose], &mut seen);
            seen.fill(0.0);
        }
        let poses: Vec<Pose> = scene.shutter().filter_map(|time| (scene.pose)(frame as f32 + time)).collect();
        if !poses.is_empty() {
            let object = self.cutout(scene.object, scene.first, frame)?;
            paste(&mut picture, &object, &poses, &mut seen);
        }
        if let Some((left, right)) = scene.before {
            let before = self.background(scene.background + 1, 0)?;
            for (x, y, pixel) in picture.enumerate_pixels_mut() {
                if (left..right).contains(&(x as f32 / WIDTH as f32)) {
                    *pixel = *before.get_pixel(x, y);
                    seen[(y * WIDTH + x) as usize] = 0.0;
                }
            }
        }
        let mask = seen.iter().map(|&share| if share > 0.5 { 255 } else { 0 }).collect();
        Ok((picture, GrayImage::from_raw(WIDTH, HEIGHT, mask).ok_or("an empty scene")?))
    }

    fn background(&self, which: usize, frame: usize) -> Any<RgbImage> {
        let row = &self.backgrounds[which % self.backgrounds.len()];
        let still = image::open(to_and_fro(row, frame))?.to_rgb8();
        Ok(image::imageops::resize(&still, WIDTH, HEIGHT, image::imageops::FilterType::Triangle))
    }

    fn cutout(&self, object: Object, first: usize, frame: usize) -> Any<Cutout> {
        match object {
            Object::Shot(which) => {
                let (picture, mask) = to_and_fro(&self.shots[which % self.shots.len()], first + frame);
                Cutout::of(image::open(picture)?.to_rgb8(), &image::open(mask)?.to_luma8())
            }
            Object::Blob(which) => blob(&self.background(which, first)?, (first + frame) as f32),
        }
    }
}

/// Mixes two colours.
fn mix(under: Rgb<u8>, over: [f32; 3], share: f32) -> Rgb<u8> {
    Rgb(std::array::from_fn(|channel| {
        let under = f32::from(under.0[channel]);
        (under + share * (over[channel] - under)).round().clamp(0.0, 255.0) as u8
    }))
}
