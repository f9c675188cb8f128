"""One adapter a product: how it is set up, started, and asked over HTTP."""
