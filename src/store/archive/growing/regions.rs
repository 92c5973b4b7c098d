//! Where in a growing tar each member goes. No I/O.

use crate::bundle::BLOCK_BYTES;

/// A part of the file that is one member's: its header, its content, and what fills the last block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Region {
    pub(super) header_at: u64,
    /// How much goes before the header, for a name that does not fit into it.
    pub(super) lead_bytes: u64,
    /// The length of the content in bytes.
    pub(super) size_bytes: u64,
}

impl Region {
    pub(super) fn content_at(self) -> u64 {
        self.header_at + self.lead_bytes + BLOCK_BYTES
    }

    pub(super) fn end(self) -> u64 {
        self.content_at() + self.size_bytes.next_multiple_of(BLOCK_BYTES)
    }
}

/// What is taken of the file, and what was given back.
#[derive(Debug, Default)]
pub(super) struct Regions {
    end: u64,
    /// What was reserved and is not used.
    free: Vec<Region>,
}

/// Largest content of one member in bytes: 8 EiB cannot be, and sums of two sizes do not wrap.
const SIZE_BYTES_MAX: u64 = 1 << 60;

impl Regions {
    /// A region for so many bytes; none when no file could hold it.
    pub(super) fn reserve(&mut self, lead_bytes: u64, size_bytes: u64) -> Option<Region> {
        if let Some(at) = self
            .free
            .iter()
            .position(|region| (region.lead_bytes, region.size_bytes) == (lead_bytes, size_bytes))
        {
            return Some(self.free.swap_remove(at));
        }
        let region = Region { header_at: self.end, lead_bytes, size_bytes };
        let fits = size_bytes < SIZE_BYTES_MAX && self.end < SIZE_BYTES_MAX;
        fits.then(|| self.end = region.end())?;
        Some(region)
    }

    /// Gives a region back whose member never came. What is at the end is as if it had never been.
    pub(super) fn release(&mut self, region: Region) {
        self.free.push(region);
        while let Some(at) = self.free.iter().position(|region| region.end() == self.end) {
            self.end = self.free.swap_remove(at).header_at;
        }
    }

    /// Where the next member goes.
    pub(super) fn end(&self) -> u64 {
        self.end
    }

    /// Whether there is something between the members that is none.
    pub(super) fn has_gaps(&self) -> bool {
        !self.free.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_back_is_taken_again_and_leaves_no_gap_at_the_end() {
        let mut regions = Regions::default();
        let sizes = [10, 600, 0, 512];
        let taken = sizes.map(|size| regions.reserve(0, size).expect("room"));
        assert_eq!(taken.map(|region| region.header_at), [0, 1024, 2560, 3072]);
        assert_eq!(regions.end(), 4096);
        regions.release(taken[1]);
        assert!(regions.has_gaps());
        assert_eq!(regions.reserve(0, 599).map(|region| region.header_at), Some(4096), "another length");
        assert_eq!(regions.reserve(0, 600), Some(taken[1]));
        assert!(!regions.has_gaps());
        for region in [taken[2], taken[3], Region { header_at: 4096, lead_bytes: 0, size_bytes: 599 }] {
            regions.release(region);
        }
        assert_eq!((regions.end(), regions.has_gaps()), (2560, false));
        assert_eq!(regions.reserve(0, u64::MAX), None);
    }
}
