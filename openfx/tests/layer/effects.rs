//! The effects under test. What [`Probe`] does in render and on changes is chosen by its parameters.

use std::sync::atomic::{AtomicUsize, Ordering};

use openfx::{
    BooleanKey, Change, ChoiceKey, ClipKey, ClipPreferences, Components, Description, Double2DKey, DoubleKey, Draw,
    Effect, Error, FramesNeeded, GroupKey, Identity, Instance, IntegerKey, Overlay, OverlayView, PageKey, Pen,
    Premultiplication, PushButtonKey, RenderArgs, Result, Row, TextKey, TextMode,
};
use openfx::{KeyStroke, Modifiers, key};

pub const MATTE: ClipKey = ClipKey::new(c"Matte");
pub const PAGE: PageKey = PageKey::new(c"controls");
pub const GROUP: GroupKey = GroupKey::new(c"group");
pub const INVERT: BooleanKey = BooleanKey::new(c"invert");
pub const COUNT: IntegerKey = IntegerKey::new(c"count");
pub const TASK: ChoiceKey = ChoiceKey::new(c"task");
pub const SOFTNESS: DoubleKey = DoubleKey::new(c"softness");
pub const POINT: Double2DKey = Double2DKey::new(c"point");
pub const SIZE: Double2DKey = Double2DKey::new(c"size");
pub const TEXT: TextKey = TextKey::new(c"text");
pub const FILE: TextKey = TextKey::new(c"file");
pub const SECRET: TextKey = TextKey::new(c"secretData");
pub const BUTTON: PushButtonKey = PushButtonKey::new(c"track");

const PARAMETERS: &[Row] = &[
    PAGE.row(c"Controls"),
    GROUP.row(c"Group").closed(),
    INVERT.row(c"Invert", true).hint(c"Turns it round.").parent(GROUP).panel_only(),
    COUNT.row(c"Count", 3, 1..=8).fixed().shapes_output(),
    TASK.row(c"Task", 0, &[c"Render", c"Panic", c"Fail", c"Abort", c"Write"]),
    SOFTNESS.row(c"Softness", 0.25, 0.0..=4.0).display(0.0..=1.0).digits(2).increment(0.1),
    POINT.position(c"Point", [960.0, 540.0]).invalidates_all(),
    SIZE.row(c"Size", [1.0, 2.0], 0.0..=10.0),
    TEXT.row(c"Text", c"a dog", TextMode::SingleLine),
    FILE.row(c"File", c"", TextMode::FilePath),
    SECRET.row(c"Data", c"", TextMode::Custom),
    BUTTON.row(c"Track"),
];

/// Living [`Probe`]s.
pub static ALIVE: AtomicUsize = AtomicUsize::new(0);

pub struct Probe;

impl Effect for Probe {
    const DESCRIPTION: &'static Description = &Description::new(c"org.example.Probe", c"Probe")
        .version(2, 1)
        .grouping(c"Test")
        .clips(&[
            ClipKey::SOURCE.row(&[Components::Rgba, Components::Rgb]).temporal(),
            MATTE.row(&[Components::Alpha, Components::Rgba]).optional().mask(),
            ClipKey::OUTPUT.row(&[Components::Rgba, Components::Alpha]),
        ])
        .parameters(&[PARAMETERS])
        .temporal()
        .overlay();

    fn create(instance: &Instance) -> Result<Self> {
        assert!(instance.parameters().set(COUNT, 4).is_err(), "no writes while being created");
        ALIVE.fetch_add(1, Ordering::SeqCst);
        Ok(Self)
    }

    fn render(&self, instance: &Instance, args: &RenderArgs) -> Result<()> {
        match instance.parameters().get(TASK, args.time)? {
            1 => panic!("on purpose"),
            2 => Err(Error::effect("model file 100% missing")),
            3 => Err(Error::Aborted),
            4 => instance.parameters().set(COUNT, 7),
            _ => copy(instance, args),
        }
    }

    fn identity(&self, instance: &Instance, args: &RenderArgs) -> Result<Option<Identity>> {
        let through = instance.parameters().get(COUNT, args.time)? == 8;
        Ok(through.then_some(Identity { clip: ClipKey::SOURCE, time: args.time + 0.5 }))
    }

    fn frames_needed(&self, _: &Instance, time: f64, needed: &mut FramesNeeded<'_>) -> Result<()> {
        needed.add(ClipKey::SOURCE, time - 2.0..=time + 2.0);
        needed.add(ClipKey::SOURCE, 100.0..=100.0);
        Ok(())
    }

    fn clip_preferences(&self, _: &Instance, preferences: &mut ClipPreferences<'_>) -> Result<()> {
        preferences.components(ClipKey::OUTPUT, Components::Rgba);
        preferences.output_premultiplication(Premultiplication::Premultiplied);
        preferences.frame_varying(true);
        Ok(())
    }

    fn changed(&self, instance: &Instance, change: &Change) -> Result<()> {
        if change.is(BUTTON) {
            return on_button(instance);
        }
        if change.is(TASK) && instance.parameters().get(TASK, change.time)? == 1 {
            panic!("on purpose");
        }
        Ok(())
    }

    fn overlay(&self, _: &Instance) -> Option<Box<dyn Overlay<Self>>> {
        Some(Box::new(Cross))
    }
}

impl Drop for Probe {
    fn drop(&mut self) {
        ALIVE.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Source to output where both have pixels, black elsewhere in the window.
fn copy(instance: &Instance, args: &RenderArgs) -> Result<()> {
    let source = instance.clip(ClipKey::SOURCE)?.image(args.time)?;
    let mut output = instance.clip(ClipKey::OUTPUT)?.output_image(args.time)?.ok_or(Error::Aborted)?;
    let window = output.writable(args.window);
    let mut row = vec![[0.0; 4]; window.width()];
    let mut view = output.view_mut(window)?;
    for y in 0..window.height() {
        row.fill([0.0; 4]);
        if let Some(source) = &source {
            let bounds = source.bounds();
            let view = source.view()?;
            let host_row = window.y2 - 1 - i32::try_from(y).unwrap();
            if (bounds.y1..bounds.y2).contains(&host_row) {
                let (x1, x2) = (window.x1.max(bounds.x1), window.x2.min(bounds.x2));
                let pixels = usize::try_from(x1 - window.x1).unwrap()..usize::try_from(x2 - window.x1).unwrap();
                let picture_row = usize::try_from(bounds.y2 - 1 - host_row).unwrap();
                view.read_rgba(picture_row, usize::try_from(x1 - bounds.x1).unwrap(), &mut row[pixels]);
            }
        }
        view.write_rgba(y, 0, &row);
    }
    Ok(())
}

/// What a tracking button would do: progress, keys in one undo step.
fn on_button(instance: &Instance) -> Result<()> {
    let parameters = instance.parameters();
    let progress = instance.progress("Tracking");
    let edit = parameters.edit(c"Track");
    for frame in 0..4 {
        if !progress.update(f64::from(frame) / 4.0) {
            break;
        }
        parameters.set_at(POINT, f64::from(frame), [f64::from(frame), 1.0])?;
    }
    drop(edit);
    let hits = AtomicUsize::new(0);
    instance.run_on_host_threads(instance.host_threads(), &|_, _| {
        hits.fetch_add(1, Ordering::SeqCst);
    })?;
    parameters.set(COUNT, i32::try_from(hits.load(Ordering::SeqCst)).unwrap())?;
    instance.run_on_host_threads(2, &|index, _| assert_ne!(index, 1, "on purpose"))
}

/// Draws where the point is; a click moves it, delete removes its keys.
struct Cross;

impl Overlay<Probe> for Cross {
    fn draw(&self, view: &OverlayView<'_, Probe>, draw: &mut dyn Draw) {
        let Ok([x, y]) = view.instance.parameters().get(POINT, view.time) else { return };
        assert!(view.instance.parameters().set(POINT, [0.0, 0.0]).is_err(), "no writes while drawing");
        draw.colour([1.0, 0.5, 0.0, 1.0]);
        draw.line_width(2.0);
        draw.stipple(openfx::Stipple::Dashed);
        let arm = 5.0 * view.pixel[0];
        draw.lines(&[[x - arm, y], [x + arm, y]]);
        assert!(!draw.text([x, y], "point", openfx::TextAnchor::Centre));
    }

    fn pen_down(&self, view: &OverlayView<'_, Probe>, pen: &Pen) -> bool {
        let exclude = view.modifiers == Modifiers { control: true, ..Modifiers::default() };
        let position = if exclude { pen.position.map(|value| -value) } else { pen.position };
        view.redraw();
        view.instance.parameters().set(POINT, position).is_ok()
    }

    fn key_down(&self, view: &OverlayView<'_, Probe>, stroke: &KeyStroke) -> bool {
        stroke.symbol == key::DELETE && view.instance.parameters().delete_all_keys(POINT).is_ok()
    }
}

/// An effect that nothing but what is required is known of.
pub struct Simple;

impl Effect for Simple {
    const DESCRIPTION: &'static Description = &Description::new(c"org.example.Simple", c"Simple")
        .clips(&[ClipKey::SOURCE.row(&[Components::Rgba]), ClipKey::OUTPUT.row(&[Components::Rgba])]);

    fn create(_: &Instance) -> Result<Self> {
        Err(Error::effect("cannot be"))
    }

    fn render(&self, _: &Instance, _: &RenderArgs) -> Result<()> {
        Ok(())
    }
}

openfx::export_plugins!(Probe, Simple);
