//! QR codes (ISO/IEC 18004) as SVG paths.

use qrcode::{Color, EcLevel, QrCode};

/// The light margin that readers need, in modules (ISO/IEC 18004, 9.1: four).
const MARGIN: usize = 4;

/// A QR code as the data of one SVG path, in modules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct QrPath {
    /// Width and height of the drawing.
    pub(super) size: usize,
    /// `M4 4h7v1h-7z…`: letters, digits and `-` alone.
    pub(super) path: String,
}

/// The QR code of a text at error correction level M; none where it is too long for one (2,331 bytes).
pub(super) fn qr_path(text: &str) -> Option<QrPath> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let width = code.width();
    let colors = code.to_colors();
    let mut path = String::new();
    for (row, modules) in colors.chunks(width.max(1)).enumerate() {
        let mut start = 0;
        for run in modules.chunk_by(|a, b| a == b) {
            if run.first() == Some(&Color::Dark) {
                path.push_str(&format!("M{} {}h{}v1h-{}z", start + MARGIN, row + MARGIN, run.len(), run.len()));
            }
            start += run.len();
        }
    }
    Some(QrPath { size: width + 2 * MARGIN, path })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_its_finder_patterns() {
        let code = qr_path("http://127.0.0.1:8080/v1/datasets").unwrap();
        assert_eq!(code.size, 29 + 8, "version 3 has 29 modules");
        assert!(code.path.starts_with("M4 4h7v1h-7z"), "{}", code.path);
        assert!(code.path.bytes().all(|byte| byte.is_ascii_digit() || b"Mhvz -".contains(&byte)));
        assert_eq!(qr_path(&"x".repeat(2332)), None);
    }
}
