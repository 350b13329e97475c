"""`python -m portal.cli` is `parklink`: how the supervisor starts its children with the interpreter it runs in."""

from portal.cli.main import main

if __name__ == "__main__":
    main()
