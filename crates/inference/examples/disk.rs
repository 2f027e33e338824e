//! Time of the disk store and of half precision, for the sizes of a mask and of an embedding:
//! `cargo run --release -p inference --example disk [FOLDER]`, in a folder of its own within FOLDER or the system's
//! temporary folder.

use std::{env, error::Error, hint::black_box, time::Instant};

use inference::{ByteSize, DiskOptions, DiskStore, Feature, KeyBuilder, NeverAbort, Stored};
use ndarray::ArrayD;

const ROUNDS: usize = 50;

fn main() -> Result<(), Box<dyn Error>> {
    let parent = env::args_os().nth(1).map_or_else(env::temp_dir, Into::into);
    let folder = parent.join(format!("disk-store-times-{}", std::process::id()));
    let store = DiskStore::open(DiskOptions { folder: folder.clone(), max_bytes: 10 << 30 });
    // Numbers that do not repeat, as a network's.
    let embedding = ArrayD::from_shape_fn(vec![1, 256, 64, 64], |at| (at[1] as f32 * 0.37 + at[3] as f32).sin());
    tell("to half precision, 1 M values", || Feature::half(vec![embedding.clone()]).byte_size());
    let feature = Feature::half(vec![embedding]);
    tell("from half precision, 1 M values", || feature.tensors().len());
    tell_store(&store, "embedding", &feature);
    // A soft disc: 150 kB of which most repeats.
    let disc =
        (0..256 * 144).map(|i| ((i % 256 - 128) as f32).hypot((i / 256 - 72) as f32).clamp(40.0, 44.0) / 4.0 - 10.0);
    let disc: Vec<f32> = disc.collect();
    tell_store(&store, "mask, plain", &Mask::<false>(disc.clone()));
    tell_store(&store, "mask, packed", &Mask::<true>(disc));
    let report = store.stats();
    println!("{} entries, {} bytes in {}", report.entries, report.bytes, folder.display());
    std::fs::remove_dir_all(folder)?;
    Ok(())
}

struct Mask<const COMPRESSED: bool>(Vec<f32>);

impl<const COMPRESSED: bool> ByteSize for Mask<COMPRESSED> {
    fn byte_size(&self) -> u64 {
        size_of_val(&*self.0) as u64
    }
}

impl<const COMPRESSED: bool> Stored for Mask<COMPRESSED> {
    const KIND: &'static str = if COMPRESSED { "mask-packed-1" } else { "mask-plain-1" };
    const COMPRESSED: bool = COMPRESSED;

    fn write(&self, out: &mut Vec<u8>) {
        out.extend(self.0.iter().flat_map(|value| value.to_le_bytes()));
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        Some(Self(bytes.as_chunks().0.iter().map(|value| f32::from_le_bytes(*value)).collect()))
    }
}

fn tell_store<V: Stored>(store: &DiskStore, what: &str, value: &V) {
    let key = |round: usize| KeyBuilder::new("times").number(round as u64).finish();
    let mut round = 0;
    tell(&format!("{what}, {} kB: write", value.byte_size() / 1000), || {
        round += 1;
        store.write(key(round), value, &NeverAbort);
    });
    let mut round = 0;
    tell(&format!("{what}, {} kB: read", value.byte_size() / 1000), || {
        round += 1;
        store.read::<V>(key(round)).is_some()
    });
}

/// Median and longest of many rounds.
fn tell<T>(what: &str, mut work: impl FnMut() -> T) {
    let mut times: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            black_box(work());
            start.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    times.sort_by(f64::total_cmp);
    println!("{what}: {:.2} ms, longest {:.2} ms", times[ROUNDS / 2], times[ROUNDS - 1]);
}
