mod chance;
mod interpreter;
mod kernel;
mod known;
mod libseccomp;
mod listener;
mod properties;
