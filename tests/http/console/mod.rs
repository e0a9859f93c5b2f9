//! Pages of the console, and what their scripts ask for.

mod proof;
