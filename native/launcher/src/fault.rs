//! Named fault points (reliability-security.md §6.2). A plan carries those that this container shall hit; without any they cost a comparison.

use std::{cell::RefCell, thread, time::Duration};

use meseta_isolation::failure::{Failure, Result};
use meseta_spec::Fault;

thread_local! {
    static ARMED: RefCell<Vec<Fault>> = const { RefCell::new(Vec::new()) };
}

pub fn arm(faults: Vec<Fault>) {
    ARMED.with_borrow_mut(|armed| *armed = faults);
}

/// Passing here is what a fault point is: usually nothing happens.
pub fn point(name: &'static str) -> Result<()> {
    let action = ARMED.with_borrow(|armed| armed.iter().find(|fault| fault.name == name).map(|fault| fault.action.clone()));
    match action.as_deref() {
        None => Ok(()),
        Some("kill") => {
            // Nothing to do when it fails: the process would not be there to do it.
            let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
            Ok(())
        }
        Some("exit") => std::process::exit(1),
        Some("error") => Err(Failure::because("pass the fault point", "an error was asked for").at(name)),
        Some(other) => {
            let milliseconds = other.strip_prefix("sleep=").and_then(|text| text.parse().ok());
            thread::sleep(Duration::from_millis(milliseconds.unwrap_or(0)));
            Ok(())
        }
    }
}
