"""Does it come back?"""
