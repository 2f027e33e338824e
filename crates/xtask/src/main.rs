//! The project's own tasks: demo, test, bundle, bench, models
fn main() {}
