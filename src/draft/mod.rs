//! A release being prepared: what its lines will be, and which steps it may take.
//!
//! Pure rules; `store` keeps the rows and `desk` moves them.

mod edit;
mod prepare;
mod steps;

pub use edit::{Place, laid_over};
pub use prepare::{Prepare, PrepareError, Prepared, prepare};
pub use steps::{Step, StepRefusal, after};
