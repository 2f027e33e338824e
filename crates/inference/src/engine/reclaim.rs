//! Idle sessions as memory that can be had back.

use std::{sync::Arc, time::Duration};

use super::Sessions;
use crate::{
    device::Device,
    memory::{Cleanup, Place, Reclaim},
    session::Session,
};

/// A session unused for this long is given up under mild pressure. Loading it again takes a fraction of a second to
/// some seconds; whoever has not needed it for a minute does not work with it.
const UNUSED_FOR_LONG: Duration = Duration::from_secs(60);

/// The idle sessions of one place.
struct IdleSessions {
    sessions: Arc<Sessions>,
    place: Place,
}

/// One for each place that the devices have.
pub(super) fn of_sessions(sessions: &Arc<Sessions>, devices: &[Device]) -> Vec<Arc<dyn Reclaim>> {
    let mut places: Vec<Place> = devices.iter().map(Device::place).collect();
    places.sort();
    places.dedup();
    let idle = |place| Arc::new(IdleSessions { sessions: Arc::clone(sessions), place }) as Arc<dyn Reclaim>;
    places.into_iter().map(idle).collect()
}

impl IdleSessions {
    fn here(&self, session: &Session) -> bool {
        session.device().place() == self.place
    }
}

impl Reclaim for IdleSessions {
    fn name(&self) -> &str {
        "idle sessions"
    }

    fn place(&self) -> Place {
        self.place
    }

    fn bytes(&self) -> u64 {
        self.sessions.idle_bytes(|session| if self.here(session) { session.bytes() } else { 0 })
    }

    fn reserved(&self) -> bool {
        true
    }

    fn reclaim(&self, strength: Cleanup) -> u64 {
        let unused = match strength {
            Cleanup::Soft => UNUSED_FOR_LONG,
            Cleanup::Hard => Duration::ZERO,
        };
        let evicted = self.sessions.evict(unused, |session| self.here(session));
        for session in &evicted {
            log::info!("{} on {} was unloaded to free memory", session.contract().name, session.device());
        }
        evicted.iter().map(|session| session.bytes()).sum()
    }
}
