"""The parts of scripts/bench, each file with one purpose."""
