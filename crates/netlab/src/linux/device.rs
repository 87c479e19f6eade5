//! The TUN device of a host: a network device whose cable ends in a file.
//!
//! This is the only place with `unsafe`: one request to the driver that no safe wrapper offers. The crates
//! that do are a hundred times as long as this file, and unsafe in more places.

use std::fs::File;
use std::io;

use rustix::ioctl::{Opcode, Updater, ioctl, opcode};

/// The name of the device in each namespace. Browsers take a device with "tun" in its name for a VPN.
pub(super) const DEVICE: &str = "lab0";

/// TUNSETIFF, of linux/if_tun.h: makes a device, and ties the file to it.
const SET_DEVICE: Opcode = opcode::write::<u32>(b'T', 202);

/// IP packets without anything before them: IFF_TUN | IFF_NO_PI.
const BARE_IP: u16 = 0x0001 | 0x1000;

/// `struct ifreq` of linux/if.h: a name, and a union whose largest members are 24 bytes on 64-bit systems.
#[repr(C, align(8))]
struct Request {
    name: [u8; 16],
    flags: u16,
    rest: [u8; 22],
}

/// Makes the device in the namespace of this thread. Its packets can be read and written wherever the file
/// goes, and reading does not wait.
pub(super) fn open() -> io::Result<File> {
    let file = File::options().read(true).write(true).open("/dev/net/tun")?;
    let mut request = Request {
        name: [0; 16],
        flags: BARE_IP,
        rest: [0; 22],
    };
    request.name[..DEVICE.len()].copy_from_slice(DEVICE.as_bytes());
    attach(&file, &mut request)?;
    rustix::io::ioctl_fionbio(&file, true)?;
    Ok(file)
}

#[expect(
    unsafe_code,
    reason = "a request to a driver, for which there is no safe wrapper"
)]
fn attach(file: &File, request: &mut Request) -> io::Result<()> {
    // SAFETY: TUNSETIFF reads and writes back one `struct ifreq`, which `Request` is as long as or longer
    // than on every Linux; any bytes are valid in it. The name ends in a zero. A file that is no TUN driver
    // refuses.
    unsafe { ioctl(file, Updater::<SET_DEVICE, Request>::new(request)) }?;
    Ok(())
}
