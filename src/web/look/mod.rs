//! Pages for whoever looks: home, search, catalogue, dataset, release, difference, log.

mod home;

pub use home::{Holdings, home_page};
