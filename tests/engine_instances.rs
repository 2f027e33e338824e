//! Many instances in one host: one session for each model, and the memory of one.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends where something is missing")]

mod support;

use headless::host::{Bundle, Frame, Instance, Plugin, Profile, RenderRequest};
use support::process::Usage;
use support::workplace::{again, in_own_process, is_inside};
use support::*;

const INSTANCES: usize = 8;
const SIZE: (i32, i32) = (320, 180);

/// Stripes that are others for each number.
fn picture(number: usize) -> Frame {
    striped_frame(SIZE.0, SIZE.1, number)
}

/// The place of a point that no other `number` has.
fn place(number: usize) -> [f64; 2] {
    let (column, row) = (number % 16, number / 16);
    [20.0 + 18.0 * column as f64, 20.0 + 9.0 * row as f64]
}

fn opened() -> (Bundle, Plugin) {
    open(Profile::Strict).expect("the bundle was there outside")
}

fn pointed_instance(plugin: &Plugin, number: usize) -> Instance {
    let instance = float_instance_on(plugin, picture(0));
    place_point(&instance, 1, place(number), true);
    instance
}

fn matte(instance: &Instance) -> Vec<f32> {
    alpha(&render(instance, &RenderRequest::at(0.0)).frame)
}

#[test]
fn eight_instances_that_render_at_once_load_each_model_once() {
    in_own_process("eight_instances_that_render_at_once_load_each_model_once", || {
        let (bundle, plugin) = opened();
        let instances: Vec<Instance> = (0..INSTANCES).map(|number| pointed_instance(&plugin, 20 * number)).collect();
        let at_once: Vec<Vec<f32>> = std::thread::scope(|scope| {
            let renders: Vec<_> = instances.iter().map(|instance| scope.spawn(|| matte(instance))).collect();
            renders.into_iter().map(|render| render.join().unwrap()).collect()
        });
        let doctor = report(&bundle, "doctor");
        let list = |rows: &serde_json::Value| rows.as_array().cloned().expect("a list");
        let mut models: Vec<String> = list(&doctor["sessions"]).iter().map(|row| row["model"].to_string()).collect();
        models.sort_unstable();
        assert_eq!(models, [r#""SAM1 image encoder""#, r#""SAM1 mask decoder""#], "one session for each model");
        let ledger = list(&doctor["memory"]["rows"]);
        let in_ledger = ledger.iter().filter(|row| row["owner"]["kind"] == "session").count();
        assert_eq!(in_ledger, 2, "and one account in the ledger: {ledger:?}");
        assert_eq!(counter(&bundle, "session_loads"), 2, "and each loaded once");
        assert_eq!(counter(&bundle, "encoder_runs"), 1, "the picture they share encoded once");
        assert_eq!(counter(&bundle, "decoder_runs"), INSTANCES as u64);

        for (number, (instance, at_once)) in instances.into_iter().zip(&at_once).enumerate() {
            assert!(
                at_once.iter().any(|&a| a > 0.9) && at_once.iter().any(|&a| a < 0.1),
                "matte {number} shows nothing"
            );
            instance.purge_caches().unwrap();
            assert!(matte(&instance) == *at_once, "instance {number} gives another matte alone");
            instance.destroy().unwrap();
        }
        assert!(at_once.windows(2).all(|pair| pair[0] != pair[1]), "different prompts give different mattes");
    });
}

const MEMORY_TEST: &str = "eight_instances_take_the_memory_of_one_and_their_frame_buffers";
const COUNT: &str = "SAM3ROTO_TEST_INSTANCES";
/// The same mattes whoever renders them: what the caches keep of them is the caches', not the instances'.
const RENDERS: usize = 40;
/// Makes glibc give large blocks back when they are freed. By itself it keeps some, more or fewer from run to run, and
/// the figure would tell of that luck instead of what is held. Other allocators pass over it.
const GIVES_BACK: (&str, &str) = ("MALLOC_MMAP_THRESHOLD_", "65536");

#[test]
fn eight_instances_take_the_memory_of_one_and_their_frame_buffers() {
    if is_inside(MEMORY_TEST) {
        return tell_memory(std::env::var(COUNT).unwrap().parse().unwrap());
    }
    if !cfg!(target_os = "linux") {
        return eprintln!("SKIPPED: there are no figures of memory on this system");
    }
    let Some([one, eight]) = resident(1).zip(resident(INSTANCES)).map(<[u64; 2]>::from) else { return };
    // Source and output in floating point, of the seven that are more.
    let frame_buffers = ((INSTANCES - 1) * 2 * (SIZE.0 * SIZE.1 * 16) as usize) as u64;
    println!("one instance {one} bytes, {INSTANCES} instances {eight} bytes");
    assert!(eight <= one + one / 20 + frame_buffers, "one instance takes {one} bytes, {INSTANCES} take {eight}");
}

/// Bytes that a process holds when that many instances have rendered as many mattes, between them, as one.
fn resident(instances: usize) -> Option<u64> {
    let words = again(MEMORY_TEST, &[(COUNT, &instances.to_string()), GIVES_BACK])?;
    let line = words.lines().find_map(|line| line.strip_prefix("resident ")).expect("the process tells its memory");
    Some(line.parse().unwrap())
}

fn tell_memory(instances: usize) {
    let (_bundle, plugin) = opened();
    let instances: Vec<Instance> = (0..instances).map(|_| pointed_instance(&plugin, 0)).collect();
    for number in 0..RENDERS {
        let instance = &instances[number % instances.len()];
        place_point(instance, 1, place(number), true);
        matte(instance);
    }
    println!("\nresident {}", Usage::here().unwrap().resident);
    instances.into_iter().for_each(|instance| instance.destroy().unwrap());
}
