//! Reads the body of an answer within limits. Never trusts an announced length.

use reqwest::Response;
use std::time::Duration;
use tokio::time::timeout;

/// Why a body could not be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store::registry) enum BodyError {
    /// Longer than its limit.
    TooLong,
    /// The connection broke.
    Broken,
    /// It did not come in time.
    Stalled,
}

/// A body of a few hundred bytes that takes longer than this will not come.
const BODY_TIME_MAX: Duration = Duration::from_secs(30);

/// The whole body, of at most `max` bytes.
pub(in crate::store::registry) async fn whole(response: Response, max: usize) -> Result<Vec<u8>, BodyError> {
    let mut body = Vec::new();
    match timeout(BODY_TIME_MAX, fill(response, &mut body, max)).await {
        Ok(Ok(())) => Ok(body),
        Ok(Err(why)) => Err(why),
        Err(_) => Err(BodyError::Stalled),
    }
}

/// What comes of a body that nothing depends on: its first `max` bytes, or less.
pub(in crate::store::registry) async fn start_of(response: Response, max: usize) -> Vec<u8> {
    let mut body = Vec::new();
    let _ = timeout(BODY_TIME_MAX, fill(response, &mut body, max)).await;
    body
}

async fn fill(mut response: Response, body: &mut Vec<u8>, max: usize) -> Result<(), BodyError> {
    while let Some(piece) = response.chunk().await.map_err(|_| BodyError::Broken)? {
        if body.len() + piece.len() > max {
            return Err(BodyError::TooLong);
        }
        body.extend_from_slice(&piece);
    }
    Ok(())
}
