//! Behaviour, shown through the binary and over real sockets.

mod bed;
mod bed_itself;
mod bootstrap;
mod ci;
mod commands;
mod faults;
mod filter_commands;
mod filter_sources;
mod filtered;
mod identity;
mod kinds;
mod layout_images;
mod layout_killed;
mod layout_scale;
mod layout_skopeo;
mod published;
mod quickstart;
mod readme;
mod real;
mod report_formats;
mod requests;
mod runners;
mod spec_problems;
mod spec_schema;
mod transcript;
