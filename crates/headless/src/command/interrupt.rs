//! Ctrl-C.

use parking_lot::Mutex;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

type Reaction = Box<dyn Fn() + Send>;

/// The wish to stop. Cheap to clone; all clones share it.
#[derive(Clone, Default)]
pub struct Interrupt {
    raised: Arc<AtomicBool>,
    reactions: Arc<Mutex<Vec<Reaction>>>,
}

impl Interrupt {
    /// Whether to stop.
    pub fn is_raised(&self) -> bool {
        self.raised.load(Ordering::SeqCst)
    }

    /// Asks to stop: runs every reaction.
    pub fn raise(&self) {
        self.raised.store(true, Ordering::SeqCst);
        // Taken out first, so that no lock is held while they run.
        let reactions = std::mem::take(&mut *self.reactions.lock());
        reactions.iter().for_each(|reaction| reaction());
    }

    /// Runs `reaction` when it is raised; at once where it already is.
    pub fn on_raise(&self, reaction: impl Fn() + Send + 'static) {
        self.reactions.lock().push(Box::new(reaction));
        if self.is_raised() {
            self.raise();
        }
    }

    /// Raised by Ctrl-C and by the system's request to end. A second one ends the process at once, with the exit status of an
    /// interrupted program: files then still are whole, as they get their names only when they are.
    pub fn listen_to_ctrl_c(&self) {
        let interrupt = self.clone();
        let listening = ctrlc::set_handler(move || {
            if interrupt.is_raised() {
                std::process::exit(130);
            }
            interrupt.raise();
        });
        if let Err(error) = listening {
            log::warn!("Ctrl-C will end the program without a word: {error}");
        }
    }
}

impl fmt::Debug for Interrupt {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Interrupt").field("raised", &self.is_raised()).finish_non_exhaustive()
    }
}
