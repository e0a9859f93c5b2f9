//! Pages of the console, and what their scripts ask for.

mod compare;
mod factor;
mod proof;
