"""Scores of stylized pictures: pure functions of features."""
