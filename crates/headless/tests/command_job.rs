//! Jobs: the command line, job files, and one laid over the other.

#![allow(clippy::unwrap_used, reason = "an expectation that fails ends the test")]

use clap::Parser;
use headless::command::error::CommandError;
use headless::command::job::{Existing, Job, from_options};
use headless::command::options::{Action, Cli, OnError};
use headless::host::{Components, Context, Profile};
use headless::sequence::{Bits, Compression, FrameSet};
use proptest::prelude::*;
use std::fs;
use std::path::{Path, PathBuf};

fn job(arguments: &[&str]) -> Result<Job, CommandError> {
    let line = ["sam3roto", "render"].iter().chain(arguments);
    match Cli::try_parse_from(line).unwrap().action {
        Action::Render(options) => from_options(*options),
        other => panic!("{other:?} is no render"),
    }
}

fn refused_by_clap(arguments: &[&str]) -> bool {
    Cli::try_parse_from(["sam3roto", "render"].iter().chain(arguments)).is_err()
}

/// A job file in a folder of its own; absolute paths inside, so that the folder does not show.
fn file(name: &str, text: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, text).unwrap();
    (folder, path)
}

fn from_file(path: &Path, more: &[&str]) -> Result<Job, CommandError> {
    let mut arguments = vec!["--job", path.to_str().unwrap()];
    arguments.extend(more);
    job(&arguments)
}

const LINE: &[&str] = &[
    "--bundle",
    "/b/Sam3Roto.ofx.bundle",
    "--effect",
    "org.sam3roto.Roto",
    "--in",
    "/s/shot.%04d.exr",
    "--out",
    "/o/m.%04d.png",
    "--clip",
    "Matte=/s/garbage.####.png",
    "--set",
    "invert=true",
    "--set",
    "threshold=0.25",
    "--set",
    "outputMode=cutout",
    "--set",
    "title=a=b, c",
    "--key",
    "point1Position@12=640,360.5",
    "--key",
    "point1Position@-3=tl:1,2",
    "--frames",
    "1-10x3",
    "--frames",
    "20",
    "--threads",
    "3",
    "--context",
    "filter",
    "--host",
    "nuke",
    "--proxy",
    "0.5",
    "--depth",
    "16",
    "--channels",
    "alpha",
    "--compression",
    "piz",
    "--skip-existing",
    "--on-error",
    "continue",
    "--cache",
    "/c",
    "--ffmpeg",
    "/bin/ffmpeg",
    "--quiet",
];

const TOML: &str = r#"
bundle = "/b/Sam3Roto.ofx.bundle"
effect = "org.sam3roto.Roto"
in = "/s/shot.%04d.exr"
out = "/o/m.%04d.png"
frames = ["1-10x3", 20]
threads = 3
context = "filter"
host = "nuke"
proxy = 0.5
depth = 16
channels = "alpha"
compression = "piz"
skip-existing = true
on-error = "continue"
cache = "/c"
ffmpeg = "/bin/ffmpeg"
quiet = true
[clip]
Matte = "/s/garbage.####.png"
[set]
invert = true
threshold = 0.25
outputMode = "cutout"
title = "a=b, c"
[key.point1Position]
12 = [640, 360.5]
-3 = "tl:1,2"
"#;

const JSON: &str = r#"{
"bundle": "/b/Sam3Roto.ofx.bundle", "effect": "org.sam3roto.Roto", "in": "/s/shot.%04d.exr", "out": "/o/m.%04d.png",
"frames": "1-10x3,20", "threads": 3, "context": "filter", "host": "nuke", "proxy": 0.5, "depth": "16", "channels": "alpha",
"compression": "piz", "skip-existing": true, "on-error": "continue", "cache": "/c", "ffmpeg": "/bin/ffmpeg", "quiet": true,
"clip": { "Matte": "/s/garbage.####.png" },
"set": { "invert": true, "threshold": 0.25, "outputMode": "cutout", "title": "a=b, c" },
"key": { "point1Position": { "12": [640, 360.5], "-3": "tl:1,2" } }
}"#;

#[test]
fn the_command_line_is_understood() {
    let job = job(LINE).unwrap();
    assert_eq!(job.input, "/s/shot.%04d.exr");
    assert_eq!(job.clips["Matte"], "/s/garbage.####.png");
    assert_eq!((job.values["title"].as_str(), job.values["outputMode"].as_str()), ("a=b, c", "cutout"));
    assert_eq!(
        (job.keys["point1Position"][&12].as_str(), job.keys["point1Position"][&-3].as_str()),
        ("640,360.5", "tl:1,2")
    );
    assert_eq!(job.frames, Some(FrameSet::new([1, 4, 7, 10, 20])));
    assert_eq!((job.threads, job.context, job.host, job.proxy), (3, Some(Context::Filter), Profile::Nuke, 0.5));
    assert_eq!((job.depth, job.channels), (Some(Bits::Sixteen), Some(Components::Alpha)));
    assert_eq!(
        (job.compression, job.existing, job.on_error),
        (Some(Compression::Piz), Existing::Skip, OnError::Continue)
    );
    assert!(job.quiet && job.cache == Some("/c".into()));
}

#[test]
fn toml_json_and_the_command_line_mean_the_same() {
    let line = job(LINE).unwrap();
    for (name, text) in [("job.toml", TOML), ("job.json", JSON), ("job", JSON), ("job.txt", TOML)] {
        let (_folder, path) = file(name, text);
        assert_eq!(from_file(&path, &[]).unwrap(), line, "{name}");
    }
}

#[test]
fn what_is_left_out_has_calm_defaults() {
    let job = job(&["--in", "a.%d.png", "--out", "b.%d.png"]).unwrap();
    assert_eq!((job.threads, job.host, job.proxy, job.existing), (1, Profile::Strict, 1.0, Existing::Refuse));
    assert_eq!((job.frames, job.depth, job.channels, job.on_error), (None, None, None, OnError::Stop));
    assert_eq!((job.compression, job.quiet), (None, false));
}

#[test]
fn paths_of_a_job_file_start_from_its_folder() {
    let text = "in = \"shot.%d.png\"\nout = \"out/m.%d.png\"\nbundle = \"x.bundle\"\ncache = \"c\"\n[clip]\nMatte = \"/abs/g.png\"\n";
    let (folder, path) = file("job.toml", text);
    let job = from_file(&path, &["--out", "here.%d.png"]).unwrap();
    assert_eq!(PathBuf::from(&job.input), folder.path().join("shot.%d.png"));
    assert_eq!(job.bundle, Some(folder.path().join("x.bundle")));
    assert_eq!(job.cache, Some(folder.path().join("c")));
    assert_eq!(job.clips["Matte"], "/abs/g.png");
    assert_eq!(job.output, "here.%d.png", "paths of the command line start from where it is typed");
}

#[test]
fn the_command_line_wins_over_the_job_file() {
    let (_folder, path) = file("job.toml", TOML);
    let more = [
        "--frames",
        "5",
        "--threads",
        "1",
        "--overwrite",
        "--set",
        "invert=0",
        "--clip",
        "Matte=/x.png",
        "--depth",
        "8",
    ];
    let job = from_file(&path, &more).unwrap();
    assert_eq!((job.frames, job.threads, job.existing), (Some(FrameSet::new([5])), 1, Existing::Overwrite));
    assert_eq!((job.values["invert"].as_str(), job.values["threshold"].as_str()), ("0", "0.25"));
    assert_eq!((job.clips["Matte"].as_str(), job.depth), ("/x.png", Some(Bits::Eight)));
    assert_eq!(job.effect.as_deref(), Some("org.sam3roto.Roto"), "and what it does not name stays");
}

#[test]
fn keys_join_the_keys_of_the_file_and_a_value_replaces_them() {
    let (_folder, path) = file("job.toml", TOML);
    let more = ["--key", "point1Position@12=1,1", "--key", "point1Position@99=2,2", "--key", "invert@1=0"];
    let joined = from_file(&path, &more).unwrap();
    let keys: Vec<(i32, &str)> =
        joined.keys["point1Position"].iter().map(|(frame, text)| (*frame, text.as_str())).collect();
    assert_eq!(keys, [(-3, "tl:1,2"), (12, "1,1"), (99, "2,2")]);
    assert!(!joined.values.contains_key("invert"), "keys replace the value below");
    let replaced = from_file(&path, &["--set", "point1Position=5,5"]).unwrap();
    assert!(replaced.keys.is_empty());
    assert_eq!(replaced.values["point1Position"], "5,5");
}

#[test]
fn what_makes_no_sense_is_refused_with_its_name() {
    let base = ["--in", "a.%d.png", "--out", "b.%d.png"];
    let cases: &[(&[&str], &str)] = &[
        (&["--set", "invert"], "--set \"invert\""),
        (&["--set", "=1"], "--set \"=1\""),
        (&["--key", "p=1"], "--key \"p=1\""),
        (&["--key", "@3=1"], "--key \"@3=1\""),
        (&["--key", "p@x=1"], "p@x"),
        (&["--key", "p@1.5=1"], "p@1.5"),
        (&["--clip", "Matte"], "--clip \"Matte\""),
        (&["--frames", "9-1"], "9-1"),
        (&["--frames", "banana"], "banana"),
        (&["--threads", "0"], "--threads"),
        (&["--proxy", "0"], "--proxy"),
        (&["--proxy", "NaN"], "--proxy"),
        (&["--proxy", "2"], "--proxy"),
        (&["--set", "p=1", "--key", "p@1=2"], "--set p"),
        (&["--job", "/nowhere/job.toml"], "/nowhere/job.toml"),
    ];
    for (more, words) in cases {
        let arguments: Vec<&str> = base.iter().chain(*more).copied().collect();
        let error = job(&arguments).unwrap_err();
        assert!(error.to_string().contains(words), "{more:?}: {error}");
        assert_eq!(error.exit_code(), 2, "{more:?}");
    }
    assert!(job(&["--out", "b.%d.png"]).unwrap_err().to_string().contains("--in"));
    assert!(job(&["--in", "b.%d.png"]).unwrap_err().to_string().contains("--out"));
    for more in [["--host", "avid"], ["--depth", "12"], ["--context", "paint"], ["--threads", "many"]] {
        assert!(refused_by_clap(&more), "{more:?}");
    }
    assert!(refused_by_clap(&["--overwrite", "--skip-existing"]));
}

#[test]
fn a_job_file_with_a_wrong_field_says_which() {
    for (text, words) in [
        ("inn = \"a\"", "inn"),
        ("threads = \"many\"", "threads"),
        ("depth = 12", "depth is 8, 10, 16, half or float, not 12"),
        ("host = \"avid\"", "avid"),
        ("in = ", "in ="),
    ] {
        let (_folder, path) = file("job.toml", text);
        let error = from_file(&path, &[]).unwrap_err();
        assert!(error.to_string().contains(words) && error.to_string().contains("job.toml"), "{text}: {error}");
    }
    let (_folder, path) = file("job.toml", "in='a'\nout='b'\noverwrite=true\nskip-existing=true");
    assert!(matches!(from_file(&path, &[]), Err(CommandError::Exclusive { .. })));
}

proptest! {
    #[test]
    fn numbers_mean_the_same_in_a_file_and_on_the_line(value in prop::num::f64::NORMAL, whole in any::<i32>(), flag in any::<bool>()) {
        let value = value % 1e9;
        let text = format!("in='a'\nout='b'\n[set]\nd = {value:?}\ni = {whole}\nb = {flag}\nl = [{value:?}, {whole}]\n");
        let (_folder, path) = file("job.toml", &text);
        let job = from_file(&path, &[]).unwrap();
        prop_assert_eq!(job.values["d"].parse::<f64>().unwrap(), value);
        prop_assert_eq!(job.values["i"].parse::<i32>().unwrap(), whole);
        prop_assert_eq!(job.values["b"].parse::<bool>().unwrap(), flag);
        let parts: Vec<f64> = job.values["l"].split(',').map(|part| part.parse().unwrap()).collect();
        prop_assert_eq!(parts, vec![value, f64::from(whole)]);
    }
}
