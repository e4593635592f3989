"""The network: transports over HTTP clients, redirects, and the retrieval of documents under the trust policy."""
