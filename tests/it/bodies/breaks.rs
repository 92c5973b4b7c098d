//! A source that breaks off: its rest is asked for by a closed range, into the same upload.

use super::{Bench, MIB, image, layer_of, retries};
use crate::bed::memory::{Behaviour, Canned, Registry, RequestKind, Rule};

fn set(name: &str, value: &str) -> Behaviour {
    Behaviour::SetHeader(name.to_owned(), value.to_owned())
}

fn overlook_ranges() -> Behaviour {
    Behaviour::Overlook("range".to_owned())
}

#[test]
fn the_rest_of_a_body_that_is_cut_goes_into_the_same_upload() {
    for cut_at in [1, 700_000, MIB - 1] {
        let bench = Bench::new(MIB);
        bench.pair.source.rule(bench.on_layer(Behaviour::CutResponse(cut_at)).first(1));
        let report = bench.sync("", 0);
        bench.assert_copied();
        assert_eq!(bench.ranges(), bench.expected(&[cut_at]));
        assert_eq!(bench.uploads(), [Some(201)], "cut at {cut_at}");
        assert_eq!(retries(&bench, &report), 1);
        assert_eq!(report["items"][0]["attempts"], 1, "nobody had to begin again");
    }
}

#[test]
fn a_body_that_is_cut_before_its_first_byte_is_asked_for_whole() {
    let bench = Bench::new(MIB);
    bench.pair.source.rule(bench.on_layer(Behaviour::CutResponse(0)).first(1));
    bench.sync("", 0);
    bench.assert_copied();
    assert_eq!(bench.ranges(), ["", ""]);
    assert_eq!(bench.uploads(), [Some(201)]);
}

#[test]
fn a_connection_that_is_reset_is_continued_from_what_arrived() {
    let bench = Bench::new(MIB);
    let reset = bench.on_layer(Behaviour::CutResponse(300_000)).then(Behaviour::Reset);
    bench.pair.source.rule(reset.first(1));
    bench.sync("", 0);
    bench.assert_copied();
    let ranges = bench.ranges();
    assert_eq!(ranges.len(), 2, "{ranges:?}");
    // What was on its way may be lost with the connection.
    let start = ranges[1].strip_prefix("bytes=").and_then(|range| range.split_once('-'));
    let start = start.map_or(0, |(start, _)| start.parse().expect("a number"));
    assert!(start <= 300_000, "{ranges:?}");
    assert!(start == 0 || ranges == bench.expected(&[start]), "{ranges:?}");
    assert_eq!(bench.uploads(), [Some(201)]);
}

#[test]
fn a_source_that_breaks_every_mebibyte_still_arrives() {
    let bench = Bench::new(8 * MIB);
    bench.pair.source.rule(bench.on_layer(Behaviour::CutResponse(MIB)));
    let report = bench.sync("", 0);
    bench.assert_copied();
    let starts: Vec<u64> = (1..8).map(|number| number * MIB).collect();
    assert_eq!(bench.ranges(), bench.expected(&starts));
    assert_eq!(bench.uploads(), [Some(201)]);
    assert_eq!(retries(&bench, &report), 7);
}

#[test]
fn an_error_between_two_parts_is_gotten_over() {
    let cases = [
        Behaviour::Answer(Canned::new(503)),
        Behaviour::Answer(Canned::new(429).header("retry-after", "1")),
        Behaviour::Answer(Canned::new(502).body("<html>bad gateway</html>")),
        Behaviour::Drop,
    ];
    for behaviour in cases {
        let bench = Bench::new(MIB);
        bench.pair.source.rule(bench.on_layer(Behaviour::CutResponse(500_000)).first(1));
        bench.pair.source.rule(bench.on_layer(behaviour.clone()).nth(2));
        bench.sync("", 0);
        bench.assert_copied();
        assert_eq!(bench.ranges(), bench.expected(&[500_000, 500_000]), "{behaviour:?}");
        assert_eq!(bench.uploads(), [Some(201)]);
    }
}

#[test]
fn a_registry_that_refuses_ranges_sends_the_whole_again() {
    for status in [400, 403, 416, 501] {
        let bench = Bench::new(MIB);
        bench.pair.source.rule(bench.on_layer(Behaviour::CutResponse(500_000)).first(1));
        bench.pair.source.rule(bench.on_layer(Behaviour::Answer(Canned::new(status))).nth(2));
        bench.sync("", 0);
        bench.assert_copied();
        let range = bench.expected(&[500_000])[1].clone();
        assert_eq!(bench.ranges(), ["", &range, ""], "{status}");
        assert_eq!(bench.uploads(), [None, Some(201)], "what was begun is given up");
    }
}

#[test]
fn a_part_that_is_not_the_one_that_was_asked_for_never_gets_into_the_blob() {
    let wrong = [
        set("content-range", "bytes 0-548575/1048576"),
        set("content-range", "bytes 500001-1048575/1048576"),
        set("content-range", "bytes 500000-1048575/1048577"),
        set("content-range", "nonsense"),
        Behaviour::OmitHeader("content-range".to_owned()),
    ];
    for behaviour in wrong {
        let bench = Bench::new(MIB);
        bench.pair.source.rule(bench.on_layer(Behaviour::CutResponse(500_000)).first(1));
        let tally = bench.pair.source.rule(bench.on_layer(behaviour.clone()).nth(2));
        bench.sync("", 0);
        bench.assert_copied();
        assert_eq!(tally.acted(), 1);
        assert_eq!(bench.ranges().len(), 3, "{behaviour:?}");
        assert_eq!(bench.uploads(), [None, Some(201)], "{behaviour:?}");
    }
}

#[test]
fn a_part_with_wrong_bytes_is_found_out_by_the_digest() {
    let bench = Bench::new(MIB);
    bench.pair.source.rule(bench.on_layer(Behaviour::CutResponse(500_000)).first(1));
    bench.pair.source.rule(bench.on_layer(Behaviour::WrongBytes).nth(2));
    let report = bench.sync("", 1);
    assert_eq!(report["items"][0]["error"]["code"], "corrupt");
    assert_eq!(bench.uploads(), [None], "it was not finished");
    assert!(bench.pair.target.blob(&bench.layer).is_none());
}

#[test]
fn a_server_that_does_not_know_ranges_is_read_up_to_where_it_broke() {
    let bench = Bench::new(MIB);
    bench.pair.source.rule(bench.on_layer(Behaviour::CutResponse(500_000)).then(overlook_ranges()).first(1));
    bench.pair.source.rule(bench.on_layer(overlook_ranges()));
    bench.sync("", 0);
    bench.assert_copied();
    assert_eq!(bench.ranges(), bench.expected(&[500_000]));
    assert_eq!(bench.uploads(), [Some(201)], "the upload went on");
}

#[test]
fn a_blob_is_read_from_its_start_no_more_than_twice_for_its_rest() {
    let bench = Bench::new(MIB);
    let breaking = bench.on_layer(Behaviour::CutResponse(500_000)).then(overlook_ranges());
    bench.pair.source.rule(breaking.first(4));
    bench.sync("", 0);
    bench.assert_copied();
    let rest = bench.expected(&[500_000])[1].clone();
    // The third time, what comes is the whole again, and is not read.
    assert_eq!(bench.ranges(), ["", &rest, &rest, &rest, ""]);
    assert_eq!(bench.uploads(), [None, Some(201)]);
}

#[test]
fn each_request_for_the_rest_goes_to_the_registry_and_is_sent_on_anew() {
    let (bench, storage) = (Bench::new(MIB), Registry::start());
    let image = image(MIB);
    storage.seed(&image, "app", &["1.0"]);
    bench.pair.source.rule(bench.on_layer(Behaviour::RedirectTo(storage.url())));
    storage.rule(Rule::on(RequestKind::BlobGet).then(Behaviour::CutResponse(500_000)).first(1));
    bench.sync("", 0);
    bench.assert_copied();
    assert_eq!(bench.ranges(), bench.expected(&[500_000]));
    let served = storage.requests().of(RequestKind::BlobGet);
    let ranges: Vec<_> = served.iter().map(|get| get.header("range").unwrap_or_default()).collect();
    assert_eq!(ranges, bench.expected(&[500_000]));
    assert!(served.iter().all(|get| get.path.ends_with(&layer_of(&image))));
    assert_eq!(bench.uploads(), [Some(201)]);
}

#[test]
fn one_registry_with_one_request_at_once_does_not_wait_for_itself() {
    let registry = Registry::start();
    let image = image(4 * MIB);
    registry.seed(&image, "app", &["1.0"]);
    registry.rule(Rule::on(RequestKind::Mount).answer(405));
    let cut = Rule::on(RequestKind::BlobGet).path(&layer_of(&image)).then(Behaviour::CutResponse(MIB));
    registry.rule(cut);
    let program = crate::bed::program::Program::new();
    let host = registry.host();
    program.write(
        "crossdock.yaml",
        &format!(
            "version: 1\nregistries:\n  {host}: {{ plain_http: true, limits: {{ concurrent_requests: 1 }} }}\n\
             mirrors:\n- {{ source: {host}/app, target: [{host}/a, {host}/b], tags: [\"1.0\"] }}\n"
        ),
    );
    program.run(&["sync", "--deadline", "120s"]).expect_code(0);
    assert!(registry.complete("a", "1.0") && registry.complete("b", "1.0"));
}
