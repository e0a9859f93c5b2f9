//! Questions about goods and products: what stands under a code, which CBAM default value applies, how factors compare,
//! where a footprint stands among its like, and which accounting rules factors follow.
//!
//! Everything is read from what is released and from code lists; what cannot be compared is not put side by side silently.

mod refusal;
mod scope;
mod codes;
mod cbam;
mod number;
mod rules;
mod grading;
mod population;
mod benchmark;
mod compare;
mod kin;
mod grids;

pub use benchmark::{Benchmark, BenchmarkQuery, FEWEST, RELAXED, benchmark, benchmark_scope};
pub use cbam::{CbamAnswer, CbamQuery, cbam_defaults, cbam_scope};
pub use codes::{CodePage, CodesQuery, FoundFactor, code_page, code_scope, schemes};
pub use compare::{CompareQuery, Comparison, Row, StageRow, Warning, compare, compare_scope, named_factor};
pub use grading::{Band, Grading, GradingScheme};
pub use grids::{Grid, grids};
pub use kin::{Kin, Relative, kin, relative};
pub use number::Number;
pub use refusal::ProductRefusal;
pub use rules::{RulesQuery, list_rules, show_rule};
pub use scope::{latest_releases, named_or_latest};
