//! `crossdock filter push`.

use super::flags::PushArguments;
use crate::cli::setting::Setting;
use crate::report::Exit;

/// Not written yet.
pub(super) async fn push(setting: &Setting, _arguments: PushArguments) -> Exit {
    setting.complain("this is not written yet");
    Exit::Failed
}
