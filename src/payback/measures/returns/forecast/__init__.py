"""How good was what was foretold, and what does that say of the next?"""
