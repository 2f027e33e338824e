//! The `sam3roto` command line.
