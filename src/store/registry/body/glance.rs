//! A glance at a blob: whether its first byte comes. What HEAD shows may be gone all the same, since
//! registries remember what they had.

use super::{Origin, Part, Wanted};
use crate::failure::Fallible;
use crate::store::Condition;
use crate::store::backoff::wait_before_retry;
use reqwest::StatusCode;

/// How often the first byte is asked for where the answer begins well and then breaks off: a connection
/// may break at any time, and three in a row at the same place are no accident.
const GLANCES_MAX: u32 = 3;

/// Asks for the first byte of a blob that the registry shows, and has at least one.
///
/// # Errors
/// The registry could not be asked.
pub(in crate::store::registry) async fn first_byte(
    mut origin: Origin,
    size_bytes: u64,
) -> Fallible<Condition> {
    origin.call.expected = &[StatusCode::NOT_FOUND, StatusCode::GONE, StatusCode::RANGE_NOT_SATISFIABLE];
    let wanted = Wanted { start: 0, end: 1, size_bytes };
    let call = origin.call(&wanted);
    let mut glance = 1;
    loop {
        let answer = origin.account.answer(&call, &origin.scopes).await?;
        let status = answer.response.status();
        if !status.is_success() {
            let why = format!("it is shown, but asked for its bytes the target answers {}", status.as_u16());
            return Ok(Condition::Damaged(why));
        }
        let mut part = match Part::of(answer, &wanted) {
            Ok(part) => part,
            Err(elsewhere) => return Ok(Condition::Damaged(elsewhere.message)),
        };
        let why = match part.next().await {
            Ok(Some(_)) => return Ok(Condition::Sound),
            Ok(None) => "it is shown, but none of its bytes come".to_owned(),
            Err(broken) => {
                drop(part);
                if glance < GLANCES_MAX
                    && let Some(wait) = wait_before_retry(glance, &broken, fastrand::f64())
                {
                    origin.account.wait(glance, wait, &broken).await;
                    glance += 1;
                    continue;
                }
                format!("it is shown, but its bytes do not come: {}", broken.message)
            }
        };
        return Ok(Condition::Damaged(why));
    }
}
