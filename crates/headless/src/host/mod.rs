//! The OFX host.
