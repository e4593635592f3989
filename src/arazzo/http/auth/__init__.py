"""Credentials: what an operation's security schemes ask for, who gives it, and how it gets onto a request.

All of it is sans-I/O: a flow yields the requests it wants sent, is sent their replies and returns the last one, so the
synchronous and the asynchronous transport drive the same code.
"""
