"""OpenAPI descriptions, 2.0 to 3.2, read into one model: operations with what it takes to call them."""
