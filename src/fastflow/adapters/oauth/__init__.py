"""Sign-in at OpenID Connect providers and at GitHub."""
