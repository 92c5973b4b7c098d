//! A line for each request, at `-v`. Of what a client sends, it has the method and the path, and nothing else.

use super::body::Body;
use crate::report::escape::foreign;
use hyper::body::Body as _;
use hyper::{Method, Response, Uri};
use std::net::SocketAddr;

/// Most characters of a path that are shown.
const PATH_CHARS_MAX: usize = 300;
/// The same of a method.
const METHOD_CHARS_MAX: usize = 16;

/// Tells how a request was answered. The bytes are those that are to be sent.
pub(super) fn told(peer: SocketAddr, method: &Method, uri: &Uri, answer: &Response<Body>) {
    if !tracing::enabled!(tracing::Level::DEBUG) {
        return;
    }
    let path: String = uri.path().chars().take(PATH_CHARS_MAX).collect();
    let method: String = method.as_str().chars().take(METHOD_CHARS_MAX).collect();
    let bytes = answer.body().size_hint().exact().unwrap_or_default();
    tracing::debug!("{peer} {method} {} {} {bytes}", foreign(path), answer.status().as_u16());
}
