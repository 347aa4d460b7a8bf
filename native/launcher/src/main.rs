//! The launcher: a static, single-threaded program that supervises one container (design §4.5, §4.10).
//!
//! It is born with a socket to the agent as descriptor 0 and with /dev/null as 1 and 2; nothing is read from arguments or the environment. One process
//! becomes three: the *supervisor* (outside), *init* (pid 1 inside, which dies with the supervisor) and the *task*, which becomes the user's program.

mod connections;
mod fault;
mod init;
mod inside;
mod link;
mod stdio;
mod supervisor;
mod task;

fn main() {
    supervisor::run();
}
