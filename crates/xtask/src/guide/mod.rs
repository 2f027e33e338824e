//! `cargo xtask guide`: the pictures of docs/guide.md, made anew: a drawn shot through the bundle.
//!
//! Nothing in them is touched up: what the guide shows is what the effects gave, mistakes included.

mod page;
mod scene;
mod studio;

use crate::bundle;
use crate::error::Error;
use crate::say::{self, Step};
use crate::workspace::{Profile, Workspace};
use page::{Page, Tile};
use scene::{VASE, ball};
use std::fs;
use studio::{Studio, from_top, set};

/// Where the guide looks for its pictures.
const FOLDER: &str = "docs/pictures";

/// Options of SAM3Roto's `outputMode` and of MatteOutput's.
const OVERLAY_VIEW: &str = "outputMode=overlay view";
const TRIMAP: &str = "outputMode=view: trimap";
const PARTS: &str = "outputMode=view: core, edge, hair";
const CHECKERBOARD: &str = "outputMode=view: over checkerboard";

/// On the lit side of the ball, beside its stripe.
const ON_THE_BALL: [f64; 2] = [-32.0, 0.0];
/// On the ball's pale rims.
const RIMS: [[f64; 2]; 2] = [[-84.0, 0.0], [84.0, 0.0]];
/// Half of the sides of boxes round both objects, drawn by a steady hand.
const ROUND_BALL: [f64; 2] = [94.0, 94.0];
const ROUND_VASE: [f64; 2] = [86.0, 138.0];
/// The vase's middle lies above that of its box.
const VASE_BOX: [f64; 2] = [VASE[0], VASE[1] - 4.0];

/// Makes a picture.
type Make = fn(&Studio) -> Result<Page, Error>;

const PICTURES: [(&str, Make); 4] = [
    ("first-shot.png", first_shot),
    ("correcting.png", correcting),
    ("objects.png", objects),
    ("deliverable.png", deliverable),
];

/// The task.
pub fn run(workspace: &Workspace) -> Result<(), Error> {
    let bundled = bundle::build(workspace, Profile::Release)?;
    let step = Step::begin("drawn", format!("the guide's shot, {} frames", scene::FRAMES));
    let studio = Studio::new(&bundled)?;
    step.end();
    let folder = workspace.path(FOLDER);
    fs::create_dir_all(&folder).map_err(Error::file("create", &folder))?;
    for (name, make) in PICTURES {
        let step = Step::begin("made", format!("{FOLDER}/{name}"));
        make(&studio)?.write(&folder.join(name))?;
        step.end();
    }
    say::line("look at", &folder.display().to_string());
    Ok(())
}

/// A click is a stripe, a box is nearly the ball, and clicks bring what is missing.
fn first_shot(studio: &Studio) -> Result<Page, Error> {
    let click = at(ball(1), ON_THE_BALL);
    let point = set(["point1Use=true", &format!("point1Position={}", from_top(click)), OVERLAY_VIEW]);
    let clicked = Tile::shown(&studio.roto(&point, 1)?)?.with_point(click);
    let corners = corners(ball(1), ROUND_BALL);
    let boxed = set(box_values(corners));
    let seen = Tile::shown(&studio.roto(&[boxed.clone(), set([OVERLAY_VIEW])].concat(), 1)?)?;
    let rims = RIMS.map(|rim| at(ball(1), rim));
    let clicks = [1, 2].map(|slot| format!("point{slot}Use=true"));
    let places = [1, 2].map(|slot| format!("point{slot}Position={}", from_top(rims[slot - 1])));
    let completed = [boxed, set(clicks), set(places)].concat();
    let cut_out = Tile::cut_out(&studio.roto(&completed, 1)?)?;
    Ok(Page::of([[
        clicked.named("one click: a stripe of the ball"),
        seen.with_box(corners).named("a box: all but its rims"),
        cut_out.with_point(rims[0]).with_point(rims[1]).named("and a click on each rim, cut out"),
    ]]))
}

/// From one prompt frame the track runs over to the vase; a second one takes it back.
fn correcting(studio: &Studio) -> Result<Page, Error> {
    let last = scene::FRAMES;
    let from_one = [set(box_values(corners(ball(1), ROUND_BALL))), set([OVERLAY_VIEW])].concat();
    let mut from_two = set(["boxUse=true", OVERLAY_VIEW]);
    for frame in [1, last] {
        for (name, corner) in ["boxCorner1", "boxCorner2"].iter().zip(corners(ball(frame), ROUND_BALL)) {
            from_two.extend(["--key".to_owned(), format!("{name}@{frame}={}", from_top(corner))]);
        }
    }
    let row = |values: &[String], prompted: &[i32], words: &str| -> Result<[Tile; 3], Error> {
        let tile = |frame: i32| -> Result<Tile, Error> {
            let tile = Tile::shown(&studio.roto(values, frame)?)?;
            let tile = match prompted.contains(&frame) {
                true => tile.with_box(corners(ball(frame), ROUND_BALL)),
                false => tile,
            };
            Ok(tile.named(&format!("frame {frame}{words}")))
        };
        Ok([tile(1)?, tile(15)?, tile(last)?])
    };
    Ok(Page::of([row(&from_one, &[1], ", a box on frame 1")?, row(&from_two, &[1, last], ", another on the last")?]))
}

/// Two objects of one node, and each alone.
fn objects(studio: &Studio) -> Result<Page, Error> {
    // The ball is half before the vase.
    const FRAME: i32 = 15;
    let mut both = set(box_values(corners(ball(1), ROUND_BALL)));
    let vase = corners(VASE_BOX, ROUND_VASE);
    let [first, second] = vase.map(from_top);
    let second = [format!("box2Corner1={first}"), format!("box2Corner2={second}")];
    both.extend([set(["box2Use=true", "box2Object=object 2"]), set(second)].concat());
    let of = |object: &str| [both.clone(), set([format!("objects={object}")])].concat();
    let overlay = [both.clone(), set([OVERLAY_VIEW])].concat();
    Ok(Page::of([[
        Tile::shown(&studio.roto(&overlay, FRAME)?)?.named("both, a box for each on frame 1"),
        Tile::matte(&studio.roto(&of("object 1"), FRAME)?)?.named("Output Object: Object 1"),
        Tile::matte(&studio.roto(&of("object 2"), FRAME)?)?.named("Output Object: Object 2"),
    ]]))
}

/// What MatteOutput makes of the ball's matte.
fn deliverable(studio: &Studio) -> Result<Page, Error> {
    const FRAME: i32 = 8;
    let matte = studio.roto(&set(box_values(corners(ball(1), ROUND_BALL))), FRAME)?;
    let view = |mode: &str| -> Result<Tile, Error> {
        let values = set(["refine=guided by colour", mode]);
        Tile::shown(&studio.output(&matte, &values, FRAME)?)
    };
    Ok(Page::of([[
        view(TRIMAP)?.named("View: trimap"),
        view(PARTS)?.named("View: core, edge, hair"),
        view(CHECKERBOARD)?.named("View: over checkerboard"),
    ]]))
}

fn at(middle: [f64; 2], by: [f64; 2]) -> [f64; 2] {
    [middle[0] + by[0], middle[1] + by[1]]
}

/// Top left and bottom right corner of a box.
fn corners(middle: [f64; 2], [x, y]: [f64; 2]) -> [[f64; 2]; 2] {
    [at(middle, [-x, -y]), at(middle, [x, y])]
}

fn box_values([first, second]: [[f64; 2]; 2]) -> [String; 3] {
    let corner = |name: &str, at| format!("{name}={}", from_top(at));
    ["boxUse=true".to_owned(), corner("boxCorner1", first), corner("boxCorner2", second)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_picture_that_the_guide_shows_is_small_and_made_here() {
        let workspace = Workspace::find().unwrap();
        let guide = fs::read_to_string(workspace.path("docs/guide.md")).unwrap();
        let shown = |name: &str| guide.contains(&format!("](pictures/{name})"));
        let is_made = |name: &str| PICTURES.iter().any(|(made, _)| *made == name);
        assert_eq!(guide.matches("](pictures/").count(), PICTURES.len());
        for entry in fs::read_dir(workspace.path(FOLDER)).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            assert!(shown(&name), "nobody sees {name}");
            assert!(is_made(&name), "nobody makes {name}");
            assert!(fs::metadata(&path).unwrap().len() < 200_000, "{name}");
        }
    }
}
