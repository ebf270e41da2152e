"""Apps of the CDK, and what its versions synthesize from them."""
