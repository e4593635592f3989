"""The functions behind ``import arazzo``.

They raise only for a wrong document (``DocumentError``), wrong inputs (``InputError``) or a misused argument
(``UsageError``); a failed workflow is a result.
"""
