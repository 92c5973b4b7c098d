//! `crossdock filter componentize`: from a core module to a component.

use super::flags::ComponentizeArguments;
use crate::cli::ending::write_whole;
use crate::cli::setting::Setting;
use crate::filter::{self, COMPONENT_BYTES_MAX};
use crate::report::Exit;
use crate::report::escape::foreign;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

/// Makes it and writes it.
pub(super) fn componentize(setting: &Setting, arguments: &ComponentizeArguments) -> Exit {
    match made(arguments) {
        Ok(()) => Exit::Ok,
        Err(why) => {
            setting.complain(&why);
            Exit::Failed
        }
    }
}

fn made(ComponentizeArguments { file, output }: &ComponentizeArguments) -> Result<(), String> {
    let core = read(file).map_err(|why| format!("{} cannot be read: {why}", file.display()))?;
    if core.len() as u64 > COMPONENT_BYTES_MAX {
        let most = COMPONENT_BYTES_MAX >> 20;
        return Err(format!("{} is larger than {most} MiB, the most that a filter may have", file.display()));
    }
    let component =
        filter::componentize(&core).map_err(|why| format!("{}: {}", file.display(), foreign(&why)))?;
    write_whole(output, &component).map_err(|why| format!("{} cannot be written: {why}", output.display()))
}

/// Reads a file, and of one that is too large no more than shows it.
fn read(file: &Path) -> io::Result<Vec<u8>> {
    let mut core = Vec::new();
    File::open(file)?.take(COMPONENT_BYTES_MAX + 1).read_to_end(&mut core)?;
    Ok(core)
}
