//! Two frames to motion: dense optical flow, warping along it, and how far it can be trusted.

#![forbid(unsafe_code)]
