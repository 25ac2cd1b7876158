//! Cards on the virtual readers of the PC/SC service.
