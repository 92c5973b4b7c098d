//! The last piece of a blob stays with us until all of it is known to be right.

use super::{Bench, MIB};
use crate::bed::memory::{Behaviour, RequestKind};
use crate::bed::tally;
use std::time::Duration;

/// How long the source takes to end a body whose bytes are all there: far longer than the last piece
/// needs to its target, if it is not held back.
const LATE: Duration = Duration::from_millis(400);

#[test]
fn the_last_piece_of_wrong_bytes_never_leaves_us_however_late_they_end() {
    let bench = Bench::new(MIB);
    // Without a length, only the end of the body says that these were all bytes.
    let unmeasured = Behaviour::OmitHeader("content-length".to_owned());
    let rule = bench.on_layer(Behaviour::WrongBytes).then(unmeasured).then(Behaviour::LateEnd(LATE));
    let tally = bench.pair.source.rule(rule);
    let report = bench.sync("", 1);
    assert_eq!((tally.acted(), report["items"][0]["error"]["code"].as_str()), (1, Some("corrupt")));
    let puts = bench.pair.target.requests().of(RequestKind::UploadPut);
    let puts: Vec<_> = puts.iter().filter(|put| put.query("digest") == Some(&bench.layer)).collect();
    assert_eq!(puts.len(), 1);
    assert!(
        puts[0].status.is_none() && puts[0].body_bytes < MIB,
        "{} bytes: {}",
        puts[0].body_bytes,
        puts[0]
    );
    assert!(bench.pair.target.blob(&bench.layer).is_none());
    tally::count("faults", 1);
}
