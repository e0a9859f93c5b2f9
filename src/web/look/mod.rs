//! Pages for whoever looks: home, search, catalogue, dataset, release, difference, log.

mod about;
mod catalogue;
mod dataset;
mod difference;
mod facts;
mod home;
mod log;
mod quality;
mod row;
mod search;

pub use about::{Glance, ShownFile};
pub use catalogue::{Entry, catalogue_page};
pub use dataset::{ShownDataset, dataset_page, release_page};
pub use difference::{CHANGE_CLASSES, ReleasePair, release_difference_page};
pub use home::{Holdings, home_page};
pub use log::{LEAVES, ShownLog, log_chart, log_page};
pub use quality::release_quality_page;
pub use row::{FlagTag, Listed, kind_name, region_name};
pub use search::{Found, Wrong, factors_page, search_page};
