//! An OFX host for image sequences, and the sam3roto command
