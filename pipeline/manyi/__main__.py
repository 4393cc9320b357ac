"""``python -m manyi``."""

from manyi.cli import main

if __name__ == "__main__":
    main()
