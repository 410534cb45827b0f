"""How right payback is (`make score`) and how quick (`make bench`)."""
