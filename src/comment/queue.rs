//! The queues of the desk: saved filters over comments, each with the orders it can be worked in.

use super::State;

/// What moderators work through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Queue {
    /// Waits for a person.
    Held,
    /// Published, and readers complain.
    Reported,
    /// Turned away, and no person has looked at it yet.
    Unchecked,
    /// A random share of what was decided without a person, until one has looked at it.
    Audit,
    /// Published.
    Approved,
    /// All spam.
    Spam,
    /// Unwanted, but not spam.
    Rejected,
    /// Every comment there is.
    All,
}

/// In which order a queue is worked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Order {
    /// Those nearest to even odds first: where a person adds most.
    Doubt,
    /// The lowest score first: what was turned away by a hair is where genuine comments hide.
    Line,
    /// Those that most readers reported first.
    Reports,
    /// The newest first.
    Newest,
    /// The oldest first: nobody waits for ever.
    Oldest,
}

impl Queue {
    /// Every queue, in the order the desk shows them.
    pub const ALL: [Self; 8] = [
        Self::Held,
        Self::Reported,
        Self::Unchecked,
        Self::Audit,
        Self::Approved,
        Self::Spam,
        Self::Rejected,
        Self::All,
    ];

    /// The name in the database and in addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Reported => "reported",
            Self::Unchecked => "unchecked",
            Self::Audit => "audit",
            Self::Approved => "approved",
            Self::Spam => "spam",
            Self::Rejected => "rejected",
            Self::All => "all",
        }
    }

    /// The queue with this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|queue| queue.as_str() == name)
    }

    /// The queue where comments in this state are found.
    pub fn of(state: State) -> Self {
        match state {
            State::Held => Self::Held,
            State::Approved => Self::Approved,
            State::Spam => Self::Spam,
            State::Rejected => Self::Rejected,
            State::Deleted => Self::All,
        }
    }

    /// The orders it can be worked in; the first one is its own.
    pub fn orders(self) -> &'static [Order] {
        match self {
            Self::Held => &[Order::Doubt, Order::Oldest, Order::Newest],
            Self::Reported => &[Order::Reports, Order::Newest],
            Self::Unchecked => &[Order::Line, Order::Newest],
            // One order, so that nobody picks.
            Self::Audit => &[Order::Oldest],
            Self::Approved | Self::Spam | Self::Rejected | Self::All => &[Order::Newest, Order::Oldest],
        }
    }

    /// The order of this name, if the queue can be worked in it; no name is its own order.
    pub fn order(self, name: &str) -> Option<Order> {
        let orders = self.orders();
        if name.is_empty() {
            return orders.first().copied();
        }
        orders.iter().copied().find(|order| order.as_str() == name)
    }
}

impl Order {
    /// The name in addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Doubt => "doubt",
            Self::Line => "line",
            Self::Reports => "reports",
            Self::Newest => "newest",
            Self::Oldest => "oldest",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip() {
        for queue in Queue::ALL {
            assert_eq!(Queue::parse(queue.as_str()), Some(queue));
            for order in queue.orders() {
                assert_eq!(queue.order(order.as_str()), Some(*order));
            }
            assert_eq!(queue.order(""), queue.orders().first().copied());
        }
        assert_eq!(Queue::parse("published"), None);
        assert_eq!(Queue::Approved.order("doubt"), None);
    }
}
