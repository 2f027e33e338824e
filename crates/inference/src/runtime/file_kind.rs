//! What a library file is, read from its first bytes. A file that is cut short must not reach the system's loader: it
//! maps what the headers promise, and touching what is not there ends the process with a bus error, not an error code.

use std::{fs::File, io::Read, path::Path};

use super::RuntimeError;

/// Enough for the ELF header and its program headers (ONNX Runtime has about ten of 56 bytes, near the start).
const HEAD: u64 = 64 * 1024;

/// The kinds of library file, by system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Elf,
    MachO,
    Pe,
}

/// Checks that the file is a complete library of this system and processor.
pub(super) fn check(library: &Path, bytes: u64) -> Result<(), RuntimeError> {
    let mut head = Vec::new();
    File::open(library)
        .and_then(|file| file.take(HEAD).read_to_end(&mut head))
        .map_err(|error| RuntimeError::unreadable(library, &error))?;
    check_head(library, &head, bytes)
}

fn check_head(library: &Path, head: &[u8], bytes: u64) -> Result<(), RuntimeError> {
    let expected = match std::env::consts::OS {
        "windows" => Kind::Pe,
        "macos" | "ios" => Kind::MachO,
        _ => Kind::Elf,
    };
    match kind_of(head) {
        Some(kind) if kind == expected => {}
        Some(kind) => {
            return Err(RuntimeError::wrong_kind(library, format!("it is a library of another system ({kind:?})")));
        }
        None if head.is_empty() => return Err(RuntimeError::wrong_kind(library, "it is empty")),
        None => return Err(RuntimeError::wrong_kind(library, "it is no library at all")),
    }
    // Windows and macOS verify the file size themselves before mapping; Linux does not.
    if expected == Kind::Elf { check_elf(library, head, bytes) } else { Ok(()) }
}

fn kind_of(head: &[u8]) -> Option<Kind> {
    match head {
        [0x7f, b'E', b'L', b'F', ..] => Some(Kind::Elf),
        // 64-bit little-endian, and the universal binary.
        [0xcf, 0xfa, 0xed, 0xfe, ..] | [0xca, 0xfe, 0xba, 0xbe, ..] => Some(Kind::MachO),
        [b'M', b'Z', ..] => Some(Kind::Pe),
        _ => None,
    }
}

/// ELF-64 little-endian, as in the System V ABI: `e_machine` at 18, `e_phoff` at 32, `e_shoff` at 40, `e_phentsize`
/// at 54, `e_phnum` at 56, `e_shentsize` at 58, `e_shnum` at 60; in a program header `p_offset` at 8, `p_filesz` at 32.
fn check_elf(library: &Path, head: &[u8], bytes: u64) -> Result<(), RuntimeError> {
    let cut_short = |expected| RuntimeError::CutShort { library: library.to_owned(), expected, found: bytes };
    let number = |at: usize, size: usize| {
        let field = head.get(at..at + size).ok_or_else(|| cut_short((at + size) as u64))?;
        Ok(field.iter().rev().fold(0u64, |value, &byte| value << 8 | u64::from(byte)))
    };
    if (number(4, 1)?, number(5, 1)?) != (2, 1) {
        return Err(RuntimeError::wrong_kind(library, "it is not a 64-bit little-endian library"));
    }
    let machine = number(18, 2)?;
    if machine_of_this_build().is_some_and(|expected| expected != machine) {
        return Err(RuntimeError::wrong_kind(library, format!("it is for another processor (ELF machine {machine})")));
    }
    let (headers, size, count) = (number(32, 8)?, number(54, 2)?, number(56, 2)?);
    let mut end = number(40, 8)?.saturating_add(number(58, 2)?.saturating_mul(number(60, 2)?));
    for i in 0..count {
        let Ok(at) = usize::try_from(headers.saturating_add(i * size)) else { break };
        if at as u64 + 56 > HEAD && bytes >= HEAD {
            break; // Headers elsewhere than at the front: the section table above has to do.
        }
        end = end.max(number(at.saturating_add(8), 8)?.saturating_add(number(at.saturating_add(32), 8)?));
    }
    if end > bytes { Err(cut_short(end)) } else { Ok(()) }
}

/// `EM_X86_64`, `EM_AARCH64`; other processors are left to the loader.
fn machine_of_this_build() -> Option<u64> {
    match std::env::consts::ARCH {
        "x86_64" => Some(62),
        "aarch64" => Some(183),
        _ => None,
    }
}

#[cfg(all(test, target_os = "linux", target_pointer_width = "64"))]
mod tests {
    use super::*;

    #[allow(clippy::unwrap_used)] // Only test functions are exempt from the lint, not their helpers.
    fn this_binary() -> Vec<u8> {
        std::fs::read(std::env::current_exe().unwrap()).unwrap()
    }

    fn check_bytes(file: &[u8]) -> Result<(), RuntimeError> {
        check_head(Path::new("/lib.so"), &file[..file.len().min(HEAD as usize)], file.len() as u64)
    }

    #[test]
    fn a_whole_elf_file_of_this_machine_passes() {
        assert_eq!(check_bytes(&this_binary()), Ok(()));
    }

    #[test]
    fn an_elf_file_cut_anywhere_is_told_apart() {
        let file = this_binary();
        for keep in [4, 17, 63, 64, 100, 4096, file.len() / 2, file.len() - 1] {
            let error = check_bytes(&file[..keep]).unwrap_err();
            assert!(matches!(error, RuntimeError::CutShort { found, .. } if found == keep as u64), "{keep}: {error}");
        }
    }

    #[test]
    fn files_of_other_systems_processors_and_of_no_kind_are_named() {
        let mut foreign = this_binary();
        foreign[18] = 0xf3; // RISC-V
        foreign[19] = 0;
        for (file, words) in [
            (&foreign[..], "another processor"),
            (b"MZ\x90\0", "another system (Pe)"),
            (b"\xcf\xfa\xed\xfe", "another system (MachO)"),
            (b"", "empty"),
            (b"<html>404</html>", "no library at all"),
        ] {
            let message = check_bytes(file).unwrap_err().to_string();
            assert!(message.contains(words), "{message}");
        }
    }
}
