//! Client SDK for Superserve sandboxes.
