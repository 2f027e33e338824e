//! A safe OpenFX plugin layer over openfx-sys: statuses, suites, parameters, clips and images, interacts, host quirks
