"""`python -m incentivectl`."""

from incentivectl.cli import main

if __name__ == "__main__":
    main()
