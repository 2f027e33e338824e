//! The OpenFX plugins of the Sam3Roto bundle: what a host sees.
