//! The launcher: a static, single-threaded program that supervises one container (design §4.5, §4.10).
//!
//! It is executed once by an agent, with a socket as descriptor 0 and /dev/null as 1 and 2; nothing is read from arguments or the environment. What is
//! executed is the *nursery*. It forks a *supervisor* (outside) for each container, the supervisor forks *init* (pid 1 inside, which dies with the
//! supervisor), and init forks the *task*, which becomes the user's program.

// Rust's own start reads and parses /proc/self/maps to guard a stack that we never fill, which costs more than our first steps together.
#![no_main]

mod attach;
mod birth;
mod code_pages;
mod connections;
mod end;
mod fault;
mod init;
mod link;
mod nursery;
mod parked;
mod start;
mod stdio;
mod supervisor;
mod task;

// SAFETY: the C library calls this name once, with its usual signature; nothing else in this program has it.
#[unsafe(no_mangle)]
extern "C" fn main(_count: i32, _arguments: *const *const std::ffi::c_char) -> i32 {
    code_pages::hand_on();
    nursery::run();
    0
}
