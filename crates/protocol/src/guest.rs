//! Somebody whose program is another one, and knows calls of two and nothing else.

/// How it is known that they are here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Presence {
    /// The server has said so, or they have said something.
    Known,
    /// It is not: the server tells nobody who is there.
    Assumed,
}

/// What their program does with an offer for a connection that it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Renewal {
    /// It takes it for that connection: ICE can be restarted.
    SameConnection,
    /// It answers with a new connection: only a new one helps here, too.
    NewConnection,
}

/// Somebody with another program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Guest {
    /// How it is known that they are here.
    pub presence: Presence,
    /// What their program does with an offer for a connection that it has.
    pub renewal: Renewal,
    /// They are in our room, or the room is everybody's. Otherwise, they may call us without knowing its
    /// name: such servers pass on everything.
    pub is_in_room: bool,
}
