"""AsyncAPI descriptions, 2.x and 3.x: operations, channels and messages, read only when a step asks for them."""
