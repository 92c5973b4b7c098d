//! What each tool promises, one promise a test.
