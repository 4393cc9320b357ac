"""The example county: a study with known truth, generated from a seed."""

from manyi.example.folder import Example, build_example, write_example

__all__ = ["Example", "build_example", "write_example"]
