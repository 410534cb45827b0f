"""`python -m payback` is `payback`."""

from payback.cli import main

main()
