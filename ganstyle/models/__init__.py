"""The two players: the generator and its discriminators."""
