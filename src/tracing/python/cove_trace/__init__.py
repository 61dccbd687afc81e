"""Cove's preload for Python 3.9 and newer. Nothing here may raise into the program, or load what the program doesn't."""
