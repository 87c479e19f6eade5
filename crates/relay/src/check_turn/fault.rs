//! What can be wrong with a TURN server, and the way out.

use std::net::IpAddr;

use super::Protocol;

/// Why a TURN server does not work. Each text is a part of a sentence for the operator.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The address can't be read.
    #[error("its address can't be read: write `turn:HOST:PORT`")]
    Address,
    /// DNS knows no such name.
    #[error("its name does not resolve: look at how it is written, and at its record in the DNS")]
    Name,
    /// Nothing comes back.
    #[error(
        "there is no answer: open port {1} for {0} in the firewalls of its machine and of its provider, and see whether it \
         runs"
    )]
    Silent(Protocol, u16),
    /// Its machine says that there is nothing.
    #[error(
        "nothing listens at port {1} for {0}: see whether it runs, and at `listening-port` and `listening-ip`"
    )]
    Closed(Protocol, u16),
    /// The network of this machine has no way there.
    #[error("this machine has no way to it ({0}): look at its network, and at the server's address")]
    Unreachable(std::io::ErrorKind),
    /// TLS fails.
    #[error(
        "its certificate is not accepted ({0}): look at `cert` and `pkey`, and at the name in the certificate"
    )]
    Certificate(String),
    /// There is TLS for TCP only.
    #[error("TLS over UDP is not tried, and browsers don't speak it: leave `?transport=udp` out")]
    Dtls,
    /// What answers is something else.
    #[error("what answers at that port is no TURN server: look at the port, and whether `stun-only` is set")]
    Strange,
    /// It wants no credential.
    #[error("it lets everybody in without a credential: set `use-auth-secret`, and remove `no-auth`")]
    Open,
    /// It refuses what the relay has made.
    #[error(
        "it refuses the relay's credential (401): `turn_secret` must be its `static-auth-secret`, and `use-auth-secret` \
         must be set"
    )]
    Secret,
    /// It refuses what the relay has made, but not what is good for years.
    #[error("it takes the relay's credential for expired (401): set the clocks of both machines right")]
    Clock,
    /// It refuses a fixed credential.
    #[error("it refuses the credential (401): look at the username and the credential in the configuration")]
    Password,
    /// It refuses a credential that says that its time is over.
    #[error(
        "its credential has expired, as the username says (401): make a new one, or let the relay make them with \
         `turn_secret`"
    )]
    Expired,
    /// It refuses a token of Twilio's.
    #[error("it refuses Twilio's own token (401): try again, and look at status.twilio.com")]
    Token,
    /// A quota.
    #[error(
        "it allows this user no more allocations (486): raise `user-quota` and `total-quota`, or wait until calls have \
         ended"
    )]
    Quota,
    /// No port.
    #[error("it has no relay port left (508): widen `min-port` and `max-port`")]
    Full,
    /// Another error.
    #[error("it refuses an allocation with error {0}: look at its log")]
    Refused(u16),
    /// It may not send to itself.
    #[error(
        "it lets you in, but passes nothing on, as it refuses its own address {0} as a peer (403): no `denied-peer-ip` \
         may cover that; on a loopback address, it needs `allow-loopback-peers`"
    )]
    Denied(IpAddr),
    /// Its addresses are of use to nobody else.
    #[error(
        "it lets you in, but its relay address {0} is one of a private network: set `external-ip=PUBLIC/PRIVATE`"
    )]
    Hidden(IpAddr),
    /// What is sent does not arrive.
    #[error(
        "it lets you in, but passes nothing on: open its relay ports (49152 to 65535, or `min-port` to `max-port`) for \
         UDP in both directions, and see whether `external-ip` is right"
    )]
    Lost,
}
