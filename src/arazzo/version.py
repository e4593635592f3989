"""The one place that says which version this is; light enough for ``arazzo --version``."""

__version__ = "0.1.0"
