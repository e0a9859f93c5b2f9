//! `tanyin serve`: the server, and on a fresh one the bundled datasets.

use clap::Args;

use super::arguments;
use super::outcome::CliError;
use super::place::Place;
use super::product::read_grading;
use super::tell;
use crate::desk::publish_bundled;
use crate::feed::AllowRule;
use crate::http::{self, PublicUrl, Serving};

/// How to serve.
#[derive(Debug, Args)]
pub(super) struct ServeArguments {
    /// Where to listen
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:8080", value_parser = arguments::listen)]
    listen: String,
    /// The address that others reach this server at, for links and QR codes [default: that of each request]
    #[arg(long, value_name = "URL", env = "TANYIN_PUBLIC_URL")]
    public_url: Option<PublicUrl>,
    /// The largest upload, in MiB
    #[arg(long, value_name = "MIB", default_value_t = http::MAX_UPLOAD_BYTES >> 20, value_parser = clap::value_parser!(u64).range(1..=1 << 20))]
    max_upload: u64,
    /// A network, an address or a host that notices to webhooks may be sent to although it is not public; again for another one
    #[arg(long, value_name = "CIDR|HOST")]
    webhook_allow: Vec<AllowRule>,
    /// A file with named schemes of bands for benchmarks (JSON, or TOML by its name) [default: an example that is not official]
    #[arg(long, value_name = "FILE")]
    grading: Option<std::path::PathBuf>,
    /// Serve what is published, without the database: nothing can change
    #[arg(long)]
    read_only: bool,
}

/// Serves until it is told to stop.
pub(super) fn serve(place: &Place, arguments: &ServeArguments) -> Result<(), CliError> {
    let grading = read_grading(arguments.grading.as_ref())?;
    let ground = if arguments.read_only { place.open_files()? } else { place.create()? };
    if !arguments.read_only {
        publish_bundled(&ground, |published| tell(format_args!("published {}@{} (bundled)", published.dataset, published.version)))?;
    }
    let serving = Serving {
        public_url: arguments.public_url.clone(),
        max_upload: arguments.max_upload << 20,
        webhook_allow: arguments.webhook_allow.clone(),
        grading,
        ..Serving::from(arguments.listen.as_str())
    };
    http::serve(ground, serving, |address| tell(format_args!("listening on http://{address}"))).map_err(CliError::fault)
}
