//! RAFTRefine with a network that is installed beside it: used, told, passed over where it cannot be used.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends where something is missing")]

#[path = "refine_frames/shot.rs"]
mod shot;
mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use headless::host::{Profile, RenderRequest, Value};
use shot::*;
use support::workplace::in_own_process;
use support::*;

const LAST: f64 = 4.0;
const RAFT: i32 = 1;
const DIS: i32 = 2;

/// Installs the exporter's tiny RAFT where this process looks for models.
fn install() -> PathBuf {
    let folder = PathBuf::from(std::env::var_os("SAM3ROTO_MODELS").unwrap()).join("raft");
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("resources/export/fixtures/flow/raft_small");
    fs::create_dir(&folder).unwrap();
    for file in ["model.toml", "raft.onnx"] {
        fs::copy(committed.join(file), folder.join(file)).unwrap();
    }
    folder
}

#[test]
fn an_installed_network_finds_the_motion_the_same_in_any_order() {
    in_own_process("an_installed_network_finds_the_motion_the_same_in_any_order", || {
        install();
        let (bundle, plugin) = opened(Profile::Strict).unwrap();
        let instance = jittering(&plugin, 0.0, LAST);
        instance.set("flow", Value::Integer(RAFT)).unwrap();
        let in_order: Vec<_> = (0..=LAST as i32).map(|time| matte(&instance, time.into())).collect();
        assert!(status(&instance).contains("tiny raft_small, 192 x 128"), "{}", status(&instance));
        let runs = report(&bundle, "counters")["stages"]["flow"]["count"].as_u64().unwrap();
        assert_eq!(runs, pairs_found(&bundle), "one run for both directions of a pair");
        instance.purge_caches().unwrap();
        for index in [3, 0, 4, 1, 2] {
            assert!(matte(&instance, index as f64) == in_order[index], "frame {index}");
        }
        // Another estimator, another motion: neither is taken for the other.
        instance.set("flow", Value::Integer(DIS)).unwrap();
        matte(&instance, 2.0);
        assert!(status(&instance).contains("DIS medium"), "{}", status(&instance));
        instance.set("flow", Value::Integer(RAFT)).unwrap();
        assert!(matte(&instance, 2.0) == in_order[2]);
        instance.destroy().unwrap();
    });
}

#[test]
fn by_itself_a_network_is_not_taken_where_the_processor_would_run_it() {
    in_own_process("by_itself_a_network_is_not_taken_where_the_processor_would_run_it", || {
        install();
        let (_bundle, plugin) = opened(Profile::Strict).unwrap();
        let instance = jittering(&plugin, 0.0, LAST);
        matte(&instance, 2.0);
        let told = status(&instance);
        assert!(told.contains("DIS medium") && told.contains("tiny raft_small would run on the processor"), "{told}");
        instance.destroy().unwrap();
    });
}

#[test]
fn a_damaged_network_is_passed_over_with_its_reason() {
    in_own_process("a_damaged_network_is_passed_over_with_its_reason", || {
        let file = install().join("raft.onnx");
        let whole = fs::read(&file).unwrap();
        fs::write(&file, &whole[..whole.len() / 2]).unwrap();
        let (_bundle, plugin) = opened(Profile::Strict).unwrap();
        let instance = jittering(&plugin, 0.0, LAST);
        matte(&instance, 2.0);
        let told = status(&instance);
        assert!(told.contains("DIS medium") && told.contains("tiny raft_small"), "{told}");
        // Asked for by its kind, it is missed.
        instance.set("flow", Value::Integer(RAFT)).unwrap();
        assert!(instance.render(&RenderRequest::at(2.0)).is_err());
        assert!(said(&instance).contains("raft.onnx") && said(&instance).contains("cut short"), "{}", said(&instance));
        // Repaired, it works without a new start, once the list of models is read again.
        fs::write(&file, &whole).unwrap();
        let start = Instant::now();
        while instance.render(&RenderRequest::at(2.0)).is_err() {
            assert!(start.elapsed() < Duration::from_secs(60), "{}", said(&instance));
        }
        assert!(status(&instance).contains("tiny raft_small, 192 x 128"), "{}", status(&instance));
        instance.destroy().unwrap();
    });
}
