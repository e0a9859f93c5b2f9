//! Styles, scripts and the icon: bytes that never change under their addresses.

use actix_web::http::header::ACCEPT_ENCODING;
use actix_web::{HttpRequest, HttpResponse};
use bytes::Bytes;

use crate::canon::Digest;
use crate::http::Problem;
use crate::http::caching::Representation;
use crate::http::coding;
use crate::web::asset_at;

/// One file that pages ask for.
pub(super) async fn asset(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let asset = asset_at(request.path()).ok_or_else(|| Problem::new("not-found", "there is no such file"))?;
    let accepted = request.headers().get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    let representation = if coding::takes_gzip(accepted) && asset.packed.len() < asset.bytes.len() {
        let packed = Bytes::from_static(&asset.packed);
        Representation::stored(packed, Digest::of(&asset.packed), asset.media_type).header("Content-Encoding", "gzip")
    } else {
        Representation::stored(Bytes::from_static(asset.bytes), asset.digest, asset.media_type)
    };
    representation.header("Vary", "Accept-Encoding").respond(&request)
}
