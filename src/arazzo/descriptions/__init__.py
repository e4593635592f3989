"""The specification's "Source Description Object" chapter: finding the sources a document names, and reading them."""
