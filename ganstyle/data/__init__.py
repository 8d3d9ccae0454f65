"""Pictures in, pictures out, and the crops that training sees."""
