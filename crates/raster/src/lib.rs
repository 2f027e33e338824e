//! Planes and frames: pixel types, views with row strides, colour transfer, resampling
