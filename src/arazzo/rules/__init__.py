"""Rules over a plan: everything that can be known to be wrong without sending a request (``docs/validate.md``)."""
