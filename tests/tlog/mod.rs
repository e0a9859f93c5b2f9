//! The transparency log against vectors of a separate program, and against other implementations.

mod interop;
mod vectors;
