//! `crossdock filter pin`.

use super::flags::PinArguments;
use crate::cli::setting::Setting;
use crate::report::Exit;

/// Not written yet.
pub(super) async fn pin(setting: &Setting, _arguments: PinArguments) -> Exit {
    setting.complain("this is not written yet");
    Exit::Failed
}
