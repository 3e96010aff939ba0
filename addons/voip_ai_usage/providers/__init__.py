"""Usage of AI sessions pulled from the providers that know it."""
