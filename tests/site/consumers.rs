//! The programs that others read our files with: a Python of its own with pandas, DuckDB, openpyxl and the like.

use std::path::PathBuf;
use std::process::Command;

/// Runs a file of `tests/consumers` and gives what it printed; a script that fails is a test that fails.
///
/// The Python is that of `$TANYIN_CONSUMERS`, else of the folder `consumers` in the target directory; `scripts/consumers` makes it.
#[track_caller]
pub fn python(script: &str, args: &[&str]) -> String {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let path = root.join("tests/consumers").join(script);
    assert!(path.is_file(), "{} is not there", path.display());
    let folder = std::env::var_os("TANYIN_CONSUMERS").map_or_else(|| target_folder().join("consumers"), PathBuf::from);
    let python = folder.join("bin/python");
    assert!(
        python.is_file(),
        "{} is not there: run `scripts/consumers`, or name another virtual environment with TANYIN_CONSUMERS",
        python.display()
    );
    let output = Command::new(&python).arg("-B").arg("-I").arg(&path).args(args).env("PYTHONUTF8", "1").output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{script} {args:?}: {}\n{out}\n{err}", output.status);
    out.into_owned()
}

/// Where cargo builds: this program is `<target>/debug/deps/integration-…`.
fn target_folder() -> PathBuf {
    let exe = std::env::current_exe().unwrap();
    exe.ancestors().nth(3).unwrap().to_owned()
}
