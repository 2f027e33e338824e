//! `sam3roto models install URL`, from a server on this machine: what is fetched when, what goes on after a cut, and what
//! is never installed.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends where something is missing")]
#![cfg(target_os = "linux")]

#[path = "../support/mod.rs"]
mod support;

mod server;

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use inference::ContentHash;
use server::{Manners, Server};
use support::{from_environment, sam3roto_beside, tiny_model, workplace::words};

const RANGES: Manners = Manners { ranges: true, cuts: None, stop: None, moved: None };

/// A home of its own, and a server of the tiny model with a manifest.
struct Place {
    folder: tempfile::TempDir,
    bundle: PathBuf,
    server: Server,
}

impl Place {
    fn new(manners: Manners) -> Option<Self> {
        let bundle = from_environment("SAM3ROTO_BUNDLE")?;
        let folder = tempfile::tempdir().unwrap();
        tiny_model::write(folder.path());
        let server = Server::new(folder.path(), manners);
        let place = Self { folder, bundle, server };
        fs::write(place.served("LICENSE"), "The licence of the tiny model.").unwrap();
        let entry = |name: &str, role: &str| {
            let bytes = fs::read(place.served(name)).unwrap();
            let sum = ContentHash::of_bytes(&bytes);
            format!("[[files]]\npath = '{name}'\nrole = '{role}'\nbytes = {}\nsha256 = '{sum}'\n", bytes.len())
        };
        let files =
            [entry("encoder.onnx", "encoder"), entry("sam.onnx", "decoder"), "[[files]]\npath = 'LICENSE'\n".into()];
        place
            .write_manifest(&format!("name = 'Tiny Model'\nfamily = 'sam1'\nlicence = 'Kind-1.0'\n{}", files.concat()));
        Some(place)
    }

    fn served(&self, name: &str) -> PathBuf {
        self.folder.path().join(tiny_model::NAME).join(name)
    }

    fn manifest(&self) -> String {
        fs::read_to_string(self.served("model.toml")).unwrap()
    }

    fn write_manifest(&self, text: &str) {
        fs::write(self.served("model.toml"), text).unwrap();
    }

    fn models(&self) -> PathBuf {
        self.folder.path().join("data/sam3roto/models")
    }

    fn installed(&self, name: &str) -> PathBuf {
        self.models().join("tiny-model").join(name)
    }

    fn install(&self, options: &[&str]) -> Command {
        let mut command = sam3roto_beside(&self.bundle);
        command.args(["models", "install", &self.server.address("tiny/model.toml")]).args(options);
        command.arg("--bundle").arg(&self.bundle).stdin(Stdio::null());
        command.env("SAM3ROTO_MODELS", self.folder.path().join("none")).env("HOME", self.folder.path());
        command.env("XDG_DATA_HOME", self.folder.path().join("data"));
        for proxy in ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"] {
            command.env_remove(proxy);
        }
        command
    }

    fn accept(&self) -> Output {
        self.install(&["--accept-licence"]).output().unwrap()
    }

    /// What was asked for, without the folder.
    fn requests(&self) -> Vec<(String, usize)> {
        let requests = self.server.requests().into_iter();
        requests.map(|(path, start)| (path.trim_start_matches("tiny/").to_owned(), start)).collect()
    }

    fn is_installed(&self) -> bool {
        self.installed("model.toml").exists()
    }
}

fn names(requests: &[(String, usize)]) -> Vec<&str> {
    requests.iter().map(|(name, _)| name.as_str()).collect()
}

#[test]
fn the_files_are_fetched_once_the_licence_is_accepted_and_never_twice() {
    let Some(place) = Place::new(RANGES) else { return };
    let asked = place.install(&[]).output().unwrap();
    let told = words(&asked);
    assert_eq!(asked.status.code(), Some(1), "{told}");
    assert!(told.contains("licence: Kind-1.0") && told.contains("The licence of the tiny model."), "{told}");
    assert_eq!(names(&place.requests()), ["model.toml", "LICENSE"]);
    assert!(!place.models().exists(), "nothing is written before");

    let mut child =
        place.install(&[]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"Yes\n").unwrap();
    let done = child.wait_with_output().unwrap();
    let told = words(&done);
    assert!(done.status.success() && told.contains("Tiny Model is installed in"), "{told}");
    assert_eq!(names(&place.requests()), ["model.toml", "LICENSE", "LICENSE", "encoder.onnx", "sam.onnx"]);
    for name in ["encoder.onnx", "sam.onnx", "LICENSE", "model.toml"] {
        assert_eq!(fs::read(place.installed(name)).unwrap(), fs::read(place.served(name)).unwrap(), "{name}");
    }
    let left = fs::read_dir(place.installed("")).unwrap().count();
    assert_eq!(left, 4, "no beginnings are left");

    let again = place.accept();
    assert!(again.status.success() && words(&again).matches("is there already").count() == 2, "{}", words(&again));
    assert_eq!(names(&place.requests()), ["model.toml", "LICENSE", "LICENSE"]);
}

#[test]
fn a_connection_that_is_cut_goes_on_where_it_was() {
    let cuts = Some(("tiny/encoder.onnx", 1000, 3));
    let Some(place) = Place::new(Manners { cuts, ..RANGES }) else { return };
    let done = place.accept();
    assert!(done.status.success() && place.is_installed(), "{}", words(&done));
    let starts: Vec<_> = place.requests().into_iter().filter(|(name, _)| name == "encoder.onnx").collect();
    assert_eq!(starts.iter().map(|(_, start)| *start).collect::<Vec<_>>(), [0, 1000, 2000, 3000]);
}

#[test]
fn an_interrupted_installation_goes_on_where_it_stopped() {
    // 700 bytes come, and then nothing any more.
    let Some(place) = Place::new(Manners { stop: Some(("tiny/encoder.onnx", 700)), ..RANGES }) else { return };
    let stopped = place.accept();
    let told = words(&stopped);
    assert_eq!(stopped.status.code(), Some(1), "{told}");
    assert!(told.contains("tiny/encoder.onnx cannot be fetched: "), "{told}");
    assert!(told.contains("try again later, it goes on where it stopped"), "{told}");
    let starts: Vec<_> = place.requests().into_iter().skip(3).collect();
    let idle = ("encoder.onnx".to_owned(), 700);
    assert_eq!(starts, [("encoder.onnx".to_owned(), 0), idle.clone(), idle.clone(), idle.clone()]);
    assert!(!place.is_installed());

    place.server.behave(RANGES);
    let done = place.accept();
    assert!(done.status.success() && place.is_installed(), "{}", words(&done));
    let asked: Vec<_> = place.requests().into_iter().filter(|(name, _)| name == "encoder.onnx").collect();
    assert_eq!(asked, [idle]);
}

#[test]
fn a_server_that_sends_from_the_beginning_only_is_asked_from_the_beginning() {
    let cuts = Some(("tiny/encoder.onnx", 1000, 1));
    let Some(place) = Place::new(Manners { cuts, ..Manners::default() }) else { return };
    let done = place.accept();
    assert!(done.status.success() && place.is_installed(), "{}", words(&done));
    let asked: Vec<_> = place.requests().into_iter().filter(|(name, _)| name == "encoder.onnx").collect();
    assert_eq!(asked.iter().map(|(_, start)| *start).collect::<Vec<_>>(), [0, 1000, 0]);
}

#[test]
fn another_content_than_the_checksums_is_never_installed() {
    let Some(place) = Place::new(RANGES) else { return };
    let right = fs::read(place.served("sam.onnx")).unwrap();
    let mut wrong = right.clone();
    wrong[100] ^= 1;
    fs::write(place.served("sam.onnx"), &wrong).unwrap();
    let refused = place.accept();
    let told = words(&refused);
    assert_eq!(refused.status.code(), Some(1), "{told}");
    let (found, expected) = (ContentHash::of_bytes(&wrong), ContentHash::of_bytes(&right));
    assert!(told.contains(&format!("sam.onnx has the SHA-256 {found}, {expected} expected: fetch it again")), "{told}");
    assert!(!place.is_installed() && !place.installed("sam.onnx").exists());
    assert!(!place.installed(".sam.onnx.part").exists(), "what is wrong is not gone on from");
    // The encoder is in its place; once the file is the right one, only that is fetched.
    fs::write(place.served("sam.onnx"), &right).unwrap();
    place.requests();
    assert!(place.accept().status.success());
    assert_eq!(names(&place.requests()), ["model.toml", "LICENSE", "LICENSE", "sam.onnx"]);

    let told = words(&place.install(&["--accept-licence", "--sha256", &"0".repeat(64)]).output().unwrap());
    assert!(told.contains("model.toml has the SHA-256 "), "{told}");
    let told = words(&place.install(&["--accept-licence", "--sha256", "12"]).output().unwrap());
    assert!(told.contains("--sha256 12: a checksum has 64 hexadecimal digits"), "{told}");
}

#[test]
fn a_file_without_a_checksum_needs_one_given_by_hand() {
    let Some(place) = Place::new(RANGES) else { return };
    let lines: Vec<_> =
        place.manifest().lines().filter(|line| !line.starts_with("sha256")).map(str::to_owned).collect();
    place.write_manifest(&lines.join("\n"));
    let told = words(&place.accept());
    assert!(told.contains("model.toml has no checksum of encoder.onnx: give the one you trust by --sha256"), "{told}");
    let sum = |name: &str| format!("{name}={}", ContentHash::of_bytes(&fs::read(place.served(name)).unwrap()));
    let (manifest, encoder, decoder) = (sum("model.toml"), sum("encoder.onnx"), sum("sam.onnx"));
    let manifest = manifest.trim_start_matches("model.toml=");
    let given = ["--accept-licence", "--sha256", manifest, "--sha256", &encoder, "--sha256", &decoder];
    let done = place.install(&given).output().unwrap();
    assert!(done.status.success() && place.is_installed(), "{}", words(&done));
}

#[test]
fn a_manifest_that_reaches_out_of_its_folder_fetches_nothing() {
    let Some(place) = Place::new(RANGES) else { return };
    let manifest = place.manifest();
    for path in ["../../evil", "/tmp/evil", "a/../../evil", ".bashrc"] {
        place.write_manifest(&manifest.replace("path = 'LICENSE'", &format!("path = '{path}'")));
        let refused = place.accept();
        assert_eq!(refused.status.code(), Some(1), "{}", words(&refused));
        assert!(words(&refused).contains(path) && words(&refused).contains("model.toml"), "{}", words(&refused));
        assert_eq!(names(&place.requests()), ["model.toml"]);
    }
    assert!(!place.models().exists());
}

#[test]
fn what_is_not_there_or_is_more_than_announced_is_told_with_the_address() {
    let Some(place) = Place::new(RANGES) else { return };
    fs::rename(place.served("sam.onnx"), place.served("elsewhere.onnx")).unwrap();
    let told = words(&place.accept());
    let address = place.server.address("tiny/sam.onnx");
    assert!(told.contains(&format!("{address} cannot be fetched: ")) && told.contains("404"), "{told}");
    fs::rename(place.served("elsewhere.onnx"), place.served("sam.onnx")).unwrap();

    let long = "x".repeat(3 << 20);
    fs::write(place.served("sam.onnx"), &long).unwrap();
    let told = words(&place.accept());
    assert!(told.contains("more than the ") && told.contains(" bytes come that model.toml announces"), "{told}");
    assert!(!place.is_installed() && !place.installed(".sam.onnx.part").exists());

    fs::write(place.served("model.toml"), &long).unwrap();
    assert!(words(&place.accept()).contains("it is larger than 1048576 bytes"));
    fs::remove_file(place.served("model.toml")).unwrap();
    assert!(words(&place.accept()).contains("404"));
}

#[test]
fn a_redirect_to_a_file_of_this_machine_is_not_followed() {
    let moved = Some(("tiny/model.toml", "file:///etc/hostname"));
    let Some(place) = Place::new(Manners { moved, ..RANGES }) else { return };
    let refused = place.accept();
    assert_eq!(refused.status.code(), Some(1), "{}", words(&refused));
    assert!(words(&refused).contains("cannot be fetched: "), "{}", words(&refused));
}

#[test]
fn without_curl_it_says_what_to_do() {
    let Some(place) = Place::new(RANGES) else { return };
    let refused = place.install(&["--accept-licence"]).env("PATH", place.folder.path()).output().unwrap();
    let told = words(&refused);
    assert_eq!(refused.status.code(), Some(1), "{told}");
    assert!(told.contains("the program curl") && told.contains("sam3roto models install FOLDER"), "{told}");
}
