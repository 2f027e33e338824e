//! An entry's bytes: a header that says what it is, the payload, and a checksum of both.

use std::borrow::Cow;

use twox_hash::XxHash3_128;

use crate::{cache::Stored, key::Key};

/// The first bytes of every entry.
const MAGIC: [u8; 8] = *b"ROTOSTOR";
/// Of this layout. Another layout takes another number and is then no longer read.
const VERSION: u8 = 1;
/// Bytes before the payload. Little-endian: magic 8, version 1, codec 1, zeros 6, kind 32 (padded with zeros), key 16,
/// bytes of the payload as stored 8, bytes of the value 8, XXH3-128 of all the rest of the file 16.
const HEADER: usize = 96;
const CHECKSUM: usize = HEADER - 16;

/// How a payload is stored.
const PLAIN: u8 = 0;
const LZ4: u8 = 1;
/// LZ4 cannot do better (one byte of a match's length stands for at most 255): what claims more is not believed, so
/// that no file can ask for memory it does not stand for.
const LZ4_BEST: u64 = 255;

/// Most characters of a kind.
const KIND: usize = 32;

/// Whether a kind can name a folder on any system, fits into the header, and ends with its version as "embedding-1"
/// does: so no folder of another program is taken for one of the store's.
pub const fn is_kind(kind: &[u8]) -> bool {
    let mut at = 0;
    while at < kind.len() {
        if !matches!(kind[at], b'a'..=b'z' | b'0'..=b'9' | b'-') {
            return false;
        }
        at += 1;
    }
    let mut version = kind.len();
    while version > 0 && kind[version - 1].is_ascii_digit() {
        version -= 1;
    }
    version >= 2 && version < kind.len() && kind[version - 1] == b'-' && kind.len() <= KIND
}

/// The file of a value.
pub fn seal<V: Stored>(key: Key, value: &V) -> Vec<u8> {
    let mut file = vec![0; HEADER];
    value.write(&mut file);
    let plain = file.len() - HEADER;
    let mut codec = PLAIN;
    if V::COMPRESSED {
        let packed = lz4_flex::block::compress(&file[HEADER..]);
        if packed.len() < plain {
            file.truncate(HEADER);
            file.extend_from_slice(&packed);
            codec = LZ4;
        }
    }
    let header = Header { codec, kind: V::KIND, key, stored: (file.len() - HEADER) as u64, plain: plain as u64 };
    file[..CHECKSUM].copy_from_slice(&header.bytes());
    let checksum = checksum(&file);
    file[CHECKSUM..HEADER].copy_from_slice(&checksum);
    file
}

/// The value's bytes, if this is the whole and undamaged file of this kind and key.
pub fn unseal<'a>(file: &'a [u8], kind: &str, key: Key) -> Option<Cow<'a, [u8]>> {
    let (start, payload) = file.split_at_checked(HEADER)?;
    let (&codec, plain) = (start.get(9)?, u64::from_le_bytes(start.get(72..80)?.try_into().ok()?));
    // What the header must be, down to the last bit, for this kind, key and length.
    let expected = Header { codec, kind, key, stored: payload.len() as u64, plain };
    if start[..CHECKSUM] != expected.bytes() || start[CHECKSUM..] != checksum(file) {
        return None;
    }
    match codec {
        PLAIN if plain == expected.stored => Some(Cow::Borrowed(payload)),
        LZ4 if plain / LZ4_BEST <= expected.stored => unpack(payload, usize::try_from(plain).ok()?).map(Cow::Owned),
        _ => None,
    }
}

/// All of the header but the checksum.
struct Header<'a> {
    codec: u8,
    kind: &'a str,
    key: Key,
    stored: u64,
    plain: u64,
}

impl Header<'_> {
    fn bytes(&self) -> [u8; CHECKSUM] {
        let mut kind = [0; KIND];
        let length = self.kind.len().min(KIND);
        kind[..length].copy_from_slice(&self.kind.as_bytes()[..length]);
        let mut bytes = [0; CHECKSUM];
        bytes[..8].copy_from_slice(&MAGIC);
        bytes[8] = VERSION;
        bytes[9] = self.codec;
        bytes[16..48].copy_from_slice(&kind);
        bytes[48..64].copy_from_slice(&self.key.0.to_le_bytes());
        bytes[64..72].copy_from_slice(&self.stored.to_le_bytes());
        bytes[72..80].copy_from_slice(&self.plain.to_le_bytes());
        bytes
    }
}

/// Of a file at least as long as its header.
fn checksum(file: &[u8]) -> [u8; HEADER - CHECKSUM] {
    let mut hasher = XxHash3_128::new();
    hasher.write(&file[..CHECKSUM]);
    hasher.write(&file[HEADER..]);
    hasher.finish_128().to_le_bytes()
}

fn unpack(payload: &[u8], plain: usize) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(plain).ok()?;
    bytes.resize(plain, 0);
    (lz4_flex::block::decompress_into(payload, &mut bytes).ok()? == plain).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed(codec: u8, payload: &[u8], plain: u64) -> Vec<u8> {
        let header = Header { codec, kind: "k", key: Key(5), stored: payload.len() as u64, plain };
        let mut file = [&header.bytes()[..], &[0; HEADER - CHECKSUM], payload].concat();
        let checksum = checksum(&file);
        file[CHECKSUM..HEADER].copy_from_slice(&checksum);
        file
    }

    #[test]
    fn a_sound_checksum_does_not_make_a_lie_true() {
        let read = |file: &[u8]| unseal(file, "k", Key(5)).map(Cow::into_owned);
        let packed = lz4_flex::block::compress(&[9; 1000]);
        assert_eq!(read(&sealed(PLAIN, &[1, 2], 2)), Some(vec![1, 2]));
        assert_eq!(read(&sealed(LZ4, &packed, 1000)), Some(vec![9; 1000]));
        for length in [0, 999, 1001, 1 << 40, u64::MAX] {
            assert_eq!(read(&sealed(LZ4, &packed, length)), None, "{length}");
        }
        assert_eq!(read(&sealed(PLAIN, &[1, 2], 3)), None);
        assert_eq!(read(&sealed(7, &[1, 2], 2)), None);
    }

    #[test]
    fn kinds_can_name_a_folder_anywhere() {
        assert!(is_kind(b"embedding-1") && is_kind(b"a-b-12"));
        let long = format!("{}-1", "a".repeat(31));
        for kind in ["", "..", "a/b-1", "A-1", "a b-1", "mask_1", "1", "-1", "mask", "mask-", "mask-1a", &long] {
            assert!(!is_kind(kind.as_bytes()), "{kind}");
        }
    }
}
