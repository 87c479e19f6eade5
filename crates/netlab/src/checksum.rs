//! The Internet checksum, updated for what changes in a packet and never computed again.
//!
//! So a packet that was damaged before stays damaged, and the cost does not grow with the packet.

/// The checksum after the 16-bit words `changes` have gone from their first value to their second.
///
/// RFC 1624, equation 3. It never makes 0xFFFF of a packet that is not all zeros, as a computation from
/// scratch never does either.
pub(crate) fn mended(checksum: u16, changes: impl IntoIterator<Item = (u16, u16)>) -> u16 {
    let sum = changes.into_iter().fold(u32::from(!checksum), |sum, (old, new)| {
        sum + u32::from(!old) + u32::from(new)
    });
    !folded(sum)
}

/// The checksum of some bytes, from scratch. The last one of an odd number counts as if a zero followed.
#[cfg(test)]
pub(crate) fn whole(bytes: &[u8]) -> u16 {
    let sum = bytes
        .chunks(2)
        .map(|pair| u32::from(u16::from_be_bytes([pair[0], pair.get(1).copied().unwrap_or(0)])))
        .sum();
    !folded(sum)
}

/// A sum in one's complement: what does not fit in 16 bits is added at the lower end.
fn folded(mut sum: u32) -> u16 {
    while sum > 0xFFFF {
        sum = (sum & 0xFFFF) + (sum >> 16);
    }
    u16::try_from(sum).expect("what does not fit has been folded")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_rfc_1624_comes_out() {
        assert_eq!(mended(0xDD2F, [(0x5555, 0x3285)]), 0x0000);
    }

    #[test]
    fn mending_is_the_same_as_computing_anew() {
        for seed in 0..20_000 {
            let mut random = fastrand::Rng::with_seed(seed);
            let mut bytes: Vec<u8> = (0..2 * random.usize(1..40)).map(|_| random.u8(..)).collect();
            // Words of all ones and all zeros are where one's complement goes wrong.
            for word in bytes.chunks_mut(2) {
                match random.u8(..8) {
                    0 => word.fill(0),
                    1 => word.fill(0xFF),
                    _ => {}
                }
            }
            bytes[0] |= 0x40;
            let before = whole(&bytes);
            let mut changes = Vec::new();
            for _ in 0..random.usize(1..5) {
                let at = 2 * random.usize(0..bytes.len() / 2);
                let old = u16::from_be_bytes([bytes[at], bytes[at + 1]]);
                let any = random.u16(..);
                let new = *random.choice(&[0, 0xFFFF, any]).unwrap();
                let new = if at == 0 { new | 0x4000 } else { new };
                bytes[at..at + 2].copy_from_slice(&new.to_be_bytes());
                changes.push((old, new));
            }
            assert_eq!(mended(before, changes), whole(&bytes), "seed {seed}");
        }
    }
}
