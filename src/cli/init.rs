//! `crossdock init`: writes a spec to start from, and what runs it in a CI. All of it or nothing, and never
//! over what is there.

use super::flags::{InitArguments, InitCi};
use super::setting::Setting;
use crate::report::Exit;
use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

/// A file that is written: where, and what is in it.
type Piece = (&'static str, &'static str);

const SPEC: Piece = ("crossdock.yaml", include_str!("../../examples/init/crossdock.yaml"));
const GITHUB: Piece = (".github/workflows/mirror.yml", include_str!("../../examples/init/github.yml"));
const GITLAB: Piece = (".gitlab-ci.yml", include_str!("../../ci-templates/gitlab/pipeline.yml"));
const JENKINS: Piece = ("Jenkinsfile", include_str!("../../ci-templates/jenkins/Jenkinsfile"));

/// Writes the files below the working directory.
pub(super) fn init(setting: &Setting, arguments: &InitArguments) -> Exit {
    let workflow = arguments.ci.map(|ci| match ci {
        InitCi::Github => GITHUB,
        InitCi::Gitlab => GITLAB,
        InitCi::Jenkins => JENKINS,
    });
    let pieces: Vec<Piece> = [SPEC].into_iter().chain(workflow).collect();
    if let Some((path, _)) = pieces.iter().find(|(path, _)| fs::symlink_metadata(path).is_ok()) {
        setting.complain(&format!(
            "{path} is there already and stays as it is: move it away, or run this in another directory"
        ));
        return Exit::Invalid;
    }
    match write(&pieces) {
        Ok(()) => {
            setting.print(&next(&pieces));
            Exit::Ok
        }
        Err((path, why)) => {
            setting.complain(&format!(
                "{path} cannot be written: {why}; what was written before it is taken back"
            ));
            Exit::Failed
        }
    }
}

/// Writes each; takes back what was written where one of them cannot be.
fn write(pieces: &[Piece]) -> Result<(), (&'static str, io::Error)> {
    for (at, (path, text)) in pieces.iter().enumerate() {
        if let Err(why) = put(Path::new(path), text) {
            for (written, _) in &pieces[..at] {
                // The first failure is the one that is told.
                let _ = fs::remove_file(written);
            }
            return Err((path, why));
        }
    }
    Ok(())
}

/// Writes a new file.
fn put(path: &Path, text: &str) -> io::Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    let mut file = fs::OpenOptions::new().write(true).create_new(true).open(path)?;
    let written = file.write_all(text.as_bytes());
    if written.is_err() {
        let _ = fs::remove_file(path);
    }
    written
}

fn next(pieces: &[Piece]) -> String {
    let written: Vec<&str> = pieces.iter().map(|(path, _)| *path).collect();
    format!(
        "Written: {}. Next:\n  put your registries and images into {}\n  crossdock lint\n  crossdock plan\n",
        written.join(", "),
        SPEC.0
    )
}
