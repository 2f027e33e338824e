//! What is done about memory that runs out during a run: free, try once more, step down to the next device.

use std::sync::Arc;

use crate::{device::Device, error::InferenceError, session::Session};

/// What is to be done before the next try.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step<'a> {
    /// Everything that can be freed is freed.
    Free { device: Device, reason: &'a str },
    /// The device is left to others.
    Down { device: Device, reason: &'a str },
}

/// Something that runs on a device.
pub(super) trait OnDevice {
    fn device(&self) -> Device;
}

impl OnDevice for Arc<Session> {
    fn device(&self) -> Device {
        Session::device(self)
    }
}

/// Runs what `place` gives. Out of memory on a device the first time: free, and once more; the second time: down one
/// device, unless it is the CPU. `place` must not give a device again that was left.
pub(super) fn descend<S: OnDevice, T>(
    place: impl Fn() -> Result<S, InferenceError>,
    run: impl Fn(&S) -> Result<T, InferenceError>,
    mut take: impl FnMut(Step<'_>),
) -> Result<T, InferenceError> {
    let mut freed_for = None;
    loop {
        let session = place()?;
        let device = session.device();
        let result = run(&session);
        let Err(InferenceError::OutOfMemory { reason, .. }) = &result else { return result };
        if freed_for != Some(device) {
            // The session is kept: loading it again would take more than the run.
            freed_for = Some(device);
            take(Step::Free { device, reason });
        } else if device != Device::Cpu {
            drop(session);
            take(Step::Down { device, reason });
        } else {
            return result;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};

    use super::*;

    struct Fake(Device);

    impl OnDevice for Fake {
        fn device(&self) -> Device {
            self.0
        }
    }

    fn out_of_memory(device: Device) -> InferenceError {
        InferenceError::OutOfMemory { file: "m".into(), model: "m", device, asked: 1, reason: "none left".to_owned() }
    }

    /// Begins on CUDA; so many runs have no memory. Gives the steps, and where a run succeeded.
    fn steps(failing_runs: usize) -> (Vec<String>, Result<Device, InferenceError>) {
        let device = Cell::new(Device::Cuda(0));
        let (runs, steps) = (Cell::new(0), RefCell::new(Vec::new()));
        let run = |session: &Fake| {
            runs.set(runs.get() + 1);
            if runs.get() <= failing_runs { Err(out_of_memory(session.0)) } else { Ok(session.0) }
        };
        let take = |step: Step<'_>| {
            let told = match step {
                Step::Free { device, .. } => format!("free {device}"),
                Step::Down { device: left, .. } => {
                    device.set(Device::Cpu);
                    format!("leave {left}")
                }
            };
            steps.borrow_mut().push(told);
        };
        let result = descend(|| Ok(Fake(device.get())), run, take);
        (steps.into_inner(), result)
    }

    #[test]
    fn memory_is_freed_once_then_the_device_is_left_and_the_cpu_gets_the_same_chance() {
        let all = ["free CUDA 0", "leave CUDA 0", "free CPU"];
        for (failing_runs, device) in [(0, Device::Cuda(0)), (1, Device::Cuda(0)), (2, Device::Cpu), (3, Device::Cpu)] {
            let (steps, result) = steps(failing_runs);
            assert_eq!(steps, all[..failing_runs]);
            assert!(result.is_ok_and(|found| found == device), "{failing_runs}");
        }
        let (steps, result) = steps(4);
        assert_eq!(steps, all);
        assert!(matches!(result, Err(InferenceError::OutOfMemory { device: Device::Cpu, .. })));
    }

    #[test]
    fn other_failures_end_the_run_at_once() {
        let run = |_: &Fake| Err::<(), _>(InferenceError::Aborted);
        let result = descend(|| Ok(Fake(Device::Cuda(0))), run, |step| panic!("{step:?}"));
        assert!(matches!(result, Err(InferenceError::Aborted)));
    }
}
