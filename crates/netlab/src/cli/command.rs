//! The commands of a running laboratory, one a line.

use visavis_netlab::{Block, Lab, Traffic};

use super::{milliseconds, percent, rate};

/// What `help` says.
const HELP: &str = "\
rtt MS | rtt A B MS                how long there and back takes: everywhere, or between two hosts
jitter MS | jitter A B MS          by how much that differs, up and down
loss PERCENT | loss A B PERCENT    how many of a hundred packets are lost
rate KBIT | rate A B KBIT          how many kilobits a second each host can send; 0 for no limit
reset A B                          let two hosts have the settings of all others again
cut A | join A                     take a host off the network, and put it back
cut A B | join A B                 the same with the link between two hosts
block A [B] udp|tcp [PORT]         drop that traffic of a host: with everybody or another host, at all ports or one
unblock A [B] udp|tcp [PORT]       let it pass again
readdress A                        give a host a new address
hosts                              all hosts and their addresses
counters | counters A B            packets and bytes of each host, or from one host to another
help                               this
ok";

/// Does what a line says, and returns the answer. An empty line needs none.
pub(crate) fn obey(lab: &Lab, line: &str) -> Option<String> {
    let words: Vec<&str> = line.split_whitespace().collect();
    if words.is_empty() {
        return None;
    }
    Some(match run(lab, &words) {
        Ok(answer) if words == ["help"] => answer,
        Ok(answer) => format!("ok {answer}"),
        Err(problem) => format!("error {problem}"),
    })
}

fn run(lab: &Lab, words: &[&str]) -> Result<String, String> {
    // The library takes wrong names for mistakes of a program; here they are a person's.
    let host = |name: &str| lab.find(name).map(drop).map_err(|error| error.to_string());
    let pair = |a: &str, b: &str| match a == b {
        true => Err(format!("{a} and {b} are the same host")),
        false => host(a).and(host(b)),
    };
    match *words {
        ["rtt" | "jitter" | "loss" | "rate", _] => set(lab, words[0], words[1]),
        ["rtt" | "jitter" | "loss" | "rate", a, b, value] => {
            pair(a, b)?;
            set_pair(lab, words[0], (a, b), value)
        }
        ["reset", a, b] => {
            pair(a, b)?;
            lab.reset_pair(a, b);
            Ok(format!("between {a} and {b} it is as everywhere"))
        }
        ["cut", a] => {
            host(a)?;
            lab.cut(a);
            Ok(format!("{a} is off the network"))
        }
        ["cut", a, b] => {
            pair(a, b)?;
            lab.cut_pair(a, b);
            Ok(format!("{a} and {b} can't reach each other"))
        }
        ["join", a] => {
            host(a)?;
            lab.join(a);
            Ok(format!("{a} is on the network"))
        }
        ["join", a, b] => {
            pair(a, b)?;
            lab.join_pair(a, b);
            Ok(format!("{a} and {b} are linked"))
        }
        ["readdress", a] => {
            host(a)?;
            let address = lab.readdress(a).map_err(|error| error.to_string())?;
            Ok(format!("{a} {address}"))
        }
        ["block", ref traffic @ ..] => {
            let block = parse_block(traffic)?;
            known(lab, traffic)?;
            lab.block(block.clone());
            Ok(format!("blocked: {block}"))
        }
        ["unblock", ref traffic @ ..] => {
            let block = parse_block(traffic)?;
            known(lab, traffic)?;
            match lab.unblock(block.clone()) {
                true => Ok(format!("no longer blocked: {block}")),
                false => Err(format!("nothing is blocked by exactly: {block}")),
            }
        }
        ["hosts"] => {
            let hosts = lab.hosts();
            let hosts = hosts
                .iter()
                .map(|host| format!("{} {}", host.name(), host.address()));
            Ok(hosts.collect::<Vec<_>>().join(", "))
        }
        ["counters"] => Ok(all_counters(lab)),
        ["counters", a, b] => {
            pair(a, b)?;
            let counters = lab.counters().pair(a, b);
            let (delivered, dropped) = (amount(counters.delivered), amount(counters.dropped));
            Ok(format!(
                "from {a} to {b}: delivered {delivered}, dropped {dropped}"
            ))
        }
        ["help"] => Ok(HELP.to_owned()),
        _ => Err(format!(
            "{:?} is not a command; `help` lists them",
            words.join(" ")
        )),
    }
}

/// Changes all links.
fn set(lab: &Lab, what: &str, value: &str) -> Result<String, String> {
    match what {
        "rtt" => lab.set_rtt(milliseconds(value)?),
        "jitter" => lab.set_jitter(milliseconds(value)?),
        "loss" => lab.set_loss(percent(value)?),
        _ => lab.set_rate(rate(value)?),
    }
    Ok(format!("{what} {value}"))
}

/// Changes the link between two hosts.
fn set_pair(lab: &Lab, what: &str, (a, b): (&str, &str), value: &str) -> Result<String, String> {
    match what {
        "rtt" => lab.set_pair_rtt(a, b, milliseconds(value)?),
        "jitter" => lab.set_pair_jitter(a, b, milliseconds(value)?),
        "loss" => lab.set_pair_loss(a, b, percent(value)?),
        _ => lab.set_pair_rate(a, b, rate(value)?),
    }
    Ok(format!("{what} {value} between {a} and {b}"))
}

/// `A [B] udp|tcp [PORT]`.
fn parse_block(traffic: &[&str]) -> Result<Block, String> {
    let protocol = traffic.iter().position(|word| matches!(*word, "udp" | "tcp"));
    let (hosts, rest) = traffic.split_at(protocol.unwrap_or_default());
    let block = match (hosts, rest.first()) {
        ([host] | [host, _], Some(&"udp")) => Block::udp(*host),
        ([host] | [host, _], Some(&"tcp")) => Block::tcp(*host),
        _ => return Err("say what: HOST [HOST] udp|tcp [PORT]".into()),
    };
    let block = match hosts {
        [_, peer] => block.with(*peer),
        _ => block,
    };
    match rest {
        [_] => Ok(block),
        [_, port] => {
            let port = port.parse().map_err(|_| format!("{port:?} is no port"))?;
            Ok(block.port(port))
        }
        _ => Err("there is too much behind the port".into()),
    }
}

/// Whether the words before the protocol name hosts.
fn known(lab: &Lab, traffic: &[&str]) -> Result<(), String> {
    let hosts = traffic.iter().take_while(|word| !matches!(**word, "udp" | "tcp"));
    for name in hosts {
        lab.find(name).map_err(|error| error.to_string())?;
    }
    Ok(())
}

fn all_counters(lab: &Lab) -> String {
    let counters = lab.counters();
    let hosts = counters.hosts.iter().map(|(name, host)| {
        let [sent, received, dropped] = [host.sent, host.received, host.dropped].map(amount);
        format!("{name}: sent {sent}, received {received}, dropped {dropped}")
    });
    hosts.collect::<Vec<_>>().join("; ")
}

fn amount(traffic: Traffic) -> String {
    format!("{} packets {} bytes", traffic.packets, traffic.bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(words: &str) -> Result<Block, String> {
        parse_block(&words.split(' ').collect::<Vec<_>>())
    }

    #[test]
    fn traffic_to_block_is_read_or_explained() {
        assert_eq!(block("alice udp").unwrap(), Block::udp("alice"));
        assert_eq!(block("alice bob tcp").unwrap(), Block::tcp("alice").with("bob"));
        assert_eq!(
            block("alice bob udp 3478").unwrap(),
            Block::udp("alice").with("bob").port(3478)
        );
        for wrong in [
            "alice",
            "udp",
            "alice bob carol udp",
            "alice icmp",
            "alice udp 70000",
            "alice udp 1 2",
        ] {
            assert!(block(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn traffic_is_shown_as_it_is_typed() {
        for words in ["alice udp", "alice bob tcp 80"] {
            assert_eq!(block(words).unwrap().to_string(), words);
        }
    }
}
