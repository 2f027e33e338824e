//! A reader of Nuke's Roto nodes for the tests: shares nothing with what writes them. It knows what these use: Bezier shapes with
//! several keys, whose handles, points and slopes it evaluates at any time, and layers of nothing.

/// Nuke's braces: a word or a list.
#[derive(Debug)]
enum Item {
    Word(String),
    List(Vec<Item>),
}

impl Item {
    fn list(&self) -> &[Item] {
        let Self::List(items) = self else { panic!("{self:?} is no list") };
        items
    }

    fn word(&self) -> &str {
        let Self::Word(word) = self else { panic!("{self:?} is no word") };
        word
    }

    fn number(&self) -> f64 {
        let word = self.word();
        match word.strip_prefix('x') {
            Some(digits) => f64::from(f32::from_bits(u32::from_str_radix(digits, 16).unwrap())),
            None => word.parse().unwrap(),
        }
    }

    fn is_word(&self, word: &str) -> bool {
        matches!(self, Self::Word(here) if here == word)
    }

    /// The lists within that begin with a word, at any depth.
    fn named<'a>(&'a self, name: &str) -> Vec<&'a [Item]> {
        let Self::List(items) = self else { return Vec::new() };
        let here = items.first().is_some_and(|first| first.is_word(name)).then_some(items.as_slice());
        here.into_iter().chain(items.iter().flat_map(|item| item.named(name))).collect()
    }
}

fn parsed(text: &str) -> Item {
    let spaced = text.replace('{', " { ").replace('}', " } ");
    let mut open = vec![Vec::new()];
    for word in spaced.split_whitespace() {
        match word {
            "{" => open.push(Vec::new()),
            "}" => {
                let list = open.pop().unwrap();
                open.last_mut().unwrap().push(Item::List(list));
            }
            word => open.last_mut().unwrap().push(Item::Word(word.to_owned())),
        }
    }
    assert_eq!(open.len(), 1, "braces match");
    Item::List(open.pop().unwrap())
}

/// A value over time.
#[derive(Debug)]
struct Key {
    frame: f64,
    value: f64,
    /// What comes in and what goes out, in units a frame.
    slopes: [f64; 2],
}

/// The keys of a list, those that are counted as often as they say.
fn keys(frames: &[f64], list: &Item) -> Vec<Key> {
    let runs = list.list().iter().flat_map(|item| match item.list() {
        [x, count, key] if x.is_word("x") => vec![key; count.number() as usize],
        _ => vec![item],
    });
    let read = runs.zip(frames).map(|(item, frame)| {
        let (value, slopes) = item.list().split_first().unwrap();
        let slopes = match slopes {
            [flat] if flat.is_word("-") => [0.0; 2],
            [before, weight, after, other] => {
                assert_eq!((weight.number(), other.number()), (1.0, 1.0), "handles of a third of the way");
                [before.number(), after.number()]
            }
            other => panic!("{other:?}"),
        };
        Key { frame: *frame, value: value.number(), slopes }
    });
    let keys: Vec<Key> = read.collect();
    assert_eq!(keys.len(), frames.len(), "a key for each frame");
    keys
}

/// The value at a time: the cubic through two keys with their slopes, the outermost key beyond.
fn value(keys: &[Key], time: f64) -> f64 {
    let after = keys.partition_point(|key| key.frame <= time);
    let (Some(from), Some(to)) = (after.checked_sub(1).map(|at| &keys[at]), keys.get(after)) else {
        return if after == 0 { keys[0].value } else { keys[keys.len() - 1].value };
    };
    let length = to.frame - from.frame;
    let t = (time - from.frame) / length;
    let (t2, t3) = (t * t, t * t * t);
    (2.0 * t3 - 3.0 * t2 + 1.0) * from.value
        + (t3 - 2.0 * t2 + t) * length * from.slopes[1]
        + (3.0 * t2 - 2.0 * t3) * to.value
        + (t3 - t2) * length * to.slopes[0]
}

/// A shape of a Roto node.
#[derive(Debug)]
pub struct Shape {
    /// Whether it paints black.
    pub hole: bool,
    /// The first and the last frame that it is there on; none where it is there on all.
    pub life: Option<(f64, f64)>,
    /// The frames that have keys.
    pub frames: Vec<f64>,
    /// x and y of each left handle, point and right handle.
    controls: Vec<[Vec<Key>; 2]>,
}

/// The shapes of the node in a script, the topmost first.
pub fn shapes(text: &str) -> Vec<Shape> {
    let script = parsed(text);
    assert!(script.list().windows(2).any(|pair| pair[0].is_word("Roto") && matches!(pair[1], Item::List(_))));
    script.named("curvegroup").into_iter().map(shape).collect()
}

fn shape(group: &[Item]) -> Shape {
    let [_, _, _, kind, curves, pivot, attributes] = group else { panic!("{group:?}") };
    assert!(kind.is_word("bezier") && curves.list()[1].is_word("idem"), "the feather is the shape");
    assert!(pivot.list()[0].is_word("tx"));
    let attributes = attributes.list();
    assert!(attributes[0].is_word("a"));
    let attribute =
        |name: &str| attributes[1..].chunks(2).find(|pair| pair[0].is_word(name)).map(|pair| pair[1].number());
    let life = attribute("ltt").map(|kind| {
        let (first, last) = (attribute("ltn").unwrap(), attribute("ltm").unwrap());
        match kind {
            2.0 => (first, first),
            4.0 => (first, last),
            other => panic!("lifetime {other}"),
        }
    });
    let points = curves.named("px")[0];
    let (frames, controls) = (&points[1], &points[2..]);
    let frames: Vec<f64> = match frames {
        Item::Word(_) => vec![frames.number()],
        Item::List(frames) => frames.iter().map(Item::number).collect(),
    };
    assert!(frames.is_sorted_by(|a, b| a < b) && controls.len() % 3 == 0);
    let axis = |item: &Item| match item {
        Item::Word(_) => vec![Key { frame: frames[0], value: item.number(), slopes: [0.0; 2] }],
        Item::List(_) => keys(&frames, item),
    };
    let controls = controls.iter().map(|pair| {
        let [x, y] = pair.list() else { panic!("{pair:?}") };
        [axis(x), axis(y)]
    });
    let controls = controls.collect();
    Shape { hole: attribute("a") == Some(0.0), life, controls, frames }
}

impl Shape {
    /// Left handle, point and right handle of each point at a time, handles as places.
    pub fn points(&self, time: f64) -> Vec<[[f64; 2]; 3]> {
        let at = |[x, y]: &[Vec<Key>; 2]| [value(x, time), value(y, time)];
        let points = self.controls.chunks(3).map(|control| {
            let [left, place, right] = [at(&control[0]), at(&control[1]), at(&control[2])];
            let from = |handle: [f64; 2]| [place[0] + handle[0], place[1] + handle[1]];
            [from(left), place, from(right)]
        });
        points.collect()
    }

    fn lives(&self, time: f64) -> bool {
        self.life.is_none_or(|(first, last)| (first..=last).contains(&time))
    }

    /// Where the outline crosses a height, from left to right.
    fn crossings(&self, time: f64, y: f64) -> Vec<f64> {
        const CHORDS: usize = 32;
        let points = self.points(time);
        let pieces = points.iter().zip(points.iter().cycle().skip(1));
        let line: Vec<[f64; 2]> =
            pieces.flat_map(|(from, to)| (0..CHORDS).map(|i| cubic(from, to, i as f64 / CHORDS as f64))).collect();
        let sides = line.iter().zip(line.iter().cycle().skip(1));
        let crossed = sides.filter(|(a, b)| (a[1] > y) != (b[1] > y));
        let mut places: Vec<f64> = crossed.map(|(a, b)| a[0] + (y - a[1]) / (b[1] - a[1]) * (b[0] - a[0])).collect();
        places.sort_by(f64::total_cmp);
        places
    }
}

fn cubic([_, a, b]: &[[f64; 2]; 3], [c, d, _]: &[[f64; 2]; 3], t: f64) -> [f64; 2] {
    let s = 1.0 - t;
    [0, 1].map(|axis| s * s * s * a[axis] + 3.0 * s * s * t * b[axis] + 3.0 * s * t * t * c[axis] + t * t * t * d[axis])
}

/// Which pixels the shapes cover at their centres at a time, row after row from the top.
pub fn drawn(shapes: &[Shape], time: f64, (width, height): (usize, usize)) -> Vec<bool> {
    let mut pixels = vec![false; width * height];
    for shape in shapes.iter().rev().filter(|shape| shape.lives(time)) {
        for (row, pixels) in pixels.chunks_mut(width).enumerate() {
            let crossings = shape.crossings(time, (height - row) as f64 - 0.5);
            for (column, pixel) in pixels.iter_mut().enumerate() {
                let x = column as f64 + 0.5;
                if crossings.iter().filter(|place| **place < x).count() % 2 == 1 {
                    *pixel = !shape.hole;
                }
            }
        }
    }
    pixels
}
