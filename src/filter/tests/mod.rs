//! Filters at work: components made by hand that behave and misbehave.

mod answers;
mod guest;
