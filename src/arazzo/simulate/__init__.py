"""A provider that answers from the API descriptions, for runs in which nothing leaves the machine."""
