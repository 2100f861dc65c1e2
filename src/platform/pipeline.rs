//! Statements that go out together, in a stated order.
//!
//! A round trip to Postgres costs more than most statements. Statements that do not need each
//! other's answers are therefore sent in one go, and Postgres runs them in the order in which they
//! were sent. That order can matter: a row must be locked before it is read, and inserted before it
//! is viewed. [`pipelined!`] sends its statements in the order in which they are written; a test of
//! the recorded SQL holds the sequences that matter.

/// Sends the statements of these futures together, in the order in which they are written.
///
/// Each future returns a `Result`. The macro returns a tuple of all values, or the first error.
macro_rules! pipelined {
    ($($future:expr),+ $(,)?) => {
        ::futures_util::try_join!($($future),+)
    };
}

/// Sends the statements of these futures together, in the order in which they are written, and
/// waits for every one of them whatever the others return.
macro_rules! pipelined_to_the_end {
    ($($future:expr),+ $(,)?) => {
        ::futures_util::join!($($future),+)
    };
}

pub(crate) use {pipelined, pipelined_to_the_end};

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use futures_util::FutureExt;

    #[test]
    fn statements_are_sent_in_the_order_in_which_they_are_written() {
        let sent = RefCell::new(Vec::new());
        let send = async |name: &'static str| {
            sent.borrow_mut().push(name);
            std::future::pending::<Result<(), ()>>().await
        };
        let three = async { pipelined!(send("lock"), send("insert"), send("view")) };
        assert!(three.now_or_never().is_none());
        assert_eq!(*sent.borrow(), ["lock", "insert", "view"]);

        sent.borrow_mut().clear();
        let two = async { pipelined_to_the_end!(send("begin"), send("ask")) };
        assert!(two.now_or_never().is_none());
        assert_eq!(*sent.borrow(), ["begin", "ask"]);
    }
}
