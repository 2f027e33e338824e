//! The disk store: what it gives back, what it does not believe, what it leaves alone, and trouble of every kind.
#![allow(clippy::unwrap_used)] // Only test functions are exempt from the lint, not their helpers.

mod damage;
mod foreign;
mod processes;
mod roundtrip;
mod size;
mod trouble;

use std::{
    fs,
    path::{Path, PathBuf},
};

use inference::{ByteSize, DiskOptions, DiskStore, Key, KeyBuilder, NeverAbort, Stored};

/// Any bytes, stored as they are.
#[derive(Debug, Clone, PartialEq)]
struct Plain(Vec<u8>);

/// Any bytes, stored packed.
#[derive(Debug, Clone, PartialEq)]
struct Packed(Vec<u8>);

macro_rules! stored {
    ($type:ident, $kind:literal, $compressed:literal) => {
        impl ByteSize for $type {
            fn byte_size(&self) -> u64 {
                self.0.len() as u64
            }
        }

        impl Stored for $type {
            const KIND: &'static str = $kind;
            const COMPRESSED: bool = $compressed;

            fn write(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.0);
            }

            fn read(bytes: &[u8]) -> Option<Self> {
                Some(Self(bytes.to_vec()))
            }
        }
    };
}

stored!(Plain, "plain-1", false);
stored!(Packed, "packed-1", true);

/// Bytes of an entry's header.
const HEADER: usize = 96;

fn store(folder: &Path) -> DiskStore {
    store_of(folder, 1 << 30)
}

fn store_of(folder: &Path, max_bytes: u64) -> DiskStore {
    DiskStore::open(DiskOptions { folder: folder.to_owned(), max_bytes })
}

fn key(number: u64) -> Key {
    KeyBuilder::new("disk test").number(number).finish()
}

/// Where the store keeps a key.
fn place(folder: &Path, kind: &str, key: Key) -> PathBuf {
    let name = key.to_string();
    folder.join(kind).join(&name[..2]).join(&name)
}

/// Bytes that are others for each number.
fn content(number: u64, length: usize) -> Vec<u8> {
    let mut dice = Dice::new(number);
    (0..length).map(|_| dice.roll(256) as u8).collect()
}

fn put(store: &DiskStore, number: u64, length: usize) {
    store.write(key(number), &Plain(content(number, length)), &NeverAbort);
}

/// Names of everything under a folder that is not a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for child in fs::read_dir(folder).into_iter().flatten() {
        let path = child.unwrap().path();
        if path.is_dir() { files.extend(self::files(&path)) } else { files.push(path) }
    }
    files.sort();
    files
}

/// xorshift64*, Vigna 2016: the same on every machine.
struct Dice(u64);

impl Dice {
    fn new(seed: u64) -> Self {
        Self(seed.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % sides
    }
}
