//! How it is said whether somebody may be between two people.

use visavis_call::{PersonView, Safety};

use super::append;
use super::ending::danger;

/// What stands for the numbers of a safety code. They are told apart at a glance, and their names by ear.
/// Each keeps its number for good: the other side may have another version of the page. docs/protocol.md has
/// them.
const SIGNS: &str = "🐶 dog,🐱 cat,🦁 lion,🐴 horse,🐮 cow,🐷 pig,🐸 frog,🐵 monkey,🐔 chicken,🐧 penguin,🦉 owl,🐟 fish,🐳 whale,\
    🐙 octopus,🦀 crab,👻 ghost,🐝 bee,🦋 butterfly,🐍 snake,🐢 turtle,🐘 elephant,🐰 rabbit,🌳 tree,🌵 cactus,\
    🍄 mushroom,🌹 rose,🌞 sun,🌙 moon,⭐ star,🌈 rainbow,⛄ snowman,🔥 fire,🍌 banana,🍎 apple,🍇 grapes,\
    🍋 lemon,🥕 carrot,🌽 corn,🍞 bread,🧀 cheese,🥚 egg,🍕 pizza,🎂 cake,☕ coffee,🎈 balloon,🎁 gift,🎲 dice,\
    🎸 guitar,🥁 drum,🎺 trumpet,🔔 bell,⏰ clock,🤖 robot,🔨 hammer,☔ umbrella,👓 glasses,⚓ anchor,👟 shoe,\
    👑 crown,🚜 tractor,🚂 train,🚲 bicycle,🚀 rocket,⛵ boat";

/// The sign for a number of a safety code.
pub(in crate::ui) fn sign(number: usize) -> &'static str {
    signs().nth(number).unwrap_or_default().0
}

/// What it is called.
pub(in crate::ui) fn name(number: usize) -> &'static str {
    signs().nth(number).unwrap_or_default().1
}

fn signs() -> impl Iterator<Item = (&'static str, &'static str)> {
    SIGNS.split(',').filter_map(|sign| sign.split_once(' '))
}

/// On the button that shows the code.
pub(in crate::ui) const CODE: &str = "Safety code";

/// What screen readers say of it.
pub(in crate::ui) fn code_with(name: &str) -> String {
    "Safety code with ".to_owned() + name
}

/// What to do with the code.
pub(in crate::ui) const COMPARE: &str =
    "Read these aloud to each other. If they are the same, nobody sits between you.";

/// On the button that says what came of it.
pub(in crate::ui) fn verdict(person: &PersonView) -> String {
    match person.safety {
        Safety::Verified(_) => "Take it back",
        _ => "They match",
    }
    .into()
}

/// Beside the name of somebody whose code was compared.
pub(in crate::ui) const VERIFIED: &str = "Verified";

/// What is wrong with the safety of somebody, if anything is.
pub(in crate::ui) fn warning(person: &PersonView) -> String {
    match person.safety {
        Safety::Changed(_) => {
            "You had compared codes, and the connection has changed since. Compare again.".into()
        }
        Safety::Broken(why, _) => {
            let mut text = "The last connection was ended".to_owned();
            append(&mut text, ": ", danger(why));
            text + ". Somebody may be between you."
        }
        _ => String::new(),
    }
}

/// The same in a few words, on their picture.
pub(in crate::ui) fn alarm(person: &PersonView) -> String {
    match person.safety {
        Safety::Changed(_) | Safety::Broken(..) => "Compare safety codes again".into(),
        _ => String::new(),
    }
}
