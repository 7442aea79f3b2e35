//! Names that the caller adds to one request.
