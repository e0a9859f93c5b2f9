//! The clients, the notebook and the recipes of the repository, against the program built here.

use crate::site::consumers::python;

const PROGRAM: &str = env!("CARGO_BIN_EXE_tanyin");

#[test]
fn the_python_client_passes_its_tests_and_its_types() {
    let said = python("clients.py", &["python", PROGRAM]);
    assert!(said.contains("Success: no issues found") && said.contains(" passed"), "{said}");
}

#[test]
fn the_typescript_types_are_those_of_the_interface() {
    python("clients.py", &["typescript"]);
}

#[test]
fn every_command_of_the_recipes_runs() {
    let said = python("recipes.py", &[PROGRAM]);
    assert!(said.contains("recipes ran"), "{said}");
}

#[test]
fn the_notebook_runs_to_its_end() {
    let said = python("notebook.py", &[PROGRAM]);
    assert!(said.contains("cells ran"), "{said}");
}
