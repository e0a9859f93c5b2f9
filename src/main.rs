//! The program `tanyin`.

fn main() -> std::process::ExitCode {
    tanyin::cli::main()
}
