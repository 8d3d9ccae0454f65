"""`python -m ganstyle`."""

from ganstyle.cli import main

if __name__ == "__main__":
    main()
