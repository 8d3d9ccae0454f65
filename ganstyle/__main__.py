"""`python -m ganstyle`."""

from ganstyle.cli.app import main

if __name__ == "__main__":
    main()
