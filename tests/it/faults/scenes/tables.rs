//! The tables, one a place.

use super::place::Place;
use super::repertoire::{Fault, answers, connections, endless, lasting, passing, pauses, requests};
use super::table;
use insta::assert_snapshot;

/// What may happen to every request.
fn every() -> Vec<Fault> {
    [passing(), lasting(), connections(), pauses(), endless()].into_iter().flatten().collect()
}

/// The same and what may happen to what is read.
fn read() -> Vec<Fault> {
    every().into_iter().chain(answers()).collect()
}

/// The same and what may happen to what is sent.
fn sent() -> Vec<Fault> {
    every().into_iter().chain(requests()).collect()
}

#[test]
fn the_source_is_asked_what_a_tag_is() {
    assert_snapshot!(table(Place::SourceHead, every()));
}

#[test]
fn the_source_is_asked_for_a_manifest() {
    assert_snapshot!(table(Place::SourceManifest, read()));
}

#[test]
fn the_source_is_asked_for_a_blob() {
    assert_snapshot!(table(Place::SourceBlob, read()));
}

#[test]
fn a_token_server_is_asked_for_a_token() {
    assert_snapshot!(table(Place::Token, read()));
}

#[test]
fn the_storage_behind_a_redirect_is_asked_for_a_blob() {
    assert_snapshot!(table(Place::Storage, read()));
}

#[test]
fn the_target_is_asked_what_a_tag_is() {
    assert_snapshot!(table(Place::TargetHead, every()));
}

#[test]
fn an_upload_is_begun() {
    assert_snapshot!(table(Place::Post, every()));
}

#[test]
fn a_blob_is_sent_in_pieces() {
    assert_snapshot!(table(Place::Patch, sent()));
}

#[test]
fn a_blob_is_sent_at_once() {
    assert_snapshot!(table(Place::Put, sent()));
}

#[test]
fn a_manifest_is_written() {
    assert_snapshot!(table(Place::ManifestPut, sent()));
}
