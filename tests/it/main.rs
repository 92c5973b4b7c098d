//! Behaviour, shown through the binary and over real sockets.
