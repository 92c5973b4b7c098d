//! What image-transfer and its kin are told on their command lines, in their own spelling or ours. Shapes only.

use crate::import::OneShot;
use clap::{ArgAction, Args};
use std::path::PathBuf;

/// Flags of image-transfer beside those that others have too.
#[derive(Debug, Clone, Default, Args)]
pub(in crate::cli) struct ImageTransfer {
    /// Mirror all of Tencent's CCR to an instance of TCR
    #[arg(
        long, visible_alias = "ccrToTcr", value_name = "BOOL", requires = "from", action = ArgAction::Set,
        num_args = 0..=1, require_equals = true, default_missing_value = "true"
    )]
    ccr_to_tcr: Option<bool>,

    /// The instance of TCR
    #[arg(long, visible_alias = "tcrName", value_name = "NAME", requires = "ccr_to_tcr")]
    tcr_name: Option<String>,

    /// Where it is; it is found by itself
    #[arg(long, visible_alias = "tcrRegion", value_name = "REGION", requires = "ccr_to_tcr")]
    tcr_region: Option<String>,

    /// Whose CCR it is: ap-guangzhou for all of the mainland
    #[arg(long, visible_alias = "ccrRegion", value_name = "REGION", requires = "ccr_to_tcr")]
    ccr_region: Option<String>,

    /// Tags of each repository, those that were pushed last; 0 for all
    #[arg(long, visible_alias = "ccrTagNums", value_name = "COUNT", requires = "ccr_to_tcr", default_value_t = TAGS)]
    ccr_tag_nums: u32,

    /// The file with keys of the cloud
    #[arg(long, visible_alias = "secretFile", value_name = "FILE", requires = "from")]
    secret_file: Option<PathBuf>,

    /// The file with users
    #[arg(long, visible_aliases = ["securityFile", "auth"], value_name = "FILE", requires = "from")]
    security_file: Option<PathBuf>,

    /// The file with sources and targets
    #[arg(long, visible_aliases = ["ruleFile", "images", "config"], value_name = "FILE", requires = "from")]
    rule_file: Option<PathBuf>,

    /// Counts for nothing: crossdock finds out what registries take
    #[arg(long, aliases = ["proc", "workers"], value_name = "COUNT", requires = "from", hide = true)]
    routines: Option<u32>,

    /// Counts for nothing: what may help is tried again
    #[arg(long, alias = "retries", value_name = "COUNT", requires = "from", hide = true)]
    retry: Option<u32>,
}

/// Tags of each repository where nobody says how many, as there.
const TAGS: u32 = 100;

impl ImageTransfer {
    /// All of CCR, where that is asked for.
    pub(super) fn one_shot(&self) -> Option<OneShot> {
        self.ccr_to_tcr.unwrap_or(false).then(|| OneShot {
            tcr_name: self.tcr_name.clone(),
            tcr_region: self.tcr_region.clone(),
            ccr_region: self.ccr_region.clone(),
            tags: self.ccr_tag_nums,
        })
    }

    /// What is said of flags that count for nothing.
    pub(super) fn ignored(&self) -> Vec<&'static str> {
        let how_many = "how many at once: crossdock finds out what registries take";
        let how_often = "how often again: what may help is tried again, and nothing else";
        let told = [(self.routines, how_many), (self.retry, how_often)];
        told.into_iter().filter_map(|(given, what)| given.map(|_| what)).collect()
    }

    /// The files that flags name.
    pub(super) fn files(&self) -> Vec<PathBuf> {
        let Self { secret_file, security_file, rule_file, .. } = self;
        [security_file, secret_file, rule_file].into_iter().flatten().cloned().collect()
    }
}
